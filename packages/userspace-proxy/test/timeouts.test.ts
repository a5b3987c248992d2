import { KEvent, type Thread } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import type { IsolatedHandle } from "@sof-ts/userspace-proxy";
import { Machine, MS, TestModule, US } from "./machine.js";

const EIO = 5;
const ENODEV = 19;
const ETIMEDOUT = 116;
const ENOMEM = 12;

describe("an operation that does not end in time", () => {
  it("is given up after 5 ms, not earlier, and the instance is dead", () => {
    const m = new Machine();
    const module = new TestModule();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      module.lastOperationCycles = 50 * MS;
      const start = m.kernel.now;
      expect(yield* handle.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4))).toBe(
        -ETIMEDOUT,
      );
      const waited = m.kernel.now - start;
      expect(waited).toBeGreaterThanOrEqual(5 * MS);
      expect(waited).toBeLessThan(5.3 * MS);
      expect(handle.state).toBe("dead");
      expect(yield* handle.reset()).toBe(-ENODEV);
      expect(yield* handle.getConfiguration(1, new Uint8Array(4))).toBe(-ENODEV);
      expect(handle.process([], [])).toBe(-ENODEV);
      yield* handle.free();
      expect(handle.state).toBe("freed");
    });
    m.run();
    // A dead instance is not asked to free itself.
    expect(module.log).toEqual(["set 1 single 4 0,0,0,0"]);
    expect(m.lost).toEqual([
      { moduleId: 0x55, instanceId: 0, core: 0, operation: "set configuration", error: -ETIMEDOUT },
    ]);
    expect(m.fatals).toEqual([]);
    m.expectClean();
  });

  it("tells a module that can be told", () => {
    const m = new Machine();
    const module = new TestModule();
    const told: string[] = [];
    Object.assign(module, {
      terminate: (operation: string, detail: string) => told.push(`${operation}: ${detail}`),
    });
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      module.lastOperationCycles = 50 * MS;
      yield* handle.reset();
      yield* handle.free();
    });
    m.run();
    expect(told).toEqual(["reset: no answer in time"]);
  });

  it("at init leaves nothing behind, and the next module starts", () => {
    const m = new Machine();
    const slow = new TestModule();
    slow.lastOperationCycles = 50 * MS;
    const heap = m.heap();
    m.ipc(0, function* () {
      expect(yield* m.create(0, slow, { heap })).toBe(-ETIMEDOUT);
      expect(m.workers.references(0)).toBe(0);
      const handle = yield* m.made(0, new TestModule(), { heap });
      expect(yield* handle.reset()).toBe(0);
      yield* handle.free();
    });
    m.run();
    m.expectClean([heap]);
  });

  it("at free is given up like any other, and everything is given back", () => {
    const m = new Machine();
    const module = new TestModule();
    const heap = m.heap();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module, { heap });
      module.lastOperationCycles = 50 * MS;
      yield* handle.free();
      expect(handle.state).toBe("freed");
    });
    m.run();
    expect(m.lost).toMatchObject([{ operation: "free", error: -ETIMEDOUT }]);
    m.expectClean([heap]);
  });

  it("costs the other modules of its core a new worker, nothing else", () => {
    const m = new Machine({ cpus: 2 });
    const [slow, quick, elsewhere] = [new TestModule(), new TestModule(), new TestModule()];
    let elsewhereWorker: Thread | null = null;
    m.ipc(0, function* () {
      const first = yield* m.made(0, slow);
      const second = yield* m.made(0, quick);
      const before = m.workers.thread(0);
      slow.lastOperationCycles = 50 * MS;
      expect(yield* first.reset()).toBe(-ETIMEDOUT);
      expect(m.workers.thread(0)).not.toBe(before);
      expect(m.workers.references(0)).toBe(2);
      expect(yield* second.reset()).toBe(0);
      yield* first.free();
      expect(yield* second.prepare([], [])).toBe(0);
      yield* second.free();
    });
    m.ipc(1, function* () {
      const handle = yield* m.made(1, elsewhere);
      elsewhereWorker = m.workers.thread(1);
      for (let i = 0; i < 20; i++) expect(yield* handle.setConfigParam(i, 0)).toBe(0);
      expect(m.workers.thread(1)).toBe(elsewhereWorker);
      yield* handle.free();
    });
    m.run();
    expect(quick.log).toEqual(["reset", "prepare 0:0", "free"]);
    m.expectClean();
  });

  it("DP-03: does not find the mailbox gone, nor the work item freed, nor its event taken by the next request", () => {
    const m = new Machine();
    const slow = new TestModule();
    const quick = new TestModule();
    quick.result = -33;
    m.ipc(0, function* () {
      const first = yield* m.made(0, slow);
      const second = yield* m.made(0, quick);
      // Ends 0.5 ms after the caller gave up, if nobody stops it.
      slow.lastOperationCycles = 5.5 * MS;
      expect(yield* first.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4))).toBe(
        -ETIMEDOUT,
      );
      yield* first.free();
      // Would be satisfied by the late completion, before it had run.
      quick.lastOperationCycles = 1 * MS;
      const start = m.kernel.now;
      expect(yield* second.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4))).toBe(-33);
      expect(m.kernel.now - start).toBeGreaterThanOrEqual(1 * MS);
      expect(yield* second.reset()).toBe(-33);
      yield* second.free();
    });
    m.run();
    expect(m.fatals).toEqual([]);
    m.expectClean();
  });

  it("DP-16: is told from a completion, and a completion from a stale one, by the request itself", () => {
    const m = new Machine();
    const module = new TestModule();
    const named = (name: string): KEvent =>
      [...m.kernel.objects].find((object) => object.name === name) as KEvent;
    const event = named("userspace_proxy0 event");
    const started = { now: false };
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      started.now = true;
      yield* m.kernel.sleep(1.5e6);
      module.lastOperationCycles = 2 * MS;
      module.result = -7;
      const start = m.kernel.now;
      expect(yield* handle.reset()).toBe(-7);
      expect(m.kernel.now - start).toBeGreaterThanOrEqual(2 * MS);
      module.lastOperationCycles = 0;
      yield* handle.free();
    });
    // Somebody posts the worker's event out of turn, before the request and while it runs.
    m.ipc(
      0,
      function* () {
        while (!started.now) yield* m.kernel.sleep(1e5);
        for (let i = 0; i < 25; i++) {
          yield* event.post(1);
          yield* m.kernel.sleep(1e5);
        }
      },
      { user: false, name: "meddler" },
    );
    m.run();
    m.expectClean();
  });

  it("because its worker never gets to run is given up too, and leaves nothing", () => {
    const m = new Machine();
    const heap = m.heap();
    const wanted = { now: false };
    m.ipc(0, function* () {
      wanted.now = true;
      yield* m.kernel.sleep(2e5);
      expect(yield* m.create(0, new TestModule(), { heap })).toBe(-ETIMEDOUT);
    });
    m.ipc(
      0,
      function* () {
        while (!wanted.now) yield* m.kernel.sleep(1e5);
        // Gives the core to nobody below it, the IPC thread apart, which is its equal.
        for (let i = 0; i < 100; i++) {
          yield* m.kernel.busy(MS / 10);
          yield* m.kernel.yield();
        }
      },
      { name: "hog" },
    );
    m.run();
    m.expectClean([heap]);
  });

  it("counts from the moment the worker has it, whatever the time of day", () => {
    for (const offset of [0, 1, 13, 26_665, 26_667]) {
      const m = new Machine();
      const module = new TestModule();
      m.ipc(0, function* () {
        yield* m.kernel.busy(offset);
        const handle = yield* m.made(0, module);
        module.lastOperationCycles = 5 * MS - 20 * US;
        expect(yield* handle.reset()).toBe(0);
        module.lastOperationCycles = 5.2 * MS;
        expect(yield* handle.reset()).toBe(-ETIMEDOUT);
        yield* handle.free();
      });
      m.run();
    }
  });
});

