import { assert, ByteReader } from "@sof-ts/kit";
import { type AudioFormat, audioFormat } from "../audio-format.js";
import { type BaseModuleCfg, baseModuleCfg } from "../base-module-cfg.js";
import { nested, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat } from "./lists.js";

/** Bits of a copier's feature mask. */
export const CopierFeature = {
  /** Move whatever there is, not one period at a time. */
  FAST_MODE: 1,
} as const;

/** Output pins of a copier. */
export const COPIER_OUTPUT_PINS = 4;

/** Large parameters of the copier (SOF's `enum ipc4_copier_module_config_params`). */
export const CopierParam = {
  TIMESTAMP_INIT: 1,
  SET_SINK_FORMAT: 2,
  DATA_SEGMENT_ENABLED: 3,
  LLP_READING: 4,
  LLP_READING_EXTENDED: 5,
  ATTENUATION: 6,
  CHANNEL_MAP: 7,
} as const;
export type CopierParam = (typeof CopierParam)[keyof typeof CopierParam];

/** Gateway of a copier (SOF's `struct ipc4_copier_gateway_cfg`). */
export interface CopierGateway {
  /** `NO_NODE` for a copier between two modules. */
  readonly nodeId: number;
  /** Bytes. */
  readonly dmaBufferSize: number;
  /** A multiple of four bytes; starts with `GatewayAttributes`. */
  readonly configData: Uint8Array;
}

/** Init payload of a copier (SOF's `struct ipc4_copier_module_cfg`). */
export interface CopierConfig {
  readonly base: BaseModuleCfg;
  /** Format of output pin 0. */
  readonly outFmt: AudioFormat;
  /** Bits of {@link CopierFeature}. */
  readonly featureMask: number;
  readonly gateway: CopierGateway;
  /** Bytes that follow the gateway's configuration. */
  readonly tail?: Uint8Array | undefined;
}

const head = struct("copier_module_cfg", 80, {
  base: nested(0, baseModuleCfg),
  outFmt: nested(40, audioFormat),
  featureMask: u32(64),
  nodeId: u32(68),
  dmaBufferSize: u32(72),
  configWords: u32(76),
});

/** Shortest init payload of a copier: one word of gateway configuration is always there. */
export const COPIER_MIN_BYTES = 84;

/**
 * Reads a copier's init payload by the firmware's rules.
 *
 * @throws InputError when it is shorter than {@link COPIER_MIN_BYTES} or its gateway configuration runs
 * past it
 */
export function decodeCopierConfig(
  payload: Uint8Array,
  source = "copier init payload",
): CopierConfig {
  const reader = new ByteReader(payload, source);
  if (payload.length < COPIER_MIN_BYTES) {
    throw reader.error(`${payload.length} bytes, a copier needs at least ${COPIER_MIN_BYTES}`, 0);
  }
  const { base, outFmt, featureMask, nodeId, dmaBufferSize, configWords } = head.read(reader);
  if (configWords > payload.length / 4 || configWords * 4 > reader.remaining) {
    throw reader.error(
      `gateway configuration of ${configWords} words, ${reader.remaining} bytes left`,
      head.offsets.configWords,
    );
  }
  const configData = new Uint8Array(reader.take(configWords * 4));
  const tail = reader.remaining > 0 ? { tail: new Uint8Array(reader.take(reader.remaining)) } : {};
  return { base, outFmt, featureMask, gateway: { nodeId, dmaBufferSize, configData }, ...tail };
}

/** @returns the payload; padded to {@link COPIER_MIN_BYTES} when there is no gateway configuration */
export function encodeCopierConfig(config: CopierConfig): Uint8Array {
  const { configData, nodeId, dmaBufferSize } = config.gateway;
  assert(configData.length % 4 === 0, `gateway configuration of ${configData.length} bytes`);
  const { base, outFmt, featureMask } = config;
  const configWords = configData.length / 4;
  const fixed = head.encode({ base, outFmt, featureMask, nodeId, dmaBufferSize, configWords });
  const payload = concat(fixed, configData, config.tail ?? new Uint8Array(0));
  const missing = Math.max(0, COPIER_MIN_BYTES - payload.length);
  return concat(payload, new Uint8Array(missing));
}

/** Parameter SET_SINK_FORMAT: what an output pin other than 0 gives (SOF's `struct ipc4_copier_config_set_sink_format`). */
export interface SinkFormat {
  /** Output pin, 0..3. */
  readonly sinkId: number;
  /** Must equal the copier's input format. */
  readonly sourceFmt: AudioFormat;
  readonly sinkFmt: AudioFormat;
}

/** Reads and writes the 52 bytes of a {@link SinkFormat}. */
export const sinkFormat: Codec<SinkFormat> = struct("copier set_sink_format", 52, {
  sinkId: u32(0),
  sourceFmt: nested(4, audioFormat),
  sinkFmt: nested(28, audioFormat),
});

/** Parameter DATA_SEGMENT_ENABLED. */
export interface DataSegment {
  readonly nodeId: number;
  /** 0 enable, 1 restart. */
  readonly flags: number;
  readonly size: number;
}

/** Reads and writes the 12 bytes of a {@link DataSegment}. */
export const dataSegment: Codec<DataSegment> = struct("copier data_segment_enabled", 12, {
  nodeId: u32(0),
  flags: u32(4),
  size: u32(8),
});

/** Parameter LLP_READING: how far a link has come (SOF's `struct ipc4_llp_reading`). */
export interface LlpReading {
  /** Low half of the bytes moved since the start. */
  readonly llpLow: number;
  readonly llpHigh: number;
  /** Low half of the wall clock at that reading. */
  readonly wallClockLow: number;
  readonly wallClockHigh: number;
}

/** Reads and writes the 16 bytes of an {@link LlpReading}. */
export const llpReading: Codec<LlpReading> = struct("llp_reading", 16, {
  llpLow: u32(0),
  llpHigh: u32(4),
  wallClockLow: u32(8),
  wallClockHigh: u32(12),
});

/** Parameter LLP_READING_EXTENDED (SOF's `struct ipc4_llp_reading_extended`). */
export interface LlpReadingExtended {
  readonly reading: LlpReading;
  /** Low half of the total processed data. */
  readonly tpdLow: number;
  readonly tpdHigh: number;
}

/** Reads and writes the 24 bytes of an {@link LlpReadingExtended}. */
export const llpReadingExtended: Codec<LlpReadingExtended> = struct("llp_reading_extended", 24, {
  reading: nested(0, llpReading),
  tpdLow: u32(16),
  tpdHigh: u32(20),
});
