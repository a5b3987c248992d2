import { words } from "../../payloads.js";
import {
  bind,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type Message,
  setState,
  setStates,
  State,
} from "../messages.js";
import type { MessageName } from "../conditions.js";
import type { Lab } from "../lab.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const { RESET, PAUSED, RUNNING, EOS } = State;
/** States of the wire that are no commands. */
const OTHERS = [0, 1, 6, 7, 8, 100, 0xffff];

/** Every state that cannot be asked for is refused, and the pipeline stays where it is. */
function refusesOthers(lab: Lab, id = 0): number {
  const before = lab.stateOf(id);
  for (const state of OTHERS) {
    check(lab.status(setState(state, id))).toBe(7);
    check(lab.status(setStates(state, id))).toBe(7);
  }
  check(lab.stateOf(id)).toBe(before);
  return 7;
}

/** Proves one state and command, in both forms of the message, and where it leads. */
function command(
  message: Extract<MessageName, `SET_PIPELINE_STATE in ${string}`>,
  condition: string,
  enter: (lab: Lab, id: number) => void,
  wireState: number,
  leadsTo: string,
): void {
  protocolCase(message, condition as never, (lab) => {
    enter(lab, 0);
    enter(lab, 1);
    const single = lab.status(setState(wireState, 0));
    check(lab.stateOf(0)).toBe(leadsTo);
    check(lab.status(setStates(wireState, 1))).toBe(single);
    check(lab.stateOf(1)).toBe(leadsTo);
    return single;
  });
}

const inInit = (lab: Lab, id: number) => void lab.pair(id);
const inReady = (lab: Lab, id: number) => void lab.pairIn("READY", id);
const running = (lab: Lab, id: number) => void lab.pairIn("RUNNING", id);
const paused = (lab: Lab, id: number) => void lab.pairIn("PAUSED", id);

/** Two pipelines in one message, of which the second refuses: the first stays in PREPARE. */
function prepared(lab: Lab, id: number): void {
  lab.pairIn("READY", id);
  const other = 20 + id;
  lab.pair(other);
  check(lab.status(setStates(RUNNING, id, other))).toBe(7);
  check(lab.stateOf(id)).toBe("prepare");
}

// ---- INIT ---------------------------------------------------------------------------------------

command("SET_PIPELINE_STATE in INIT", "RESET", inInit, RESET, "ready");
command("SET_PIPELINE_STATE in INIT", "PAUSED", inInit, PAUSED, "ready");
command("SET_PIPELINE_STATE in INIT", "RUNNING", inInit, RUNNING, "init");
command("SET_PIPELINE_STATE in INIT", "EOS", inInit, EOS, "init");
const empty = (lab: Lab, id: number) => lab.ok(createPipeline(id));
command("SET_PIPELINE_STATE in INIT", "RESET without modules", empty, RESET, "init");
command("SET_PIPELINE_STATE in INIT", "PAUSED without modules", empty, PAUSED, "init");
protocolCase(
  "SET_PIPELINE_STATE in INIT",
  "PAUSED with the scheduling module on another core",
  (lab) => {
    lab.cores(1);
    lab.ok(createPipeline(0));
    lab.scripted(0, 0, 1);
    check(lab.status(setState(RESET, 0))).toBe(7);
    return lab.status(setState(PAUSED, 0));
  },
);
protocolCase("SET_PIPELINE_STATE in INIT", "a state that cannot be asked for", (lab) => {
  lab.pair(0);
  return refusesOthers(lab);
});
protocolCase(
  "SET_PIPELINE_STATE in INIT",
  "PAUSED leads to READY: RUNNING starts from the beginning",
  (lab) => {
    const [end] = lab.pair(0);
    lab.ok(setState(PAUSED, 0));
    const status = lab.status(setState(RUNNING, 0));
    check(lab.instance(end).log).toEqual(["bind source", "prepare", "pre-start", "start"]);
    return status;
  },
);

// ---- READY --------------------------------------------------------------------------------------

