import { array, i16, u32, u8 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { assert, ByteReader } from "@sof-ts/kit";
import { encodeCountedWords, readCountedWords } from "./lists.js";

/** Parameters that any module may know. */
export const GenericParam = {
  /** Small: enable an instance. */
  MOD_INST_ENABLE: 0x3000,
  /** Small: drift of an asynchronous rate converter. */
  ASRC_DRIFT: 0x3001,
  /** Small: samples that an asynchronous rate converter has made. */
  ASRC_TOTAL: 0x3002,
  /** Large: `ModuleInstanceProps`. */
  MOD_INST_PROPS: 0xfe,
  /** Large: TLVs of the module's own parameters. */
  VENDOR_CONFIG: 0xff,
} as const;
export type GenericParam = (typeof GenericParam)[keyof typeof GenericParam];

/** Large parameter of the channel selector: a list of {@link SelectorCoefs}. */
export const SELECTOR_COEFS_PARAM = 0;

/** Coefficient of one (Q10). */
export const SELECTOR_UNITY = 1024;

/** Mixing matrix for one pair of channel counts (SOF's `struct ipc4_selector_coeffs_config`). */
export interface SelectorCoefs {
  readonly sourceChannels: number;
  readonly sinkChannels: number;
  /** A `ChannelConfig`. */
  readonly sourceCfg: number;
  /** A `ChannelConfig`. */
  readonly sinkCfg: number;
  /** Q10, `coefs[sink][source]`, 8 by 8. */
  readonly coefs: readonly (readonly number[])[];
}

/** Reads and writes the 132 bytes of {@link SelectorCoefs}. */
export const selectorCoefs: Codec<SelectorCoefs> = struct("selector coefficients", 132, {
  sourceChannels: u8(0),
  sinkChannels: u8(1),
  sourceCfg: u8(2),
  sinkCfg: u8(3),
  coefs: array(4, 8, (at) => array(at, 8, i16)),
});

/** Large parameters of the key phrase buffer (SOF's `enum ipc4_kpb_module_config_params`). */
export const KpbParam = {
  /** The parameter instance says which output pin the modules follow. */
  CFG_FM_MODULE: 1,
  /** Mask of microphones that the client gets. */
  CLIENT_MIC_SELECT: 11,
} as const;
export type KpbParam = (typeof KpbParam)[keyof typeof KpbParam];

/** Modules that one output pin of the key phrase buffer can list. */
export const KPB_MAX_FM_MODULES = 16;

/**
 * Reads the modules of the key phrase buffer's fast mode: a count and component ids.
 *
 * @throws InputError when bytes are missing or the count is over {@link KPB_MAX_FM_MODULES}
 */
export function decodeKpbFastModeModules(
  payload: Uint8Array,
  source = "KPB fast mode modules",
): number[] {
  const reader = new ByteReader(payload, source);
  const ids = readCountedWords(reader, "module");
  if (ids.length > KPB_MAX_FM_MODULES) {
    throw reader.error(`${ids.length} modules, at most ${KPB_MAX_FM_MODULES}`, 0);
  }
  return ids;
}

/**
 * @param ids component ids, {@link KPB_MAX_FM_MODULES} at most
 * @returns their count and them
 */
export function encodeKpbFastModeModules(ids: readonly number[]): Uint8Array {
  assert(ids.length <= KPB_MAX_FM_MODULES, `${ids.length} modules, at most ${KPB_MAX_FM_MODULES}`);
  return encodeCountedWords(ids);
}

/** Large parameters of the key phrase detectors. */
export const DetectorParam = {
  MODEL_BLOB: 1,
  SET_CONFIG: 2,
  GET_CONFIG: 3,
} as const;
export type DetectorParam = (typeof DetectorParam)[keyof typeof DetectorParam];

/** Large parameters of the probe. */
export const ProbeParam = {
  INJECTION_DMA_ADD: 1,
  INJECTION_DMA_DETACH: 2,
  PROBE_POINTS_ADD: 3,
  PROBE_POINTS_DISCONNECT: 4,
  AVAILABLE_PROBE_POINTS: 5,
} as const;
export type ProbeParam = (typeof ProbeParam)[keyof typeof ProbeParam];

/** What a probe point does. */
export const ProbePurpose = {
  EXTRACTION: 0,
  INJECTION: 1,
} as const;
export type ProbePurpose = (typeof ProbePurpose)[keyof typeof ProbePurpose];

/** Probe points that can be active at once. */
export const MAX_PROBE_POINTS = 16;

/** Stream of the firmware's log among the probe's extraction streams. */
export const PROBE_LOG_STREAM = 0x0100_0000;

/** A DMA that brings samples to inject; parameter INJECTION_DMA_ADD is a list of them. */
export interface ProbeDma {
  /** Stream tag or node id. */
  readonly streamTag: number;
  /** Bytes. */
  readonly dmaBufferSize: number;
}

/** Reads and writes the 8 bytes of a {@link ProbeDma}. */
export const probeDma: Codec<ProbeDma> = struct("probe_dma", 8, {
  streamTag: u32(0),
  dmaBufferSize: u32(4),
});

/** A place where samples are taken or put in; parameter PROBE_POINTS_ADD is a list of them. */
export interface ProbePoint {
  /** See {@link packProbePointId}. */
  readonly pointId: number;
  /** A {@link ProbePurpose}. */
  readonly purpose: number;
  readonly streamTag: number;
}

/** Reads and writes the 12 bytes of a {@link ProbePoint}. */
export const probePoint: Codec<ProbePoint> = struct("probe_point", 12, {
  pointId: u32(0),
  purpose: u32(4),
  streamTag: u32(8),
});

/** Sides of a module at which a probe point can be. */
export const ProbePointType = {
  INPUT: 0,
  OUTPUT: 1,
  INTERNAL: 2,
} as const;
export type ProbePointType = (typeof ProbePointType)[keyof typeof ProbePointType];

/** A probe point's id, taken apart (SOF's `probe_point_id_t`). */
export interface ProbePointId {
  readonly moduleId: number;
  readonly instanceId: number;
  /** A {@link ProbePointType}. */
  readonly type: number;
  /** Queue of the module. */
  readonly index: number;
}

/** Joins the parts of a probe point's id. */
export function packProbePointId(id: ProbePointId): number {
  return (
    ((id.moduleId & 0xffff) |
      ((id.instanceId & 0xff) << 16) |
      ((id.type & 3) << 24) |
      ((id.index & 0x3f) << 26)) >>>
    0
  );
}

/** Takes a probe point's id apart. */
export function unpackProbePointId(id: number): ProbePointId {
  return {
    moduleId: id & 0xffff,
    instanceId: (id >>> 16) & 0xff,
    type: (id >>> 24) & 3,
    index: id >>> 26,
  };
}
