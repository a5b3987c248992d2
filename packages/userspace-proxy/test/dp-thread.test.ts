import { K_FOREVER, MemDomain, Sem, type Thread } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import type { ModuleHeap, OperationThread } from "@sof-ts/userspace-proxy";
import { Machine, MS, TestModule } from "./machine.js";

const ETIMEDOUT = 116;
const EIO = 5;
const EINVAL = 22;
const ENODEV = 19;
const WAIT_NS = 100e6;

type Operation = () => Generator<number, number, number>;

/**
 * A module's own thread in user mode, as a DP scheduler has it: a call that is given up goes on to its end
 * unless the thread is ended.
 */
class DpThread implements OperationThread {
  readonly domain: MemDomain;
  readonly thread: Thread;
  aborted = false;
  private readonly wake: Sem;
  private readonly answer: Sem;
  private operation: Operation | null = null;
  private finished = false;
  private result = 0;

  constructor(m: Machine, heap: ModuleHeap, core: number) {
    const { kernel } = m;
    this.domain = new MemDomain(kernel, "dp");
    this.domain.init(heap.partitions);
    this.wake = new Sem(kernel, 0, 1, "dp wake");
    this.answer = new Sem(kernel, 0, 1, "dp answer");
    const { wake, answer } = this;
    const carryOut = () => this.carryOut();
    this.thread = kernel.createThread({
      name: `dp${core}`,
      priority: 12,
      user: true,
      delay: K_FOREVER,
      *entry() {
        for (;;) {
          yield* wake.take(K_FOREVER);
          yield* carryOut();
          yield* answer.give();
        }
      },
    });
    this.thread.cpuPin(core);
    this.domain.addThread(this.thread);
    kernel.threadAccessGrant(this.thread, wake, answer);
    this.thread.startNow();
  }

  *call(operation: Operation): Generator<number, number, number> {
    if (this.thread.dead) return -EIO;
    this.operation = operation;
    this.finished = false;
    yield* this.wake.give();
    yield* this.answer.take(WAIT_NS);
    if (this.finished) return this.result;
    return this.thread.dead ? -EIO : -ETIMEDOUT;
  }

  *abort(): Generator<number, number, number> {
    this.aborted = true;
    return yield* this.thread.abort();
  }

  private *carryOut(): Generator<number, void, number> {
    const { operation } = this;
    if (operation === null) return;
    this.result = yield* operation();
    this.finished = true;
  }
}

describe("IPC by the module's own thread", () => {
  it("carries all operations out on that thread, and there is no worker", () => {
    const m = new Machine({ cpus: 2 });
    const heap = m.heap();
    const thread = new DpThread(m, heap, 1);
    const seen: string[] = [];
    const module = new TestModule((what) => seen.push(`${what} by ${m.kernel.current.name}`));
    m.ipc(1, function* () {
      const handle = yield* m.made(1, module, { heap, thread });
      expect(handle.domain).toBe(thread.domain);
      module.result = -4;
      expect(yield* handle.prepare([], [])).toBe(-4);
      expect(yield* handle.setConfiguration(1, "single", 2, m.mailbox.subarray(0, 2))).toBe(-4);
      expect(m.workers.references(1)).toBe(0);
      expect(m.workers.thread(1)).toBeNull();
      yield* handle.free();
    });
    m.run();
    expect(seen).toEqual(["prepare 0:0 by dp1", "set 1 single 2 0,0 by dp1", "free by dp1"]);
    expect(thread.aborted).toBe(false);
    // The domain is its scheduler's, with what that put there.
    expect(thread.domain.partitions.filter((p) => p !== null)).toEqual(heap.partitions);
    m.expectClean([heap]);
  });

  it("maps the mailbox in the thread's own domain, for the operation only", () => {
    const m = new Machine();
    const heap = m.heap();
    const thread = new DpThread(m, heap, 0);
    const counts: number[] = [];
    const count = () => thread.domain.partitions.filter((p) => p !== null).length;
    const module = new TestModule(() => counts.push(count()));
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module, { heap, thread });
      yield* handle.setConfiguration(1, "single", 2, m.mailbox.subarray(0, 2));
      yield* handle.reset();
      expect(count()).toBe(2);
      yield* handle.free();
    });
    m.run();
    expect(counts).toEqual([4, 2, 2]);
  });

  it("DP-09: gives an operation up by ending the thread, so that no answer comes later", () => {
    const m = new Machine();
    const heap = m.heap();
    const thread = new DpThread(m, heap, 0);
    const module = new TestModule();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module, { heap, thread });
      module.lastOperationCycles = 120 * MS;
      expect(yield* handle.setConfiguration(1, "single", 2, m.mailbox.subarray(0, 2))).toBe(
        -ETIMEDOUT,
      );
      expect(thread.aborted).toBe(true);
      expect(handle.state).toBe("dead");
      expect(
        yield* handle.bind({ side: "sink", queueId: 0, stream: null as never, peer: null }),
      ).toBe(-ENODEV);
      yield* handle.free();
    });
    m.run();
    expect(m.fatals).toEqual([]);
    expect(m.lost).toMatchObject([{ operation: "set configuration", error: -ETIMEDOUT }]);
    m.expectClean([heap]);
  });

  it("is over when that thread has died", () => {
    const m = new Machine();
    const heap = m.heap();
    const thread = new DpThread(m, heap, 0);
    m.ipc(
      0,
      function* () {
        const handle = yield* m.made(0, new TestModule(), { heap, thread });
        yield* thread.thread.abort();
        expect(yield* handle.reset()).toBe(-EIO);
        expect(yield* handle.reset()).toBe(-ENODEV);
        yield* handle.free();
      },
      { user: false },
    );
    m.run();
    expect(thread.aborted).toBe(false);
    m.expectClean([heap]);
  });

  it("lives when its scheduler refuses a call", () => {
    const m = new Machine();
    const heap = m.heap();
    const thread = new DpThread(m, heap, 0);
    let refuse = false;
    const guarded: OperationThread = {
      domain: thread.domain,
      *call(operation) {
        return refuse ? -EINVAL : yield* thread.call(operation);
      },
      abort: () => thread.abort(),
    };
    m.ipc(0, function* () {
      const handle = yield* m.made(0, new TestModule(), { heap, thread: guarded });
      refuse = true;
      expect(yield* handle.reset()).toBe(-EINVAL);
      refuse = false;
      expect(yield* handle.reset()).toBe(0);
      yield* handle.free();
    });
    m.run();
    expect(thread.aborted).toBe(false);
    m.expectClean([heap]);
  });

  it("refuses a core that is none", () => {
    const m = new Machine();
    m.ipc(
      0,
      function* () {
        expect(() =>
          m
            .create(1, new TestModule(), {
              thread: {
                domain: m.kernel.defaultDomain,
                call: () =>
                  (function* () {
                    return 0;
                  })(),
                abort: () =>
                  (function* () {
                    return 0;
                  })(),
              },
            })
            .next(),
        ).toThrow("core 1 is not in 0..0");
        yield* m.kernel.yield();
      },
      { user: false },
    );
    m.run();
  });
});
