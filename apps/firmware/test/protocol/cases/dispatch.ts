import {
  anyGlobal,
  anyModule,
  bind,
  configSet,
  createPipeline,
  setState,
  State,
} from "../messages.js";
import type { Lab } from "../lab.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

protocolCase("any message", "has the reply bit set", (lab) => {
  const [primary, extension] = createPipeline(3);
  lab.host.post((primary | (1 << 29)) >>> 0, extension);
  lab.run(5);
  check(lab.host.take()).toBeNull();
  check(lab.firmware.graph.pipelines).toEqual([]);
  return null;
});

protocolCase(
  "any message",
  "is executed: the reply mirrors type and target and echoes the extension",
  (lab) => {
    const made = lab.host.send(0x1103_0002, 0x0000_0011);
    check(made).toMatchObject({ primary: 0x3100_0000, extension: 0x0000_0011 });
    const refused = lab.host.send(0x4500_0004, 0x3902_0006);
    check(refused).toMatchObject({ primary: 0x6500_0009, extension: 0x3902_0006 });
    return made.primary & 0xff_ffff;
  },
);

/** A core whose LL thread computes for 300 ms: its IPC thread does not get to run. */
const overloadCore1 = (lab: Lab) => {
  lab.cores(1);
  const ends = lab.pairIn("RUNNING", 0, 1);
  lab.script.cycles = 60_000_000;
  lab.run(1);
  lab.script.cycles = 100;
  return ends;
};

protocolCase("any message", "is for a core whose IPC thread does not answer in time", (lab) => {
  const [end] = overloadCore1(lab);
  const before = lab.firmware.kernel.now;
  const status = lab.status(configSet(end, 0, 1));
  check((lab.firmware.kernel.now - before) / 400_000).toBeGreaterThan(99);
  return status;
});

protocolCase(
  "any message",
  "is for a core whose IPC thread still works on an abandoned message",
  (lab) => {
    const [end, other] = overloadCore1(lab);
    check(lab.status(configSet(end, 0, 1))).toBe(6);
    const status = lab.status(configSet(end, 0, 1));
    // Another core is not held up, and the late answer belongs to nobody.
    check(lab.status(createPipeline(9))).toBe(0);
    lab.run(400);
    lab.script.setParam = 77;
    check(lab.status(configSet(other, 0, 1))).toBe(77);
    check(lab.status(setState(State.PAUSED, 0))).toBe(0);
    return status;
  },
);

const unimplemented = [0, 1, 13, 15, 20, 21, 22, 23, 26, 27, 31];
const gaps = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 28, 29, 30];

const allAnswer = (statuses: readonly number[]): number => {
  check(new Set(statuses).size).toBe(1);
  return statuses[0] as number;
};

protocolCase(
  "global messages without a handler",
  "type is one that the firmware does not implement",
  (lab) => allAnswer(unimplemented.map((type) => lab.status(anyGlobal(type, 0x12_3456)))),
);
protocolCase(
  "global messages without a handler",
  "type is one that the protocol does not have",
  (lab) => allAnswer(gaps.map((type) => lab.status(anyGlobal(type)))),
);
protocolCase(
  "module messages without a handler",
  "type is ENTER_MODULE_RESTORE or EXIT_MODULE_RESTORE",
  (lab) => allAnswer([9, 10].map((type) => lab.status(anyModule(type)))),
);
protocolCase(
  "module messages without a handler",
  "type is one that the protocol does not have",
  (lab) => {
    check(lab.status(bind([4, 0], [4, 1]))).toBe(9);
    const types = Array.from({ length: 20 }, (_, i) => 12 + i);
    return allAnswer(types.map((type) => lab.status(anyModule(type, [7, 1]))));
  },
);
