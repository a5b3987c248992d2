import { describe, expect, it } from "vitest";
import {
  defaultCosts,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KernelAssertion,
  KHeap,
  Mutex,
  ObjType,
  Sem,
  Spinlock,
  SWITCH,
  Thread,
  ThreadStack,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const EAGAIN = 11;
const EBUSY = 16;
const EINVAL = 22;

describe("suspending", () => {
  it("lets a time-out go on, and the thread run only after its resume", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sleeper = m.thread("sleeper", 1, function* () {
      m.say(`slept ${yield* k.sleep(K_MSEC(5))}`);
    });
    m.thread("main", 2, function* () {
      yield* k.busy(1000);
      yield* sleeper.suspend();
      expect(sleeper.stateString()).toBe("sleeping+suspended");
      yield* k.busy(9000);
      expect(sleeper.stateString()).toBe("suspended");
      yield* sleeper.resume();
      m.say("main");
    });
    m.run();
    expect(m.log).toEqual(["slept 0 10000", "main 10000"]);
  });

  it("cancels the time-out in older kernels, and the sleep ends with the resume", () => {
    const m = new TestMachine({ options: { suspendCancelsTimeout: true } });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    const sleeper = m.thread("sleeper", 1, function* () {
      yield* k.sleep(K_MSEC(50));
      m.say("slept");
    });
    const taker = m.thread("taker", 1, function* () {
      m.say(`took ${yield* sem.take(K_MSEC(3))}`);
    });
    m.thread("main", 2, function* () {
      yield* k.busy(1000);
      yield* sleeper.suspend();
      yield* taker.suspend();
      yield* k.busy(9000);
      yield* sleeper.resume();
      yield* taker.resume();
      yield* k.busy(5000);
      yield* sem.give();
    });
    m.run();
    expect(m.log).toEqual(["slept 10000", "took 0 15000"]);
  });

  it("leaves a waiting thread in its queue, where it may be given the object", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 5);
    const waiter = m.thread("waiter", 1, function* () {
      m.say(`took ${yield* sem.take(K_FOREVER)}`);
    });
    m.thread("main", 2, function* () {
      yield* waiter.suspend();
      yield* sem.give();
      expect(sem.count).toBe(0);
      expect(waiter.stateString()).toBe("suspended");
      yield* k.busy(100);
      yield* waiter.resume();
    });
    m.run();
    expect(m.log).toEqual(["took 0 100"]);
  });

  it("does not nest", () => {
    const m = new TestMachine();
    const worker = m.worker("worker", 5, 10);
    m.thread("main", 1, function* () {
      yield* worker.suspend();
      yield* worker.suspend();
      yield* worker.resume();
    });
    m.run();
    expect(m.log).toEqual(["worker 10"]);
  });

  it("of a thread on another CPU returns when it is off it; then it can be pinned", () => {
    const m = new TestMachine({ cpus: 2, costs: defaultCosts });
    const target = m.thread("target", 2, function* () {
      for (;;) yield* m.kernel.busy(10_000);
    });
    m.thread("main", 1, function* () {
      yield* m.kernel.busy(5000);
      expect(target.cpuPin(1)).toBe(-EINVAL);
      const before = m.kernel.now;
      yield* target.suspend();
      expect(target.stateString()).toBe("suspended");
      expect(target.cpuPin(1)).toBe(0);
      // One interrupt to the other CPU and a switch there, not the end of its computation.
      expect(m.kernel.now - before).toBeLessThan(5000);
      yield* target.abort();
      m.say("done");
    });
    m.run();
    expect(m.log).toHaveLength(1);
  });

  it("in kernel 3.4 only marks it: it runs on until its CPU chooses anew", () => {
    const m = new TestMachine({ cpus: 2, options: { suspendWaits: false } });
    const { kernel: k } = m;
    const target = m.thread("target", 2, function* () {
      yield* k.busy(1000);
      m.say("target goes on");
      yield* k.yield();
      m.say("never");
    });
    m.thread("main", 1, function* () {
      yield* k.busy(500);
      yield* target.suspend();
      expect(k.cpus[1]?.current).toBe(target);
      expect(target.cpuPin(0)).toBe(0);
    });
    m.run();
    expect(m.log).toEqual(["target goes on@1 1000"]);
  });

  it("waits for a thread that has interrupts locked until it unlocks them", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const target = m.thread("target", 2, function* () {
      const key = k.irqLock();
      yield* k.busy(3000);
      m.say("unlocks");
      k.irqUnlock(key);
      yield* k.busy(3000);
      m.say("never");
    });
    m.thread("main", 1, function* () {
      yield* k.busy(1000);
      yield* target.suspend();
      m.say("suspended it");
    });
    m.run();
    expect(m.log).toEqual(["unlocks@1 3000", "suspended it@1 3000"]);
  });

  it("of a thread that blocks before the interrupt reaches it comes back too", () => {
    const m = new TestMachine({ cpus: 2, costs: { ...defaultCosts, ipiLatency: 5000 } });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    const target = m.thread("target", 2, function* () {
      yield* k.busy(10_500);
      yield* sem.take(K_FOREVER);
      m.log.push("took");
    });
    m.thread("main", 1, function* () {
      yield* k.busy(10_000);
      yield* target.suspend();
      expect(target.stateString()).toBe("pending+suspended");
      m.log.push("suspended");
      yield* sem.give();
      yield* target.resume();
    });
    m.run();
    expect(m.log).toEqual(["suspended", "took"]);
  });
});