command("SET_PIPELINE_STATE in READY", "RESET", inReady, RESET, "ready");
command("SET_PIPELINE_STATE in READY", "PAUSED", inReady, PAUSED, "ready");
command("SET_PIPELINE_STATE in READY", "RUNNING", inReady, RUNNING, "active");
command("SET_PIPELINE_STATE in READY", "EOS", inReady, EOS, "ready");
protocolCase(
  "SET_PIPELINE_STATE in READY",
  "RUNNING and a module refuses: the pipeline is reset",
  (lab) => {
    const [first] = lab.pairIn("READY");
    lab.script.prepare = -22;
    const status = lab.status(setState(RUNNING, 0));
    check(lab.stateOf(0)).toBe("ready");
    check(lab.instance(first).log.at(-1)).toBe("reset");
    lab.script.prepare = 0;
    lab.ok(setState(RUNNING, 0));
    return status;
  },
);
protocolCase(
  "SET_PIPELINE_STATE in READY",
  "RUNNING with more connections than a module has pins",
  (lab) => {
    lab.ok(createPipeline(0));
    const ends = Array.from({ length: 6 }, (_, i) => lab.scripted(i));
    const [source] = ends as [readonly [number, number]];
    for (let i = 1; i < 6; i++) {
      const sink = ends[i] as readonly [number, number];
      lab.ok(bind([source[0], source[1], i], [sink[0], sink[1], 0]));
    }
    lab.ok(setState(PAUSED, 0));
    return lab.status(setState(RUNNING, 0));
  },
);
protocolCase("SET_PIPELINE_STATE in READY", "RUNNING without its end module", (lab) => {
  const [first] = lab.pairIn("READY");
  lab.ok(deleteInstance(first));
  return lab.status(setState(RUNNING, 0));
});
protocolCase("SET_PIPELINE_STATE in READY", "PAUSED without its end module", (lab) => {
  const [, last] = lab.pairIn("READY");
  lab.ok(deleteInstance(last));
  return lab.status(setState(PAUSED, 0));
});
protocolCase("SET_PIPELINE_STATE in READY", "RESET without its end module", (lab) => {
  const [first] = lab.pairIn("READY");
  lab.ok(deleteInstance(first));
  check(lab.status(setState(RESET, 0))).toBe(9);
  lab.pairIn("READY", 2);
  const status = lab.status(setState(RESET, 0));
  // Neither a list with a pipeline that could.
  check(lab.status(setStates(RESET, 0, 2))).toBe(9);
  lab.ok(setState(RESET, 2), deletePipeline(0));
  return status;
});
protocolCase("SET_PIPELINE_STATE in READY", "a state that cannot be asked for", (lab) => {
  lab.pairIn("READY");
  return refusesOthers(lab);
});

// ---- PREPARE ------------------------------------------------------------------------------------

command("SET_PIPELINE_STATE in PREPARE", "RESET", prepared, RESET, "prepare");
command("SET_PIPELINE_STATE in PREPARE", "RUNNING", prepared, RUNNING, "prepare");
command("SET_PIPELINE_STATE in PREPARE", "EOS", prepared, EOS, "prepare");
command(
  "SET_PIPELINE_STATE in PREPARE",
  "PAUSED has nothing to pause: the pipeline is reset",
  prepared,
  PAUSED,
  "ready",
);
protocolCase("SET_PIPELINE_STATE in PREPARE", "a state that cannot be asked for", (lab) => {
  prepared(lab, 0);
  return refusesOthers(lab);
});

// ---- RUNNING ------------------------------------------------------------------------------------

command("SET_PIPELINE_STATE in RUNNING", "RESET", running, RESET, "ready");
command("SET_PIPELINE_STATE in RUNNING", "PAUSED", running, PAUSED, "paused");
command("SET_PIPELINE_STATE in RUNNING", "RUNNING again", running, RUNNING, "active");
command("SET_PIPELINE_STATE in RUNNING", "EOS", running, EOS, "active");
protocolCase("SET_PIPELINE_STATE in RUNNING", "RESET and a module's reset fails", (lab) => {
  lab.pairIn("RUNNING");
  lab.script.reset = -5;
  const status = lab.status(setState(RESET, 0));
  lab.script.reset = 0;
  lab.ok(deletePipeline(0));
  return status;
});
protocolCase("SET_PIPELINE_STATE in RUNNING", "RUNNING after EOS", (lab) => {
  lab.pairIn("RUNNING");
  lab.ok(setState(EOS, 0), setState(EOS, 0));
  return lab.status(setState(RUNNING, 0));
});
protocolCase("SET_PIPELINE_STATE in RUNNING", "PAUSED after EOS, then RUNNING", (lab) => {
  lab.pairIn("RUNNING");
  lab.ok(setState(EOS, 0), setState(PAUSED, 0));
  return lab.status(setState(RUNNING, 0));
});
protocolCase("SET_PIPELINE_STATE in RUNNING", "RESET after EOS", (lab) => {
  lab.pairIn("RUNNING");
  lab.ok(setState(EOS, 0));
  const status = lab.status(setState(RESET, 0));
  lab.ok(setState(RUNNING, 0));
  return status;
});
protocolCase("SET_PIPELINE_STATE in RUNNING", "a state that cannot be asked for", (lab) => {
  lab.pairIn("RUNNING");
  return refusesOthers(lab);
});

// ---- PAUSED -------------------------------------------------------------------------------------

command("SET_PIPELINE_STATE in PAUSED", "RESET", paused, RESET, "ready");
command("SET_PIPELINE_STATE in PAUSED", "PAUSED again", paused, PAUSED, "paused");
command("SET_PIPELINE_STATE in PAUSED", "RUNNING", paused, RUNNING, "active");
command("SET_PIPELINE_STATE in PAUSED", "EOS", paused, EOS, "paused");
protocolCase("SET_PIPELINE_STATE in PAUSED", "a state that cannot be asked for", (lab) => {
  lab.pairIn("PAUSED");
  return refusesOthers(lab);
});

// ---- lists --------------------------------------------------------------------------------------

