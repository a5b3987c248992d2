import { Random } from "@sof-ts/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Atomic,
  CondVar,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KEvent,
  KHeap,
  KQueue,
  MemAttr,
  MemDomain,
  Mutex,
  ObjType,
  P4wq,
  P4wqWork,
  Sem,
  SWITCH,
  SysSem,
  Work,
  WorkQueue,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const EAGAIN = 11;
const EBUSY = 16;
const ENOENT = 2;
const EALREADY = 120;
const ETIMEDOUT = 116;

describe("semaphore reset", () => {
  it("fails all waiters and leaves nothing", () => {
    const m = new TestMachine();
    const sem = new Sem(m.kernel, 0, 5);
    for (const name of ["a", "b"]) {
      m.thread(name, 1, function* () {
        m.log.push(`${name} ${yield* sem.take(K_FOREVER)}`);
      });
    }
    m.thread("main", 2, function* () {
      yield* sem.reset();
      expect(sem.countGet()).toBe(0);
    });
    m.run();
    expect(m.log).toEqual(["a -11", "b -11"]);
  });
});

describe("events", () => {
  it("wake both safe waiters of one bit, and the bit is gone", () => {
    const m = new TestMachine();
    const event = new KEvent(m.kernel);
    for (const name of ["a", "b"]) {
      m.thread(name, 1, function* () {
        m.log.push(`${name} ${yield* event.waitSafe(0b11, false, K_FOREVER)}`);
      });
    }
    m.thread("all", 1, function* () {
      m.log.push(`all ${yield* event.waitAllSafe(0b110, false, K_MSEC(3))}`);
    });
    m.thread("main", 2, function* () {
      yield* event.post(0b101);
      expect(event.test(0xffff_ffff)).toBe(0b100);
    });
    m.run();
    expect(m.log).toEqual(["a 1", "b 1", "all 0"]);
  });

  it("report the bits at the time of the post, not of the run", () => {
    const m = new TestMachine();
    const event = new KEvent(m.kernel);
    m.thread("waiter", 5, function* () {
      m.log.push(`${yield* event.wait(0xff, false, K_FOREVER)}`);
    });
    m.thread("main", 1, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      yield* event.post(0x01);
      yield* event.post(0x02);
      yield* event.clear(0xff);
    });
    m.run();
    expect(m.log).toEqual(["1"]);
  });

  it("remember a post that came after the time-out", () => {
    const m = new TestMachine();
    const event = new KEvent(m.kernel);
    m.thread("main", 1, function* () {
      expect(yield* event.waitSafe(1, false, K_MSEC(2))).toBe(0);
      yield* event.post(1);
      expect(yield* event.waitSafe(1, false, K_NO_WAIT)).toBe(1);
      expect(yield* event.waitSafe(1, false, K_NO_WAIT)).toBe(0);
      m.log.push("done");
    });
    m.run();
    expect(m.log).toEqual(["done"]);
  });

  it("of a user thread may be initialised once", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const event = new KEvent(k);
    k.objectMark(event, false);
    const user = m.thread(
      "user",
      1,
      function* () {
        expect(event.init()).toBe(0);
        yield* event.post(1);
        m.log.push("first");
        event.init();
        m.log.push("second");
      },
      { user: true },
    );
    k.accessGrant(event, user);
    m.run();
    expect(m.log).toEqual(["first"]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([3]);
  });
});

describe("condition variable", () => {
  it("takes the mutex again after a time-out, however long that takes", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const condvar = new CondVar(k);
    m.thread("waiter", 1, function* (self) {
      yield* mutex.lock(K_FOREVER);
      expect(yield* condvar.wait(mutex, K_MSEC(2))).toBe(-EAGAIN);
      expect(mutex.owner).toBe(self);
      m.say("has it");
      yield* mutex.unlock();
    });
    m.thread("holder", 2, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* k.busy(20_000);
      yield* mutex.unlock();
    });
    m.run();
    expect(m.log).toEqual(["has it 20000"]);
  });

  it("wakes the best waiter first", () => {
    const m = new TestMachine();
    const condvar = new CondVar(m.kernel);
    for (const priority of [7, 3, 5]) {
      m.thread(`${priority}`, priority, function* () {
        const mutex = new Mutex(m.kernel);
        yield* mutex.lock(K_FOREVER);
        yield* condvar.wait(mutex, K_FOREVER);
        m.log.push(`${priority}`);
      });
    }
    m.thread("main", 9, function* () {
      for (let i = 0; i < 3; i++) yield* condvar.signal();
    });
    m.run();
    expect(m.log).toEqual(["3", "5", "7"]);
  });
});

