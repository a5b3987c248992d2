import { formatViolation } from "@sof-ts/explorer";
import { fwRegisters } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import type { LockingName } from "../../src/index.js";
import { keys, makeLibrary, sendLibrary } from "../library.js";
import { base, copier, gain, words } from "../payloads.js";
import { Id, Lab } from "../protocol/lab.js";
import {
  bind,
  concat,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  largeGet,
  largeSet,
  setState,
  setStates,
  State,
  tlv,
  unbind,
} from "../protocol/messages.js";
import { strategies } from "../strategies.js";
import { NumberedStream } from "../stream.js";

const { RESET, PAUSED, RUNNING } = State;
const BASE_FIRMWARE: End = [0, 0];
const LIBRARY_MODULE = 0x1000;
const OPEN_GAIN = 0x7fff_ffff;

/** A checked firmware with cores 0 to 2. */
function checkedLab(locking: LockingName, library = false): Lab {
  const lab = new Lab({
    config: { platform: "ptl", locking },
    checked: true,
    ...(library ? { libraryKeys: keys } : {}),
  });
  lab.cores(1, 2);
  return lab;
}

/** What a pipeline of the library's module needs. */
const effect = words([
  ...base,
  0x0001_0001,
  0,
  0,
  0,
  ...[0, 1].flatMap(() => [0, 384, ...base.slice(4)]),
]);

function expectClean({ firmware }: Lab): void {
  expect(firmware.checks).not.toBeNull();
  expect(firmware.checks?.violations.map(formatViolation)).toEqual([]);
}

/** Has core 1 spend most of each period in one task. */
function keepBusy(lab: Lab): void {
  lab.ok(createPipeline(9, { core: 1 }));
  const [from, to] = [lab.scripted(90, 9, 1), lab.scripted(91, 9, 1)];
  const costly: End = [Id.GAIN, 9];
  const payload = gain(OPEN_GAIN);
  payload.set(words([200_000]));
  lab.ok(initInstance(costly, 9, payload, { core: 1 }), bind(from, costly), bind(costly, to));
  lab.ok(setState(PAUSED, 9), setState(RUNNING, 9));
}

