import type {
  DmaControllerDescription,
  DoorbellLayout,
  InterruptNumbers,
  PowerDescription,
  WindowDescription,
} from "../platform.js";

/**
 * Doorbell block of cAVS 1.8 and later: Linux's CNL_DSP_REG_HIPC* (sound/soc/sof/intel/hda.h), Zephyr's
 * `struct intel_adsp_ipc` for cAVS.
 */
export const CAVS_DOORBELL: DoorbellLayout = {
  tdr: 0x00,
  tda: 0x04,
  tdd: 0x08,
  idr: 0x10,
  ida: 0x14,
  idd: 0x18,
  ctl: 0x28,
  size: 0x30,
  completion: "setBit31",
};

/**
 * Doorbell block of ACE: Linux's MTL_DSP_REG_HFIPCX* (sound/soc/sof/intel/mtl.h), Zephyr's
 * ace15_mtpm/adsp_ipc_regs.h.
 */
export const ACE_DOORBELL: DoorbellLayout = {
  tdr: 0x00,
  tda: 0x04,
  idr: 0x10,
  ida: 0x14,
  ctl: 0x28,
  tdd: 0x100,
  idd: 0x180,
  size: 0x200,
  completion: "clearBit31",
};

/** Lines of the low-priority interrupt aggregator: Zephyr's ace15_mtpm/adsp_interrupt.h (ACE_INTL_*). */
export const ACE_IRQ: InterruptNumbers = {
  hostIpc: 0,
  timer: 10,
  hdaHostIn: 12,
  hdaHostOut: 13,
  hdaLinkIn: 14,
  hdaLinkOut: 15,
  gpdma: 17,
  idc: 24,
};

/**
 * Core power on cAVS: the shim's PWRCTL and PWRSTS (Zephyr's cavs25/adsp_shim.h), and ADSPCS in the host's BAR
 * (Linux's HDA_DSP_ADSPCS_SPA_MASK, CPA_MASK) for core 0.
 */
export const CAVS_POWER: PowerDescription = {
  dspControl: 0x71f90,
  hostControl: 0x04,
  hostRequestBit: 16,
  hostActiveBit: 24,
};

/**
 * Core power on ACE: DfPWRCTL and DfPWRSTS (Zephyr's ace15_mtpm/adsp_shim.h), and the primary core's control in
 * the host's BAR (Linux's MTL_DSP2CXCTL_PRIMARY_CORE).
 */
export const ACE_POWER: PowerDescription = {
  dspControl: 0x71b90,
  hostControl: 0x178d04,
  hostRequestBit: 0,
  hostActiveBit: 8,
};

/** Base of the uplink registers in HPSRAM; the other windows follow (Zephyr's mem_window0 `offset`). */
const FIRST_WINDOW = 0x4000;

/**
 * The four windows, laid out in HPSRAM one after the other.
 *
 * @param hostBase offset of window 0 in the host's BAR
 * @param hostStride distance of the windows in the BAR
 * @param trace whether window 3 is used; on ACE the debug window covers its aperture
 */
export function windows(
  hostBase: number,
  hostStride: number,
  trace: boolean,
): readonly WindowDescription[] {
  const sizes = [0x2000, 0x2000, 0x10000, trace ? 0x1000 : 0];
  let dspOffset = FIRST_WINDOW;
  return sizes.map((size, index) => {
    const description: WindowDescription = {
      hostOffset: hostBase + index * hostStride,
      dspOffset,
      size,
      hostWritable: index === 1 || index === 2,
    };
    dspOffset += size;
    return description;
  });
}

/**
 * The four HD-A DMA controllers; alignments and register sizes as in Zephyr's device trees (`reg`,
 * dma-buf-addr-alignment and so on).
 */
export function hda(
  kind: "host-out" | "host-in" | "link-out" | "link-in",
  base: number,
  channels: number,
  registerStride: number,
  copyAlignment: number,
): DmaControllerDescription {
  return {
    name: `hda-${kind}`,
    serves: kind.endsWith("out") ? "playback" : "capture",
    base,
    registerStride,
    channels,
    addressAlignment: 128,
    sizeAlignment: 32,
    copyAlignment,
  };
}

/** A low-power general-purpose controller (Synopsys DesignWare), 8 channels. */
export function gpdma(name: string, base: number): DmaControllerDescription {
  return {
    name,
    serves: "both",
    base,
    registerStride: 0,
    channels: 8,
    addressAlignment: 4,
    sizeAlignment: 4,
    copyAlignment: 4,
  };
}

/** L1 data cache of the cores (Xtensa LX6/LX7): 48 KiB, 3 ways, lines of 64 bytes. */
export const L1 = {
  cacheLineSize: 64,
  cacheSize: 48 * 1024,
  cacheWays: 3,
  pageSize: 4096,
} as const;

/**
 * Power-up to the first instruction of firmware. Not published; 100 us is the exit latency that Zephyr's
 * device trees give for the idle state of these cores.
 */
const CORE_BOOT_US = 100;

/** Core clock of the high-speed oscillator or PLL, and the XTAL clock, on all platforms described here. */
export const CLOCKS = {
  coreClockHz: 400_000_000,
  wallClockHz: 38_400_000,
  coreBootCycles: CORE_BOOT_US * 400,
} as const;
