/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import {
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KHeap,
  ObjType,
  type RuntimeStats,
  Sem,
  type Thread,
  type ThreadBody,
} from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EAGAIN = 11;
const EBUSY = 16;
const EINVAL = 22;
const EDEADLK = 45;

function* nothing(): ThreadBody {}

const forever = (m: Machine) =>
  function* (): ThreadBody {
    for (;;) yield* m.kernel.sleep(K_MSEC(10));
  };

/** A resource pool for dynamic objects. */
function pool(m: Machine, size = 0x4000): KHeap {
  return new KHeap(m.kernel, { base: 0x4_0000, size }, "pool");
}

describe("thread life cycle", () => {
  row("T107", "what the entry closes over reaches the thread unchanged", ({ machine }) => {
    const m = machine();
    const parameters = [new Sem(m.kernel, 1, 1), 0xffff_ffff, "text"] as const;
    const spawn = (p1: unknown, p2: unknown, p3: unknown): Thread =>
      m.thread("child", 1, function* (self) {
        expect(self.name).toBe("child");
        expect([p1, p2, p3]).toEqual([...parameters]);
        m.log.push("checked");
        yield* m.kernel.yield();
      });
    spawn(...parameters);
    m.run();
    expect(m.log).toEqual(["checked"]);
  });

  row("T109", "a thread made with a delay of 120 ms runs then and not before", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      m.thread(
        "late",
        0,
        function* () {
          m.log.push("ran");
          yield* k.yield();
        },
        { delay: K_MSEC(120) },
      );
      yield* k.sleep(K_MSEC(100));
      expect(m.log).toEqual([]);
      yield* k.sleep(K_MSEC(25));
      expect(m.log).toEqual(["ran"]);
    });
  });

  row("T110", "a thread without a start time waits for its start", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const thread = m.thread(
        "held",
        -1,
        function* () {
          m.log.push("ran");
          yield* k.yield();
        },
        { delay: K_FOREVER },
      );
      yield* k.sleep(K_MSEC(100));
      expect(m.log).toEqual([]);
      yield* thread.start();
      expect(m.log).toEqual(["ran"]);
    });
  });

  row("T112", "nothing after aborting oneself runs", ({ machine }) => {
    const m = machine();
    m.thread("self", 1, function* (self) {
      m.log.push("before");
      yield* self.abort();
      m.log.push("after");
    });
    m.run();
    expect(m.log).toEqual(["before"]);
  });

  row("T113", "a thread aborted before its first run, or asleep, does not go on", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const fresh = m.thread("fresh", 1, function* () {
        m.log.push("fresh ran");
        yield* k.yield();
      });
      yield* fresh.abort();
      const asleep = m.thread("asleep", 1, function* () {
        m.log.push("asleep began");
        yield* k.sleep(K_MSEC(50));
        m.log.push("asleep went on");
      });
      yield* k.sleep(K_MSEC(10));
      yield* asleep.abort();
      yield* k.sleep(K_MSEC(100));
      expect(m.log).toEqual(["asleep began"]);
    });
  });

  row("T115", "a delayed thread aborted before its time never runs", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const late = m.thread(
        "late",
        -5,
        function* () {
          m.log.push("ran");
          yield* k.yield();
        },
        { delay: K_MSEC(100) },
      );
      yield* k.sleep(K_MSEC(50));
      yield* late.abort();
      yield* k.sleep(K_MSEC(100));
      expect(m.log).toEqual([]);
    });
  });

  row("T116", "a handler that aborts what it interrupted runs to its end", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const victim = m.thread("victim", 1, function* () {
        for (;;) yield* k.busy(1000);
      });
      const raise = m.interrupt(() => {
        expect(k.current).toBe(victim);
        victim.abortNow();
        m.log.push("handler's end");
      });
      m.thread("trigger", -1, function* () {
        yield* k.sleep(K_MSEC(5));
        raise();
      });
      expect(yield* victim.join(K_FOREVER)).toBe(0);
      m.log.push("joined");
      expect(m.log).toEqual(["handler's end", "joined"]);
    });
  });

  row("T118", "aborting an essential thread is fatal", ({ machine }) => {
    const m = machine();
    const essential = m.thread("essential", 1, forever(m), { essential: true });
    m.thread("killer", 0, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      yield* essential.abort();
    });
    const result = m.kernel.run();
    expect(result.reason).toBe("halted");
    expect(result.fatal?.reason).toBe(4);
    expect(m.fatals).toHaveLength(1);
  });

  row("T119", "a thread whose essential flag was cleared can be aborted", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const thread = m.thread("thread", 1, forever(m));
      thread.essential = true;
      yield* k.sleep(K_MSEC(1));
      expect(thread.essential).toBe(true);
      thread.essential = false;
      yield* thread.abort();
      expect(thread.dead).toBe(true);
      expect(m.fatals).toEqual([]);
    });
  });

  row("T121", "join of a live, an ended and a never started thread", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const live = m.thread("live", 1, function* () {
        yield* k.sleep(K_MSEC(200));
      });
      expect(yield* live.join(K_NO_WAIT)).toBe(-EBUSY);
      expect(yield* live.join(K_MSEC(50))).toBe(-EAGAIN);
      yield* k.sleep(K_MSEC(200));
      expect(yield* live.join(K_NO_WAIT)).toBe(0);
      expect(yield* live.join(K_FOREVER)).toBe(0);
    });
    const n = machine();
    const heap = pool(n);
    n.kernel.boot.heapAssign(heap);
    const never = n.kernel.objectAlloc(ObjType.THREAD) as Thread;
    const user = n.thread(
      "user",
      1,
      function* () {
        expect(yield* never.join(K_FOREVER)).toBe(0);
        n.log.push("joined");
      },
      { user: true },
    );
    n.kernel.accessGrant(never, user);
    n.run();
    expect(n.log).toEqual(["joined"]);
  });

  row("T122", "join ends with the target, by itself or by a third thread's hand", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      for (const timeout of [K_FOREVER, K_MSEC(100)]) {
        for (const aborted of [false, true]) {
          const target = m.thread("target", 1, function* () {
            yield* k.sleep(aborted ? K_FOREVER : K_MSEC(10));
          });
          if (aborted) {
            m.thread("third", 2, function* () {
              yield* k.sleep(K_MSEC(10));
              yield* target.abort();
            });
          }
          const start = m.ms;
          expect(yield* target.join(timeout)).toBe(0);
          expect(m.ms - start).toBeLessThan(20);
        }
      }
    });
  });

  row("T124", "joining oneself or one's joiner is a deadlock", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      expect(yield* self.join(K_FOREVER)).toBe(-EDEADLK);
      let other = -1;
      const b = m.thread("b", 1, function* () {
        other = yield* self.join(K_FOREVER);
        m.log.push("b joined");
      });
      yield* k.sleep(K_MSEC(1));
      expect(yield* b.join(K_FOREVER)).toBe(-EDEADLK);
      expect(other).toBe(-1);
    });
    expect(m.log).toEqual(["b joined"]);
  });

  row("T125", "priorities of oneself and of others read back as set", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k, self) {
        const other = m.thread("other", -1, function* () {
          yield* k.sleep(K_FOREVER);
        });
        for (const base of [-2, 2]) {
          for (const thread of [self, other]) {
            for (const priority of [base, base - 1, base + 1]) {
              yield* thread.prioritySet(priority);
              expect(thread.priorityGet()).toBe(priority);
            }
          }
        }
        yield* other.abort();
      },
      { priority: -2 },
    );
  });

  row("T127", "a suspended preemptible user thread goes on at its resume only", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    const target = m.thread(
      "target",
      2,
      function* () {
        m.log.push("target");
        yield* k.yield();
      },
      { user: true, delay: K_FOREVER },
    );
    const caller = m.thread(
      "caller",
      1,
      function* () {
        yield* target.start();
        yield* target.suspend();
        yield* k.sleep(K_MSEC(100));
        expect(m.log).toEqual([]);
        yield* target.resume();
        yield* k.sleep(K_MSEC(10));
        expect(m.log).toEqual(["target"]);
      },
      { user: true },
    );
    k.accessGrant(target, caller);
    m.run();
    expect(m.log).toEqual(["target"]);
    expect(m.fatals).toEqual([]);
  });

  row("T128", "a thread that suspends itself stays there", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const thread = m.thread("thread", -1, function* (self) {
        m.log.push("before");
        yield* self.suspend();
        m.log.push("after");
      });
      yield* k.sleep(K_MSEC(100));
      expect(m.log).toEqual(["before"]);
      yield* thread.abort();
    });
  });

  row("T130", "resume of a thread that is not suspended changes nothing", ({ machine }) => {
    const m = machine();
    m.main(function* () {
      const thread = m.thread("thread", 5, nothing);
      expect(thread.stateString()).toBe("queued");
      yield* thread.resume();
      expect(thread.stateString()).toBe("queued");
      yield* thread.suspend();
      expect(thread.stateString()).toBe("suspended");
      yield* thread.resume();
      expect(thread.stateString()).toBe("queued");
    });
  });

  row("T131", "a thread whose mask lacks the CPU does not run", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      for (const change of ["clear", "disable"] as const) {
        const thread = m.thread(
          "masked",
          -5,
          function* () {
            m.log.push("ran");
            yield* k.yield();
          },
          { delay: K_FOREVER },
        );
        expect(change === "clear" ? thread.cpuMaskClear() : thread.cpuMaskDisable(0)).toBe(0);
        yield* thread.start();
        yield* k.yield();
        expect(m.log).toEqual([]);
        expect(thread.cpuMaskEnableAll()).toBe(-EINVAL);
        yield* thread.abort();
      }
    });
  });

  row("T133", "a thread whose mask has the CPU runs at its start", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      for (const change of ["all", "pin"] as const) {
        m.log.length = 0;
        const thread = m.thread(
          "enabled",
          -5,
          function* () {
            m.log.push("ran");
            yield* k.yield();
          },
          { delay: K_FOREVER },
        );
        if (change === "all") expect(thread.cpuMaskEnableAll()).toBe(0);
        else {
          expect(thread.cpuMaskClear()).toBe(0);
          expect(thread.cpuMaskEnable(0)).toBe(0);
          expect(thread.cpuPin(0)).toBe(0);
        }
        yield* thread.start();
        yield* k.yield();
        expect(m.log).toEqual(["ran"]);
      }
    });
  });

  row("T134", "a user thread names itself and what it has permission on", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    const stranger = m.thread("stranger", 5, nothing, { delay: K_FOREVER });
    const child = m.thread("child", 5, nothing, { delay: K_FOREVER });
    const user = m.thread(
      "user",
      1,
      function* (self) {
        expect(k.threadNameSet(sem, "x")).toBe(-EINVAL);
        expect(k.threadNameSet(stranger, "x")).toBe(-EINVAL);
        expect(k.threadNameSet(null, "myself")).toBe(0);
        expect(k.threadNameSet(child, "my child")).toBe(0);
        expect(k.threadNameCopy(self, 32)).toBe("myself");
        expect(k.threadNameCopy(child, 32)).toBe("my child");
        expect(k.threadNameCopy(stranger, 32)).toBe("stranger");
        // A string that the caller cannot read is refused before anything else.
        expect(k.threadNameSet(child, { address: 0xdead_0000, text: "wild" })).toBe(-14);
        m.log.push("done");
        yield* k.yield();
      },
      { user: true },
    );
    k.accessGrant(child, user);
    m.run();
    expect(m.log).toEqual(["done"]);
  });

  row("T136", "run-time statistics refuse nothing at all and add up", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const stats: RuntimeStats = { executionCycles: 0, totalCycles: 0, idleCycles: 0 };
      expect(k.threadRuntimeStatsGet(null, stats)).toBe(-EINVAL);
      expect(k.threadRuntimeStatsGet(self, null)).toBe(-EINVAL);
      expect(k.runtimeStatsAllGet(null)).toBe(-EINVAL);
      const other = m.thread("other", 1, function* () {
        yield* k.busy(50_000);
      });
      yield* k.busy(10_000);
      yield* k.sleep(K_MSEC(5));
      let sum = 0;
      for (const thread of [self, other]) {
        expect(k.threadRuntimeStatsGet(thread, stats)).toBe(0);
        expect(stats.executionCycles).toBeGreaterThan(thread === self ? 10_000 : 50_000);
        sum += stats.executionCycles;
      }
      expect(k.runtimeStatsAllGet(stats)).toBe(0);
      expect(sum).toBeLessThanOrEqual(stats.executionCycles);
      expect(stats.idleCycles).toBeGreaterThan(400_000);
    });
  });

  row("T137", "a delayed thread tells when it will start and how long that is", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const start = k.uptimeTicks();
      const thread = m.thread("late", 1, nothing, { delay: K_MSEC(100) });
      expect(thread.timeoutExpiresTicks()).toBeGreaterThanOrEqual(start + 1500);
      yield* k.sleep(K_MSEC(10));
      const first = thread.timeoutRemainingTicks();
      expect(first).toBeLessThan(1500);
      yield* k.sleep(K_MSEC(10));
      expect(thread.timeoutRemainingTicks()).toBeLessThan(first);
    });
  });

  row("T139", "custom data is each thread's own", ({ machine }) => {
    const m = machine();
    for (const [name, priority] of [
      ["coop", -2],
      ["preempt", 2],
    ] as const) {
      m.thread(name, priority, function* (self) {
        expect(self.customData).toBe(null);
        for (let i = 0; i < 5; i++) {
          self.customData = `${name} ${i}`;
          yield* m.kernel.yield();
          expect(self.customData).toBe(`${name} ${i}`);
        }
        m.log.push(name);
      });
    }
    m.run();
    expect(m.log).toEqual(["coop", "preempt"]);
  });

  row("T140", "every thread is better than the idle one", ({ machine }) => {
    const m = machine({ options: { preemptPriorities: 15 } });
    m.main(
      function* (k, self) {
        expect(self.priorityGet()).toBe(3);
        expect(k.cpus[0]?.idleThread.priority).toBe(15);
        const worst = m.thread("worst", 14, nothing);
        expect(worst.priority).toBeLessThan(15);
        yield* worst.join(K_FOREVER);
      },
      { priority: 3 },
    );
  });

  row("T142", "start and time-out queries of nothing end the user thread", ({ machine }) => {
    const m = machine();
    const calls = [
      "k_thread_start",
      "k_thread_timeout_expires_ticks",
      "k_thread_timeout_remaining_ticks",
    ];
    for (const call of calls) {
      m.thread(
        call,
        1,
        function* () {
          m.kernel.syscall(call, null);
          m.log.push("came back");
          yield* m.kernel.yield();
        },
        { user: true },
      );
    }
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([3, 3, 3]);
  });
});