describe("a thread that goes on past SWITCH", () => {
  it("is ended where it stands, and the thread that has its CPU by then keeps it", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    m.thread("locked", 5, function* () {
      const key = k.irqLock();
      // Blocking lets go of the mask; it is back when this thread is.
      yield* k.sleep(K_MSEC(1));
      expect(k.currentCpu?.masked).toBe(true);
      yield* k.busy(5000);
      expect(k.currentCpu?.masked).toBe(true);
      k.irqUnlock(key);
      m.log.push("locked");
    });
    m.thread("careless", 1, function* () {
      yield* k.sleep(K_MSEC(1));
      sem.takeNow(K_FOREVER);
      sem.giveNow();
      yield 0;
    });
    m.run();
    expect(m.log).toEqual(["locked"]);
    expect(m.fatals.map((fatal) => fatal.thread.name)).toEqual(["careless"]);
    expect(sem.waiters.head).toBe(null);
  });
});

describe("aborting", () => {
  it("ends a thread on another CPU before the call returns, and its joiners go on", () => {
    const m = new TestMachine({ cpus: 2, costs: defaultCosts });
    const target = m.thread("target", 2, function* () {
      for (;;) yield* m.kernel.busy(1_000_000);
    });
    m.thread("joiner", 3, function* () {
      expect(yield* target.join(K_FOREVER)).toBe(0);
      m.log.push("joined");
    });
    m.thread("main", 1, function* () {
      yield* m.kernel.busy(20_000);
      yield* target.abort();
      expect(target.dead).toBe(true);
      m.log.push("aborted");
    });
    m.run();
    expect(m.log.toSorted()).toEqual(["aborted", "joined"]);
  });

  it("releases neither mutex nor semaphore", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const owner = m.thread("owner", 1, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* k.sleep(K_FOREVER);
    });
    m.thread("main", 2, function* () {
      yield* owner.abort();
      expect(mutex.owner).toBe(owner);
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(-EBUSY);
      expect(yield* mutex.lock(K_MSEC(1))).toBe(-EAGAIN);
      m.log.push("gave up");
    });
    m.run();
    expect(m.log).toEqual(["gave up"]);
  });

  it("takes a waiter off its queue and leaves the count alone", () => {
    const m = new TestMachine();
    const sem = new Sem(m.kernel, 0, 5);
    const waiter = m.thread("waiter", 1, function* () {
      yield* sem.take(K_FOREVER);
    });
    m.thread("main", 2, function* () {
      yield* waiter.abort();
      yield* sem.give();
      expect(sem.count).toBe(1);
    });
    m.run();
    expect(sem.waiters.head).toBe(null);
  });

  it("does not give a boosted owner its priority back when the waiter is aborted", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    const seen: number[] = [];
    const owner = m.thread("owner", 10, function* (self) {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(10));
      seen.push(self.priority);
      yield* mutex.unlock();
      seen.push(self.priority);
    });
    const waiter = m.thread(
      "waiter",
      3,
      function* () {
        yield* mutex.lock(K_FOREVER);
      },
      { delay: K_MSEC(1) },
    );
    m.thread(
      "main",
      1,
      function* () {
        seen.push(owner.priority);
        yield* waiter.abort();
      },
      { delay: K_MSEC(5) },
    );
    m.run();
    expect(seen).toEqual([3, 3, 10]);
  });

  it("of a thread that is dead is nothing", () => {
    const m = new TestMachine();
    const short = m.worker("short", 1, 1);
    m.thread("main", 2, function* () {
      expect(short.dead).toBe(true);
      expect(yield* short.abort()).toBe(0);
      expect(yield* short.join(K_FOREVER)).toBe(0);
    });
    expect(m.run().reason).toBe("idle");
  });

  it("in a handler, with nobody joining, ends the interrupted thread", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const victim = m.thread("victim", 1, function* () {
      yield* k.busy(5000);
      m.say("victim");
    });
    k.irqConnect(0, 3, () => void victim.abortNow());
    k.irqEnable(0, 3);
    m.thread("main", 0, function* () {
      yield* k.sleep(K_MSEC(1));
      k.irqRaise(0, 3);
      m.say("raised");
    });
    m.run();
    expect(m.log).toEqual(["raised 2000"]);
    expect(victim.dead).toBe(true);
  });
});

