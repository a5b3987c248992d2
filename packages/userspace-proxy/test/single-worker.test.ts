import type { Thread } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { type CoherenceViolation, SingleWorker } from "@sof-ts/userspace-proxy";
import { Machine, MS, TestModule } from "./machine.js";

const EINVAL = 22;
const EIO = 5;

const workerOf = (m: Machine): Thread | null => (m.proxy.runner as SingleWorker).thread;

describe("the older single worker", () => {
  it("works on one core", () => {
    const m = new Machine({ proxy: { workers: "single" } });
    const modules = [new TestModule(), new TestModule()];
    m.ipc(0, function* () {
      const handles = [];
      for (const module of modules) handles.push(yield* m.made(0, module));
      for (const handle of handles) expect(yield* handle.reset()).toBe(0);
      for (const handle of handles) yield* handle.free();
      expect(workerOf(m)).toBeNull();
    });
    m.run();
    expect(modules.map(({ log }) => log)).toEqual([
      ["reset", "free"],
      ["reset", "free"],
    ]);
    m.expectClean();
  });

  it("fails on two cores with -EINVAL, because a running thread cannot be pinned", () => {
    const m = new Machine({ cpus: 2, proxy: { workers: "single" } });
    for (const core of [0, 1]) {
      m.ipc(core, function* () {
        for (let i = 0; i < 5; i++) {
          expect(yield* m.create(core, new TestModule())).toBe(-EINVAL);
          yield* m.kernel.sleep(1e6);
        }
      });
    }
    m.run();
    m.expectClean();
  });

  it("fails while it carries out an operation of another core, and harms that too", () => {
    const m = new Machine({ cpus: 2, proxy: { workers: "single" } });
    const slow = new TestModule();
    const running = { now: false };
    m.ipc(
      0,
      function* () {
        // Somebody uses the worker already, so that it has come to rest.
        yield* m.proxy.runner.get(0);
        yield* m.kernel.sleep(1e6);
        const handle = yield* m.made(0, slow);
        yield* m.kernel.sleep(1e6);
        slow.lastOperationCycles = 3 * MS;
        running.now = true;
        // Moved to the other module's domain meanwhile, the worker cannot reach this one's item.
        expect(yield* handle.reset()).toBe(-EIO);
        yield* handle.free();
        yield* m.proxy.runner.put(0);
      },
      { user: false },
    );
    m.ipc(1, function* () {
      while (!running.now) yield* m.kernel.sleep(1e5);
      yield* m.kernel.sleep(1e6);
      expect(yield* m.create(1, new TestModule())).toBe(-EINVAL);
    });
    m.run();
    expect(m.fatals.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^write of 96 bytes at 0x40100[0-9a-f]+ by user thread userspace_proxy$/,
      ),
    ]);
    m.expectClean();
  });

  it("fails at once where the worker has not come to rest before it is pinned", () => {
    const m = new Machine({ cpus: 2, proxy: { workers: "single" } });
    // Both other threads keep their cores: the new worker is ready and waits for one.
    m.ipc(0, function* () {
      expect(yield* m.create(0, new TestModule())).toBe(-EINVAL);
    });
    m.ipc(1, function* () {
      yield* m.kernel.busy(2 * MS);
    });
    m.run();
    m.expectClean();
  });

  it("is what the worker of each core puts right", () => {
    const m = new Machine({ cpus: 2 });
    const slow = new TestModule();
    const ready = { now: false };
    m.ipc(0, function* () {
      const handle = yield* m.made(0, slow);
      slow.lastOperationCycles = 3 * MS;
      ready.now = true;
      expect(yield* handle.reset()).toBe(0);
      slow.lastOperationCycles = 0;
      yield* handle.free();
    });
    m.ipc(1, function* () {
      while (!ready.now) yield* m.kernel.sleep(1e5);
      yield* m.kernel.sleep(1e6);
      const handle = yield* m.made(1, new TestModule());
      expect(yield* handle.reset()).toBe(0);
      yield* handle.free();
    });
    m.run();
    expect(m.fatals).toEqual([]);
    m.expectClean();
  });

  it("does not keep a core id that is none out of get and put", () => {
    const m = new Machine({ cpus: 2, proxy: { workers: "single" } });
    expect(() => m.proxy.runner.get(2).next()).toThrow("core 2 is not in 0..1");
    expect(() => m.proxy.runner.put(-1).next()).toThrow("core -1 is not in 0..1");
  });
});

