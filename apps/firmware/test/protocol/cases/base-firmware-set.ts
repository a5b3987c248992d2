import { copier, words } from "../../payloads.js";
import { ask, BASE, put, time } from "../base-firmware-params.js";
import { Id, type Lab } from "../lab.js";
import {
  concat,
  createPipeline,
  deletePipeline,
  initInstance,
  largeSet,
  tlv,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const SET = "base firmware, LARGE_CONFIG_SET";

/** Sends a parameter in fragments; only the first is of interest. */
const putPart = (lab: Lab, param: number, value: Uint8Array): number =>
  lab.status(largeSet(BASE, param, value, { init: true, final: false }));

protocolCase(SET, "instance is not zero", (lab) =>
  lab.status(largeSet([0, 2], 4, new Uint8Array(8))),
);
protocolCase(SET, "parameter cannot be set", (lab) => {
  for (const param of [0, 1, 2, 8, 9, 10, 12, 15, 16, 18, 21, 25, 27, 30, 31, 99])
    check(put(lab, param, new Uint8Array(16))).toBe(7);
  return put(lab, 200, new Uint8Array(16));
});
protocolCase(SET, "NOTIFICATION_MASK", (lab) => put(lab, 3, words([0xf, 0x5])));
protocolCase(SET, "NOTIFICATION_MASK too short", (lab) => put(lab, 3, words([0xf])));
protocolCase(SET, "ASTATE_TABLE is ignored", (lab) => put(lab, 4, words([1, 2, 3])));

const logs = (enable: number, priorities = 0x1f): Uint8Array =>
  words([1000, 4096, enable, priorities, ...Array.from({ length: 15 }, () => 0)]);

protocolCase(SET, "ENABLE_LOGS", (lab) => put(lab, 6, logs(1)));
protocolCase(SET, "ENABLE_LOGS too short", (lab) => put(lab, 6, logs(1).subarray(0, 72)));
protocolCase(SET, "ENABLE_LOGS in fragments", (lab) => putPart(lab, 6, logs(1)));
protocolCase(SET, "ENABLE_LOGS, build without a log", (lab) =>
  put(lab.with({ config: { CONFIG_LOG_BACKEND_ADSP_MTRACE: false } }), 6, logs(1)),
);
protocolCase(SET, "FW_CONFIG", (lab) => {
  check(put(lab, 7, tlv(28, words([1])))).toBe(0);
  return put(lab, 7, tlv(77, words([1, 2, 3])));
});
protocolCase(SET, "FW_CONFIG without a whole header", (lab) => put(lab, 7, new Uint8Array(7)));
protocolCase(SET, "FW_CONFIG with a value past the end", (lab) => put(lab, 7, words([28, 5, 0])));
protocolCase(SET, "PERF_MEASUREMENTS_STATE", (lab) => {
  for (const state of [2, 3, 2, 1]) check(put(lab, 17, Uint8Array.of(state))).toBe(0);
  return put(lab, 17, Uint8Array.of(0));
});
protocolCase(SET, "PERF_MEASUREMENTS_STATE unknown", (lab) => {
  check(put(lab, 17, new Uint8Array(0))).toBe(1);
  return put(lab, 17, Uint8Array.of(4));
});
protocolCase(SET, "IO_PERF_MEASUREMENTS_STATE", (lab) => put(lab, 24, Uint8Array.of(2)));
protocolCase(SET, "IO_PERF_MEASUREMENTS_STATE unknown", (lab) => put(lab, 24, Uint8Array.of(200)));
protocolCase(SET, "SYSTEM_TIME", (lab) => {
  const status = put(lab, 20, time(13_300_000_000_000_000n));
  const now = ask(lab, 20).view.getBigUint64(0, true);
  check(Number(now - 13_300_000_000_000_000n)).toBeLessThan(10_000);
  // The end of time is not the end of the firmware.
  check(put(lab, 20, time(0xffff_ffff_ffff_ffffn))).toBe(0);
  lab.run(1);
  check(ask(lab, 20).view.getBigUint64(0, true)).toBeLessThan(10_000n);
  return status;
});
protocolCase(SET, "SYSTEM_TIME in fragments", (lab) => putPart(lab, 20, time(1n)));
protocolCase(SET, "SYSTEM_TIME too short", (lab) => put(lab, 20, words([1])));
protocolCase(SET, "REGISTER_KCPS", (lab) => put(lab, 22, words([-100])));
protocolCase(SET, "REGISTER_KCPS in fragments", (lab) => putPart(lab, 22, words([100])));
protocolCase(SET, "RESOURCE_ALLOCATION_REQUEST", (lab) => put(lab, 23, words([0, 1, 100])));
protocolCase(SET, "RESOURCE_ALLOCATION_REQUEST too short or in fragments", (lab) => {
  check(putPart(lab, 23, words([0, 0, 100]))).toBe(1);
  return put(lab, 23, words([0, 0]));
});
protocolCase(SET, "RESOURCE_ALLOCATION_REQUEST for a core that there is not", (lab) =>
  put(lab, 23, words([0, 3, 100])),
);
protocolCase(SET, "RESOURCE_ALLOCATION_REQUEST of another kind", (lab) =>
  put(lab, 23, words([1, 0, 100])),
);

/** Node, length in words, data. */
const dmaControl = (node: number, data: Uint8Array): Uint8Array =>
  concat(words([node, data.length / 4]), data);
const gains = new Uint8Array(Uint16Array.of(512, 512, 1024, 1024).buffer);

protocolCase(SET, "DMA_CONTROL in fragments", (lab) => putPart(lab, 5, dmaControl(0x0c00, gains)));
protocolCase(SET, "DMA_CONTROL shorter than it says", (lab) => {
  check(put(lab, 5, words([0x0c00]))).toBe(1);
  return put(lab, 5, words([0x0c00, 3, 0, 0]));
});
protocolCase(SET, "DMA_CONTROL of a microphone", (lab) => {
  lab.ok(createPipeline(0), initInstance([Id.COPIER, 0], 0, copier(0x0b00, 768)));
  return put(lab, 5, dmaControl(0x0b00, gains));
});
protocolCase(SET, "DMA_CONTROL of a microphone that is not open", (lab) => {
  lab.ok(createPipeline(0), initInstance([Id.COPIER, 0], 0, copier(0x0b00, 768)));
  check(put(lab, 5, dmaControl(0x0b01, gains))).toBe(7);
  check(put(lab, 5, dmaControl(0x0b00, words([1])))).toBe(7);
  lab.ok(deletePipeline(0));
  return put(lab, 5, dmaControl(0x0b00, gains));
});
protocolCase(SET, "DMA_CONTROL of an SSP", (lab) => {
  check(put(lab, 5, dmaControl(0x0d20, words([1])))).toBe(0);
  return put(lab, 5, dmaControl(0x0c20, words([1, 2])));
});
protocolCase(SET, "DMA_CONTROL of an SSP that there is not", (lab) => {
  // USB audio links are known, but no platform here has one.
  check(put(lab, 5, dmaControl(0x1200, words([1])))).toBe(9);
  return put(lab, 5, dmaControl(0x0c60, words([1])));
});
protocolCase(SET, "DMA_CONTROL of an SSP without registers", (lab) =>
  put(lab, 5, dmaControl(0x0c20, words([]))),
);
protocolCase(SET, "DMA_CONTROL of another node", (lab) => {
  check(put(lab, 5, dmaControl(0x0000, words([1])))).toBe(9);
  return put(lab, 5, dmaControl(0x0800, words([1])));
});
protocolCase(SET, "microphone privacy on a platform without", (lab) => {
  check(put(lab, 35, Uint8Array.of(1))).toBe(7);
  return put(lab, 36, words([1]));
});
protocolCase(SET, "microphone privacy", (lab) => {
  const ptl = lab.with({ config: { platform: "ptl" } });
  check(put(ptl, 36, words([3]))).toBe(0);
  return put(ptl, 35, Uint8Array.of(1));
});
protocolCase(SET, "microphone privacy without a value", (lab) => {
  const ptl = lab.with({ config: { platform: "ptl" } });
  check(put(ptl, 36, new Uint8Array(3))).toBe(1);
  return put(ptl, 35, new Uint8Array(0));
});
