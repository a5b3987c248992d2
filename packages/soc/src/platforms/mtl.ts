import type { PlatformDescription } from "../platform.js";
import { ACE_DOORBELL, ACE_IRQ, ACE_POWER, CLOCKS, gpdma, hda, L1, windows } from "./common.js";
import { ZEPHYR_LATENCY_MEASURE } from "./costs.js";

/**
 * Meteor Lake. Addresses: Zephyr's dts/xtensa/intel/intel_adsp_ace15_mtpm.dtsi; host side: Linux's
 * sound/soc/sof/intel/mtl.h (MTL_SRAM_WINDOW_OFFSET, MTL_DSP_REG_HFIPCXTDR).
 */
export const mtl: PlatformDescription = {
  name: "mtl",
  title: "Meteor Lake (ACE 1.5)",
  coreCount: 3,
  ...CLOCKS,
  costs: ZEPHYR_LATENCY_MEASURE,
  memory: {
    hpsram: { base: 0xa002_0000, size: 2816 * 1024 },
    lpsram: { base: 0xa000_0000, size: 64 * 1024 },
    imr: { base: 0xa100_0000, size: 16 * 1024 * 1024 },
    cachedRegion: 5,
    uncachedRegion: 2,
    ...L1,
  },
  windows: windows(0x180000, 0x8000, false),
  hostIpc: { dspBase: 0x73000, hostBase: 0x73200, layout: ACE_DOORBELL },
  idcBase: 0x70400,
  wallClockBase: 0x72000,
  power: ACE_POWER,
  irq: ACE_IRQ,
  linkPositionBase: 0x948,
  dma: {
    hostOut: hda("host-out", 0x72800, 9, 0x40, 32),
    hostIn: hda("host-in", 0x72c00, 10, 0x40, 32),
    linkOut: hda("link-out", 0x72400, 9, 0x20, 32),
    linkIn: hda("link-in", 0x72600, 10, 0x20, 32),
    gpdma: [gpdma("lpgpdma0", 0x7c000), gpdma("lpgpdma1", 0x7d000)],
  },
  dai: { ssp: 6, dmic: 2, alh: 16, hda: { out: 9, in: 10 } },
  daiDma: "gpdma",
  hasAlwaysRunningTimer: true,
  micPrivacyVersion: 0,
};
