import { ByteReader } from "@sof-ts/kit";
import { array, bits, nested, reserved, reservedBits, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { type GatewayAttributes, gatewayAttributes } from "./gateway-blob.js";
import { concat, encodeWords } from "./lists.js";

/** One decimation filter of a PDM controller. */
export interface DmicFir {
  readonly firControl: number;
  readonly firConfig: number;
  readonly dcOffsetLeft: number;
  readonly dcOffsetRight: number;
  readonly outGainLeft: number;
  readonly outGainRight: number;
  readonly reserved?: Uint8Array | undefined;
}

/** What is configured for one PDM controller; filter coefficients follow it. */
export interface DmicPdm {
  readonly cicControl: number;
  readonly cicConfig: number;
  readonly reservedWord?: Uint8Array | undefined;
  readonly micControl: number;
  readonly pdmSoundwireMap: number;
  /** Not 0: the coefficients are those of PDM controller `reuseFirFromPdm - 1`. */
  readonly reuseFirFromPdm: number;
  readonly reserved?: Uint8Array | undefined;
  /** Filter A and filter B. */
  readonly fir: readonly DmicFir[];
}

const dmicFir = struct("DMIC fir_config", 32, {
  firControl: u32(0),
  firConfig: u32(4),
  dcOffsetLeft: u32(8),
  dcOffsetRight: u32(12),
  outGainLeft: u32(16),
  outGainRight: u32(20),
  reserved: reserved(24, 8),
});

/** Reads and writes the 96 bytes of a {@link DmicPdm}. */
export const dmicPdm: Codec<DmicPdm> = struct("DMIC pdm_ctrl_cfg", 96, {
  cicControl: u32(0),
  cicConfig: u32(4),
  reservedWord: reserved(8, 4),
  micControl: u32(12),
  pdmSoundwireMap: u32(16),
  reuseFirFromPdm: u32(20),
  reserved: reserved(24, 8),
  fir: array(32, 2, dmicFir),
});

const head = struct("DMIC gateway blob", 28, {
  attributes: nested(0, gatewayAttributes),
  tsGroup: array(4, 4, u32),
  silenceMs: bits(20, 0, 16),
  fadeInMs: bits(20, 16, 16),
  channelMask: bits(24, 0, 8),
  clockSource: bits(24, 8, 8),
  reserved: reservedBits(24, 16, 16),
});

/** Configuration of a digital microphone gateway (Zephyr's `struct dai_intel_ipc4_dmic_configuration_blob`). */
export interface DmicBlob {
  readonly attributes: GatewayAttributes;
  readonly tsGroup: readonly number[];
  /** Silence at the start of a capture. */
  readonly silenceMs: number;
  /** Length of the fade-in after it. */
  readonly fadeInMs: number;
  /** A bit for each output channel that is configured. */
  readonly channelMask: number;
  readonly clockSource: number;
  readonly reserved?: number | undefined;
  /** OUTCONTROL register of each channel in `channelMask`, lowest first. */
  readonly outControl: readonly number[];
  /** A bit for each PDM controller that is configured. */
  readonly pdmMask: number;
  /**
   * For each controller in `pdmMask`, lowest first: {@link dmicPdm} and its filters' coefficients, whose
   * number follows from the filter registers; then TLVs.
   */
  readonly pdm: Uint8Array;
}

/**
 * Reads a microphone gateway's configuration.
 *
 * @throws InputError when bytes are missing
 */
export function decodeDmicBlob(blob: Uint8Array, source = "DMIC gateway blob"): DmicBlob {
  const reader = new ByteReader(blob, source);
  const fixed = head.read(reader);
  const outControl: number[] = [];
  for (let mask = fixed.channelMask; mask !== 0; mask &= mask - 1) {
    outControl.push(reader.u32("OUTCONTROL"));
  }
  const pdmMask = reader.u32("PDM controller mask");
  return { ...fixed, outControl, pdmMask, pdm: new Uint8Array(reader.take(reader.remaining)) };
}

/** @returns the blob's bytes; `outControl` has an entry for each bit of `channelMask` */
export function encodeDmicBlob(blob: DmicBlob): Uint8Array {
  const words = encodeWords([...blob.outControl, blob.pdmMask]);
  return concat(head.encode(blob), words, blob.pdm);
}
