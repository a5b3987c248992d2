import { K_MSEC, MemDomain, type Thread } from "@sof-ts/kernel";
import { describe, expect, it, vi } from "vitest";
import { Machine, TestModule } from "./machine.js";

const ENOMEM = 12;

describe.each([1, 2, 3, 4, 5])("workers on %i cores", (cpus) => {
  it("exist on a core from its first module to its last, pinned there", () => {
    const m = new Machine({ cpus });
    const seen: string[] = [];
    for (let core = 0; core < cpus; core++) {
      m.ipc(core, function* () {
        expect(m.workers.thread(core)).toBeNull();
        const first = yield* m.made(
          core,
          new TestModule(() => {
            const { current, currentCpu } = m.kernel;
            seen.push(`${current.name} on ${currentCpu?.id}`);
            expect(m.kernel.isUserContext()).toBe(true);
          }),
        );
        const thread = m.workers.thread(core) as Thread;
        expect([thread.userMode, thread.priority, thread.cpuMask]).toEqual([true, 0, 1 << core]);
        const second = yield* m.made(core, new TestModule());
        expect(m.workers.thread(core)).toBe(thread);
        expect(m.workers.references(core)).toBe(2);
        expect(yield* first.reset()).toBe(0);
        yield* first.free();
        expect(m.workers.references(core)).toBe(1);
        expect(yield* second.reset()).toBe(0);
        yield* second.free();
        expect(m.workers.thread(core)).toBeNull();
        expect(thread.dead).toBe(true);
      });
    }
    m.run();
    // reset and free of the first module of each core; init ran in its driver
    const expected = Array.from({ length: cpus }, (_, core) => `userspace_proxy${core} on ${core}`);
    expect(seen.sort()).toEqual(expected.flatMap((each) => [each, each]));
    expect(m.fatals).toEqual([]);
    m.expectClean();
  });

  it("serve modules of all cores at once", () => {
    const m = new Machine({ cpus });
    for (let core = 0; core < cpus; core++) {
      m.ipc(core, function* () {
        const modules = [new TestModule(), new TestModule(), new TestModule()];
        const handles = [];
        for (const module of modules) handles.push(yield* m.made(core, module));
        for (let round = 0; round < 5; round++) {
          for (const [i, handle] of handles.entries()) {
            (modules[i] as TestModule).lastOperationCycles = 1000 * (1 + ((core + i + round) % 7));
            (modules[i] as TestModule).result = -(1 + i + round);
            expect(yield* handle.setConfigParam(core, round)).toBe(-(1 + i + round));
          }
        }
        for (const handle of handles) yield* handle.free();
        for (const module of modules) {
          expect(module.log).toEqual(
            [0, 1, 2, 3, 4].map((r) => `set param ${core} ${r}`).concat("free"),
          );
        }
      });
    }
    m.run();
    expect([m.fatals, m.lost]).toEqual([[], []]);
    expect(m.proxy.stats).toEqual({ operations: cpus * 3 * 7, lost: 0 });
    m.expectClean();
  });

  it("come and go a hundred times and leave nothing", () => {
    const m = new Machine({ cpus });
    const { kernel } = m;
    const heaps = Array.from({ length: cpus }, () => m.heap());
    const counts = () => [kernel.threads.size, kernel.objects.size, m.pool.stats().allocatedBytes];
    const before = counts();
    for (let core = 0; core < cpus; core++) {
      m.ipc(core, function* () {
        for (let i = 0; i < 100; i++) {
          const handle = yield* m.made(core, new TestModule(), { heap: heaps[core] as never });
          yield* handle.free();
        }
      });
    }
    m.run();
    expect(counts()).toEqual(before);
    m.expectClean(heaps);
  });
});

