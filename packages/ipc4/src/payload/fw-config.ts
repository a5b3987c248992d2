import { ByteReader } from "@sof-ts/kit";
import { bits, reservedBits, u16, u32 } from "../fields.js";
import { namesOf } from "../names.js";
import { type Codec, struct } from "../struct.js";
import { decodeCounted, encodeCounted, encodeWords } from "./lists.js";
import { decodeTlvs, encodeTlvs, type Tlv, wordOfTlv, wordTlv } from "./tlv.js";

/** TLV types of the firmware configuration (SOF's `enum ipc4_fw_config_params`). */
export const FwConfigType = {
  FW_VERSION: 0,
  MEMORY_RECLAIMED: 1,
  SLOW_CLOCK_FREQ_HZ: 2,
  FAST_CLOCK_FREQ_HZ: 3,
  DMA_BUFFER_CONFIG: 4,
  ALH_SUPPORT_LEVEL: 5,
  DL_MAILBOX_BYTES: 6,
  UL_MAILBOX_BYTES: 7,
  TRACE_LOG_BYTES: 8,
  MAX_PPL_CNT: 9,
  MAX_ASTATE_COUNT: 10,
  MAX_MODULE_PIN_COUNT: 11,
  MODULES_COUNT: 12,
  MAX_MOD_INST_COUNT: 13,
  MAX_LL_TASKS_PER_PRI_COUNT: 14,
  LL_PRI_COUNT: 15,
  MAX_DP_TASKS_COUNT: 16,
  MAX_LIBS_COUNT: 17,
  SCHEDULER_CONFIGURATION: 18,
  XTAL_FREQ_HZ: 19,
  CLOCKS_CONFIGURATION: 20,
  UAOL_SUPPORT: 21,
  POWER_GATING_POLICY: 22,
  ASSERT_MODE: 23,
  TELEMETRY_BUFFER_SIZE: 24,
  BUS_HARDWARE_ID: 25,
  DEBUG_WINDOW_SIZE: 26,
  KPB_RT_SINK_COUNT: 27,
  DMI_FORCE_L1_EXIT: 28,
  FW_CONTEXT_SAVE: 29,
  FW_MIN_HOST_BUFFER_PERIODS: 33,
  SOF_INFO: 35,
} as const;
export type FwConfigType = (typeof FwConfigType)[keyof typeof FwConfigType];

const typeNames = namesOf(FwConfigType);

/** @returns "MAX_PPL_CNT", or the number as text */
export const fwConfigTypeName = (type: number): string => typeNames(type) ?? String(type);

/** Version of firmware or of a library. */
export interface FwVersion {
  readonly major: number;
  readonly minor: number;
  readonly hotfix: number;
  readonly build: number;
}

/** Reads and writes the 8 bytes of an {@link FwVersion}. */
export const fwVersion: Codec<FwVersion> = struct("fw_version", 8, {
  major: u16(0),
  minor: u16(2),
  hotfix: u16(4),
  build: u16(6),
});

/** How the low-latency tick is made (SOF's `struct ipc4_scheduler_config`). */
export interface SchedulerConfig {
  readonly sysTickMultiplier: number;
  readonly sysTickDivider: number;
  readonly sysTickSource: number;
  readonly sysTickCfgLength: number;
  readonly sysTickCfg: number;
}

/** Reads and writes the 20 bytes of a {@link SchedulerConfig}. */
export const schedulerConfig: Codec<SchedulerConfig> = struct("scheduler_config", 20, {
  sysTickMultiplier: u32(0),
  sysTickDivider: u32(4),
  sysTickSource: u32(8),
  sysTickCfgLength: u32(12),
  sysTickCfg: u32(16),
});

/** A compressed format that the firmware decodes or encodes. */
export interface CodecInfo {
  readonly codec: number;
  readonly direction: number;
  readonly reserved?: number | undefined;
}

/** Reads and writes the 4 bytes of a {@link CodecInfo}. */
export const codecInfo: Codec<CodecInfo> = struct("codec_info", 4, {
  codec: bits(0, 0, 8),
  direction: bits(0, 8, 4),
  reserved: reservedBits(0, 12, 20),
});

/** TLV type inside SOF_INFO that lists {@link CodecInfo}. */
export const SOF_INFO_CODECS = 0;

/** One element of the firmware configuration. */
export type FwConfigItem =
  | { readonly kind: "version"; readonly type: 0; readonly version: FwVersion }
  | { readonly kind: "scheduler"; readonly type: 18; readonly scheduler: SchedulerConfig }
  | { readonly kind: "codecs"; readonly type: 35; readonly codecs: readonly CodecInfo[] }
  /** A 32-bit number. */
  | { readonly kind: "number"; readonly type: number; readonly value: number }
  /** Anything else, as it is. */
  | { readonly kind: "bytes"; readonly type: number; readonly value: Uint8Array };

/** @returns an element that holds a 32-bit number */
export const fwConfigNumber = (type: FwConfigType, value: number): FwConfigItem => ({
  kind: "number",
  type,
  value,
});

/**
 * Reads the reply to LARGE_CONFIG_GET of FW_CONFIG, in its order; a type may come twice.
 *
 * @throws InputError with the offset of an element that is cut
 */