describe("a work item", () => {
  /** Operations of core 0's module while core 0 itself is busy, so that the worker runs on core 1. */
  function roaming(cachedWorkItems?: boolean) {
    const violations: CoherenceViolation[] = [];
    const m = new Machine({
      cpus: 2,
      proxy: {
        workers: "single",
        CONFIG_SCHED_CPU_MASK: false,
        onViolation: (violation) => violations.push(violation),
        ...(cachedWorkItems === undefined ? {} : { cachedWorkItems }),
      },
    });
    const cores: (number | undefined)[] = [];
    const module = new TestModule(() => cores.push(m.kernel.currentCpu?.id));
    const made = { now: false };
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      made.now = true;
      yield* m.kernel.sleep(1e6);
      expect(yield* handle.reset()).toBe(0);
      yield* handle.free();
    });
    // Takes core 0 whenever the IPC thread waits.
    m.ipc(
      0,
      function* () {
        while (!made.now) yield* m.kernel.sleep(1e5);
        for (let i = 0; i < 50; i++) yield* m.kernel.busy(MS / 10);
      },
      { name: "hog" },
    );
    m.run();
    return { violations, cores };
  }

  it("in cached memory is a detected defect when the worker serves all cores", () => {
    const { violations, cores } = roaming(true);
    expect(cores).toContain(1);
    expect(violations[0]).toMatchObject({
      rule: "stale-cache-line",
      object: "work item of module 85 instance 0",
      access: { what: "read parameters", core: 1, thread: "userspace_proxy" },
      written: { what: "write parameters", core: 0, thread: "ipc0" },
    });
  });

  it("is in coherent memory then, and no defect", () => {
    const { violations, cores } = roaming();
    expect(cores).toContain(1);
    expect(violations).toEqual([]);
  });

  it("is in cached memory with a worker for each core, and no defect", () => {
    const violations: CoherenceViolation[] = [];
    const m = new Machine({ cpus: 4, proxy: { onViolation: (v) => violations.push(v) } });
    const addresses: number[] = [];
    for (let core = 0; core < 4; core++) {
      m.ipc(core, function* () {
        const heap = m.heap();
        const alloc = heap.alloc.bind(heap);
        heap.alloc = (bytes, coherent) => {
          const address = alloc(bytes, coherent);
          addresses.push(coherent ? -1 : address);
          return address;
        };
        const handle = yield* m.made(core, new TestModule(), { heap });
        for (let i = 0; i < 5; i++) yield* handle.reset();
        yield* handle.free();
      });
    }
    m.run();
    expect(violations).toEqual([]);
    expect(addresses.length).toBe(4);
    expect(addresses.every((address) => address >= 0xa010_0000)).toBe(true);
  });

  it("for a caller on another core is one in coherent memory", () => {
    const violations: CoherenceViolation[] = [];
    const m = new Machine({ cpus: 3, proxy: { onViolation: (v) => violations.push(v) } });
    m.ipc(0, function* () {
      const handle = yield* m.made(2, new TestModule());
      for (let i = 0; i < 3; i++) expect(yield* handle.reset()).toBe(0);
      yield* handle.free();
    });
    m.run();
    expect(violations).toEqual([]);
    m.expectClean();
  });

  it("that is stale stops the run unless somebody wants to know", () => {
    const m = new Machine({
      cpus: 2,
      proxy: { workers: "single", CONFIG_SCHED_CPU_MASK: false, cachedWorkItems: true },
    });
    m.ipc(1, function* () {
      yield* m.create(1, new TestModule());
      yield* m.kernel.yield();
    });
    m.ipc(
      1,
      function* () {
        yield* m.kernel.busy(50 * MS);
      },
      { name: "hog" },
    );
    m.run();
    expect(m.fatals[0]?.message).toMatch(
      /^thread userspace_proxy: stale cache line: work item of module 85 instance 0: read parameters by userspace_proxy on core 0 after write parameters by ipc1 on core 1$/,
    );
  });
});
