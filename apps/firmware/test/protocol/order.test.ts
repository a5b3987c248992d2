import { expect, it } from "vitest";
import { gain, words } from "../payloads.js";
import { base40, Id, Lab } from "./lab.js";
import {
  bind,
  chainDma,
  concat,
  configGet,
  configSet,
  createPipeline,
  deleteInstance,
  type End,
  initInstance,
  ipcGateway,
  largeGet,
  largeSet,
  type Message,
  setDx,
  setState,
  setStates,
  State,
  tlv,
  unbind,
} from "./messages.js";
import { check } from "./protocol-case.js";
import { Scripted } from "./scripted-module.js";

/**
 * Two things are wrong at once: the reply is that of the check which the protocol has first. A check that moves
 * shows here and nowhere else.
 */
const orders: readonly (readonly [string, number, (lab: Lab) => number])[] = [];
const first = (what: string, status: number, run: (lab: Lab) => number): void => {
  (orders as (typeof orders)[number][]).push([what, status, run]);
};

const A: End = [Scripted.OBEDIENT, 0];
const B: End = [Scripted.OBEDIENT, 1];
const NOBODY: End = [Scripted.OBEDIENT, 77];
const UNKNOWN_MODULE: End = [0x0ff, 0];
const base: End = [0, 0];
const VENDOR = 0xff;
const { RESET, PAUSED, RUNNING, EOS } = State;

first("CREATE_PIPELINE: the core is out of range, the id in use", 116, (lab) => {
  lab.ok(createPipeline(0));
  return lab.status(createPipeline(0, { core: 15 }));
});
first("CREATE_PIPELINE: the core is off, the id in use", 116, (lab) => {
  lab.ok(createPipeline(0));
  return lab.status(createPipeline(0, { core: 1 }));
});
first("CREATE_PIPELINE: the id is in use, there is no memory", 9, (lab) => {
  lab.ok(createPipeline(0));
  lab.failAllocation(0);
  return lab.status(createPipeline(0));
});
first("CREATE_PIPELINE: the id is in use on another core", 9, (lab) => {
  lab.cores(1);
  lab.ok(createPipeline(0, { core: 1 }));
  return lab.status(createPipeline(0));
});

first("SET_PIPELINE_STATE: too many ids, the first of them unknown", 1, (lab) => {
  const [primary, extension] = setStates(RUNNING) as [number, number];
  return lab.status([primary, extension, words([1024, 200])]);
});
first("SET_PIPELINE_STATE: a pipeline is missing, the state is none", 9, (lab) => {
  lab.pairIn("READY");
  return lab.status(setStates(7, 0, 9));
});
first("SET_PIPELINE_STATE: the first refuses, the second is missing", 9, (lab) => {
  lab.pair(0);
  return lab.status(setStates(RUNNING, 0, 9));
});
first("SET_PIPELINE_STATE: no pipeline, and the state is none", 0, (lab) =>
  lab.status(setStates(7)),
);
first("SET_PIPELINE_STATE: the first cannot be triggered, the second not prepared", 7, (lab) => {
  lab.pairIn("READY", 0);
  lab.pair(1);
  lab.script.refuses = "pre-start";
  const status = lab.status(setStates(RUNNING, 0, 1));
  check(lab.stateOf(0)).toBe("prepare");
  return status;
});
first("SET_PIPELINE_STATE: its end is missing, the command is refused in this state", 7, (lab) => {
  const [source] = lab.pairIn("READY");
  lab.ok(deleteInstance(source));
  return lab.status(setState(EOS, 0));
});
first("SET_PIPELINE_STATE: its end is missing, the command would do nothing", 9, (lab) => {
  const [, sink] = lab.pairIn("READY");
  lab.ok(deleteInstance(sink));
  check(lab.status(setState(PAUSED, 0))).toBe(9);
  return lab.status(setState(RESET, 0));
});

first("INIT_INSTANCE: the core is off, the module unknown", 116, (lab) =>
  lab.status(initInstance(UNKNOWN_MODULE, 0, base40, { core: 2 })),
);
first("INIT_INSTANCE: the core is out of range, the instance exists", 116, (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  return lab.status(initInstance(A, 0, base40, { core: 15 }));
});
first("INIT_INSTANCE: the core is off, the payload broken", 116, (lab) =>
  lab.status(initInstance(A, 9, new Uint8Array(4), { core: 1 })),
);

first("BIND: both are data processing, and say zero bytes", 7, (lab) => {
  lab.ok(createPipeline(0));
  const nothing = gain(1);
  nothing.fill(0, 4, 12);
  const ends: readonly [End, End] = [
    [Id.GAIN, 0],
    [Id.GAIN, 1],
  ];
  for (const end of ends) lab.ok(initInstance(end, 0, nothing, { dataProcessing: true }));
  return lab.status(bind(...ends));
});
first("BIND: the source is missing, the sink a DMA chain", 9, (lab) => {
  const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
  lab.ok(chainDma(0, 0, { allocate: true }));
  return lab.status(bind(NOBODY, [128, 0]));
});
first("BIND: there is no memory, and the module refuses", 3, (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  lab.scripted(1);
  lab.script.bind = -22;
  lab.failAllocation(0);
  return lab.status(bind(A, B));
});
first("UNBIND: the queues are others, and the module refuses", 9, (lab) => {
  lab.pair(0);
  lab.script.unbind = -22;
  const status = lab.status(unbind(A, [B[0], B[1], 3]));
  check(lab.firmware.graph.components[0]?.sinks).toHaveLength(1);
  return status;
});