export function decodeFwConfig(payload: Uint8Array, source = "FW_CONFIG"): FwConfigItem[] {
  return decodeTlvs(payload, source).map((tlv) => itemOf(tlv));
}

/** Writes the reply to LARGE_CONFIG_GET of FW_CONFIG. */
export function encodeFwConfig(items: readonly FwConfigItem[]): Uint8Array {
  return encodeTlvs(items.map((item) => ({ type: item.type, value: valueOf(item) })));
}

/** @returns the last number of this type, as the Linux driver takes it; undefined when there is none */
export function fwConfigValue(
  items: readonly FwConfigItem[],
  type: FwConfigType,
): number | undefined {
  let value: number | undefined;
  for (const item of items) if (item.kind === "number" && item.type === type) value = item.value;
  return value;
}

function itemOf(tlv: Tlv): FwConfigItem {
  const { type, value } = tlv;
  if (type === 0 && value.length === fwVersion.size) {
    return { kind: "version", type, version: fwVersion.decode(value) };
  }
  if (type === 18 && value.length === schedulerConfig.size) {
    return { kind: "scheduler", type, scheduler: schedulerConfig.decode(value) };
  }
  if (type === 35) {
    const codecs = codecsOf(value);
    if (codecs !== undefined) return { kind: "codecs", type, codecs };
  }
  const word = wordOfTlv(tlv);
  return word === undefined
    ? { kind: "bytes", type, value }
    : { kind: "number", type, value: word };
}

/** The codec list of SOF_INFO, when it is all that there is. */
function codecsOf(value: Uint8Array): CodecInfo[] | undefined {
  if (value.length < 12) return undefined;
  const reader = new ByteReader(value, "SOF_INFO");
  const [type, length, count] = [reader.u32(), reader.u32(), reader.u32()];
  const exact = length === value.length - 8 && length === 4 + 4 * count;
  if (type !== SOF_INFO_CODECS || !exact) return undefined;
  return decodeCounted(codecInfo, value.subarray(8), "SOF_INFO codecs");
}

function valueOf(item: FwConfigItem): Uint8Array {
  switch (item.kind) {
    case "version":
      return fwVersion.encode(item.version);
    case "scheduler":
      return schedulerConfig.encode(item.scheduler);
    case "codecs":
      return encodeTlvs([{ type: SOF_INFO_CODECS, value: encodeCounted(codecInfo, item.codecs) }]);
    case "number":
      return encodeWords([item.value]);
    case "bytes":
      return item.value;
  }
}

/** TLV types of the hardware configuration (SOF's `enum ipc4_hw_config_params`). */
export const HwConfigType = {
  CAVS_VER: 0,
  DSP_CORES: 1,
  MEM_PAGE_BYTES: 2,
  TOTAL_PHYS_MEM_PAGES: 3,
  I2S_CAPS: 4,
  GPDMA_CAPS: 5,
  GATEWAY_COUNT: 6,
  HP_EBB_COUNT: 7,
  LP_EBB_COUNT: 8,
  EBB_SIZE_BYTES: 9,
  UAOL_CAPS: 10,
  INTEL_MIC_PRIVACY_CAPS: 11,
} as const;
export type HwConfigType = (typeof HwConfigType)[keyof typeof HwConfigType];

/** One element of the hardware configuration. */
export type HwConfigItem =
  /** I2S controllers: a version and the base address of each. */
  | {
      readonly kind: "i2s";
      readonly type: 4;
      readonly version: number;
      readonly bases: readonly number[];
    }
  /** A 32-bit number. */
  | { readonly kind: "number"; readonly type: number; readonly value: number }
  /** Anything else, as it is. */
  | { readonly kind: "bytes"; readonly type: number; readonly value: Uint8Array };

/**
 * Reads the reply to LARGE_CONFIG_GET of HW_CONFIG_GET, in its order.
 *
 * @throws InputError with the offset of an element that is cut
 */
export function decodeHwConfig(payload: Uint8Array, source = "HW_CONFIG"): HwConfigItem[] {
  return decodeTlvs(payload, source).map((tlv): HwConfigItem => {
    const { type, value } = tlv;
    if (type === 4 && value.length >= 8 && value.length % 4 === 0) {
      const reader = new ByteReader(value, "I2S_CAPS");
      const [version, count] = [reader.u32(), reader.u32()];
      if (count * 4 === reader.remaining) {
        const bases = Array.from({ length: count }, () => reader.u32());
        return { kind: "i2s", type, version, bases };
      }
    }
    const word = wordOfTlv(tlv);
    return word === undefined
      ? { kind: "bytes", type, value }
      : { kind: "number", type, value: word };
  });
}

/** Writes the reply to LARGE_CONFIG_GET of HW_CONFIG_GET. */
export function encodeHwConfig(items: readonly HwConfigItem[]): Uint8Array {
  return encodeTlvs(
    items.map((item): Tlv => {
      if (item.kind === "number") return wordTlv(item.type, item.value);
      if (item.kind === "bytes") return { type: item.type, value: item.value };
      return {
        type: item.type,
        value: encodeWords([item.version, item.bases.length, ...item.bases]),
      };
    }),
  );
}
