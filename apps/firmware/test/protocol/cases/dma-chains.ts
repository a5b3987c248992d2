import { words } from "../../payloads.js";
import type { Lab } from "../lab.js";
import { chainDma, createPipeline, initInstance, type End } from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { Scripted } from "../scripted-module.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const both = { allocate: true, enable: true };

/** Sets a HD-A link up as its back-end driver does. */
function openLink(lab: Lab, index = 0, direction: "playback" | "capture" = "playback"): void {
  const link = lab.firmware.soc.gateways.get("hda", index, direction);
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
}

/** Has the message refused, and nothing left behind. */
function chainRefused(lab: Lab, ...message: Parameters<typeof chainDma>): number {
  const before = lab.firmware.resources;
  const status = lab.status(chainDma(...message));
  check(lab.firmware.resources).toEqual(before);
  return status;
}

protocolCase("CHAIN_DMA", "build without chains", (lab) =>
  lab.with({ config: { CONFIG_COMP_CHAIN_DMA: false } }).status(chainDma(0, 0, both)),
);
protocolCase("CHAIN_DMA", "missing, neither allocate nor enable", (lab) => chainRefused(lab, 0, 0));
protocolCase("CHAIN_DMA", "missing: ids of different directions", (lab) => {
  openLink(lab);
  openLink(lab, 0, "capture");
  // Nine playback streams: ids from nine on are capture.
  check(chainRefused(lab, 9, 0, both)).toBe(6);
  return chainRefused(lab, 0, 9, both);
});
protocolCase("CHAIN_DMA", "missing: stream does not exist", (lab) => {
  openLink(lab);
  check(chainRefused(lab, 31, 31, both)).toBe(6);
  // A link that no back end has set up carries nothing either.
  return chainRefused(lab, 1, 1, both);
});
protocolCase("CHAIN_DMA", "missing: stream is taken", (lab) => {
  lab.playback(0);
  openLink(lab, 1);
  check(chainRefused(lab, 0, 1, both)).toBe(6);
  return chainRefused(lab, 1, 0, both);
});
protocolCase("CHAIN_DMA", "missing: component id is taken", (lab) => {
  openLink(lab);
  const end: End = [Scripted.CHAIN_ID, 0];
  const base = words([0, 384, 384, 0, 48_000, 32, 0xffff_ff10, 1, 0, 2 | (32 << 8) | (1 << 16)]);
  lab.ok(createPipeline(0), initInstance(end, 0, base));
  return chainRefused(lab, 0, 0, both);
});
protocolCase("CHAIN_DMA", "missing: no memory", (lab) => {
  openLink(lab);
  lab.failAllocation(0);
  check(chainRefused(lab, 0, 0, both)).toBe(6);
  // So does a FIFO of 16 MiB, or of nothing.
  check(chainRefused(lab, 0, 0, { ...both, fifo: 0xff_ffff })).toBe(6);
  return chainRefused(lab, 0, 0, { ...both, fifo: 0 });
});
protocolCase("CHAIN_DMA", "missing, enable without allocate: made and refused", (lab) => {
  openLink(lab);
  return chainRefused(lab, 0, 0, { enable: true });
});
protocolCase("CHAIN_DMA", "missing, allocate", (lab) => {
  openLink(lab);
  const status = lab.status(chainDma(0, 0, { allocate: true }));
  check(lab.firmware.soc.dma.inUse).toBe(2);
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("configured");
  return status;
});
protocolCase("CHAIN_DMA", "missing, allocate and enable", (lab) => {
  openLink(lab);
  const status = lab.status(chainDma(0, 0, both));
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("active");
  return status;
});
protocolCase("CHAIN_DMA", "missing: the link does not start, the chain is freed", (lab) => {
  openLink(lab);
  const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
  link.start = () => -5;
  return chainRefused(lab, 0, 0, both);
});
protocolCase("CHAIN_DMA", "exists, allocate and enable", (lab) => {
  openLink(lab);
  lab.ok(chainDma(0, 0, { allocate: true }));
  const status = lab.status(chainDma(0, 0, both));
  // Once more changes nothing.
  lab.ok(chainDma(0, 0, both));
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("active");
  return status;
});
protocolCase("CHAIN_DMA", "exists, allocate", (lab) => {
  openLink(lab);
  lab.ok(chainDma(0, 0, both));
  const status = lab.status(chainDma(0, 0, { allocate: true, fifo: 0 }));
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("paused");
  lab.ok(chainDma(0, 0, { ...both, fifo: 0 }));
  return status;
});
protocolCase("CHAIN_DMA", "exists, enable without allocate", (lab) => {
  openLink(lab);
  lab.ok(chainDma(0, 0, { allocate: true }));
  return lab.status(chainDma(0, 0, { enable: true }));
});
protocolCase("CHAIN_DMA", "exists, neither", (lab) => {
  openLink(lab);
  const idle = lab.firmware.resources;
  lab.ok(chainDma(0, 0, both));
  lab.run(3);
  const status = lab.status(chainDma(0, 0));
  check(lab.firmware.resources).toEqual(idle);
  lab.ok(chainDma(0, 0));
  return status;
});