// As in found.test.ts, with the checkers as witnesses.
describe.each(strategies)("sequences that broke a rule with %s", (locking) => {
  it("measurements are read from components with their tick excluded", () => {
    const lab = checkedLab(locking);
    const pairs = [0, 1, 2].map((core) => lab.pairIn("RUNNING", core, core));
    for (const state of [2, 3, 2]) {
      lab.ok(largeSet(BASE_FIRMWARE, 17, Uint8Array.of(state)));
      lab.ok(largeSet(BASE_FIRMWARE, 24, Uint8Array.of(state)));
      // Out of step with the ticks: somewhere between two of them, and in the middle of one.
      for (let i = 0; i < 7; i++) {
        lab.run(0.3);
        for (const param of [18, 30, 25, 11]) lab.status(largeGet(BASE_FIRMWARE, param, 4096));
      }
    }
    const { payload } = lab.send(largeGet(BASE_FIRMWARE, 30, 4096));
    expect(new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)).toBe(
      pairs.length * 2,
    );
    expectClean(lab);
  });

  it("running pipelines are counted by their own cores", () => {
    const lab = checkedLab(locking);
    const running = (): number =>
      (new DataView(
        lab.host.link.readWindow(0, fwRegisters.offsets.powerStatus, 4).buffer,
      ).getUint32(0, true) >>>
        13) &
      0x3f;
    for (const core of [0, 1, 2]) lab.pair(core, core);
    for (let i = 0; i < 3; i++) {
      lab.ok(setStates(PAUSED, 0, 1, 2), setStates(RUNNING, 0, 1, 2));
      lab.run(0.7);
      expect(running()).toBe(3);
      lab.ok(setState(PAUSED, 1));
      expect(running()).toBe(2);
      lab.ok(setStates(PAUSED, 0, 2), setStates(RESET, 0, 1, 2));
      expect(running()).toBe(0);
      // The copies of all cores fail in one tick.
      lab.ok(setStates(PAUSED, 0, 1, 2), setStates(RUNNING, 0, 1, 2));
      lab.script.process = -5;
      lab.run(1.3);
      lab.script.process = 0;
      lab.notifications();
      expect(running()).toBe(0);
    }
    lab.ok(deletePipeline(0), deletePipeline(1), deletePipeline(2));
    expect(running()).toBe(0);
    expectClean(lab);
  });

  it("an instance is asked about itself with its tick excluded", () => {
    const lab = checkedLab(locking);
    const ends = [0, 1, 2].flatMap((core) => lab.pairIn("RUNNING", core, core));
    for (const end of ends) {
      lab.run(0.3);
      lab.ok(largeGet(end, 0xfe, 4096));
    }
    lab.script.cycles = 700;
    lab.run(1.3);
    expectClean(lab);
  });

  it("a component's state is looked at under its lock before it goes", () => {
    const lab = checkedLab(locking);
    const ends = [0, 1, 2].flatMap((core) => lab.pairIn("RUNNING", core, core));
    for (const end of ends) {
      lab.run(0.3);
      expect(lab.status(deleteInstance(end))).not.toBe(0);
    }
    // A copy that fails stops all members.
    lab.script.process = -5;
    lab.run(1.3);
    lab.script.process = 0;
    lab.notifications();
    lab.ok(...ends.map(deleteInstance));
    expectClean(lab);
  });

  it("two cores are locked with no interrupt masked while one is waited for", () => {
    const lab = checkedLab(locking);
    keepBusy(lab);
    lab.ok(createPipeline(0));
    const [near, far] = [lab.scripted(0), lab.scripted(1, 9, 1)];
    // At another point of the busy core's period each time.
    for (let i = 0; i < 12; i++) {
      lab.run(0.13);
      lab.ok(bind(near, far));
      lab.run(0.11);
      lab.ok(unbind(near, far));
    }
    expectClean(lab);
  });

  it("a module behind the proxy is waited for with no component locked", () => {
    const lab = checkedLab(locking, true);
    expect(sendLibrary(lab, makeLibrary(), 1)).toEqual([0, 0]);
    const ends: [End, End][] = [];
    for (const core of [0, 2]) {
      const proxied: End = [LIBRARY_MODULE, core];
      lab.ok(createPipeline(core, { core }), initInstance(proxied, core, effect, { core }));
      const other = lab.scripted(core, core, core);
      lab.ok(bind(proxied, other));
      ends.push([proxied, other]);
    }
    const [[first, second], [third, fourth]] = ends as [[End, End], [End, End]];
    lab.ok(
      bind(first, [fourth[0], fourth[1], 1]),
      bind([third[0], third[1], 1], [second[0], second[1], 1]),
    );
    lab.ok(deletePipeline(0), deletePipeline(2));
    expectClean(lab);
  });

  it("a link on another core is looked at through the ring that leads there", () => {
    const lab = checkedLab(locking);
    const from: End = [Id.COPIER, 0];
    const to: End = [Id.COPIER, 1];
    lab.ok(createPipeline(0), createPipeline(1, { core: 1 }));
    lab.ok(initInstance(from, 0, copier(0, 768)));
    const volume = lab.scripted(0, 1, 1);
    lab.ok(initInstance(to, 1, copier(0x0800, 768), { core: 1 }));
    lab.ok(bind(from, volume), bind(volume, to));
    for (let i = 0; i < 4; i++) {
      lab.ok(setStates(PAUSED, 0, 1), setStates(RUNNING, 0, 1));
      lab.run(0.6);
      // The copy on core 1 fails, which stops its pipeline, while core 0 starts and stops.
      lab.ok(setState(PAUSED, 0), setState(RUNNING, 0));
      lab.script.process = -5;
      lab.ok(setState(PAUSED, 0), setState(RUNNING, 0), setState(PAUSED, 0));
      lab.script.process = 0;
      lab.ok(setStates(RESET, 0, 1));
      lab.notifications();
    }
    expectClean(lab);
  });

  it("a list of hundreds of parameters does not hold up the tick", () => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    lab.cores(1);
    const stream = new NumberedStream(lab.host, lab.streams, 0, 1);
    stream.create();
    stream.start();
    lab.run(20);
    lab.ok(createPipeline(1, { core: 1 }));
    const end = lab.scripted(0, 1, 1);
    lab.instance(end).values.set(1, new Uint8Array(0));
    const list = concat(...Array.from({ length: 512 }, () => tlv(1, new Uint8Array(0))));
    for (let i = 0; i < 8; i++) {
      expect(lab.status(largeGet(end, 0xff, list.length, {}, list))).toBe(0);
      lab.run(0.3);
    }
    lab.run(20);
    expect(stream.framesHeard).toBeGreaterThan(48 * 40);
    expect(stream.faults).toEqual([]);
  });
});
