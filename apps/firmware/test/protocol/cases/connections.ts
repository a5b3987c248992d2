import { copier, gain, mixer, words } from "../../payloads.js";
import { base40, Id } from "../lab.js";
import {
  bind,
  chainDma,
  createPipeline,
  type End,
  initInstance,
  setState,
  State,
  unbind,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { Scripted } from "../scripted-module.js";

export const file = casesIn(import.meta.url);
const { protocolCase, unreachableCase } = file;

const A: End = [Scripted.OBEDIENT, 0];
const B: End = [Scripted.OBEDIENT, 1];

protocolCase("BIND", "source is missing", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(1);
  return lab.status(bind(A, B));
});
protocolCase("BIND", "sink is missing", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  check(lab.status(bind(A, [0, 0]))).toBe(9);
  return lab.status(bind(A, B));
});
protocolCase("BIND", "both modules are data processing", (lab) => {
  const dp = { dataProcessing: true };
  const gains: [End, End] = [
    [Id.GAIN, 0],
    [Id.GAIN, 1],
  ];
  lab.ok(createPipeline(0));
  for (const end of gains) lab.ok(initInstance(end, 0, gain(1), dp));
  return lab.status(bind(...gains));
});
protocolCase("BIND", "an end has no base configuration", (lab) => {
  const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
  lab.ok(createPipeline(0), chainDma(0, 0, { allocate: true }));
  lab.scripted(0);
  // The chain of host stream 0 is component 128.
  check(lab.status(unbind(A, [128, 0]))).toBe(9);
  check(lab.status(bind([129, 0], A))).toBe(9);
  return lab.status(bind(A, [128, 0]));
});
protocolCase("BIND", "no memory", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  lab.scripted(1);
  const idle = lab.firmware.resources;
  for (const before of [0, 1]) {
    lab.failAllocation(before);
    check(lab.status(bind(A, B))).toBe(3);
    check(lab.firmware.resources).toEqual(idle);
  }
  lab.ok(bind(A, B));
  return 3;
});
protocolCase("BIND", "both ends say zero bytes", (lab) => {
  lab.ok(createPipeline(0));
  const nothing = words([0, 0, 0, 0, ...new Uint32Array(base40.buffer).subarray(4)]);
  lab.ok(initInstance(A, 0, nothing), initInstance(B, 0, nothing));
  return lab.status(bind(A, B));
});
protocolCase("BIND", "between cores in a build without such streams", (lab) => {
  const other = lab.with({
    modules: new Map(lab.modules.drivers),
    config: { CONFIG_CROSS_CORE_STREAM: false },
  });
  other.cores(1);
  other.ok(createPipeline(0), createPipeline(1, { core: 1 }));
  other.ok(initInstance(A, 0, base40), initInstance(B, 1, base40, { core: 1 }));
  const idle = other.firmware.resources;
  // Memory is asked for first.
  other.failAllocation(0);
  check(other.status(bind(A, B))).toBe(3);
  const status = other.status(bind(A, B));
  check(other.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("BIND", "source module refuses", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  lab.scripted(1);
  const idle = lab.firmware.resources;
  lab.script.bind = -22;
  const status = lab.status(bind(A, B));
  check(lab.instance(A).log).toEqual(["bind source"]);
  check(lab.instance(B).log).toEqual([]);
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("BIND", "sink module refuses: the source is unbound again", (lab) => {
  const plain: End = [Scripted.PLAIN, 0];
  lab.ok(createPipeline(0), initInstance(plain, 0, base40));
  lab.scripted(1);
  const from = lab.scripted(2);
  const idle = lab.firmware.resources;
  lab.script.bind = -22;
  const status = lab.status(bind(plain, B));
  check(lab.instance(B).log).toEqual(["bind sink"]);
  check(lab.firmware.resources).toEqual(idle);
  // A mixout's ninth input is refused by the sink.
  lab.script.bind = 0;
  const mixout: End = [Id.MIXOUT, 0];
  lab.ok(initInstance(mixout, 0, mixer));
  for (let i = 0; i < 8; i++) lab.ok(bind([from[0], from[1], i], mixout));
  check(lab.status(bind(from, mixout))).toBe(12);
  check(lab.instance(from).log.slice(-2)).toEqual(["bind source", "unbind source"]);
  return status;
});
protocolCase("BIND", "ninth input of a mixout", (lab) => {
  const mixout: End = [Id.MIXOUT, 0];
  lab.ok(createPipeline(0), initInstance(mixout, 0, mixer));
  for (let i = 0; i < 9; i++) lab.ok(initInstance([Id.MIXIN, i], 0, mixer));
  for (let i = 0; i < 8; i++) lab.ok(bind([Id.MIXIN, i], [mixout[0], mixout[1], i]));
  return lab.status(bind([Id.MIXIN, 8], mixout));
});
protocolCase("BIND", "copier pin without a format", (lab) => {
  lab.ok(createPipeline(0), initInstance([Id.COPIER, 0], 0, copier(0xffff_ffff, 0)));
  lab.scripted(0);
  lab.ok(bind([Id.COPIER, 0], A));
  return lab.status(bind([Id.COPIER, 0, 1], A));
});
protocolCase("BIND", "same core", (lab) => {
  lab.cores(2);
  lab.ok(createPipeline(0, { core: 2 }));
  lab.scripted(0, 0, 2);
  lab.scripted(1, 0, 2);
  const status = lab.status(bind([A[0], A[1], 3], [B[0], B[1], 5]));
  const [from] = lab.firmware.graph.components;
  check(from?.sinks).toMatchObject([
    { id: (5 << 16) | 3, sourceQueue: 3, sinkQueue: 5, core: 2, stream: { size: 768 } },
  ]);
  check(lab.instance(A).log).toEqual(["bind source"]);
  check(lab.instance(B).log).toEqual(["bind sink"]);
  return status;
});
protocolCase("BIND", "same queues a second time", (lab) => {
  lab.pair(0);
  const status = lab.status(bind(A, B));
  check(lab.firmware.graph.components[0]?.sinks).toHaveLength(2);
  return status;
});
protocolCase("BIND", "between cores", (lab) => {
  lab.cores(1);
  lab.ok(createPipeline(0), createPipeline(1, { core: 1 }));
  lab.scripted(0);
  lab.scripted(1, 1, 1);
  return lab.status(bind(A, B));
});

protocolCase("UNBIND", "source is missing", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(1);
  return lab.status(unbind(A, B));
});
protocolCase("UNBIND", "sink is missing", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  return lab.status(unbind(A, B));
});
protocolCase("UNBIND", "no such queues", (lab) => {
  lab.pair(0);
  check(lab.status(unbind([A[0], A[1], 1], B))).toBe(9);
  return lab.status(unbind(A, [B[0], B[1], 1]));
});
protocolCase("UNBIND", "queues lead to another sink", (lab) => {
  lab.pair(0);
  const third = lab.scripted(2);
  lab.ok(bind(A, third));
  // The first of two buffers with the same queues is found, whoever is asked for.
  const status = lab.status(unbind(A, third));
  lab.ok(unbind(A, B), unbind(A, third));
  return status;
});
unreachableCase(
  "UNBIND",
  "between cores in a build without such streams",
  "Such a build refuses the BIND that would have made the connection.",
);
for (const message of ["BIND", "UNBIND"] as const) {
  unreachableCase(
    message,
    "between cores: a tick there does not end in time",
    "The lock that every tick is under is waited for without end: the reply to a message that waits for long is that of an IPC thread which does not answer in time.",
  );
}
protocolCase("UNBIND", "module refuses: the buffer is gone all the same", (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  lab.scripted(1);
  const idle = lab.firmware.resources;
  lab.ok(bind(A, B));
  lab.script.unbind = -22;
  const status = lab.status(unbind(A, B));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("UNBIND", "connection exists", (lab) => {
  lab.pair(0);
  lab.pair(1);
  const idle = lab.firmware.resources;
  const from: End = [B[0], B[1], 2];
  const to: End = [Scripted.OBEDIENT, 2, 1];
  lab.ok(bind(from, to));
  const status = lab.status(unbind(from, to));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("UNBIND", "connection inside a pipeline", (lab) => {
  lab.pairIn("RUNNING");
  lab.run(3);
  const status = lab.status(unbind(A, B));
  check(lab.firmware.graph.components.map(({ sources, sinks }) => [...sources, ...sinks])).toEqual([
    [],
    [],
  ]);
  lab.run(3);
  lab.ok(setState(State.RESET, 0));
  return status;
});
protocolCase("UNBIND", "between cores", (lab) => {
  lab.cores(1, 2);
  lab.ok(createPipeline(0, { core: 1 }), createPipeline(1, { core: 2 }));
  lab.scripted(0, 0, 1);
  lab.scripted(1, 1, 2);
  const idle = lab.firmware.resources;
  lab.ok(bind(A, B));
  const status = lab.status(unbind(A, B));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