describe("sys_sem without user space", () => {
  it("behaves as the wrapper around a kernel semaphore", () => {
    const m = new TestMachine({ options: { userspace: false } });
    m.thread("main", 1, function* () {
      const sem = new SysSem(m.kernel, 0, 1, 1);
      expect(yield* sem.give()).toBe(0);
      expect(sem.countGet()).toBe(1);
      expect(yield* sem.take(K_NO_WAIT)).toBe(0);
      expect(yield* sem.take(K_NO_WAIT)).toBe(-ETIMEDOUT);
      m.log.push("done");
    });
    m.run();
    expect(m.log).toEqual(["done"]);
  });
});

describe("queue", () => {
  it("hands items to waiters by rank and keeps the rest in order", () => {
    const m = new TestMachine();
    const queue = new KQueue<string>(m.kernel);
    for (const priority of [5, 3]) {
      m.thread(`${priority}`, priority, function* () {
        m.log.push(`${priority} got ${yield* queue.get()}`);
      });
    }
    m.thread("main", 9, function* () {
      for (const item of ["a", "b", "c", "d"]) yield* queue.append(item);
      expect(queue.peekHead()).toBe("c");
      expect(queue.remove("c")).toBe(true);
      expect(yield* queue.get(K_NO_WAIT)).toBe("d");
      expect(yield* queue.get(K_MSEC(1))).toBe(null);
    });
    m.run();
    expect(m.log).toEqual(["3 got a", "5 got b"]);
  });

  it("lets a waiter go with nothing", () => {
    const m = new TestMachine();
    const queue = new KQueue<string>(m.kernel);
    m.thread("waiter", 1, function* () {
      m.log.push(`${yield* queue.get()}`);
    });
    m.thread("main", 2, function* () {
      yield* queue.cancelWaitNow() === SWITCH ? yieldOnce() : nothing();
    });
    function* yieldOnce(): Generator<number, void, number> {
      yield SWITCH;
    }
    function* nothing(): Generator<number, void, number> {}
    m.run();
    expect(m.log).toEqual(["null"]);
  });
});

describe("work queue", () => {
  it("stays closed after a drain with plug until it is opened, and can be stopped", () => {
    const m = new TestMachine();
    const queue = new WorkQueue(m.kernel);
    queue.start({ priority: 1 });
    m.thread("main", 5, function* () {
      const work = new Work(m.kernel, () => void m.log.push("ran"));
      expect(yield* queue.stop(K_FOREVER)).toBe(-EBUSY);
      expect(yield* queue.drain(true)).toBe(1);
      expect(yield* work.submit(queue)).toBe(-EBUSY);
      expect(queue.unplug()).toBe(0);
      expect(queue.unplug()).toBe(-EALREADY);
      expect(yield* work.submit(queue)).toBe(1);
      expect(yield* queue.drain(true)).toBe(1);
      expect(yield* queue.stop(K_FOREVER)).toBe(0);
      expect(yield* queue.stop(K_FOREVER)).toBe(-EALREADY);
      m.log.push("stopped");
    });
    m.run();
    expect(m.log).toEqual(["ran", "stopped"]);
  });

  it("runs what a handler does in order and yields between items", () => {
    const m = new TestMachine();
    const queue = new WorkQueue(m.kernel);
    queue.start({ priority: 3 });
    m.thread("equal", 3, function* () {
      m.log.push("equal");
      yield* m.kernel.yield();
      m.log.push("equal again");
    });
    m.thread("main", -1, function* () {
      for (const name of ["a", "b"]) {
        yield* new Work(m.kernel, () => void m.log.push(name)).submit(queue);
      }
    });
    m.run();
    expect(m.log).toEqual(["a", "equal", "b", "equal again"]);
  });
});

