import { array, bits, flag, nested, reserved, reservedBits, u32, u64, u8 } from "../fields.js";
import { type Codec, struct } from "../struct.js";

/** Where things are in the windows through which host and DSP see the same memory. */
export const MemoryWindow = {
  /** Window 0: {@link fwRegisters}. */
  FW_REGISTERS: { window: 0, offset: 0, size: 0x1000 },
  /** Window 0: payloads to the host. */
  UPLINK_MAILBOX: { window: 0, offset: 0x1000, size: 0x1000 },
  /** Window 1: payloads to the DSP. */
  DOWNLINK_MAILBOX: { window: 1, offset: 0, size: 0x1000 },
  /** Window 2: debug slots. */
  DEBUG: { window: 2, offset: 0, size: 0x1_0000 },
} as const;

/** Longest payload in either direction. */
export const MAILBOX_BYTES = 4096;

/** Version of the register layout. */
export const FW_REGISTERS_ABI = 1;

/** States in {@link FwStatus}. */
export const FwState = {
  INIT: 0,
  INIT_DONE: 1,
  CSE_MANIFEST_LOADED: 2,
  FW_MANIFEST_LOADED: 3,
  FW_FULLY_LOADED: 4,
  FW_ENTERED: 5,
} as const;
export type FwState = (typeof FwState)[keyof typeof FwState];

/** What boot waits for, in {@link FwStatus}. */
export const FwWaitState = {
  NONE: 0,
  IPC_BUSY: 1,
  IPC_DONE: 2,
  CACHE_INVALIDATION: 3,
  LP_SRAM_OFF: 4,
  DMA_BUFFER_FULL: 5,
  CSE: 6,
} as const;
export type FwWaitState = (typeof FwWaitState)[keyof typeof FwWaitState];

/** Who runs, in {@link FwStatus}. */
export const FwModule = {
  ROM: 0,
  ROM_BYPASS: 1,
  BASE_FW: 2,
  LP_BOOT: 3,
  BRING_UP: 4,
  ROM_EXTENSION: 5,
} as const;
export type FwModule = (typeof FwModule)[keyof typeof FwModule];

/** First status register, as the Linux driver takes it apart. */
export interface FwStatus {
  /** A {@link FwState}. */
  readonly state: number;
  /** A {@link FwWaitState}. */
  readonly waitState: number;
  /** A {@link FwModule}. */
  readonly module: number;
  /** Bit 31. */
  readonly running: boolean;
}

/** Reads and writes the 4 bytes of {@link FwStatus}. */
export const fwStatus: Codec<FwStatus> = struct("fsr", 4, {
  state: bits(0, 0, 24),
  waitState: bits(0, 24, 4),
  module: bits(0, 28, 3),
  running: flag(0, 31),
});

/** Power status register. */
export interface FwPowerStatus {
  readonly astate: number;
  readonly cachedImr: boolean;
  readonly fstate: number;
  readonly wakeTick: number;
  readonly activePipelines: number;
  readonly reserved?: number | undefined;
}

const fwPowerStatus: Codec<FwPowerStatus> = struct("fw_pwr_status", 4, {
  astate: bits(0, 0, 4),
  cachedImr: flag(0, 4),
  fstate: bits(0, 5, 3),
  wakeTick: bits(0, 8, 5),
  activePipelines: bits(0, 13, 6),
  reserved: reservedBits(0, 19, 13),
});

/** What the boot ROM says about itself. */
export interface RomInfo {
  readonly fuses: number;
  readonly loadMethod: number;
  readonly downlinkIpcUsesDma: boolean;
  readonly reserved?: number | undefined;
  readonly revisionMinor: number;
  readonly revisionMajor: number;
  readonly versionMinor: number;
  readonly versionMajor: number;
  readonly reservedHigh?: number | undefined;
}

const romInfo: Codec<RomInfo> = struct("rom_info", 4, {
  fuses: bits(0, 0, 8),
  loadMethod: bits(0, 8, 1),
  downlinkIpcUsesDma: flag(0, 9),
  reserved: reservedBits(0, 10, 2),
  revisionMinor: bits(0, 12, 4),
  revisionMajor: bits(0, 16, 4),
  versionMinor: bits(0, 20, 4),
  versionMajor: bits(0, 24, 4),
  reservedHigh: reservedBits(0, 28, 4),
});

/** Position of a host stream (SOF's `struct ipc4_pipeline_registers`). All ones: not started. */
export interface PipelineRegisters {
  /** Link position in bytes at the start. */
  readonly streamStartOffset: bigint;
  /** Link position in bytes at the pause. */
  readonly streamEndOffset: bigint;
}