describe("a worker", () => {
  it("is granted its own core's event, whatever core asks for it", () => {
    // DP-08: the grant was keyed by the core of the caller
    const m = new Machine({ cpus: 3 });
    m.ipc(2, function* () {
      const handle = yield* m.made(1, new TestModule());
      expect(yield* handle.reset()).toBe(0);
      yield* handle.free();
    });
    m.run();
    expect(m.fatals).toEqual([]);
    m.expectClean();
  });

  it("is suspended before it is pinned, and resumed after", () => {
    const threads: string[] = [];
    const m = new Machine({
      cpus: 2,
      trace: {
        threadSwitch(_time, cpu, _from, to) {
          if (to.name.startsWith("userspace")) threads.push(`${to.name} on ${cpu}`);
        },
      },
    });
    m.ipc(1, function* () {
      const handle = yield* m.made(1, new TestModule());
      // The other core has nothing to do and would take any thread that may run there.
      yield* m.kernel.sleep(K_MSEC(1));
      yield* handle.reset();
      yield* handle.free();
    });
    m.run();
    expect(threads.filter((each) => each !== "userspace_proxy1 on 1").length).toBeLessThanOrEqual(
      1,
    );
    expect(threads.slice(-3)).toEqual(Array(3).fill("userspace_proxy1 on 1"));
  });

  it("refuses a core that is none, at get and put", () => {
    const m = new Machine({ cpus: 2 });
    m.ipc(
      0,
      function* () {
        for (const core of [-1, 2, 100]) {
          expect(() => m.workers.get(core).next()).toThrow("is not in 0..1");
          expect(() => m.workers.put(core).next()).toThrow("is not in 0..1");
        }
        yield* m.kernel.yield();
      },
      { user: false },
    );
    m.run();
  });

  it("is no kernel's problem when a user thread names a core that is none", () => {
    const m = new Machine({ cpus: 2 });
    m.kernel.createThread({
      name: "evil",
      priority: 1,
      user: true,
      *entry() {
        yield* m.create(2, new TestModule());
      },
    });
    m.run();
    expect(m.fatals.map(({ message }) => message)).toEqual([
      "userspace_proxy_create by evil failed verification",
    ]);
    m.expectClean();
  });

  it("that cannot be made fails init with -ENOMEM, and nothing is held", () => {
    for (const pool of [64, 1024, 2100, 2300]) {
      const m = new Machine({ pool });
      const heap = m.heap();
      m.ipc(0, function* () {
        expect(yield* m.create(0, new TestModule(), { heap })).toBe(-ENOMEM);
        expect(m.workers.references(0)).toBe(0);
      });
      m.run();
      m.expectClean([heap]);
    }
  });

  it("that finds no thread id fails init with -ENOMEM, and nothing is held", () => {
    const m = new Machine({ kernel: { maxThreadBytes: 1 } });
    for (let i = 0; i < 7; i++) {
      m.kernel.createThread({
        name: `t${i}`,
        priority: 5,
        delay: Number.POSITIVE_INFINITY,
        *entry() {},
      });
    }
    m.ipc(0, function* () {
      expect(yield* m.create(0, new TestModule())).toBe(-ENOMEM);
    });
    m.run();
    m.expectClean();
  });

  const original = MemDomain.prototype.init;

  it("is given back when the work item does not fit the module's heap", () => {
    const m = new Machine();
    const heap = m.heap(4096);
    const block = heap.alloc(3950, false);
    const domains: MemDomain[] = [];
    const init = vi.spyOn(MemDomain.prototype, "init").mockImplementation(function (
      this: MemDomain,
      ...args
    ) {
      domains.push(this);
      return original.apply(this, args);
    });
    m.ipc(0, function* () {
      expect(yield* m.create(0, new TestModule(), { heap })).toBe(-ENOMEM);
      expect(domains.map(({ live, partitions }) => [live, partitions.length])).toEqual([
        [false, 0],
      ]);
      init.mockRestore();
      expect(m.workers.references(0)).toBe(0);
      expect(m.workers.thread(0)).toBeNull();
      heap.free(block);
      // The same heap serves once there is room.
      const handle = yield* m.made(0, new TestModule(), { heap });
      yield* handle.free();
    });
    m.run();
    m.expectClean([heap]);
  });

  it("waits between modules in a domain that grants nothing", () => {
    const m = new Machine();
    m.ipc(0, function* () {
      const first = yield* m.made(0, new TestModule());
      const second = yield* m.made(0, new TestModule());
      const worker = m.workers.thread(0) as Thread;
      yield* first.reset();
      expect(worker.domain).toBe(first.domain);
      yield* first.free();
      expect(worker.domain?.partitions).toEqual([]);
      yield* second.reset();
      expect(worker.domain).toBe(second.domain);
      yield* second.free();
    });
    m.run();
    m.expectClean();
  });
});
