import { ByteReader } from "@sof-ts/kit";
import { array, bits, flag, reservedBits, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { type GatewayAttributes, gatewayAttributes } from "./gateway-blob.js";
import { concat, encodeWords } from "./lists.js";

/** Versions of SSP blobs that state one, in the word after the attributes. */
export const SspBlobVersion = {
  V1_5: 0xee00_0105,
  V2_0: 0xee00_0200,
  V3_0: 0xee00_0300,
} as const;
export type SspBlobVersion = (typeof SspBlobVersion)[keyof typeof SspBlobVersion];

const versions: readonly number[] = Object.values(SspBlobVersion);

/** Values of an SSP port's registers, and of its master clock divider. */
export interface SspRegisters {
  readonly ssc0: number;
  readonly ssc1: number;
  readonly sscto: number;
  readonly sspsp: number;
  readonly sstsa: number;
  readonly ssrsa: number;
  readonly ssc2: number;
  readonly sspsp2: number;
  readonly ssc3: number;
  readonly ssioc: number;
  /** Master clock divider control. */
  readonly mdivc: number;
  /** Master clock divider ratio. */
  readonly mdivr: number;
}

const sspRegisters: Codec<SspRegisters> = struct("SSP registers", 48, {
  ssc0: u32(0),
  ssc1: u32(4),
  sscto: u32(8),
  sspsp: u32(12),
  sstsa: u32(16),
  ssrsa: u32(20),
  ssc2: u32(24),
  sspsp2: u32(28),
  ssc3: u32(32),
  ssioc: u32(36),
  mdivc: u32(40),
  mdivr: u32(44),
});

const tdmGroups = struct("SSP TDM time slot groups", 32, { groups: array(0, 8, u32) });

/** What an SSP blob of any version starts with. */
interface SspBlobHead {
  readonly attributes: GatewayAttributes;
  /** Time slots of each of eight groups. */
  readonly tdmTsGroup: readonly number[];
}

/**
 * Configuration of an SSP (I2S) gateway, as the NHLT table of a platform or a topology holds it. The
 * registers that follow the groups differ between the versions that state one, so there they stay bytes.
 */
export type SspBlob =
  | (SspBlobHead & {
      readonly version: "unversioned";
      readonly registers: SspRegisters;
      /** Clock control ({@link sspClockControl}) and TLVs. */
      readonly tail: Uint8Array;
    })
  | (SspBlobHead & {
      readonly version: SspBlobVersion;
      /** Bytes, as the blob states them. */
      readonly size: number;
      /** Registers, clock control and TLVs. */
      readonly tail: Uint8Array;
    });

/**
 * Reads an SSP gateway's configuration.
 *
 * @throws InputError when bytes are missing
 */
export function decodeSspBlob(blob: Uint8Array, source = "SSP gateway blob"): SspBlob {
  const reader = new ByteReader(blob, source);
  const attributes = gatewayAttributes.read(reader);
  const second = reader.u32("version or time slot group");
  if (versions.includes(second)) {
    const size = reader.u32("size");
    const { groups: tdmTsGroup } = tdmGroups.read(reader);
    const tail = new Uint8Array(reader.take(reader.remaining));
    return { version: second as SspBlobVersion, attributes, size, tdmTsGroup, tail };
  }
  reader.offset -= 4;
  const { groups: tdmTsGroup } = tdmGroups.read(reader);
  const registers = sspRegisters.read(reader);
  const tail = new Uint8Array(reader.take(reader.remaining));
  return { version: "unversioned", attributes, tdmTsGroup, registers, tail };
}

/** @returns the blob's bytes */
export function encodeSspBlob(blob: SspBlob): Uint8Array {
  const attributes = gatewayAttributes.encode(blob.attributes);
  const groups = tdmGroups.encode({ groups: blob.tdmTsGroup });
  return blob.version === "unversioned"
    ? concat(attributes, groups, sspRegisters.encode(blob.registers), blob.tail)
    : concat(attributes, encodeWords([blob.version, blob.size]), groups, blob.tail);
}

/** When the port's clocks start before and stop after the stream. */
export interface SspClockControl {
  readonly clockWarmUpMs: number;
  readonly masterClock: boolean;
  readonly warmUpOverride: boolean;
  readonly startReserved?: number | undefined;
  readonly clockStopDelayMs: number;
  readonly keepRunning: boolean;
  readonly stopOverride: boolean;
  readonly stopReserved?: number | undefined;
}

/** Reads and writes the 8 bytes of {@link SspClockControl}. */
export const sspClockControl: Codec<SspClockControl> = struct("SSP clock control", 8, {
  clockWarmUpMs: bits(0, 0, 16),
  masterClock: flag(0, 16),
  warmUpOverride: flag(0, 17),
  startReserved: reservedBits(0, 18, 14),
  clockStopDelayMs: bits(4, 0, 16),
  keepRunning: flag(4, 16),
  stopOverride: flag(4, 17),
  stopReserved: reservedBits(4, 18, 14),
});
