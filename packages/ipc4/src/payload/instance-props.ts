import { ByteReader } from "@sof-ts/kit";
import { type AudioFormat, audioFormat } from "../audio-format.js";
import { nested, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat, encodeCounted, encodeWords, readCounted } from "./lists.js";

/** Gateway of an instance that has none. */
export const NO_GATEWAY = 0xffff_ffff;

/** One pin of a running instance. */
export interface PinProps {
  /** A `StreamType`. */
  readonly streamType: number;
  readonly format: AudioFormat;
  readonly physQueueId: number;
}

/** Reads and writes the 32 bytes of {@link PinProps}. */
export const pinProps: Codec<PinProps> = struct("pin_props", 32, {
  streamType: u32(0),
  format: nested(4, audioFormat),
  physQueueId: u32(28),
});

const fixedProps = struct("module_instance_props", 44, {
  id: u32(0),
  dpQueueType: u32(4),
  queueAlignment: u32(8),
  cpUsageMask: u32(12),
  stackBytes: u32(16),
  bssTotalBytes: u32(20),
  bssUsedBytes: u32(24),
  ibsBytes: u32(28),
  obsBytes: u32(32),
  cpc: u32(36),
  cpcPeak: u32(40),
});

/** Reply to LARGE_CONFIG_GET of parameter 0xFE. */
export interface ModuleInstanceProps {
  /** Component id: instance and module. */
  readonly id: number;
  readonly dpQueueType: number;
  readonly queueAlignment: number;
  readonly cpUsageMask: number;
  readonly stackBytes: number;
  readonly bssTotalBytes: number;
  readonly bssUsedBytes: number;
  /** Input bytes in one period. */
  readonly ibsBytes: number;
  /** Output bytes in one period. */
  readonly obsBytes: number;
  readonly cpc: number;
  readonly cpcPeak: number;
  readonly inputQueues: readonly PinProps[];
  readonly outputQueues: readonly PinProps[];
  /** Node id, {@link NO_GATEWAY} where there is none. */
  readonly inputGateway: number;
  /** Node id, {@link NO_GATEWAY} where there is none. */
  readonly outputGateway: number;
}

/**
 * Reads module instance properties.
 *
 * @throws InputError when bytes are missing
 */
export function decodeModuleInstanceProps(
  payload: Uint8Array,
  source = "module_instance_props",
): ModuleInstanceProps {
  const reader = new ByteReader(payload, source);
  const readPin = (at: ByteReader) => pinProps.read(at);
  return {
    ...fixedProps.read(reader),
    inputQueues: readCounted(reader, "pin_props", pinProps.size, readPin),
    outputQueues: readCounted(reader, "pin_props", pinProps.size, readPin),
    inputGateway: reader.u32("input gateway"),
    outputGateway: reader.u32("output gateway"),
  };
}

/** @returns 60 bytes and 32 for each pin */
export function encodeModuleInstanceProps(props: ModuleInstanceProps): Uint8Array {
  return concat(
    fixedProps.encode(props),
    encodeCounted(pinProps, props.inputQueues),
    encodeCounted(pinProps, props.outputQueues),
    encodeWords([props.inputGateway, props.outputGateway]),
  );
}
