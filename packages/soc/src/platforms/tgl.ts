import type { PlatformDescription } from "../platform.js";
import { CAVS_DOORBELL, CAVS_POWER, CLOCKS, gpdma, hda, L1, windows } from "./common.js";
import { ZEPHYR_LATENCY_MEASURE } from "./costs.js";

/**
 * Tiger Lake. Addresses: Zephyr's dts/xtensa/intel/intel_adsp_cavs25.dtsi and intel_adsp_cavs.dtsi; host side:
 * Linux's sound/soc/sof/intel/hda.h (SRAM_WINDOW_OFFSET, CNL_DSP_IPC_BASE). Interrupt lines are bits of the
 * level 2 aggregators, numbered through.
 */
export const tgl: PlatformDescription = {
  name: "tgl",
  title: "Tiger Lake (cAVS 2.5)",
  coreCount: 4,
  ...CLOCKS,
  costs: ZEPHYR_LATENCY_MEASURE,
  memory: {
    hpsram: { base: 0xbe00_0000, size: 2944 * 1024 },
    lpsram: { base: 0xbe80_0000, size: 64 * 1024 },
    imr: { base: 0xb000_0000, size: 16 * 1024 * 1024 },
    cachedRegion: 5,
    uncachedRegion: 4,
    ...L1,
  },
  windows: windows(0x80000, 0x20000, true),
  hostIpc: { dspBase: 0x71e00, hostBase: 0xc0, layout: CAVS_DOORBELL },
  idcBase: 0x1200,
  wallClockBase: 0x71f00,
  power: CAVS_POWER,
  irq: {
    hostIpc: 7,
    idc: 8,
    gpdma: 16,
    hdaHostIn: 24,
    hdaHostOut: 25,
    hdaLinkIn: 26,
    hdaLinkOut: 27,
    timer: 22,
  },
  linkPositionBase: 0x918,
  dma: {
    hostOut: hda("host-out", 0x72800, 9, 0x40, 32),
    hostIn: hda("host-in", 0x72c00, 7, 0x40, 32),
    linkOut: hda("link-out", 0x72400, 4, 0x20, 32),
    linkIn: hda("link-in", 0x72600, 4, 0x20, 32),
    gpdma: [gpdma("lpgpdma0", 0x7c000), gpdma("lpgpdma1", 0x7d000)],
  },
  dai: { ssp: 6, dmic: 2, alh: 16, hda: { out: 4, in: 4 } },
  daiDma: "gpdma",
  hasAlwaysRunningTimer: false,
  micPrivacyVersion: 0,
};
