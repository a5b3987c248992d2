import { EAGAIN, EBUSY, EDEADLK, EINVAL, ENOSYS } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  FatalReason,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  K_TICKS_FOREVER,
  K_TIMEOUT_ABS_TICKS,
  Mutex,
  Sem,
  Spinlock,
  Thread,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

describe("the CPU mask", () => {
  it("is of CPUs that exist, and of threads that cannot run", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const thread = m.thread(
      "t",
      5,
      function* () {
        yield* k.sleep(K_FOREVER);
      },
      { delay: K_FOREVER },
    );
    for (const cpu of [-1, 2, 31, 32, 33, 0.5, Number.NaN]) {
      expect(thread.cpuPin(cpu)).toBe(-EINVAL);
      expect(thread.cpuMaskEnable(cpu)).toBe(-EINVAL);
      expect(thread.cpuMaskDisable(cpu)).toBe(-EINVAL);
    }
    expect(thread.cpuMask).toBe(-1);
    expect(thread.cpuPin(1)).toBe(0);
    expect(thread.cpuMask).toBe(2);
    expect([thread.cpuMaskEnable(0), thread.cpuMaskDisable(1)]).toEqual([0, 0]);
    expect(thread.cpuMask).toBe(1);
    thread.startNow();
    const all = [
      (): number => thread.cpuPin(0),
      (): number => thread.cpuMaskClear(),
      (): number => thread.cpuMaskEnableAll(),
      (): number => thread.cpuMaskEnable(1),
      (): number => thread.cpuMaskDisable(0),
    ];
    expect(all.map((change) => change())).toEqual(all.map(() => -EINVAL));
    m.run(10);
    // Asleep it can be changed; then suspended on top of that; then ended.
    expect(all.map((change) => change())).toEqual(all.map(() => 0));
    thread.suspendNow();
    expect(thread.cpuPin(1)).toBe(0);
  });

  it("that is empty keeps a ready thread from every CPU until it is suspended and let go", () => {
    const m = new TestMachine({ cpus: 2 });
    const thread = m.worker("t", 5, 10, { delay: K_FOREVER });
    expect(thread.cpuMaskClear()).toBe(0);
    thread.startNow();
    m.run(1_000);
    expect(m.log).toEqual([]);
    expect(thread.cpuPin(1)).toBe(-EINVAL);
    thread.suspendNow();
    expect(thread.cpuPin(1)).toBe(0);
    thread.resumeNow();
    m.runOut();
    expect(m.log).toEqual(["t@1 1010"]);
  });
});

describe("a sleep", () => {
  it("without end tells so when it is ended", () => {
    const m = new TestMachine();
    const sleeper = m.thread("sleeper", 5, function* () {
      m.log.push(`${yield* m.kernel.sleep(K_FOREVER)}`);
    });
    m.thread("waker", 6, function* () {
      yield* sleeper.wakeup();
      expect(yield* sleeper.join(K_NO_WAIT)).toBe(0);
    });
    m.runOut();
    expect(m.log).toEqual([`${K_TICKS_FOREVER}`]);
  });

  it("is never early, ends at an absolute tick, and takes no negative span for one", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    m.thread("sleeper", 5, function* () {
      yield* k.busy(300);
      expect(yield* k.msleep(2)).toBe(0);
      expect(k.now).toBe(3_000);
      expect(yield* k.sleep(K_TIMEOUT_ABS_TICKS(10))).toBe(0);
      expect(k.uptimeTicks()).toBe(10);
      expect(yield* k.sleep(K_TIMEOUT_ABS_TICKS(3))).toBe(0);
      expect(k.uptimeTicks()).toBe(11);
      expect(yield* k.usleep(-5)).toBe(0);
      expect(yield* k.msleep(-5)).toBe(0);
      expect(k.uptimeTicks()).toBe(11);
    });
    m.runOut();
    expect(m.fatals).toEqual([]);
  });
});

