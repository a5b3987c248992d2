import { audioFormat, copier, gain, words } from "../../payloads.js";
import { base40, Id, type Lab } from "../lab.js";
import {
  bind,
  chainDma,
  concat,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  setState,
  State,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { Scripted } from "../scripted-module.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const END: End = [Scripted.OBEDIENT, 0];
const { RUNNING, PAUSED, RESET } = State;
const FORMAT = audioFormat(48_000, 2, 32, 32);

/** Has the message refused, and nothing left behind. */
function refused(lab: Lab, message: Parameters<Lab["status"]>[0]): number {
  const before = lab.firmware.resources;
  const status = lab.status(message);
  check(lab.firmware.resources).toEqual(before);
  return status;
}

/** Base configuration of a format with a field changed: word 5 of the format has channels, bits and type. */
const formatWord = (channels: number): Uint8Array =>
  words([0, 384, 384, 0, ...FORMAT.slice(0, 5), channels | (32 << 8) | (1 << 16)]);

protocolCase("INIT_INSTANCE", "core id at or above the core count", (lab) => {
  lab.ok(createPipeline(0));
  return lab.status(initInstance(END, 0, base40, { core: 3 }));
});
protocolCase("INIT_INSTANCE", "core is off", (lab) => {
  lab.ok(createPipeline(0));
  // The core comes before all the rest.
  check(lab.status(initInstance([999, 0], 5, base40, { core: 1 }))).toBe(116);
  return lab.status(initInstance(END, 0, base40, { core: 1 }));
});
protocolCase("INIT_INSTANCE", "instance exists", (lab) => {
  lab.pair(0);
  lab.ok(createPipeline(1));
  return refused(lab, initInstance(END, 1, base40));
});
protocolCase("INIT_INSTANCE", "id is that of a DMA chain", (lab) => {
  openLink(lab);
  lab.ok(createPipeline(0), chainDma(0, 0, { allocate: true }));
  const status = refused(lab, initInstance([Scripted.CHAIN_ID, 0], 0, base40));
  lab.ok(chainDma(0, 0), initInstance([Scripted.CHAIN_ID, 0], 0, base40));
  return status;
});
protocolCase("INIT_INSTANCE", "parameter block is longer than the mailbox", (lab) => {
  lab.ok(createPipeline(0));
  return refused(lab, initInstance(END, 0, base40, { blockWords: 1025 }));
});
protocolCase("INIT_INSTANCE", "pipeline is missing", (lab) =>
  refused(lab, initInstance(END, 3, base40)),
);
protocolCase("INIT_INSTANCE", "module is unknown", (lab) => {
  lab.ok(createPipeline(0));
  check(refused(lab, initInstance([0, 0], 0, base40))).toBe(104);
  // A library that is not loaded.
  check(refused(lab, initInstance([0x1000, 0], 0, base40))).toBe(104);
  return refused(lab, initInstance([500, 0], 0, base40));
});
protocolCase("INIT_INSTANCE", "data processing in a build without it", (lab) => {
  const other = lab.with({ config: { CONFIG_ZEPHYR_DP_SCHEDULER: false } });
  other.ok(createPipeline(0));
  return refused(other, initInstance([Id.GAIN, 0], 0, gain(1), { dataProcessing: true }));
});
protocolCase("INIT_INSTANCE", "extended init: object runs past the block", (lab) => {
  lab.ok(createPipeline(0));
  const header = words([1 << 2, 0, 0]);
  const object = words([1 | (1 << 1) | (400 << 16)]);
  const status = refused(
    lab,
    initInstance(END, 0, concat(header, object, base40), { extended: true }),
  );
  // A header without an end is no better.
  check(refused(lab, initInstance(END, 0, words([4, 0]), { extended: true }))).toBe(104);
  const unending = concat(words([1 << 2, 0, 0]), words([1 << 1]));
  check(refused(lab, initInstance(END, 0, unending, { extended: true }))).toBe(104);
  return status;
});
protocolCase("INIT_INSTANCE", "payload is shorter than a base configuration", (lab) => {
  lab.ok(createPipeline(0));
  check(refused(lab, initInstance(END, 0, new Uint8Array(0)))).toBe(104);
  const extended = concat(words([0, 0, 0]), base40.subarray(0, 36));
  check(refused(lab, initInstance(END, 0, extended, { extended: true }))).toBe(104);
  return refused(lab, initInstance(END, 0, base40.subarray(0, 36)));
});
protocolCase("INIT_INSTANCE", "no channels", (lab) => {
  lab.ok(createPipeline(0));
  return refused(lab, initInstance(END, 0, formatWord(0)));
});
protocolCase("INIT_INSTANCE", "more than eight channels", (lab) => {
  lab.ok(createPipeline(0));
  check(refused(lab, initInstance(END, 0, formatWord(255)))).toBe(104);
  return refused(lab, initInstance(END, 0, formatWord(9)));
});
protocolCase("INIT_INSTANCE", "more than eight pins", (lab) => {
  lab.ok(createPipeline(0));
  const pin = (index: number) => words([index, 384, ...FORMAT]);
  const pins = Array.from({ length: 10 }, (_, i) => pin(i));
  const payload = concat(base40, words([9 | (1 << 16), 0, 0, 0]), ...pins);
  return refused(lab, initInstance(END, 0, payload));
});
protocolCase("INIT_INSTANCE", "module refuses its configuration", (lab) => {
  lab.ok(createPipeline(0));
  lab.script.create = -22;
  check(refused(lab, initInstance(END, 0, base40))).toBe(104);
  // A peak volume has a slot of the registers for each of 16 instances.
  check(refused(lab, initInstance([Id.PEAKVOL, 16], 0, gain(1)))).toBe(104);
  return refused(lab, initInstance([Id.GAIN, 0], 0, base40));
});
protocolCase("INIT_INSTANCE", "copier: configuration longer than the payload", (lab) => {
  lab.ok(createPipeline(0));
  const payload = copier(0, 768);
  new DataView(payload.buffer).setUint32(76, 5, true);
  check(refused(lab, initInstance([Id.COPIER, 0], 0, payload))).toBe(104);
  new DataView(payload.buffer).setUint32(76, 0xffff_ffff, true);
  check(refused(lab, initInstance([Id.COPIER, 0], 0, payload))).toBe(104);
  return refused(lab, initInstance([Id.COPIER, 0], 0, copier(0, 768).subarray(0, 80)));
});
protocolCase("INIT_INSTANCE", "copier: gateway does not exist", (lab) => {
  lab.ok(createPipeline(0));
  const nodes = [0x00ff, 0x0850, 0x0200, 0x1fff, 0x0cff, 0x0b07, 0x1049];
  for (const node of nodes)
    check(refused(lab, initInstance([Id.COPIER, 0], 0, copier(node, 768)))).toBe(104);
  // Host streams from 16 on have no position registers.
  return refused(lab, initInstance([Id.COPIER, 0], 0, copier(0x0010, 768)));
});
protocolCase("INIT_INSTANCE", "copier: gateway is taken", (lab) => {
  lab.ok(createPipeline(0), initInstance([Id.COPIER, 0], 0, copier(0, 768)));
  return refused(lab, initInstance([Id.COPIER, 1], 0, copier(0, 768)));
});
protocolCase("INIT_INSTANCE", "copier: no slot to report the link position in", (lab) => {
  lab.ok(createPipeline(0));
  const slots = new DataView(
    lab.firmware.soc.windows.registers.buffer,
    lab.firmware.soc.windows.registers.byteOffset,
  );
  // Other gateways than the platform can have at once hold all 24 slots.
  for (let slot = 0; slot < 24; slot++) slots.setUint32(0x740 + 20 * slot, 0x0c10, true);
  const status = refused(lab, initInstance([Id.COPIER, 0], 0, copier(0x0c00, 768)));
  for (let slot = 0; slot < 24; slot++) slots.setUint32(0x740 + 20 * slot, 0, true);
  lab.ok(initInstance([Id.COPIER, 0], 0, copier(0x0c00, 768)));
  return status;
});
protocolCase("INIT_INSTANCE", "no memory", (lab) => {
  lab.ok(createPipeline(0));
  lab.failAllocation(0);
  check(refused(lab, initInstance(END, 0, base40))).toBe(104);
  lab.failAllocation(0);
  const status = refused(lab, initInstance([Id.COPIER, 0], 0, copier(0, 768)));
  lab.ok(initInstance([Id.COPIER, 0], 0, copier(0, 768)));
  return status;
});
protocolCase("INIT_INSTANCE", "everything fits", (lab) => {
  lab.ok(createPipeline(3));
  const status = lab.status(initInstance([Scripted.OBEDIENT, 200], 3, base40));
  check(lab.firmware.graph.components).toMatchObject([
    {
      moduleId: Scripted.OBEDIENT,
      instanceId: 200,
      pipelineId: 3,
      core: 0,
      state: "ready",
      pins: { ibs: 384, obs: 384, params: { rate: 48_000, channels: 2 } },
    },
  ]);
  return status;
});
protocolCase("INIT_INSTANCE", "without a parent pipeline", (lab) => {
  const idle = lab.firmware.resources;
  const status = lab.status(initInstance(END, 0xff, base40));
  lab.ok(deleteInstance(END));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("INIT_INSTANCE", "extended init with thread memory and module data", (lab) => {
  lab.ok(createPipeline(0));
  const payload = concat(
    words([1 << 2, 0, 0]),
    words([(1 << 1) | (3 << 16), 2, 4096, 8192]),
    words([1 | (2 << 1) | (2 << 16), 0xaaaa, 0xbbbb]),
    gain(0x7fff_ffff),
  );
  return lab.status(initInstance([Id.GAIN, 0], 0, payload, { extended: true }));
});
protocolCase("INIT_INSTANCE", "extended init with an unknown object", (lab) => {
  lab.ok(createPipeline(0));
  const payload = concat(
    words([1 << 2, 0, 0]),
    words([1 | (77 << 1) | (1 << 16), 5]),
    gain(0x7fff_ffff),
  );
  return lab.status(initInstance([Id.GAIN, 0], 0, payload, { extended: true }));
});
protocolCase("INIT_INSTANCE", "data processing", (lab) => {
  lab.ok(createPipeline(0));
  const status = lab.status(
    initInstance([Id.GAIN, 0], 0, gain(0x7fff_ffff), { dataProcessing: true }),
  );
  check(lab.firmware.graph.components).toMatchObject([{ dataProcessing: true }]);
  return status;
});

protocolCase("DELETE_INSTANCE", "instance is missing", (lab) => {
  check(lab.status(deleteInstance([0, 0]))).toBe(9);
  return lab.status(deleteInstance(END));
});
protocolCase("DELETE_INSTANCE", "instance is not READY", (lab) => {
  const [end] = lab.pairIn("RUNNING");
  check(lab.status(deleteInstance(end))).toBe(9);
  lab.ok(setState(PAUSED, 0));
  const status = lab.status(deleteInstance(end));
  lab.ok(setState(RESET, 0), deleteInstance(end));
  return status;
});
protocolCase("DELETE_INSTANCE", "instance is READY", (lab) => {
  lab.ok(createPipeline(0));
  const idle = lab.firmware.resources;
  const end = lab.scripted(0);
  const status = lab.status(deleteInstance(end));
  check(lab.instance(end).log).toEqual(["free"]);
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase(
  "DELETE_INSTANCE",
  "instance is bound: its buffers stay with their other ends",
  (lab) => {
    const idle = lab.firmware.resources;
    const [from, to] = lab.pair(0);
    const blocks = lab.firmware.resources.heapBlocks;
    const status = lab.status(deleteInstance(from));
    const left = lab.firmware.graph.component((to[1] << 16) | to[0]);
    check(left?.sources).toMatchObject([{ source: null }]);
    // The instance is gone, object and ring of the buffer are not.
    check(lab.firmware.resources.heapBlocks).toBe(blocks - 1);
    lab.ok(deletePipeline(0));
    check(lab.firmware.resources).toEqual(idle);
    return status;
  },
);
protocolCase(
  "DELETE_INSTANCE",
  "end of a pipeline is deleted: a later SET_PIPELINE_STATE misses it",
  (lab) => {
    const [, last] = lab.pairIn("READY");
    lab.ok(deleteInstance(last));
    check(lab.status(setState(PAUSED, 0))).toBe(9);
    // A new one in its place makes the pipeline no whole again: its ends were found when it was completed.
    lab.ok(initInstance(last, 0, base40), bind([END[0], END[1], 1], last));
    return lab.status(setState(RUNNING, 0));
  },
);

/** Sets HD-A link 0 up as its back-end driver does. */
function openLink(lab: Lab): void {
  const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
}
