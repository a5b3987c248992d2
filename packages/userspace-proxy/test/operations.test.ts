import { AudioMemory } from "@sof-ts/module-api";
import type { IsolatedHandle } from "@sof-ts/userspace-proxy";
import { describe, expect, it } from "vitest";
import { Machine, MS, ring, TestModule } from "./machine.js";

const EINVAL = 22;
const EIO = 5;
const ENODEV = 19;
const ENOSYS = 88;

describe("an isolated module's handle", () => {
  it("carries every operation out on the worker and returns its result", () => {
    const m = new Machine();
    const memory = new AudioMemory(0x30000);
    const [source, sink] = [ring(memory, 0), ring(memory, 1)];
    const users: string[] = [];
    const module = new TestModule(() => users.push(m.kernel.current.name));
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      expect(handle.direct).toBeNull();
      expect(yield* handle.prepare([source], [sink])).toBe(0);
      expect(yield* handle.processByWorker([source], [sink])).toBe(0);
      expect(yield* handle.setConfiguration(3, "first", 9, Uint8Array.of(1, 2))).toBe(0);
      expect(yield* handle.setConfigParam(4, -7)).toBe(0);
      expect(yield* handle.bind({ side: "source", queueId: 2, stream: sink, peer: null })).toBe(0);
      expect(yield* handle.unbind({ side: "sink", queueId: 1, stream: sink, peer: null })).toBe(0);
      expect(yield* handle.trigger("pre-start")).toBe(0);
      expect(yield* handle.setProcessingMode(1)).toBe(0);
      expect(yield* handle.getProcessingMode()).toBe(1);
      module.result = 5;
      expect(yield* handle.getConfigParam(6)).toBe(5);
      const out = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9);
      expect(yield* handle.getConfiguration(8, out)).toBe(5);
      expect([...out]).toEqual([7, 7, 7, 7, 7, 9, 9, 9]);
      module.result = -EINVAL;
      expect(yield* handle.reset()).toBe(-EINVAL);
      yield* handle.free();
    });
    m.run();
    expect(module.log).toEqual([
      "prepare 1:1",
      "process 1:1",
      "set 3 first 9 1,2",
      "set param 4 -7",
      "bind source 2",
      "unbind sink 1",
      "trigger pre-start",
      "set mode",
      "get mode",
      "get param 6",
      "get 8 9",
      "reset",
      "free",
    ]);
    expect(new Set(users)).toEqual(new Set(["userspace_proxy0"]));
    m.expectClean();
  });

  it("grants the worker the period's streams and not the caller's lists of them", () => {
    const m = new Machine();
    const memory = new AudioMemory(0x30000);
    const sources = [ring(memory, 0)];
    const sinks = [ring(memory, 1)];
    const module = new TestModule();
    const given: unknown[] = [];
    module.prepare = module.process = (...lists) => {
      given.push(...lists);
      expect(lists).toEqual([sources, sinks]);
      return 0;
    };
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      expect(yield* handle.prepare(sources, sinks)).toBe(0);
      expect(yield* handle.processByWorker(sources, sinks)).toBe(0);
      yield* handle.free();
    });
    m.run();
    expect(given).toHaveLength(4);
    expect(given).not.toContain(sources);
    expect(given).not.toContain(sinks);
    m.expectClean();
  });

  it("runs a period on the caller's own thread", () => {
    const m = new Machine();
    const memory = new AudioMemory(0x30000);
    const users: string[] = [];
    const module = new TestModule(() => users.push(m.kernel.current.name));
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      module.result = -3;
      expect(handle.process([ring(memory, 0)], [])).toBe(-3);
      expect(users).toEqual(["ipc0"]);
      yield* handle.free();
      expect(handle.process([], [])).toBe(-ENODEV);
    });
    m.run();
    m.expectClean();
  });

  it("answers for operations that the module lacks as the handle of a direct module does", () => {
    const m = new Machine();
    const bare = { prepare: () => 0, process: () => 0, reset: () => 0, free: () => undefined };
    const stream = ring(new AudioMemory(0x30000), 0);
    m.ipc(0, function* () {
      const handle = yield* m.made(0, bare);
      expect(yield* handle.setConfiguration(1, "single", 0, new Uint8Array(0))).toBe(-EINVAL);
      expect(yield* handle.getConfiguration(1, new Uint8Array(0))).toBe(-EINVAL);
      expect(yield* handle.setConfigParam(1, 0)).toBe(-ENOSYS);
      expect(yield* handle.getConfigParam(1)).toBe(-ENOSYS);
      expect(yield* handle.bind({ side: "sink", queueId: 0, stream, peer: null })).toBe(0);
      expect(yield* handle.unbind({ side: "sink", queueId: 0, stream, peer: null })).toBe(0);
      expect(yield* handle.trigger("stop")).toBe(0);
      expect(yield* handle.setProcessingMode(0)).toBe(-ENOSYS);
      expect(yield* handle.getProcessingMode()).toBe(-ENOSYS);
      expect(handle.cost).toBeUndefined();
      yield* handle.free();
    });
    m.run();
    m.expectClean();
  });

  it("hands the driver's refusal on and leaves nothing behind", () => {
    const m = new Machine();
    const heap = m.heap();
    m.ipc(0, function* () {
      expect(yield* m.create(0, -EINVAL, { heap })).toBe(-EINVAL);
    });
    m.run();
    m.expectClean([heap]);
  });

  it("frees once, and refuses everything after that, whoever asks with what (PR-14)", () => {
    const m = new Machine();
    const module = new TestModule();
    m.ipc(
      0,
      function* () {
        const handle = yield* m.made(0, module);
        yield* handle.free();
        yield* m.kernel.yield();
        m.kernel.createThread({
          name: "evil",
          priority: 1,
          user: true,
          *entry() {
            yield* handle.reset();
          },
        });
        m.kernel.createThread({
          name: "forger",
          priority: 2,
          user: true,
          *entry() {
            const { context } = handle as unknown as { context: object };
            const forged: IsolatedHandle = Object.create(handle, {
              context: { value: { ...context, state: "ready" } },
            });
            yield* forged.reset();
          },
        });
        // Freeing again is no error of anybody.
        yield* handle.free();
      },
      { user: false },
    );
    m.run();
    expect(module.log).toEqual(["free"]);
    expect(m.fatals.map(({ message }) => message)).toEqual([
      "userspace_proxy_invoke by evil failed verification",
      "userspace_proxy_invoke by forger failed verification",
    ]);
    m.expectClean();
  });

  it("takes as long as the module says, and the result back when it is done", () => {
    const m = new Machine();
    const module = new TestModule();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      module.lastOperationCycles = 2 * MS;
      const start = m.kernel.now;
      expect(yield* handle.reset()).toBe(0);
      expect(m.kernel.now - start).toBeGreaterThanOrEqual(2 * MS);
      expect(m.kernel.now - start).toBeLessThan(2.1 * MS);
      module.lastOperationCycles = 0;
      yield* handle.free();
    });
    m.run();
  });

  it("serves callers of one core in turn, two of them on one module as well", () => {
    const m = new Machine();
    const module = new TestModule();
    module.lastOperationCycles = MS;
    let handle: Awaited<unknown>;
    m.ipc(0, function* () {
      const made = yield* m.made(0, module);
      handle = made;
      expect(yield* made.setConfigParam(1, 1)).toBe(0);
      yield* m.kernel.sleep(10e6);
      yield* made.free();
    });
    m.ipc(
      0,
      function* () {
        yield* m.kernel.sleep(1.2e6);
        const made = handle as {
          setConfigParam(a: number, b: number): Generator<number, number, number>;
        };
        expect(yield* made.setConfigParam(2, 2)).toBe(0);
      },
      { name: "other" },
    );
    m.run();
    expect(module.log).toEqual(["set param 1 1", "set param 2 2", "free"]);
    expect(m.lost).toEqual([]);
    m.expectClean();
  });

  it("DP-05: frees a module only when nobody is inside it any more", () => {
    const m = new Machine();
    const heap = m.heap();
    const inside = { now: false };
    const module = new TestModule(() => expect(inside.now).toBe(true));
    const made: { handle?: IsolatedHandle } = {};
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module, { heap });
      module.lastOperationCycles = 3 * MS;
      made.handle = handle;
      inside.now = true;
      expect(yield* handle.prepare([], [])).toBe(0);
    });
    m.ipc(
      0,
      function* () {
        yield* m.kernel.sleep(1e6);
        const handle = made.handle as IsolatedHandle;
        expect(handle.state).toBe("busy");
        yield* handle.free();
        expect(handle.state).toBe("freed");
      },
      { name: "other" },
    );
    m.run();
    expect(module.log).toEqual(["prepare 0:0", "free"]);
    expect([m.lost, m.fatals]).toEqual([[], []]);
    m.expectClean([heap]);
  });

  it("opens the caller's gap while it waits, and closes it after", () => {
    const log: string[] = [];
    const m = new Machine({
      proxy: {
        gap: {
          *open() {
            log.push("open");
            return 42;
          },
          *close(held) {
            log.push(`close ${String(held)}`);
          },
        },
      },
    });
    m.ipc(0, function* () {
      const handle = yield* m.made(0, new TestModule((what) => log.push(what)));
      yield* handle.reset();
      yield* handle.free();
    });
    m.run();
    expect(log).toEqual([
      "open",
      "close 42",
      "open",
      "reset",
      "close 42",
      "open",
      "free",
      "close 42",
    ]);
  });

  it.each([
    ["a status above zero", 1, "reset", -EIO],
    ["what is no number", Number.NaN, "reset", -EIO],
    ["an errno that is none", -5000, "reset", -EIO],
    ["a fraction", 0.5, "reset", -EIO],
    ["more bytes than the buffer has", 9, "get", -EIO],
    ["as many bytes as the buffer has", 8, "get", 8],
  ] as const)(
    "does not trust %s in memory that the module can write (PR-20)",
    (_what, result, op, expected) => {
      const m = new Machine();
      const module = new TestModule();
      m.ipc(0, function* () {
        const handle = yield* m.made(0, module);
        module.result = result;
        const out = new Uint8Array(8);
        expect(op === "get" ? yield* handle.getConfiguration(0, out) : yield* handle.reset()).toBe(
          expected,
        );
        expect([...out]).toEqual(Array(8).fill(expected === 8 ? 7 : 0));
        module.result = 0;
        yield* handle.free();
      });
      m.run();
      m.expectClean();
    },
  );
});
