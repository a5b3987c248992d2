import { beforeAll, describe, expect, it } from "vitest";
import { wasm } from "../../../packages/wasm-sandbox/test/generated/hostile.js";
import { EffectStream, loudNoise } from "./effect-stream.js";
import { keys, makeLibrary, sendLibrary } from "./library.js";
import { Lab } from "./protocol/lab.js";
import { configSet, deleteInstance, unloadModules } from "./protocol/messages.js";
import { NumberedStream } from "./stream.js";
import { strategies } from "./strategies.js";

const HOSTILE = 0x1000;
/** What the module does: words of its payload, which is its base configuration here. */
const deeds = {
  "loops for ever": 1,
  "calls itself for ever": 2,
  "reads beyond its memory": 4,
  "writes across the end of its memory": 5,
  "reaches the unreachable": 6,
  "divides by zero": 7,
  "allocates without end": 9,
  throws: 10,
  "returns a positive number for success": 12,
  "fills its memory over and over": 16,
  "asks for memory without end": 17,
} as const;
/** In which operation it does it. */
const moments = { PREPARE: 1, PROCESS: 2, RESET: 3, SET_PARAM: 4, FREE: 5, NONE: 9 } as const;
const { NONE, ...misdeeds } = moments;
/** What it says of each period that it has carried out. */
const lies = {
  "to have taken more than there was": 30,
  "to have made more than there was room for": 31,
  "to have made less than nothing": 32,
  "to have taken part of a frame": 33,
  "to have made two gigabytes": 35,
} as const;
/** Comes back from SET_PARAM, but after far more than 5 ms of its core's time. */
const SLOW = 18;
const REWRITES_DESCRIPTORS = 34;

describe.each(strategies)("with %s,", (locking) => {
  let lab: Lab;
  let steady: NumberedStream;

  // One firmware for all: whatever they do, the stream beside them goes on.
  beforeAll(() => {
    lab = new Lab({ config: { locking }, libraryKeys: keys });
    const code = new Uint8Array(Buffer.from(wasm, "base64"));
    const image = makeLibrary({ name: "HOSTILE", module: "HOSTILE", code });
    sendLibrary(lab, image, 1);
    steady = new NumberedStream(lab.host, lab.streams, 7, 0);
    steady.create();
    steady.start();
  });

  /** Lets the machine run with the steady stream fed. */
  function run(ms: number): void {
    lab.run(ms);
    steady.feed();
  }

  /** What the firmware has in use. */
  const use = () => ({ ...lab.firmware.resources, ...lab.firmware.libraryManager?.use });

  /** The whole life of a stream with a hostile module: what its messages were answered with. */
  function live(deed: number, moment: number, dataProcessing: boolean) {
    const stream = new EffectStream(lab, 0, [HOSTILE, 0], {
      dataProcessing,
      words: [deed, moment],
    });
    const created = stream.create(loudNoise(480));
    const started = stream.tryStart();
    run(5);
    const param = configSet([HOSTILE, 0], 0, deed);
    const set = moment === moments.SET_PARAM ? lab.status(param) : 0;
    run(5);
    const notified = lab.notifications().length;
    stream.tryStop();
    stream.tryDestroy();
    run(2);
    return { created, started, set, notified };
  }

  describe.each([
    ["in the LL tick", false],
    ["in a thread of its own", true],
  ])("a hostile module %s", (_where, dataProcessing) => {
    for (const [what, deed] of Object.entries(deeds)) {
      it.each(Object.entries(misdeeds))(`that ${what} in %s harms itself only`, (_name, moment) => {
        const before = use();
        const { created, started, set, notified } = live(deed, moment, dataProcessing);
        expect(created).toBe(0);
        expect(started !== 0).toBe(moment === moments.PREPARE);
        expect(set !== 0).toBe(moment === moments.SET_PARAM);
        if (moment === moments.PROCESS) expect(notified).toBeGreaterThan(0);
        expect(use()).toEqual(before);
      });
    }

    it.each(Object.entries(lies))("that claims %s is over, and is not believed", (_what, deed) => {
      const before = use();
      const { created, started, notified } = live(deed, NONE, dataProcessing);
      expect([created, started]).toEqual([0, 0]);
      expect(notified).toBeGreaterThan(0);
      expect(use()).toEqual(before);
    });

    it("that writes over its stream descriptors changes what it reads itself, and plays on", () => {
      const before = use();
      expect(live(REWRITES_DESCRIPTORS, NONE, dataProcessing)).toMatchObject({
        created: 0,
        started: 0,
        notified: 0,
      });
      expect(use()).toEqual(before);
    });

    it("that takes too long over a parameter is given up after 5 ms, and can be deleted", () => {
      const before = use();
      const { kernel } = lab.firmware;
      const stream = new EffectStream(lab, 0, [HOSTILE, 0], {
        dataProcessing,
        words: [0, moments.SET_PARAM],
      });
      expect(stream.create(loudNoise(2400))).toBe(0);
      stream.start();
      run(5);
      const from = kernel.now;
      expect(lab.status(configSet([HOSTILE, 0], 0, SLOW))).not.toBe(0);
      const waitedMs = (kernel.now - from) / kernel.cyclesOf(1e6);
      expect(waitedMs).toBeGreaterThanOrEqual(5);
      expect(waitedMs).toBeLessThan(7);
      // Whatever it was at is over by now, if anything had been left of it.
      for (let waited = 0; waited < 100; waited += 5) run(5);
      // The instance is dead, as its messages say; its stream goes all the same.
      expect(lab.status(configSet([HOSTILE, 0], 0, 0))).not.toBe(0);
      stream.tryStop();
      stream.tryDestroy();
      run(2);
      expect(use()).toEqual(before);
      expect(lab.status(deleteInstance([HOSTILE, 0]))).not.toBe(0);
      expect(kernel.halted).toBeNull();
    });
  });

  describe("the stream beside them", () => {
    // Last, because it looks back on everything above.
    it("has lost nothing, and their library can go", () => {
      expect(steady.faults).toEqual([]);
      expect(steady.framesHeard).toBeGreaterThan(48 * 500);
      expect(lab.status(unloadModules([HOSTILE]))).toBe(0);
    });
  });
});