describe("essential threads", () => {
  it("panic the kernel when they come to their end or fault", () => {
    for (const fault of [false, true]) {
      const m = new TestMachine();
      m.thread(
        "essential",
        1,
        function* () {
          yield* m.kernel.sleep(K_MSEC(1));
          if (fault) throw new Error("bug");
        },
        { essential: true },
      );
      const result = m.run();
      expect(result.reason).toBe("halted");
      expect(result.fatal?.reason).toBe(fault ? 0 : 4);
    }
  });
});

describe("unwinding a killed thread", () => {
  it("runs its finally blocks, in which no operation works", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const forbidden = new Sem(k, 0, 1);
    const user = m.thread(
      "user",
      1,
      function* () {
        yield* mutex.lock(K_FOREVER);
        try {
          yield* forbidden.give();
        } finally {
          m.log.push("finally");
          yield* mutex.unlock();
          m.log.push("unlocked");
        }
      },
      { user: true },
    );
    k.accessGrant(mutex, user);
    expect(m.run().reason).toBe("idle");
    expect(m.log).toEqual(["finally"]);
    expect(mutex.owner).toBe(user);
  });

  it("cannot be stopped by a catch block", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    m.thread("stubborn", 1, function* (self) {
      try {
        yield* self.abort();
      } catch {
        m.log.push("caught");
      }
      try {
        yield* k.sleep(K_MSEC(1));
      } catch {
        m.log.push("caught again");
      }
      m.log.push("end");
    });
    m.worker("other", 2, 10);
    expect(m.run().reason).toBe("idle");
    expect(m.log).toEqual(["caught", "caught again", "end", "other 10"]);
  });
});

describe("assertions", () => {
  const broken: readonly [string, (m: TestMachine) => Generator<number, void, number>, string][] = [
    [
      "blocking with a spinlock held",
      function* (m) {
        new Spinlock(m.kernel).lock();
        yield* m.kernel.sleep(K_MSEC(1));
      },
      "spinlock held",
    ],
    [
      "unlocking the scheduler once too often",
      function* (m) {
        yield* m.kernel.schedUnlock();
      },
      "k_sched_unlock without",
    ],
    [
      "unlocking interrupts that are not locked",
      function* (m) {
        m.kernel.irqUnlock(0);
        yield* m.kernel.yield();
      },
      "irq_unlock",
    ],
    [
      "taking a spinlock twice",
      function* (m) {
        const lock = new Spinlock(m.kernel, "twice");
        lock.lock();
        lock.lock();
        yield* m.kernel.yield();
      },
      "twice is taken twice",
    ],
    [
      "freeing memory twice",
      function* (m) {
        const heap = new KHeap(m.kernel, { base: 0x1000, size: 1024 });
        const block = yield* heap.alloc(16);
        yield* heap.free(block);
        yield* heap.free(block);
      },
      "not allocated",
    ],
  ];
  for (const [what, body, message] of broken) {
    it(`panic on ${what}, whatever the policy`, () => {
      const m = new TestMachine();
      m.thread("culprit", 1, () => body(m));
      const result = m.run();
      expect(result.reason).toBe("halted");
      expect(result.fatal?.reason).toBe(4);
      expect(result.fatal?.cause).toBeInstanceOf(KernelAssertion);
      expect(result.fatal?.message).toContain(message);
    });
  }

  it("panic on calls that handlers must not make", () => {
    const calls: readonly ((m: TestMachine) => unknown)[] = [
      (m) => new Sem(m.kernel, 1, 1).takeNow(K_MSEC(1)),
      (m) => new Mutex(m.kernel).lockNow(K_NO_WAIT),
      (m) => new KHeap(m.kernel, { base: 0x1000, size: 1024 }).allocNow(8, 0, K_FOREVER),
      (m) => m.thread("made", 1, function* () {}),
      (m) => m.kernel.sleepNow(K_MSEC(1)),
      (m) => m.kernel.schedLock(),
    ];
    for (const call of calls) {
      const m = new TestMachine();
      m.kernel.irqConnect(0, 1, () => void call(m));
      m.kernel.irqEnable(0, 1);
      m.kernel.irqRaise(0, 1);
      const result = m.run();
      expect([result.reason, result.fatal?.reason, result.fatal?.inIsr]).toEqual([
        "halted",
        4,
        true,
      ]);
    }
  });
});