describe("a worker's death", () => {
  it("ends the instance with -EIO and serves the next with a new thread", () => {
    const m = new Machine();
    const module = new TestModule((what) => {
      if (what === "reset") throw new TypeError("a bug of the module");
    });
    const other = new TestModule();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      const second = yield* m.made(0, other);
      expect(yield* handle.reset()).toBe(-EIO);
      expect(yield* handle.reset()).toBe(-ENODEV);
      expect(yield* second.reset()).toBe(0);
      yield* handle.free();
      yield* second.free();
    });
    m.run();
    expect(m.fatals.map(({ message }) => message)).toEqual([
      "thread userspace_proxy0: a bug of the module",
    ]);
    m.expectClean();
  });

  it("without memory for a new thread fails operations with -ENOMEM until there is some", () => {
    const m = new Machine();
    const { pool } = m;
    const slow = new TestModule();
    const blocks: number[] = [];
    const busy = { now: false };
    m.ipc(0, function* () {
      const first = yield* m.made(0, slow);
      const second = yield* m.made(0, new TestModule());
      slow.lastOperationCycles = 50 * MS;
      busy.now = true;
      expect(yield* first.reset()).toBe(-ETIMEDOUT);
      yield* m.kernel.sleep(20e6);
      expect(yield* second.reset()).toBe(-ENOMEM);
      expect(second.state).toBe("ready");
      for (const block of blocks) pool.give(block);
      expect(yield* second.reset()).toBe(0);
      yield* first.free();
      yield* second.free();
    });
    m.ipc(
      0,
      function* () {
        while (!busy.now) yield* m.kernel.sleep(1e5);
        yield* m.kernel.sleep(12e6);
        const worker = m.workers.thread(0) as Thread;
        yield* worker.abort();
        m.kernel.objectFree(worker);
        for (let block = pool.take(64); block !== 0; block = pool.take(64)) blocks.push(block);
        yield* m.kernel.yield();
      },
      { user: false, name: "hoarder" },
    );
    m.run();
    m.expectClean();
  });
});

describe("two handles of one instance", () => {
  it("DP-11: a failed operation frees nothing twice", () => {
    const m = new Machine();
    const heap = m.heap();
    const module = new TestModule();
    let handle: IsolatedHandle | null = null;
    m.ipc(0, function* () {
      module.lastOperationCycles = 50 * MS;
      expect(yield* m.create(0, module, { heap })).toBe(-ETIMEDOUT);
      expect(heap.used).toBe(0);
      module.lastOperationCycles = 0;
      handle = yield* m.made(0, module, { heap });
      yield* handle.free();
      yield* handle.free();
      expect(heap.used).toBe(0);
    });
    m.run();
    m.expectClean([heap]);
  });
});