describe("p4wq", () => {
  it("runs by priority and deadline, at the item's priority, and cancels what is queued", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    m.thread("main", -10, function* () {
      const queue = new P4wq(k, { threads: 2 });
      yield* k.sleep(K_MSEC(1));
      const item = (name: string, priority: number, deadline: number): P4wqWork =>
        new P4wqWork(
          k,
          function* () {
            expect(k.current.priority).toBe(priority);
            m.log.push(name);
            yield* k.busy(1000);
          },
          { priority, deadline, sync: name === "cancelled" },
        );
      const cancelled = item("cancelled", 2, 0);
      for (const work of [item("late", 3, 9000), item("early", 3, 500), item("best", 1, 9000)]) {
        yield* queue.submit(work);
      }
      yield* queue.submit(cancelled);
      expect(yield* queue.wait(cancelled, K_NO_WAIT)).toBe(-EBUSY);
      expect(queue.cancel(cancelled)).toBe(true);
      expect(queue.cancel(cancelled)).toBe(false);
      expect(yield* queue.wait(cancelled, K_NO_WAIT)).toBe(0);
    });
    m.run();
    expect(m.log).toEqual(["best", "early", "late"]);
  });

  it("with CPU masks of its own waits for each worker's mask", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const queue = new P4wq(k, { threads: 1, userCpuMask: true });
    m.thread("main", 5, function* () {
      yield* queue.submit(new P4wqWork(k, () => m.say("ran"), { priority: 2 }));
      yield* k.busy(500);
      expect(m.log).toEqual([]);
      queue.enableStaticThread(0, 0b10);
      yield* k.busy(500);
    });
    m.run();
    expect(m.log).toEqual(["ran@1 500"]);
  });
});

describe("heap with waiters", () => {
  it("lets all waiters try again, best first, and a running thread before them", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const heap = new KHeap(k, { base: 0x1000, size: 512 });
    for (const priority of [6, 4]) {
      m.thread(`${priority}`, priority, function* () {
        const block = yield* heap.alloc(150, 0, K_MSEC(10));
        m.log.push(`${priority} ${block === 0 ? "none" : "some"}`);
      });
    }
    m.thread("main", -1, function* () {
      const first = yield* heap.alloc(200);
      const second = yield* heap.alloc(200);
      yield* k.sleep(K_MSEC(1));
      yield* heap.free(first);
      yield* heap.free(second);
      // Cooperative: it is served before the waiters run.
      expect(yield* heap.alloc(200)).not.toBe(0);
    });
    m.run();
    expect(m.log).toEqual(["4 some", "6 none"]);
  });
});