describe("yielding with interrupts locked", () => {
  for (const cpus of [1, 2]) {
    it(`gives the CPU to an equal, unlocked, and goes on locked, ${cpus} CPU(s)`, () => {
      const m = new TestMachine({ cpus });
      const { kernel: k } = m;
      const one = m.thread(
        "one",
        5,
        function* () {
          const key = k.irqLock();
          m.log.push("one");
          yield* k.yield();
          m.log.push(`one again, ${k.currentCpu?.masked ?? false}`);
          k.irqUnlock(key);
          yield* k.yield();
          m.log.push(`and again, ${k.currentCpu?.masked ?? true}`);
        },
        { delay: K_FOREVER },
      );
      const two = m.thread(
        "two",
        5,
        function* () {
          m.log.push(`two, ${k.currentCpu?.masked ?? true}`);
          yield* k.yield();
          m.log.push("two again");
        },
        { delay: K_FOREVER },
      );
      for (const thread of [one, two]) {
        thread.cpuPin(0);
        thread.startNow();
      }
      m.runOut();
      expect(m.log).toEqual([
        "one",
        "two, false",
        "one again, true",
        "two again",
        "and again, false",
      ]);
      expect(m.fatals).toEqual([]);
    });
  }

  it("is nothing without an equal, and forbidden with a spinlock held", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const lock = new Spinlock(k);
    m.thread("t", 5, function* () {
      const key = k.irqLock();
      yield* k.yield();
      expect(k.currentCpu?.masked).toBe(true);
      k.irqUnlock(key);
      lock.lock();
      m.log.push("locked");
      yield* k.yield();
      m.log.push("never");
    });
    m.thread("equal", 5, function* () {
      yield* k.yield();
    });
    m.run();
    expect(m.log).toEqual(["locked"]);
    expect(m.fatals.map((info) => info.reason)).toEqual([FatalReason.KERNEL_PANIC]);
  });
});

describe("joining", () => {
  it("has its errors in the order: ended, not to wait, deadlock, time-out", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const never = new Thread(k, "never created");
    const ended = m.thread("ended", 1, function* () {});
    const a: Thread = m.thread("a", 5, function* () {
      expect(yield* ended.join(K_FOREVER)).toBe(0);
      expect(yield* never.join(K_FOREVER)).toBe(0);
      expect(yield* a.join(K_NO_WAIT)).toBe(-EBUSY);
      expect(yield* a.join(K_FOREVER)).toBe(-EDEADLK);
      expect(yield* a.join(K_MSEC(1))).toBe(-EDEADLK);
      expect(k.now).toBe(0);
      expect(yield* b.join(K_MSEC(2))).toBe(-EAGAIN);
      expect(yield* b.join(K_FOREVER)).toBe(0);
    });
    const b: Thread = m.thread("b", 6, function* () {
      expect(yield* a.join(K_NO_WAIT)).toBe(-EBUSY);
      expect(yield* a.join(K_MSEC(1))).toBe(-EDEADLK);
      yield* k.sleep(K_MSEC(9));
    });
    m.runOut();
    expect([m.fatals, a.dead, b.dead]).toEqual([[], true, true]);
  });
});

describe("starting", () => {
  for (const newThreadState of ["sleeping", "prestart"] as const) {
    it(`is nothing for a thread that was started, waits or has ended (${newThreadState})`, () => {
      const m = new TestMachine({ options: { newThreadState } });
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 1);
      const t = m.thread(
        "t",
        5,
        function* () {
          m.say("runs");
          expect(yield* sem.take(K_MSEC(4))).toBe(-EAGAIN);
          m.say("timed out");
        },
        { delay: K_FOREVER },
      );
      expect(t.stateString()).toBe(newThreadState);
      m.run(100);
      for (const until of [1_000, 2_000, 9_000]) {
        t.startNow();
        m.run(until);
      }
      t.startNow();
      m.runOut();
      expect(m.log).toEqual(["runs 100", "timed out 5000"]);
      expect(t.stateString()).toBe("dead");
    });
  }

  it("before a delay is over takes its place", () => {
    const m = new TestMachine();
    const t = m.thread(
      "t",
      5,
      function* () {
        m.say("runs");
        yield* m.kernel.yield();
      },
      { delay: K_MSEC(50) },
    );
    expect([t.timeoutRemainingTicks(), t.timeoutExpiresTicks()]).toEqual([51, 51]);
    m.run(1_000);
    t.startNow();
    m.runOut();
    expect(m.log).toEqual(["runs 1000"]);
  });
});