/** Reads and writes the 16 bytes of {@link PipelineRegisters}. */
export const pipelineRegisters: Codec<PipelineRegisters> = struct("pipeline_registers", 16, {
  streamStartOffset: u64(0),
  streamEndOffset: u64(8),
});

/** Meters of a peak volume instance (SOF's `struct ipc4_peak_volume_regs`), Q1.31 for eight channels. */
export interface PeakVolumeRegisters {
  readonly peakMeter: readonly number[];
  readonly currentVolume: readonly number[];
  readonly targetVolume: readonly number[];
}

/** Reads and writes the 96 bytes of {@link PeakVolumeRegisters}. */
export const peakVolumeRegisters: Codec<PeakVolumeRegisters> = struct("peak_volume_regs", 96, {
  peakMeter: array(0, 8, u32),
  currentVolume: array(32, 8, u32),
  targetVolume: array(64, 8, u32),
});

/** Position of a link (SOF's `struct ipc4_llp_reading_slot`). */
export interface LlpReadingSlot {
  /** The 13 bits that name the gateway; 0 while the slot is free. */
  readonly nodeId: number;
  /** Low half of the bytes moved since the start. */
  readonly llpLow: number;
  readonly llpHigh: number;
  /** Low half of the wall clock at that reading. */
  readonly wallClockLow: number;
  readonly wallClockHigh: number;
}

/** Reads and writes the 20 bytes of an {@link LlpReadingSlot}. */
export const llpReadingSlot: Codec<LlpReadingSlot> = struct("llp_reading_slot", 20, {
  nodeId: u32(0),
  llpLow: u32(4),
  llpHigh: u32(8),
  wallClockLow: u32(12),
  wallClockHigh: u32(16),
});

/** Number of slots of each kind in {@link FwRegisters}. */
export const FwRegisterCount = {
  CORES: 8,
  PIPELINES: 16,
  PEAK_VOLUMES: 16,
  LLP_GPDMA: 24,
  LLP_SNDW: 15,
} as const;

/** The firmware's registers in window 0 (SOF's `struct ipc4_fw_registers`). */
export interface FwRegisters {
  readonly fsr: FwStatus;
  readonly lastErrorCode: number;
  readonly powerStatus: FwPowerStatus;
  readonly lastNativeErrorCode: number;
  readonly ltr: number;
  readonly reserved0?: Uint8Array | undefined;
  readonly romInfo: RomInfo;
  /** {@link FW_REGISTERS_ABI}. */
  readonly abiVersion: number;
  readonly slaveCoreStatus: readonly number[];
  readonly reserved1?: Uint8Array | undefined;
  readonly pipelines: readonly PipelineRegisters[];
  readonly peakVolumes: readonly PeakVolumeRegisters[];
  readonly llpGpdma: readonly LlpReadingSlot[];
  readonly llpSndw: readonly LlpReadingSlot[];
  readonly llpEvad: LlpReadingSlot;
}

/**
 * Reads and writes all 0xA60 bytes of {@link FwRegisters}. Firmware that changes one register writes at
 * `fwRegisters.offsets` and the offset functions beside it instead.
 */
export const fwRegisters: Codec<FwRegisters> = struct("fw_registers", 0xa60, {
  fsr: nested(0x00, fwStatus),
  lastErrorCode: u32(0x04),
  powerStatus: nested(0x08, fwPowerStatus),
  lastNativeErrorCode: u32(0x0c),
  ltr: u32(0x10),
  reserved0: reserved(0x14, 4),
  romInfo: nested(0x18, romInfo),
  abiVersion: u32(0x1c),
  slaveCoreStatus: array(0x20, FwRegisterCount.CORES, u8),
  reserved1: reserved(0x28, 24),
  pipelines: array(0x40, FwRegisterCount.PIPELINES, pipelineRegisters),
  peakVolumes: array(0x140, FwRegisterCount.PEAK_VOLUMES, peakVolumeRegisters),
  llpGpdma: array(0x740, FwRegisterCount.LLP_GPDMA, llpReadingSlot),
  llpSndw: array(0x920, FwRegisterCount.LLP_SNDW, llpReadingSlot),
  llpEvad: nested(0xa4c, llpReadingSlot),
});

/** @returns offset in window 0 of a host stream's {@link PipelineRegisters} */
export const pipelineRegistersOffset = (index: number): number => 0x40 + index * 16;

/** @returns offset in window 0 of an instance's {@link PeakVolumeRegisters} */
export const peakVolumeRegistersOffset = (index: number): number => 0x140 + index * 96;

/** @returns offset in window 0 of a general-purpose DMA's {@link LlpReadingSlot} */
export const llpGpdmaOffset = (index: number): number => 0x740 + index * 20;

/** @returns offset in window 0 of a SoundWire group's {@link LlpReadingSlot} */
export const llpSndwOffset = (index: number): number => 0x920 + index * 20;