describe("memory domain", () => {
  it("agrees with a plain list of rights for any sequence of changes", () => {
    const m = new TestMachine({ options: { pageBytes: 1, maxDomainPartitions: 6 } });
    const change = fc.record({
      add: fc.boolean(),
      start: fc.nat(60),
      size: fc.nat(20),
      attr: fc.constantFrom(
        MemAttr.P_RW_U_RW,
        MemAttr.P_RW_U_RO,
        MemAttr.P_RW_U_NA,
        MemAttr.P_RX_U_RX,
        MemAttr.P_RWX_U_RWX,
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const domain = new MemDomain(m.kernel);
        expect(domain.init()).toBe(0);
        let model: { start: number; size: number; attr: number }[] = [];
        for (const { add, start, size, attr } of changes) {
          const part = { start, size, attr };
          if (add) {
            const overlap = model.some((p) => start < p.start + p.size && p.start < start + size);
            const bad = size === 0 || attr === MemAttr.P_RWX_U_RWX || overlap;
            const expected = bad ? -22 : model.length === 6 ? -28 : 0;
            expect(domain.addPartition(part)).toBe(expected);
            if (expected === 0) model.push(part);
          } else {
            const at = model.findIndex((p) => p.start === start && p.size === size);
            expect(domain.removePartition(part)).toBe(at < 0 ? -ENOENT : 0);
            model = model.filter((_, i) => i !== at);
          }
        }
        for (let address = 0; address < 80; address++) {
          const here = model.find((p) => p.start <= address && address < p.start + p.size);
          const rights = here === undefined ? 0 : here.attr;
          expect(domain.allows(address, 1, false)).toBe((rights & 1) !== 0);
          expect(domain.allows(address, 1, true)).toBe((rights & 3) === 3);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("atomic", () => {
  it("returns what was before and wraps as a 32-bit word", () => {
    const m = new TestMachine();
    const word = new Atomic(m.kernel, 0x7fff_ffff);
    expect([word.inc(), word.get()]).toEqual([0x7fff_ffff, -0x8000_0000]);
    expect([word.set(0b1100), word.or(0b0011), word.and(0b1010), word.xor(0b0110)]).toEqual([
      -0x8000_0000, 0b1100, 0b1111, 0b1010,
    ]);
    expect([word.nand(0b0100), word.get()]).toEqual([0b1100, ~0b0100]);
    expect([word.add(5), word.sub(2), word.dec(), word.clear(), word.get()]).toEqual([
      -5, 0, -2, -3, 0,
    ]);
    expect([word.cas(1, 9), word.cas(0, 9), word.get()]).toEqual([false, true, 9]);
    expect([word.testBit(3), word.testAndSetBit(1), word.testAndClearBit(3)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(word.get()).toBe(0b11);
  });
});

describe("any mix of operations", () => {
  it("leaves queues, counts and heaps whole", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const m = new TestMachine({ cpus: (seed % 3) + 1, options: { timesliceNs: 2e6 } });
      const { kernel: k } = m;
      const random = new Random(seed);
      const sems = Array.from({ length: 3 }, () => new Sem(k, 1, 4));
      const event = new KEvent(k);
      const queue = new KQueue<number>(k);
      const heap = new KHeap(k, { base: 0x1000, size: 1024 });
      let ended = 0;
      for (let t = 0; t < 8; t++) {
        m.thread(`t${t}`, random.below(6) - 2, function* (self) {
          const blocks: number[] = [];
          for (let i = 0; i < 60; i++) {
            const wait = K_MSEC(random.below(4));
            const sem = sems[random.below(3)] as Sem;
            switch (random.below(10)) {
              case 0:
                yield* sem.take(wait);
                break;
              case 1:
                yield* sem.give();
                break;
              case 2:
                yield* event.waitSafe(1 << random.below(4), false, wait);
                break;
              case 3:
                yield* event.post(1 << random.below(4));
                break;
              case 4:
                yield* queue.get(wait);
                break;
              case 5:
                yield* queue.append(i);
                break;
              case 6:
                blocks.push(yield* heap.alloc(1 + random.below(200), 0, wait));
                break;
              case 7:
                yield* heap.free(blocks.pop() ?? 0);
                break;
              case 8:
                yield* self.prioritySet(random.below(6) - 2);
                break;
              default:
                yield* k.busy(random.below(900));
            }
          }
          for (const block of blocks) yield* heap.free(block);
          ended++;
        });
      }
      expect(m.run().reason).toBe("idle");
      expect(m.fatals).toEqual([]);
      expect(ended).toBe(8);
      for (const sem of sems) {
        expect(sem.waiters.head).toBe(null);
        expect(sem.count).toBeLessThanOrEqual(4);
      }
      expect([event.waiters.head, queue.waiters.head, heap.waiters.head]).toEqual([
        null,
        null,
        null,
      ]);
      expect(heap.stats().allocatedBytes).toBe(0);
      expect(heap.validate()).toBe(true);
      expect(ObjType.SEM).toBe(4);
    }
  });
});