first("CONFIG_SET: the instance of a module without small parameters is missing", 9, (lab) =>
  lab.status(configSet([Scripted.PLAIN, 5], 1, 1)),
);
first("CONFIG_GET: base firmware with an instance id, which has no small parameters", 9, (lab) =>
  lab.status(configGet([0, 1], 1)),
);
first("LARGE_CONFIG_SET of vendor parameters: missing, and over the mailbox", 110, (lab) =>
  lab.status(largeSet(NOBODY, VENDOR, new Uint8Array(8), {}, 5000)),
);
first("LARGE_CONFIG_GET of vendor parameters: missing, and over the mailbox", 110, (lab) =>
  lab.status(largeGet(NOBODY, VENDOR, 5000)),
);
first(
  "LARGE_CONFIG_SET of vendor parameters: over the mailbox, and the module refuses",
  122,
  (lab) => {
    lab.ok(createPipeline(0));
    lab.scripted(0);
    lab.script.setConfig = -22;
    return lab.status(largeSet(A, VENDOR, new Uint8Array(8), {}, 5000));
  },
);
first("LARGE_CONFIG_SET of vendor parameters: the second element is empty", 121, (lab) => {
  lab.ok(createPipeline(0));
  lab.scripted(0);
  const list = concat(tlv(3, words([1])), tlv(4, new Uint8Array(0)), tlv(5, words([2])));
  const status = lab.status(largeSet(A, VENDOR, list));
  // What came before it is done, what comes after it is not.
  check([...lab.instance(A).values.keys()]).toEqual([3]);
  return status;
});
first("base firmware GET: an instance id, and the parameter is none", 9, (lab) =>
  lab.status(largeGet([0, 1], 99, 4096, { init: false })),
);
first("base firmware GET: not the first block of a parameter that is none", 1, (lab) =>
  lab.status(largeGet(base, 99, 4096, { init: false })),
);
first(
  "base firmware GET: not the first block of one that is read in parts and cannot be",
  7,
  (lab) => lab.status(largeGet(base, 17, 4096, { init: false })),
);
first("base firmware SET: the time in fragments, and too short", 7, (lab) =>
  lab.status(largeSet(base, 20, words([1]), { final: false })),
);
first("base firmware SET: DMA_CONTROL in fragments, of a node that is none", 1, (lab) =>
  lab.status(largeSet(base, 5, words([0x1f00, 0]), { final: false })),
);
first("base firmware SET: DMA_CONTROL shorter than it says, of a node that is none", 1, (lab) =>
  lab.status(largeSet(base, 5, words([0x1f00, 9]))),
);

first("SET_DX: another module, and the mask has cores that there are not", 9, (lab) =>
  lab.status(setDx(0xffff_ffff, 0xffff_ffff, [1, 0])),
);
first("SET_DX: the mask has cores that there are not, and core 0 is to go on", 1, (lab) =>
  lab.status(setDx(0xffff_ffff, 1)),
);
first("SET_DX: core 0 is to go on, and a core does not come up", 5, (lab) => {
  lab.firmware.soc.cores[1]?.powerUp(() => {});
  lab.run(1);
  return lab.status(setDx(0b11, 0b11));
});
first("SET_DX: a core does not go down, and core 0 is to go down while it is on", 6, (lab) => {
  lab.cores(1);
  lab.ok(createPipeline(0, { core: 1 }));
  return lab.status(setDx(0b11, 0));
});
first("SET_DX: another core is on, and cannot go down", 4, (lab) => {
  lab.cores(2);
  lab.pairIn("RUNNING");
  return lab.status(setDx(0b1, 0));
});

first(
  "CHAIN_DMA: exists, enable without allocate, with a link of the other direction",
  3018,
  (lab) => {
    const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
    link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    lab.ok(chainDma(0, 0, { allocate: true }));
    return lab.status(chainDma(0, 31, { enable: true }));
  },
);
first("CHAIN_DMA: missing, neither, with ids that do not agree", 0, (lab) =>
  lab.status(chainDma(0, 31)),
);
first("IPCGATEWAY_CMD: a build without, and a command that is none", 15, (lab) =>
  lab.with({ config: { CONFIG_IPC4_GATEWAY: false } }).status(ipcGateway(99, 0, 0)),
);
first("any message: a reply of a type that there is not", -1, (lab) => {
  const reply: Message = [0x7f00_0000, 0];
  lab.host.post(reply[0], reply[1]);
  lab.run(5);
  return lab.notifications().length === 0 ? -1 : 0;
});

it.each(orders)("%s: %i", (_what, status, run) => {
  expect(run(new Lab())).toBe(status);
});