describe("dynamic threads", () => {
  row("T143", "a supervisor runs a user thread on an allocated object", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      self.heapAssign(pool(m));
      const object = k.objectAlloc(ObjType.THREAD) as Thread;
      expect(object).not.toBe(null);
      const thread = m.thread(
        "dynamic",
        1,
        function* () {
          expect(k.isUserContext()).toBe(true);
          m.log.push("ran");
          yield* k.yield();
        },
        { object, user: true },
      );
      expect(thread).toBe(object);
      expect(yield* thread.join(K_FOREVER)).toBe(0);
      expect(m.log).toEqual(["ran"]);
      k.objectFree(object);
    });
  });

  row("T145", "thread ids run out before memory does, and come back", ({ machine }) => {
    const m = machine({ options: { maxThreadBytes: 1 } });
    m.main(function* (k, self) {
      const heap = pool(m);
      self.heapAssign(heap);
      const objects: Thread[] = [];
      for (;;) {
        const object = k.objectAlloc(ObjType.THREAD);
        if (object === null) break;
        objects.push(object);
      }
      // Eight ids, one of which is the caller's.
      expect(objects).toHaveLength(7);
      expect(heap.stats().freeBytes).toBeGreaterThan(4096);
      k.objectFree(objects[3]);
      expect(k.objectAlloc(ObjType.THREAD)).not.toBe(null);
      expect(k.objectAlloc(ObjType.THREAD)).toBe(null);
      yield* k.yield();
    });
  });

  row("T146", "a dynamic user thread without permission dies alone", ({ machine }) => {
    const m = machine();
    const sem = new Sem(m.kernel, 1, 1);
    m.main(function* (k, self) {
      self.heapAssign(pool(m));
      const thread = m.thread(
        "dynamic",
        1,
        function* () {
          yield* sem.take(K_NO_WAIT);
          m.log.push("took");
        },
        { object: k.objectAlloc(ObjType.THREAD) as Thread, user: true },
      );
      expect(yield* thread.join(K_FOREVER)).toBe(0);
      expect(m.log).toEqual([]);
      expect(m.fatals.map((fatal) => [fatal.reason, fatal.thread])).toEqual([[3, thread]]);
    });
  });
});
