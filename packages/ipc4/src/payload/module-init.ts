import { type AudioFormat, audioFormat } from "../audio-format.js";
import { type BaseModuleCfg, baseModuleCfg } from "../base-module-cfg.js";
import { bits, flag, nested, reservedBits, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";

/** Init payload of the sample rate converter (SOF's `struct ipc4_config_src`). */
export interface SrcConfig {
  readonly base: BaseModuleCfg;
  /** Output rate in Hz. */
  readonly sinkRate: number;
}

/** Reads and writes the 44 bytes of a {@link SrcConfig}. */
export const srcConfig: Codec<SrcConfig> = struct("src init payload", 44, {
  base: nested(0, baseModuleCfg),
  sinkRate: u32(40),
});

/** Directions in which an asynchronous converter adapts. */
export const AsrcMode = {
  PUSH: 1,
  PULL: 2,
} as const;
export type AsrcMode = (typeof AsrcMode)[keyof typeof AsrcMode];

/** Init payload of the asynchronous rate converter (SOF's `struct ipc4_asrc_module_cfg`). */
export interface AsrcConfig {
  readonly base: BaseModuleCfg;
  /** Hz. */
  readonly outFreq: number;
  /** An {@link AsrcMode}. */
  readonly mode: number;
  readonly reserved?: number | undefined;
  readonly disableJitterBuffer: boolean;
  readonly reservedHigh?: number | undefined;
}

/** Reads and writes the 48 bytes of an {@link AsrcConfig}. */
export const asrcConfig: Codec<AsrcConfig> = struct("asrc init payload", 48, {
  base: nested(0, baseModuleCfg),
  outFreq: u32(40),
  mode: bits(44, 0, 2),
  reserved: reservedBits(44, 2, 2),
  disableJitterBuffer: flag(44, 4),
  reservedHigh: reservedBits(44, 5, 27),
});

/** Init payload of the multiplexer. */
export interface MuxConfig {
  readonly base: BaseModuleCfg;
  /** Format of input queue 1. */
  readonly referenceFmt: AudioFormat;
  readonly outputFmt: AudioFormat;
}

/** Reads and writes the 88 bytes of a {@link MuxConfig}. */
export const muxConfig: Codec<MuxConfig> = struct("mux init payload", 88, {
  base: nested(0, baseModuleCfg),
  referenceFmt: nested(40, audioFormat),
  outputFmt: nested(64, audioFormat),
});

/** Init payload of an echo canceller. */
export interface AecConfig extends MuxConfig {
  /** Cycles for one chunk at low power. */
  readonly cpcLowPower: number;
}

/** Reads and writes the 92 bytes of an {@link AecConfig}. */
export const aecConfig: Codec<AecConfig> = struct("aec init payload", 92, {
  base: nested(0, baseModuleCfg),
  referenceFmt: nested(40, audioFormat),
  outputFmt: nested(64, audioFormat),
  cpcLowPower: u32(88),
});

/**
 * Short init payload of the channel selector, without pin formats. The long one is a `BaseModuleCfgExt`
 * of one input and one output.
 */
export interface SelectorConfig {
  readonly base: BaseModuleCfg;
  readonly outputFmt: AudioFormat;
}

/** Reads and writes the 64 bytes of a {@link SelectorConfig}. */
export const selectorConfig: Codec<SelectorConfig> = struct("selector init payload", 64, {
  base: nested(0, baseModuleCfg),
  outputFmt: nested(40, audioFormat),
});

/** Init payload of the probe. */
export interface ProbeConfig {
  readonly base: BaseModuleCfg;
  /** Node id, or stream tag, of the extraction stream. */
  readonly nodeId: number;
  /** Bytes. */
  readonly dmaBufferSize: number;
}

/** Reads and writes the 48 bytes of a {@link ProbeConfig}. */
export const probeConfig: Codec<ProbeConfig> = struct("probe init payload", 48, {
  base: nested(0, baseModuleCfg),
  nodeId: u32(40),
  dmaBufferSize: u32(44),
});
