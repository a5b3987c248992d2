import { beforeAll, describe, expect, it } from "vitest";
import { initShapes } from "./init-payloads.js";
import { copier, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  chainDma,
  concat,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  largeGet,
  largeSet,
  setDx,
  type Message,
  setState,
  State,
  unbind,
} from "./protocol/messages.js";
import { Scripted } from "./protocol/scripted-module.js";
import { NumberedStream } from "./stream.js";
import { strategies } from "./strategies.js";

const { RESET, PAUSED, RUNNING } = State;
/** More allocations than any message makes. */
const MANY = 60;

/** Module ids and names of the image, the scripted ones aside. */
const image = new Lab().firmware.directory
  .entries()
  .filter(({ moduleId }) => moduleId < Scripted.OBEDIENT)
  .map(({ moduleId, driver }) => ({ moduleId, name: driver.manifest.name }));

const plain = [0, 384, 384, 0, 48_000, 32, 0xffff_ff10, 1, 0, 2 | (32 << 8) | (1 << 16)];

describe.each(strategies)("with %s,", (locking) => {
  /** Keeps the stream beside it fed while it sends. */
  class FeedingLab extends Lab {
    override send(message: Message): ReturnType<Lab["send"]> {
      const reply = super.send(message);
      steady?.feed();
      return reply;
    }
  }

  let lab: Lab;
  let steady: NumberedStream | undefined;

  // One firmware for all: whatever fails, the stream beside it goes on.
  beforeAll(() => {
    lab = new FeedingLab({ config: { platform: "ptl", locking } });
    steady = new NumberedStream(lab.host, lab.streams, 7, 0);
    steady.create();
    steady.start();
    lab.run(5);
  });

  /* oxlint-disable vitest/no-standalone-expect -- holds for all tests together */

  /* oxlint-enable vitest/no-standalone-expect */

  /**
   * Sends a message again and again, each time with the next of its allocations failing, until it needs no more.
   *
   * @param after what a refused message may leave behind: nothing, or what its module keeps until it is freed
   * @returns how many allocations failed
   */
  function failEach(message: Message, after: "nothing" | "kept by the module" = "nothing"): number {
    const { heap } = lab.firmware;
    for (let failed = 0; failed < MANY; failed++) {
      const before = lab.firmware.resources;
      heap.failAfter(failed);
      const status = lab.status(message);
      if (heap.failurePending) {
        heap.failAfter(Number.POSITIVE_INFINITY);
        expect(status).toBe(0);
        return failed;
      }
      expect(status, `allocation ${failed} failed`).not.toBe(0);
      expect(status).toBeLessThan(256);
      if (after === "nothing") expect(lab.firmware.resources).toEqual(before);
    }
    throw new Error("the message allocates without end");
  }

  /** What the firmware has after the scenario is what it had before. */
  function leavesNothing(scenario: () => void): void {
    const before = lab.firmware.resources;
    scenario();
    expect(lab.firmware.resources).toEqual(before);
  }

  /** A payload that a module takes. */
  function payloadFor(moduleId: number): Uint8Array | undefined {
    return initShapes.find((payload) => {
      const end: End = [moduleId, 0];
      if (lab.status(initInstance(end, 0xff, payload)) !== 0) return false;
      lab.ok(deleteInstance(end));
      return true;
    });
  }

  describe("an allocation that fails", () => {
    it("fails CREATE_PIPELINE", () => {
      leavesNothing(() => {
        expect(failEach(createPipeline(0))).toBeGreaterThan(0);
        lab.ok(deletePipeline(0));
      });
    });

    it.each(image)("fails INIT_INSTANCE, BIND or RUNNING of $name", ({ moduleId, name }) => {
      const payload = payloadFor(moduleId);
      // Its payload is a shape of its own: then this test has to learn it.
      expect(payload, `no payload is known that ${name} takes`).toBeDefined();
      const end: End = [moduleId, 0];
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        const source = lab.scripted(0);
        const sink = lab.scripted(1);
        expect(failEach(initInstance(end, 0, payload as Uint8Array))).toBeGreaterThan(0);
        if (moduleId === Id.MIXIN) {
          // A mixin feeds mixouts only.
          const mixout: End = [Id.MIXOUT, 0];
          lab.ok(
            initInstance(
              mixout,
              0,
              words([0, 384, 384, 0, 48_000, 32, ~0 << 8, 1, 0, 0x0001_2002]),
            ),
          );
          expect(failEach(bind(end, mixout))).toBe(2);
          lab.ok(bind(mixout, sink));
        } else expect(failEach(bind(end, sink))).toBe(2);
        expect(failEach(bind(source, end))).toBe(2);
        expect(failEach(setState(PAUSED, 0))).toBe(0);
        for (const param of [0, 1, 200]) {
          lab.failAllocation(0);
          lab.status(largeSet(end, param, new Uint8Array(256)));
          lab.status(largeGet(end, param, 4096));
          lab.failAllocation(Number.POSITIVE_INFINITY);
        }
        // Modules may refuse a scripted neighbour's format; what they allocate on the way must not stay.
        lab.firmware.heap.failAfter(0);
        for (let failed = 0; failed < MANY; failed++) {
          lab.firmware.heap.failAfter(failed);
          const status = lab.status(setState(RUNNING, 0));
          const pending = lab.firmware.heap.failurePending;
          lab.failAllocation(Number.POSITIVE_INFINITY);
          if (pending) break;
          expect([7, 164], `allocation ${failed} failed`).toContain(status);
          expect(lab.stateOf(0)).toBe("ready");
        }
        lab.run(3);
        lab.ok(setState(RESET, 0));
        lab.ok(deletePipeline(0));
      });
    });

    it.each([
      ["host playback", copier(1, 768)],
      ["host playback, deep", copier(1, 40_000)],
      ["host capture", copier(0x0101, 768)],
      ["HD-A link", copier(0x0801, 768)],
      ["SSP", copier(0x0c00, 768)],
      ["microphone", copier(0x0b00, 768)],
      ["SoundWire", copier(0x1001, 768)],
      [
        "group of SoundWire endpoints",
        concat(copier(0x1050, 768).subarray(0, 76), words([6, 0, 2, 0, 1, 1, 2])),
      ],
      ["IPC gateway", concat(copier(0x1500, 0).subarray(0, 76), words([5, 0, 768, 0, 0, 0]))],
    ])("fails INIT_INSTANCE of a copier at a gateway: %s", (name, payload) => {
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        // A deep ring that does not fit is made smaller instead.
        if (name.endsWith("deep")) {
          lab.failAllocation(0);
          lab.ok(initInstance([Id.COPIER, 0], 0, payload), deleteInstance([Id.COPIER, 0]));
        } else expect(failEach(initInstance([Id.COPIER, 0], 0, payload))).toBeGreaterThan(1);
        lab.ok(deletePipeline(0));
      });
    });

    it("fails SET_DX: the core stays off", () => {
      leavesNothing(() => {
        expect(failEach(setDx(1 << 3, 1 << 3))).toBe(1);
        expect(lab.firmware.coreEnabled(3)).toBe(true);
        lab.ok(setDx(1 << 3, 0));
      });
    });

    it("fails BIND between cores", () => {
      lab.cores(1);
      leavesNothing(() => {
        lab.ok(createPipeline(0), createPipeline(1, { core: 1 }));
        const from = lab.scripted(0, 0, 0);
        const to = lab.scripted(1, 1, 1);
        expect(failEach(bind(from, to))).toBe(2);
        lab.ok(unbind(from, to), deletePipeline(0), deletePipeline(1));
      });
    });

    it("fails what a module needs when it is made and when it is prepared", () => {
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        lab.script.allocates = 100;
        const end: End = [Scripted.OBEDIENT, 0];
        expect(failEach(initInstance(end, 0, words(plain)))).toBe(2);
        lab.ok(setState(PAUSED, 0));
        expect(failEach(setState(RUNNING, 0), "kept by the module")).toBe(1);
        lab.ok(setState(RESET, 0), deletePipeline(0));
        lab.script.allocates = 0;
      });
    });

    it("fails CHAIN_DMA", () => {
      const link = lab.firmware.soc.gateways.get("hda", 1, "playback");
      link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
      leavesNothing(() => {
        const both = { allocate: true, enable: true };
        expect(failEach(chainDma(1, 1, both))).toBe(1);
        lab.ok(chainDma(1, 1));
      });
    });
  });

  describe("the stream beside it", () => {
    // Last, because it looks back on everything above.
    it("has lost nothing", () => {
      expect(steady?.faults).toEqual([]);
      expect(steady?.framesHeard).toBeGreaterThan(48 * 50);
    });
  });
});
