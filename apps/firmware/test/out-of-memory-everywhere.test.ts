import { beforeAll, describe, expect, it } from "vitest";
import { keys, makeLibrary, sendLibrary } from "./library.js";
import { base, copier, words } from "./payloads.js";
import { base40, Id, Lab } from "./protocol/lab.js";
import {
  bind,
  concat,
  configGet,
  configSet,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  chainDma,
  ipcGateway,
  largeGet,
  largeSet,
  setD0ix,
  setStates,
  loadLibraryPrepare,
  type Message,
  setDx,
  setState,
  State,
  unbind,
  unloadModules,
} from "./protocol/messages.js";
import { Scripted } from "./protocol/scripted-module.js";
import { NumberedStream } from "./stream.js";
import { strategies } from "./strategies.js";

const MANY = 80;
const LIMITER = 0x1000;
const image = makeLibrary();
const MEMORIES = ["heap", "objects", "regions", "libraries"] as const;

describe.each(strategies)("with %s,", (locking) => {
  let lab: Lab;
  let steady: NumberedStream;

  // One firmware for all: whatever fails, the stream beside it goes on.
  beforeAll(() => {
    lab = new Lab({ config: { platform: "ptl", locking }, libraryKeys: keys });
    lab.cores(1);
    steady = new NumberedStream(lab.host, lab.streams, 7, 0);
    steady.create();
    steady.start();
    lab.run(5);
  });

  /** What the firmware has in use, libraries included. */
  const use = () => ({
    ...lab.firmware.resources,
    ...lab.firmware.libraryManager?.use,
    dpTasks: [0, 1].map((core) => lab.firmware.dpScheduler.tasks(core).length),
    memoryDomains: lab.firmware.dpScheduler.memoryDomains,
  });

  type Failed = Record<(typeof MEMORIES)[number], number>;

  /**
   * Does something again and again, each time with the next of its allocations failing, in one memory after the
   * other, until it needs no more.
   *
   * @param attempt returns the status of the reply
   * @param undo takes back what succeeded
   * @returns how many allocations failed in each memory
   */
  function failEach(attempt: () => number, undo: () => void): Failed {
    const counts: Failed = { heap: 0, objects: 0, regions: 0, libraries: 0 };
    for (const memory of MEMORIES) {
      const failures = lab.firmware.failures[memory];
      for (; counts[memory] < MANY; counts[memory]++) {
        const before = use();
        failures.failAfter(counts[memory]);
        const status = attempt();
        const pending = failures.failurePending;
        failures.failAfter(Number.POSITIVE_INFINITY);
        steady.feed();
        if (pending) {
          expect(status).toBe(0);
          undo();
          expect(use()).toEqual(before);
          break;
        }
        expect(status, `allocation ${counts[memory]} of ${memory} failed`).not.toBe(0);
        expect(status).toBeLessThan(256);
        expect(use(), `allocation ${counts[memory]} of ${memory} failed`).toEqual(before);
      }
      expect(counts[memory], `${memory} is taken without end`).toBeLessThan(MANY);
    }
    return counts;
  }

  const sending = (message: Message) => () => lab.status(message);

  /** All is well after the scenario, and nothing is left of it. */
  function leavesNothing(scenario: () => void): void {
    const before = use();
    scenario();
    expect(use()).toEqual(before);
  }

  describe("memory that runs short, of whatever kind,", () => {
    it("keeps a core off that it would take to bring it up", () => {
      const failed = failEach(sending(setDx(1 << 3, 1 << 3)), () => {
        expect(lab.firmware.coreEnabled(3)).toBe(true);
        lab.ok(setDx(1 << 3, 0));
      });
      expect(failed).toEqual({
        heap: 1,
        objects: locking === "kernel-ll" ? 2 : 3,
        regions: 0,
        libraries: 0,
      });
      expect(lab.firmware.coreEnabled(3)).toBe(false);
    });

    it("fails no message that only takes things down or asks for little", () => {
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        const [from, to] = [lab.scripted(0), lab.scripted(1)];
        const nothing = { heap: 0, objects: 0, regions: 0, libraries: 0 };
        lab.ok(bind(from, to));
        expect(failEach(sending(unbind(from, to)), () => lab.ok(bind(from, to)))).toEqual(nothing);
        const volume: End = [Id.GAIN, 0];
        const gain = words([...base, 0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0]);
        lab.ok(initInstance(volume, 0, gain));
        const again = () => lab.ok(initInstance(volume, 0, gain));
        expect(failEach(sending(deleteInstance(volume)), again)).toEqual(nothing);
        for (const ask of [configSet(from, 0, 5), configGet(from, 0)]) {
          for (const memory of MEMORIES) {
            lab.firmware.failures[memory].failAfter(0);
            lab.status(ask);
            expect(lab.firmware.failures[memory].failurePending, memory).toBe(true);
            lab.firmware.failures[memory].failAfter(Number.POSITIVE_INFINITY);
          }
        }
        lab.ok(deletePipeline(0));
        expect(
          failEach(
            () => 0,
            () => {},
          ),
        ).toEqual(nothing);
      });
    });

    it("fails no command to an IPC gateway", () => {
      const gateway = concat(copier(0x1500, 0).subarray(0, 76), words([5, 0, 768, 0, 0, 0]));
      leavesNothing(() => {
        lab.ok(createPipeline(0), initInstance([Id.COPIER, 0], 0, gateway));
        for (const command of [1, 2, 3]) {
          const failed = failEach(sending(ipcGateway(command, 0x1500, 64)), () => {});
          expect(failed).toEqual({ heap: 0, objects: 0, regions: 0, libraries: 0 });
        }
        lab.ok(deletePipeline(0));
      });
    });

    it.each([0, 1])(
      "fails INIT_INSTANCE of a data-processing module, its thread on core %i",
      (core) => {
        const end: End = [Id.GAIN, 0];
        const payload = words([
          0,
          3840,
          3840,
          0,
          ...base.slice(4),
          0xffff_ffff,
          0x7fff_ffff,
          0,
          0,
          0,
          0,
        ]);
        leavesNothing(() => {
          lab.ok(createPipeline(0));
          const message = initInstance(end, 0, payload, { core, dataProcessing: true });
          const failed = failEach(sending(message), () => lab.ok(deleteInstance(end)));
          expect(failed.heap).toBeGreaterThan(1);
          expect(failed.objects).toBeGreaterThan(5);
          expect(failed.regions).toBeGreaterThan(0);
          lab.ok(deletePipeline(0));
        });
      },
    );

    it("fails BIND of a data-processing module, but not RUNNING", () => {
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        const payload = words([
          0,
          3840,
          3840,
          0,
          ...base.slice(4),
          0xffff_ffff,
          0x7fff_ffff,
          0,
          0,
          0,
          0,
        ]);
        const volume: End = [Id.GAIN, 0];
        const [from, to] = [lab.scripted(0), lab.scripted(1)];
        lab.ok(initInstance(volume, 0, payload, { dataProcessing: true }));
        for (const ends of [[from, volume] as const, [volume, to] as const]) {
          const failed = failEach(sending(bind(...ends)), () => lab.ok(unbind(...ends)));
          expect(failed).toEqual({ heap: 2, objects: 0, regions: 1, libraries: 0 });
          lab.ok(bind(...ends));
        }
        lab.ok(setState(State.PAUSED, 0));
        const failed = failEach(sending(setState(State.RUNNING, 0)), () =>
          lab.ok(setState(State.PAUSED, 0), setState(State.RESET, 0), setState(State.PAUSED, 0)),
        );
        expect(failed).toEqual({ heap: 0, objects: 0, regions: 0, libraries: 0 });
        lab.ok(setState(State.RESET, 0), deletePipeline(0));
      });
    });

    it("fails LOAD_LIBRARY, and nothing is left of the library", () => {
      const load = () => Math.max(...sendLibrary(lab, image, 1));
      const failed = failEach(load, () => lab.ok(unloadModules([LIMITER])));
      expect(failed.libraries).toBeGreaterThan(0);
      expect(failed.heap).toBeGreaterThan(0);
    });

    it("fails neither LOAD_LIBRARY_PREPARE nor UNLOAD_MULTIPLE_MODULES", () => {
      const nothing = { heap: 0, objects: 0, regions: 0, libraries: 0 };
      expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
      const again = () => expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
      expect(failEach(sending(unloadModules([LIMITER])), again)).toEqual(nothing);
      lab.ok(unloadModules([LIMITER]));
      for (const memory of MEMORIES) {
        lab.firmware.failures[memory].failAfter(0);
        // A channel that has been prepared is prepared again.
        lab.status(loadLibraryPrepare(3));
        expect(lab.firmware.failures[memory].failurePending, memory).toBe(true);
        lab.firmware.failures[memory].failAfter(Number.POSITIVE_INFINITY);
      }
      expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
      lab.ok(unloadModules([LIMITER]));
    });

    it.each([
      ["in the LL tick", {}],
      ["in a thread of its own", { dataProcessing: true }],
    ])("fails INIT_INSTANCE of an isolated module %s", (_where, options) => {
      expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
      const end: End = [LIMITER, 0];
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        const failed = failEach(sending(initInstance(end, 0, base40, options)), () =>
          lab.ok(deleteInstance(end)),
        );
        expect(failed.heap).toBeGreaterThan(1);
        expect(failed.objects).toBeGreaterThan(2);
        expect(failed.regions).toBeGreaterThan(0);
        expect(failed.libraries).toBeGreaterThan(0);
        lab.ok(deletePipeline(0));
      });
      lab.ok(unloadModules([LIMITER]));
    });
  });

  describe("memory that runs short for a module in the LL tick", () => {
    it("fails INIT_INSTANCE, and leaves no lock of its component behind", () => {
      leavesNothing(() => {
        lab.ok(createPipeline(0));
        const end: End = [Scripted.OBEDIENT, 0];
        const failed = failEach(sending(initInstance(end, 0, base40)), () =>
          lab.ok(deleteInstance(end)),
        );
        expect(failed.heap).toBeGreaterThan(0);
        expect(failed.objects > 0).toBe(locking === "component-mutex");
        lab.ok(deletePipeline(0));
      });
    });
  });

  describe("memory that runs short for each other kind of message", () => {
    const volume: End = [Id.GAIN, 0];
    const [from, to]: [End, End] = [
      [Scripted.OBEDIENT, 0],
      [Scripted.OBEDIENT, 1],
    ];
    const [here, there]: [End, End] = [
      [Scripted.OBEDIENT, 2],
      [Scripted.OBEDIENT, 3],
    ];
    const gain = words([...base, 0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0]);
    /** Thread memory, and data of the module's own. */
    const extension = words([4, 0, 0, 2 | (3 << 16), 2, 4096, 8192, 5 | (2 << 16), 0xaaaa, 0xbbbb]);
    const nothing: Failed = { heap: 0, objects: 0, regions: 0, libraries: 0 };
    /** A value of two fragments, the first as long as the mailbox. */
    const inFragments = (end: End): number => {
      const [first, last] = [new Uint8Array(4096).fill(1), new Uint8Array(8).fill(2)];
      const began = lab.status(largeSet(end, 7, first, { final: false }, 4104));
      return began !== 0 ? began : lab.status(largeSet(end, 7, last, { init: false }, 4096));
    };
    const none = (): void => {};
    /** How a message is tried, how it is undone, and whether there is anything that can fail. */
    const kinds: readonly (readonly [string, () => number, () => void, "allocates" | "nothing"])[] =
      [
        [
          "CREATE_PIPELINE",
          sending(createPipeline(3, { core: 1 })),
          () => lab.ok(deletePipeline(3)),
          "allocates",
        ],
        [
          "INIT_INSTANCE with extended data",
          sending(
            initInstance(volume, 0, concat(extension, gain), {
              extended: true,
            }),
          ),
          () => lab.ok(deleteInstance(volume)),
          "allocates",
        ],
        ["BIND", sending(bind(from, to)), () => lab.ok(unbind(from, to)), "allocates"],
        [
          "BIND between cores",
          sending(bind(here, there)),
          () => lab.ok(unbind(here, there)),
          "allocates",
        ],
        [
          "SET_PIPELINE_STATE of one pipeline",
          sending(setState(State.PAUSED, 0)),
          () => lab.ok(setState(State.RESET, 0)),
          "nothing",
        ],
        [
          "SET_PIPELINE_STATE of pipelines on two cores",
          () =>
            Math.max(
              lab.status(setStates(State.PAUSED, 1, 2)),
              lab.status(setStates(State.RUNNING, 1, 2)),
            ),
          () => lab.ok(setStates(State.PAUSED, 1, 2), setStates(State.RESET, 1, 2)),
          "nothing",
        ],
        ["LARGE_CONFIG_SET", sending(largeSet(from, 7, new Uint8Array(64))), none, "nothing"],
        ["LARGE_CONFIG_SET in fragments", () => inFragments(from), none, "nothing"],
        ["LARGE_CONFIG_GET", sending(largeGet(from, 8, 64)), none, "nothing"],
        [
          "CHAIN_DMA",
          sending(chainDma(1, 1, { allocate: true, enable: true })),
          () => lab.ok(chainDma(1, 1)),
          "allocates",
        ],
        ["SET_D0IX", sending(setD0ix(0)), none, "nothing"],
      ];

    it.each(kinds)("fails %s cleanly or not at all", (_kind, attempt, undo, expected) => {
      const link = lab.firmware.soc.gateways.get("hda", 1, "playback");
      link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
      leavesNothing(() => {
        lab.ok(createPipeline(0), createPipeline(1), createPipeline(2, { core: 1 }));
        for (const [end, pipeline, core] of [
          [from, 0, 0],
          [to, 0, 0],
          [here, 1, 0],
          [there, 2, 1],
        ] as const)
          lab.ok(initInstance(end, pipeline, base40, { core }));
        lab.ok(largeSet(from, 8, new Uint8Array(64)));
        const failed = failEach(attempt, undo);
        if (expected === "nothing") expect(failed).toEqual(nothing);
        else expect(failed.heap + failed.objects).toBeGreaterThan(0);
        lab.ok(deletePipeline(0), deletePipeline(1), deletePipeline(2));
      });
    });
  });

  describe("the stream beside it", () => {
    // Last, because it looks back on everything above.
    it("has lost nothing", () => {
      expect(steady.faults).toEqual([]);
      expect(steady.framesHeard).toBeGreaterThan(48 * 50);
    });
  });
});