/** A list with a count of its own. */
const list = (state: number, count: number, ...ids: number[]): Message => [
  0x1300_0000 | state,
  1,
  words([count, ...ids]),
];

protocolCase("SET_PIPELINE_STATE, list", "more ids than the mailbox holds", (lab) => {
  for (const count of [1024, 0x4000_0000, 0xffff_ffff]) {
    check(lab.status(list(PAUSED, count, 0))).toBe(1);
  }
  // 1023 fit; that they do not exist comes after.
  check(lab.status(list(PAUSED, 1023, 0))).toBe(9);
  return lab.status(list(PAUSED, 1024));
});
protocolCase("SET_PIPELINE_STATE, list", "pipeline is missing", (lab) =>
  lab.status(setState(PAUSED, 4)),
);
protocolCase("SET_PIPELINE_STATE, list", "a listed pipeline is missing: none is touched", (lab) => {
  lab.pair(0);
  const status = lab.status(setStates(PAUSED, 0, 300));
  check(lab.stateOf(0)).toBe("init");
  return status;
});
protocolCase("SET_PIPELINE_STATE, list", "list is empty", (lab) => {
  check(lab.status(setStates(7))).toBe(0);
  return lab.status(setStates(RUNNING));
});
protocolCase(
  "SET_PIPELINE_STATE, list",
  "first failure ends it: pipelines before it keep the new state",
  (lab) => {
    lab.pair(0);
    lab.ok(createPipeline(1));
    lab.pair(2);
    const status = lab.status(setStates(PAUSED, 0, 1, 2));
    check([0, 1, 2].map((id) => lab.stateOf(id))).toEqual(["ready", "init", "init"]);
    return status;
  },
);
protocolCase(
  "SET_PIPELINE_STATE, list",
  "pipelines on several cores are prepared before any is triggered",
  (lab) => {
    lab.cores(1, 2);
    const [a] = lab.pairIn("READY", 0, 1);
    const [b] = lab.pairIn("READY", 1, 2);
    // The second one refuses to be prepared: the first must not have been triggered.
    lab.script.prepare = -22;
    check(lab.status(setStates(RUNNING, 0, 1))).toBe(7);
    lab.script.prepare = 0;
    const status = lab.status(setStates(RUNNING, 0, 1));
    check([lab.stateOf(0), lab.stateOf(1)]).toEqual(["active", "active"]);
    check(lab.instance(a).log.slice(-3)).toEqual(["prepare", "pre-start", "start"]);
    check(lab.instance(b).log.slice(-3)).toEqual(["prepare", "pre-start", "start"]);
    check(lab.status(setStates(99, 0, 1))).toBe(7);
    return status;
  },
);
protocolCase("SET_PIPELINE_STATE, list", "pipelines on one other core", (lab) => {
  lab.cores(2);
  lab.pair(0, 2);
  lab.pair(1, 2);
  lab.ok(setStates(PAUSED, 0, 1));
  const status = lab.status(setStates(RUNNING, 0, 1));
  check([lab.stateOf(0), lab.stateOf(1)]).toEqual(["active", "active"]);
  return status;
});
protocolCase("SET_PIPELINE_STATE, list", "a trigger is not carried out in time", (lab) => {
  lab.cores(1);
  lab.pairIn("READY", 0, 1);
  const { timer } = lab.firmware.soc.cores[1] ?? {};
  timer?.stop();
  lab.run(1);
  const before = lab.firmware.kernel.now;
  const status = lab.status(setState(RUNNING, 0));
  const waitedMs = (lab.firmware.kernel.now - before) / 400_000;
  check(waitedMs).toBeGreaterThan(7.4);
  check(waitedMs).toBeLessThan(9);
  // What is carried out late belongs to a message that is over, not to the next one.
  timer?.start(1000);
  lab.run(2);
  check(lab.stateOf(0)).toBe("active");
  lab.ok(setState(PAUSED, 0));
  return status;
});
protocolCase("SET_PIPELINE_STATE, list", "a trigger fails on a module", (lab) => {
  const idle = lab.firmware.resources;
  lab.pairIn("READY");
  lab.script.refuses = "start";
  const status = lab.status(setState(RUNNING, 0));
  check(lab.stateOf(0)).toBe("ready");
  lab.script.refuses = null;
  lab.ok(setState(RUNNING, 0));
  lab.script.refuses = "stop";
  check(lab.status(setState(RESET, 0))).toBe(164);
  lab.ok(deletePipeline(0));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase(
  "SET_PIPELINE_STATE, list",
  "a trigger cannot be posted: one is still under way",
  (lab) => {
    lab.cores(1);
    lab.pairIn("READY", 0, 1);
    const { timer } = lab.firmware.soc.cores[1] ?? {};
    timer?.stop();
    lab.run(1);
    check(lab.status(setState(RUNNING, 0))).toBe(6);
    // The pipeline is prepared; its start still waits for the LL thread.
    const status = lab.status(setState(PAUSED, 0));
    timer?.start(1000);
    lab.run(2);
    return status;
  },
);
