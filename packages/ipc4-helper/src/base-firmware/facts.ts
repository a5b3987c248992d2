import {
  encodeFwConfig,
  encodeHwConfig,
  FwConfigType,
  fwConfigNumber,
  type FwVersion,
  type HwConfigItem,
  HwConfigType,
  Ipc4Limit,
  MAILBOX_BYTES,
  MAX_PINS,
} from "@sof-ts/ipc4";

/** What the firmware tells about itself and its machine; the composition root fills it in. */
export interface FirmwareFacts {
  readonly version: FwVersion;
  readonly coreCount: number;
  readonly slowClockHz: number;
  readonly fastClockHz: number;
  readonly hpSramBytes: number;
  readonly lpSramBytes: number;
  readonly sspBases: readonly number[];
  /** The machine has an always-running timer beside its wall clock. */
  readonly hasAlwaysRunningTimer: boolean;
  /** Microphone privacy version, 0 on a platform without. */
  readonly micPrivacyVersion: number;
  /** Bytes of the log slot, 0 without a log. */
  readonly traceBytes: number;
}

const PAGE_BYTES = 4096;
const MEMORY_BANK_BYTES = 0x2_0000;
/** Version of the I2S controllers of ACE 3.x parts (SOF's `I2S_VER_30_PTL`). */
const I2S_VERSION = 0x4_0000;
/** What the reference states whatever its manifest holds. */
const MODULES_COUNT = 5;
/** Encoding of Intel's slow clock and SoundWire support in FW_CONFIG. */
const INTEL_VALUE = 0x1_0000;
const MIN_HOST_BUFFER_PERIODS = 2;

/** Reply to FW_CONFIG: TLVs in the order in which the reference emits them (`basefw_config`). */
export function encodeFirmwareConfig(facts: FirmwareFacts): Uint8Array {
  const number = fwConfigNumber;
  const type = FwConfigType;
  return encodeFwConfig([
    { kind: "version", type: type.FW_VERSION, version: facts.version },
    number(type.MEMORY_RECLAIMED, 1),
    number(type.FAST_CLOCK_FREQ_HZ, facts.fastClockHz),
    number(type.SLOW_CLOCK_FREQ_HZ, facts.slowClockHz),
    number(type.DL_MAILBOX_BYTES, MAILBOX_BYTES),
    number(type.UL_MAILBOX_BYTES, MAILBOX_BYTES),
    number(type.TRACE_LOG_BYTES, facts.traceBytes),
    number(type.MAX_PPL_CNT, Ipc4Limit.PIPELINES),
    number(type.MAX_ASTATE_COUNT, 0),
    number(type.MAX_MODULE_PIN_COUNT, MAX_PINS),
    number(type.MAX_MOD_INST_COUNT, Ipc4Limit.INSTANCES),
    number(type.MAX_LL_TASKS_PER_PRI_COUNT, Ipc4Limit.LL_TASKS_PER_PRIORITY),
    number(type.LL_PRI_COUNT, Ipc4Limit.PRIORITIES),
    number(type.MAX_DP_TASKS_COUNT, Ipc4Limit.DP_TASKS),
    number(type.MODULES_COUNT, MODULES_COUNT),
    number(type.MAX_LIBS_COUNT, Ipc4Limit.LIBRARIES),
    {
      kind: "scheduler",
      type: type.SCHEDULER_CONFIGURATION,
      scheduler: {
        sysTickMultiplier: 1,
        sysTickDivider: 1,
        sysTickSource: 0,
        sysTickCfgLength: 0,
        sysTickCfg: 0,
      },
    },
    number(type.FW_CONTEXT_SAVE, 0),
    number(type.FW_MIN_HOST_BUFFER_PERIODS, MIN_HOST_BUFFER_PERIODS),
    // Intel's additions come last and say the slow clock a second time, in another unit.
    number(type.SLOW_CLOCK_FREQ_HZ, INTEL_VALUE),
    number(type.ALH_SUPPORT_LEVEL, INTEL_VALUE),
  ]);
}

/** Reply to HW_CONFIG. */
export function encodeHardwareConfig(facts: FirmwareFacts): Uint8Array {
  const banks = (bytes: number): number => Math.floor(bytes / MEMORY_BANK_BYTES);
  const number = (type: number, value: number): HwConfigItem => ({ kind: "number", type, value });
  const { hpSramBytes, lpSramBytes, sspBases, micPrivacyVersion } = facts;
  const pages = (banks(hpSramBytes) * MEMORY_BANK_BYTES) / PAGE_BYTES;
  return encodeHwConfig([
    number(HwConfigType.DSP_CORES, facts.coreCount),
    number(HwConfigType.MEM_PAGE_BYTES, PAGE_BYTES),
    number(HwConfigType.TOTAL_PHYS_MEM_PAGES, pages),
    { kind: "i2s", type: HwConfigType.I2S_CAPS, version: I2S_VERSION, bases: sspBases },
    number(HwConfigType.HP_EBB_COUNT, banks(hpSramBytes)),
    number(HwConfigType.LP_EBB_COUNT, banks(lpSramBytes)),
    number(HwConfigType.EBB_SIZE_BYTES, MEMORY_BANK_BYTES),
    ...(micPrivacyVersion === 0
      ? []
      : [number(HwConfigType.INTEL_MIC_PRIVACY_CAPS, micPrivacyVersion)]),
  ]);
}
