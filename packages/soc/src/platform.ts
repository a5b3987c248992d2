import type { PlatformCosts } from "./operation-costs.js";

/** A range of physical memory. */
export interface MemoryRange {
  /** Address in the cached alias. */
  readonly base: number;
  readonly size: number;
}

/** A window through which the host sees a piece of DSP memory. */
export interface WindowDescription {
  /** Offset in the host's BAR. */
  readonly hostOffset: number;
  /** Offset from the base of HPSRAM. */
  readonly dspOffset: number;
  /** Bytes; 0 when the platform does not use this window. */
  readonly size: number;
  readonly hostWritable: boolean;
}

/** Offsets of the doorbell registers from the base of their block. */
export interface DoorbellLayout {
  readonly tdr: number;
  readonly tda: number;
  readonly tdd: number;
  readonly idr: number;
  readonly ida: number;
  readonly idd: number;
  readonly ctl: number;
  /** Bytes of the block. */
  readonly size: number;
  /**
   * How the target says that it has finished: cAVS writes 1 to bit 31 of TDA, ACE writes 0 to it (the bit
   * is the busy flag there).
   */
  readonly completion: "setBit31" | "clearBit31";
}

/** A block of equal DMA channels. */
export interface DmaControllerDescription {
  readonly name: string;
  /** Direction of its channels; general-purpose ones take either. */
  readonly serves: "playback" | "capture" | "both";
  /** Register base on the DSP's bus. */
  readonly base: number;
  /** Bytes of registers for each channel; 0 where the model has none. */
  readonly registerStride: number;
  readonly channels: number;
  /** Required alignment of a ring's start, its size, and recommended granularity of copies, in bytes. */
  readonly addressAlignment: number;
  readonly sizeAlignment: number;
  readonly copyAlignment: number;
}

/** Where the power of the cores is switched. */
export interface PowerDescription {
  /** DSP side: a word with one bit a core to keep powered in 15:0 and one that says so in 31:16. */
  readonly dspControl: number;
  /** Host side: offset in the BAR of the word that powers core 0, and its two bits. */
  readonly hostControl: number;
  /** Bit that asks for power (SPA). */
  readonly hostRequestBit: number;
  /** Bit that tells of power (CPA). */
  readonly hostActiveBit: number;
}

/** Interrupt line numbers. */
export interface InterruptNumbers {
  readonly hostIpc: number;
  readonly idc: number;
  /** Comparator of the wall clock, one per core: the source of the 1 ms tick. */
  readonly timer: number;
  readonly gpdma: number;
  readonly hdaHostIn: number;
  readonly hdaHostOut: number;
  readonly hdaLinkIn: number;
  readonly hdaLinkOut: number;
}

/** How many instances of each digital audio interface there are. */
export interface DaiCounts {
  readonly ssp: number;
  /** PDM FIFOs, each a capture gateway. */
  readonly dmic: number;
  /** SoundWire stream slots (ALH). */
  readonly alh: number;
  /** HD-A link streams per direction follow from the link DMA channels. */
  readonly hda: { readonly out: number; readonly in: number };
}

/**
 * Everything in which one platform differs from another. The devices read it and nothing else, so a new
 * platform is a new record.
 */
export interface PlatformDescription {
  readonly name: PlatformName;
  /** Marketing name and IP generation, for people: nothing decides by it. */
  readonly title: string;
  readonly coreCount: number;
  readonly coreClockHz: number;
  /** Clock of the wall clock counter (XTAL). */
  readonly wallClockHz: number;
  /** Time from power-up of a core to its first instruction of firmware, in core clock cycles. */
  readonly coreBootCycles: number;
  /** What the operations of an RTOS take on its cores. */
  readonly costs: PlatformCosts;
  readonly memory: {
    readonly hpsram: MemoryRange;
    readonly lpsram: MemoryRange;
    readonly imr: MemoryRange;
    /** Bits 31:29 of a cached address; the uncached alias of a byte differs in these bits only. */
    readonly cachedRegion: number;
    readonly uncachedRegion: number;
    readonly pageSize: number;
    readonly cacheLineSize: number;
    /** L1 data cache of each core, in bytes, and its ways. */
    readonly cacheSize: number;
    readonly cacheWays: number;
  };
  /** Windows 0..3: status registers and uplink, downlink, debug, trace. */
  readonly windows: readonly WindowDescription[];
  readonly hostIpc: {
    /** Base on the DSP's bus. */
    readonly dspBase: number;
    /** Base in the host's BAR. */
    readonly hostBase: number;
    readonly layout: DoorbellLayout;
  };
  /** Base of the inter-core doorbells on the DSP's bus. */
  readonly idcBase: number;
  /** Base of the block with the wall clock and its comparators (the shim of cAVS, the TTS of ACE). */
  readonly wallClockBase: number;
  readonly power: PowerDescription;
  readonly irq: InterruptNumbers;
  /** Offset in the HD Audio BAR of the first linear link position (PPLCLLPL); the next follow each 16 bytes. */
  readonly linkPositionBase: number;
  readonly dma: {
    readonly hostOut: DmaControllerDescription;
    readonly hostIn: DmaControllerDescription;
    readonly linkOut: DmaControllerDescription;
    readonly linkIn: DmaControllerDescription;
    /** General-purpose controllers; empty where every DAI sits on the HD-A link DMA. */
    readonly gpdma: readonly DmaControllerDescription[];
  };
  readonly dai: DaiCounts;
  /** DMA that serves SSP, DMIC and ALH gateways. */
  readonly daiDma: "gpdma" | "hdaLink";
  /** Whether the always running timer (ART) can be read beside the wall clock. */
  readonly hasAlwaysRunningTimer: boolean;
  /** Version of the microphone privacy block; 0 where there is none. */
  readonly micPrivacyVersion: number;
}

/** The platforms that are described. */
export type PlatformName = "tgl" | "mtl" | "lnl" | "ptl";
