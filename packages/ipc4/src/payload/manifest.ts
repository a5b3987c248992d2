import { array, bits, bytes, flag, nested, reservedBits, text, u16, u32, uuid } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { type FwVersion, fwVersion } from "./fw-config.js";

/** "$AM1", id of the firmware header in an image. */
export const FW_HEADER_ID = "$AM1";

/** Header of a firmware or library manifest (SOF's `struct sof_man_fw_header`). */
export interface FwHeader {
  /** {@link FW_HEADER_ID}. */
  readonly id: string;
  /** Bytes of this header. */
  readonly length: number;
  readonly name: string;
  readonly preloadPageCount: number;
  readonly fwImageFlags: number;
  readonly featureMask: number;
  readonly version: FwVersion;
  readonly moduleCount: number;
  /** Compatibility level; a buffer's address in older images. */
  readonly fwCompat: number;
  readonly hwBufLength: number;
  readonly loadOffset: number;
}

/** Reads and writes the 52 bytes of a {@link FwHeader}. */
export const fwHeader: Codec<FwHeader> = struct("fw_header", 52, {
  id: text(0, 4),
  length: u32(4),
  name: text(8, 8),
  preloadPageCount: u32(16),
  fwImageFlags: u32(20),
  featureMask: u32(24),
  version: nested(28, fwVersion),
  moduleCount: u32(36),
  fwCompat: u32(40),
  hwBufLength: u32(44),
  loadOffset: u32(48),
});

/** What init payload a module's manifest asks for. */
export const InitConfig = {
  /** `BaseModuleCfg`. */
  BASE: 0,
  /** `BaseModuleCfgExt`. */
  BASE_WITH_PIN_FORMATS: 1,
} as const;
export type InitConfig = (typeof InitConfig)[keyof typeof InitConfig];

/** Type word of a module (SOF's `struct sof_man_module_type`). */
export interface ModuleType {
  readonly loadType: number;
  readonly autoStart: boolean;
  /** Can run in the low-latency domain. */
  readonly domainLl: boolean;
  /** Can run in the data-processing domain. */
  readonly domainDp: boolean;
  readonly libCode: boolean;
  /** An {@link InitConfig}. */
  readonly initConfig: number;
  readonly coreType: number;
  readonly userMode: boolean;
  readonly largeParam: boolean;
  readonly stackOnBss: boolean;
  readonly reserved?: number | undefined;
}

/** Reads and writes the 4 bytes of a {@link ModuleType}. */
export const moduleType: Codec<ModuleType> = struct("module_type", 4, {
  loadType: bits(0, 0, 4),
  autoStart: flag(0, 4),
  domainLl: flag(0, 5),
  domainDp: flag(0, 6),
  libCode: flag(0, 7),
  initConfig: bits(0, 8, 4),
  coreType: bits(0, 12, 5),
  userMode: flag(0, 17),
  largeParam: flag(0, 18),
  stackOnBss: flag(0, 19),
  reserved: reservedBits(0, 20, 12),
});

/** One segment of a module: text, read-only data, zeroed data. */
export interface ModuleSegment {
  readonly flags: number;
  readonly vBaseAddr: number;
  readonly fileOffset: number;
}

const moduleSegment = struct("segment_desc", 12, {
  flags: u32(0),
  vBaseAddr: u32(4),
  fileOffset: u32(8),
});

interface ModuleEntryBody {
  readonly name: string;
  /** 8-4-4-4-12, lower case. */
  readonly uuid: string;
  readonly type: ModuleType;
  readonly hash: Uint8Array;
  readonly entryPoint: number;
  /** Index of the module's first {@link ModuleConfig}. */
  readonly cfgOffset: number;
  readonly cfgCount: number;
  /** Cores that the module may run on. */
  readonly affinityMask: number;
  readonly instanceMaxCount: number;
  readonly instanceBssSize: number;
  /** Three. */
  readonly segments: readonly ModuleSegment[];
}

const bodyFields = {
  name: text(4, 8),
  uuid: uuid(12),
  type: nested(28, moduleType),
  hash: bytes(32, 32),
  entryPoint: u32(64),
  cfgOffset: u16(68),
  cfgCount: u16(70),
  affinityMask: u32(72),
  instanceMaxCount: u16(76),
  instanceBssSize: u16(78),
  segments: array(80, 3, moduleSegment),
};

/** A module in a manifest (SOF's `struct sof_man_module`). */
export interface ModuleEntry extends ModuleEntryBody {
  /** "$AME" or another mark. */
  readonly structId: Uint8Array;
}

/** Reads and writes the 116 bytes of a {@link ModuleEntry}. */
export const moduleEntry: Codec<ModuleEntry> = struct("module_entry", 116, {
  structId: bytes(0, 4),
  ...bodyFields,
});

/** A module as the firmware reports it in MODULES_INFO_GET: a manifest entry with another first word. */
export interface ModuleInfo extends ModuleEntryBody {
  readonly moduleId: number;
  readonly stateFlags: number;
}

/** Reads and writes the 116 bytes of a {@link ModuleInfo}; the reply is a counted list of them. */
export const moduleInfo: Codec<ModuleInfo> = struct("module_info", 116, {
  moduleId: u16(0),
  stateFlags: u16(2),
  ...bodyFields,
});

/** What a module needs in one configuration of a manifest (SOF's `struct sof_man_mod_config`). */
export interface ModuleConfig {
  readonly par: readonly number[];
  readonly isPages: number;
  /** Cycles a second. */
  readonly cps: number;
  readonly ibs: number;
  readonly obs: number;
  readonly moduleFlags: number;
  /** Cycles for one chunk. */
  readonly cpc: number;
  /** Output block size. */
  readonly obls: number;
}

/** Reads and writes the 44 bytes of a {@link ModuleConfig}. */
export const moduleConfig: Codec<ModuleConfig> = struct("mod_config", 44, {
  par: array(0, 4, u32),
  isPages: u32(16),
  cps: u32(20),
  ibs: u32(24),
  obs: u32(28),
  moduleFlags: u32(32),
  cpc: u32(36),
  obls: u32(40),
});