describe("waking", () => {
  it("ends sleeps only, also from a handler, and never a suspension", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    const pending = m.thread("pending", 5, function* () {
      yield* sem.take(K_FOREVER);
      m.say("pending");
    });
    const asleep = m.thread("asleep", 5, function* () {
      m.say(`left ${yield* k.sleep(K_MSEC(10))}`);
    });
    const halted = m.thread("halted", 5, function* () {
      m.say(`left ${yield* k.sleep(K_MSEC(10))}`);
    });
    k.irqConnect(0, 3, () => {
      for (const thread of [pending, asleep, halted]) thread.wakeupNow();
    });
    k.irqEnable(0, 3);
    m.run(1_500);
    halted.suspendNow();
    k.irqRaise(0, 3);
    m.run(4_500);
    halted.resumeNow();
    m.runOut("pending");
    // The sleep ended with the wake-up; what is left is counted when the thread runs again.
    expect(m.log).toEqual(["left 10 1500", "left 7 4500"]);
  });
});

describe("priorities", () => {
  it("out of range are refused, of a supervisor as a broken rule", () => {
    for (const priority of [15, 16, 6000, -17, 1.5, Number.NaN]) {
      const m = new TestMachine();
      const t = m.thread("t", 5, function* () {
        yield* t.prioritySet(priority);
      });
      m.run();
      expect(
        m.fatals.map((info) => info.reason),
        `${priority}`,
      ).toEqual([FatalReason.KERNEL_PANIC]);
      expect(m.kernel.validPriority(priority)).toBe(false);
      expect(() => m.worker("bad", priority, 1)).toThrow(/priority/);
    }
    const { kernel: k } = new TestMachine();
    expect([-16, 14, 15].map((priority) => k.validPriority(priority, true))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("tell whether the caller can be preempted", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const seen: boolean[] = [];
    k.irqConnect(0, 3, () => void seen.push(k.isPreemptThread()));
    k.irqEnable(0, 3);
    m.thread("t", 3, function* () {
      seen.push(k.isPreemptThread());
      k.schedLock();
      seen.push(k.isPreemptThread());
      yield* k.schedUnlock();
      k.irqRaise(0, 3);
      yield* k.yield();
      yield* k.current.prioritySet(-1);
      seen.push(k.isPreemptThread());
    });
    m.runOut();
    expect(seen).toEqual([true, false, false, false]);
  });
});

describe("a deadline from now", () => {
  it("that is not positive is now for a supervisor, and an oops for a user thread", () => {
    for (const cycles of [0, -100]) {
      for (const user of [false, true]) {
        const m = new TestMachine();
        const { kernel: k } = m;
        const t = m.thread(
          "t",
          5,
          function* () {
            yield* k.busy(300);
            yield* t.deadlineSet(cycles);
            m.log.push(`${t.deadline}`);
          },
          { user },
        );
        m.runOut();
        expect(m.log).toEqual(user ? [] : ["300"]);
        expect(m.fatals.map((info) => info.reason)).toEqual(user ? [FatalReason.KERNEL_OOPS] : []);
      }
    }
  });
});

describe("names", () => {
  it("are cut to the configured length, or do not exist", () => {
    const m = new TestMachine({ options: { threadNameMax: 5 } });
    const t = m.worker("long name", 5, 1);
    expect(t.name).toBe("long");
    expect(m.kernel.threadNameSet(t, "another")).toBe(0);
    expect(m.kernel.threadNameCopy(t, 5)).toBe("anot");
    const none = new TestMachine({ options: { threadNameMax: 0 } });
    const unnamed = none.worker("x", 5, 1);
    expect(unnamed.name).toBe("");
    expect(none.kernel.threadNameSet(unnamed, "y")).toBe(-ENOSYS);
    expect(none.kernel.threadNameCopy(unnamed, 9)).toBe(-ENOSYS);
  });
});

describe("spinlocks and interrupt locks", () => {
  it("assert on an unlock by whoever does not hold them, and on taking one twice", () => {
    const cases: readonly ((m: TestMachine, lock: Spinlock) => void)[] = [
      (_, lock) => lock.unlock(0),
      (_, lock) => lock.release(),
      (m) => m.kernel.irqUnlock(0),
      (_, lock) => {
        lock.lock();
        lock.lock();
      },
    ];
    for (const act of cases) {
      const m = new TestMachine();
      const lock = new Spinlock(m.kernel);
      // eslint-disable-next-line require-yield
      m.thread("t", 5, function* () {
        act(m, lock);
      });
      m.run();
      expect(m.fatals.map((info) => info.reason)).toEqual([FatalReason.KERNEL_PANIC]);
    }
  });

  it("nest, restore what each key says, and are no reschedule points", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const outer = new Spinlock(k, "outer");
    const inner = new Spinlock(k, "inner");
    const sem = new Sem(k, 0, 1);
    m.thread("better", 2, function* () {
      yield* sem.take(K_FOREVER);
      m.log.push("better");
    });
    m.thread("t", 5, function* () {
      const first = outer.lock();
      const second = inner.lock();
      expect([first, second, inner.trylock()]).toEqual([0, 1, -1]);
      yield* sem.give();
      m.log.push("given");
      inner.unlock(second);
      expect(k.currentCpu?.masked).toBe(true);
      outer.unlock(first);
      m.log.push("unlocked");
      yield* k.yield();
      m.log.push("yielded");
    });
    m.runOut();
    expect(m.log).toEqual(["given", "unlocked", "better", "yielded"]);
  });
});

describe("suspending", () => {
  it("does not nest, is nothing for the dead, and a waiter may get its object meanwhile", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    m.thread("owner", 5, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* k.sleep(K_MSEC(2));
      yield* mutex.unlock();
    });
    const waiter = m.thread("waiter", 6, function* () {
      expect(yield* mutex.lock(K_FOREVER)).toBe(0);
      m.say("has it");
    });
    m.run(1_000);
    waiter.suspendNow();
    waiter.suspendNow();
    expect(waiter.stateString()).toBe("pending+suspended");
    m.run(5_000);
    expect([mutex.owner, waiter.stateString(), m.log]).toEqual([waiter, "suspended", []]);
    waiter.resumeNow();
    waiter.resumeNow();
    m.runOut();
    expect(m.log).toEqual(["has it 5000"]);
    waiter.suspendNow();
    waiter.resumeNow();
    waiter.abortNow();
    expect(waiter.stateString()).toBe("dead");
  });

  it("of a thread that was not started keeps it until both are undone", () => {
    for (const suspendCancelsTimeout of [false, true]) {
      for (const newThreadState of ["sleeping", "prestart"] as const) {
        const m = new TestMachine({ options: { suspendCancelsTimeout, newThreadState } });
        const t = m.worker("t", 5, 1, { delay: K_FOREVER });
        t.suspendNow();
        t.resumeNow();
        m.run(10);
        const text = `${suspendCancelsTimeout} ${newThreadState}`;
        expect(m.log, text).toEqual([]);
        t.suspendNow();
        t.startNow();
        m.run(20);
        expect(m.log, text).toEqual([]);
        t.resumeNow();
        m.runOut();
        expect(m.log, text).toHaveLength(1);
      }
    }
  });
});