describe("sleeping", () => {
  it("tells what is left when it is cut short, in the unit of the call", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const threads = [
      m.thread("ms", 1, function* () {
        m.log.push(`${yield* k.sleep(K_MSEC(10))} ms`);
      }),
      m.thread("us", 1, function* () {
        m.log.push(`${yield* k.usleep(10_000)} us`);
      }),
    ];
    m.thread("main", 2, function* () {
      yield* k.busy(4000);
      for (const thread of threads) yield* thread.wakeup();
    });
    m.run();
    // 11 ticks from the start, 4 are over.
    expect(m.log).toEqual(["7 ms", "7000 us"]);
  });

  it("for no time is a yield", () => {
    const m = new TestMachine();
    for (const name of ["a", "b"]) {
      m.thread(name, 1, function* () {
        for (let i = 0; i < 2; i++) {
          m.log.push(name);
          expect(yield* m.kernel.sleep(K_NO_WAIT)).toBe(0);
        }
      });
    }
    m.run();
    expect(m.log.join("")).toBe("abab");
  });
});

describe("thread objects and stacks", () => {
  it("come from a pool, run a user thread made by a user thread, and go back", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const heap = new KHeap(k, { base: 0x4000, size: 0x4000 });
    k.boot.heapAssign(heap);
    m.thread(
      "maker",
      3,
      function* () {
        const object = k.objectAlloc(ObjType.THREAD) as Thread;
        const stack = k.threadStackAlloc(1024) as ThreadStack;
        expect(heap.contains(stack.address)).toBe(true);
        k.createThread({
          object,
          stack,
          user: true,
          priority: 4,
          *entry(self) {
            expect(k.isUserContext()).toBe(true);
            k.checkAccess(stack.address, 1024, true);
            m.log.push("ran");
            expect(self).toBe(object);
            yield* k.yield();
          },
        });
        expect(k.threadStackFree(stack)).toBe(-EBUSY);
        expect(yield* object.join(K_FOREVER)).toBe(0);
        expect(k.threadStackFree(stack)).toBe(0);
        expect(k.threadStackFree(stack)).toBe(-EINVAL);
        k.release(object);
      },
      { user: true },
    );
    m.run();
    expect(m.fatals.map((fatal) => fatal.message)).toEqual([]);
    expect(m.log).toEqual(["ran"]);
    expect(heap.stats().allocatedBytes).toBe(0);
  });

  it("are freed with the last permission when their holder dies", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const heap = new KHeap(k, { base: 0x4000, size: 0x4000 });
    m.thread("holder", 1, function* (self) {
      self.heapAssign(heap);
      expect(k.objectAlloc(ObjType.SEM)).not.toBe(null);
      yield* k.yield();
    });
    m.run();
    expect(heap.stats().allocatedBytes).toBe(0);
  });
});

describe("a thread made in a thread", () => {
  it("runs at the next point between operations, or exactly at the call", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 5);
    m.thread("main", 5, function* () {
      m.worker("plain", 1, 0);
      m.log.push("after createThread");
      if (sem.giveNow() === SWITCH) yield SWITCH;
      m.log.push("after the next operation");
      yield* k.spawnThread({ priority: 1, entry: () => logs("exact") });
      m.log.push("after spawnThread");
    });
    function* logs(what: string): Generator<number, void, number> {
      m.log.push(what);
      yield* k.yield();
    }
    m.run();
    expect(m.log).toEqual([
      "after createThread",
      "plain 0",
      "after the next operation",
      "exact",
      "after spawnThread",
    ]);
  });
});
