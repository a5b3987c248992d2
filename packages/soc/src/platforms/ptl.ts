import type { PlatformDescription } from "../platform.js";
import { ACE_DOORBELL, ACE_IRQ, ACE_POWER, CLOCKS, hda, L1, windows } from "./common.js";
import { ZEPHYR_LATENCY_MEASURE } from "./costs.js";

/**
 * Panther Lake. Addresses: Zephyr's dts/xtensa/intel/intel_adsp_ace30_ptl.dtsi; host side: Linux's
 * sound/soc/sof/intel/mtl.h, which ptl.c uses too.
 */
export const ptl: PlatformDescription = {
  name: "ptl",
  title: "Panther Lake (ACE 3.0)",
  coreCount: 5,
  ...CLOCKS,
  costs: ZEPHYR_LATENCY_MEASURE,
  memory: {
    hpsram: { base: 0xa002_0000, size: 4608 * 1024 },
    lpsram: { base: 0xa000_0000, size: 64 * 1024 },
    imr: { base: 0xa100_0000, size: 16 * 1024 * 1024 },
    cachedRegion: 5,
    uncachedRegion: 2,
    ...L1,
  },
  windows: windows(0x180000, 0x8000, false),
  hostIpc: { dspBase: 0x73000, hostBase: 0x73200, layout: ACE_DOORBELL },
  idcBase: 0x92000,
  wallClockBase: 0x72000,
  power: ACE_POWER,
  irq: ACE_IRQ,
  linkPositionBase: 0x948,
  dma: {
    hostOut: hda("host-out", 0x72800, 9, 0x40, 32),
    hostIn: hda("host-in", 0x72c00, 11, 0x40, 32),
    linkOut: hda("link-out", 0x79400, 9, 0x40, 32),
    linkIn: hda("link-in", 0x79800, 11, 0x40, 32),
    gpdma: [],
  },
  dai: { ssp: 3, dmic: 2, alh: 16, hda: { out: 9, in: 11 } },
  daiDma: "hdaLink",
  hasAlwaysRunningTimer: true,
  micPrivacyVersion: 1,
};
