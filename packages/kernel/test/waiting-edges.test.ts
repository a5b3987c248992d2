import { EAGAIN, EBUSY, EINVAL, EPERM, ETIMEDOUT } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  CondVar,
  FatalReason,
  Futex,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  K_NSEC,
  K_SECONDS,
  K_USEC,
  KEvent,
  KHeap,
  KQueue,
  Mutex,
  Sem,
  SysMutex,
  SysSem,
  Timer,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

describe("a span of time", () => {
  it("that is negative is none, and rounds up to whole nanoseconds", () => {
    for (const span of [K_SECONDS, K_MSEC, K_USEC, K_NSEC]) {
      expect(span(-1)).toBe(K_NO_WAIT);
      expect(span(0)).toBe(K_NO_WAIT);
    }
    expect([K_SECONDS(2), K_MSEC(1.5), K_USEC(0.0001), K_NSEC(0.5)]).toEqual([2e9, 1.5e6, 1, 1]);
  });

  it("that is negative makes no call wait", () => {
    const m = new TestMachine();
    const sem = new Sem(m.kernel, 0, 1);
    m.thread("taker", 2, function* () {
      expect(yield* sem.take(K_MSEC(-5))).toBe(-EBUSY);
      expect(m.kernel.now).toBe(0);
    });
    m.runOut();
  });
});

describe("a mutex", () => {
  it("refused without waiting boosts nobody and leaves no waiter", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    const owner = m.thread("owner", 8, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(5));
      expect(yield* mutex.unlock()).toBe(0);
      expect(yield* mutex.unlock()).toBe(-EINVAL);
    });
    m.thread("other", 4, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(-EBUSY);
      expect(owner.priorityGet()).toBe(8);
      expect(yield* mutex.unlock()).toBe(-EPERM);
      expect(yield* mutex.lock(K_MSEC(1))).toBe(-EAGAIN);
      expect(owner.priorityGet()).toBe(8);
    });
    m.runOut();
    expect(m.fatals).toEqual([]);
  });

  it("goes to its waiter past a better thread that comes later", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    m.thread("owner", -1, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.sleep(K_MSEC(2));
      yield* mutex.unlock();
      // The waiter has it already, although it has not run.
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(-EBUSY);
    });
    m.thread("waiter", 5, function* () {
      yield* mutex.lock(K_FOREVER);
      m.say("waiter");
      yield* mutex.unlock();
    });
    m.runOut();
    expect(m.log).toHaveLength(1);
  });

  it("lends no priority when the ceiling is below every thread's", () => {
    const m = new TestMachine({ options: { priorityCeiling: 15 } });
    const mutex = new Mutex(m.kernel);
    const owner = m.thread("owner", 8, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.busy(5_000);
      yield* mutex.unlock();
    });
    m.thread("waiter", 4, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      yield* mutex.lock(K_FOREVER);
    });
    m.run(3_000);
    expect(owner.priority).toBe(8);
    m.runOut();
  });

  it("gives its owner back the priority that was saved, whatever was set meanwhile", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    const seen: number[] = [];
    const owner = m.thread("owner", 8, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* m.kernel.busy(3_000);
      seen.push(owner.priority);
      yield* owner.prioritySet(6);
      seen.push(owner.priority);
      yield* mutex.unlock();
      seen.push(owner.priority);
    });
    m.thread("waiter", 4, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      yield* mutex.lock(K_FOREVER);
      yield* mutex.unlock();
    });
    m.runOut();
    expect(seen).toEqual([4, 6, 8]);
  });

  it("whose owner died keeps its waiters until their time-outs", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    m.thread("owner", 8, function* () {
      yield* mutex.lock(K_FOREVER);
    });
    m.thread("waiter", 9, function* () {
      expect(yield* mutex.lock(K_MSEC(3))).toBe(-EAGAIN);
      m.say("timed out");
    });
    m.runOut();
    expect(m.log).toEqual(["timed out 4000"]);
  });

  it("may not be touched by a handler, not even without waiting", () => {
    for (const call of [
      (mutex: Mutex) => mutex.lockNow(K_NO_WAIT),
      (mutex: Mutex) => mutex.unlockNow(),
    ]) {
      const m = new TestMachine();
      const mutex = new Mutex(m.kernel);
      m.kernel.irqConnect(0, 3, () => void call(mutex));
      m.kernel.irqEnable(0, 3);
      m.kernel.irqRaise(0, 3);
      m.run(10);
      expect(m.fatals.map((info) => info.reason)).toEqual([FatalReason.KERNEL_PANIC]);
    }
  });
});

describe("a condition variable asked without waiting", () => {
  it("returns at once, with the mutex, as a time-out does", () => {
    const m = new TestMachine();
    const mutex = new Mutex(m.kernel);
    const condvar = new CondVar(m.kernel);
    m.thread("waiter", 5, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* mutex.lock(K_FOREVER);
      expect(yield* condvar.wait(mutex, K_NO_WAIT)).toBe(-EAGAIN);
      expect(m.kernel.now).toBe(0);
      expect([mutex.owner, mutex.count]).toEqual([m.kernel.current, 2]);
      yield* mutex.unlock();
      expect(yield* condvar.wait(mutex, K_NO_WAIT)).toBe(-EAGAIN);
      expect(yield* mutex.unlock()).toBe(0);
    });
    m.runOut();
  });

  it("lets whoever waits for the mutex have it first", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const condvar = new CondVar(k);
    m.thread("waiter", 5, function* () {
      yield* mutex.lock(K_FOREVER);
      yield* k.busy(2_000);
      expect(yield* condvar.wait(mutex, K_NO_WAIT)).toBe(-EAGAIN);
      expect(mutex.owner).toBe(k.current);
      m.say("waiter");
      expect(yield* mutex.unlock()).toBe(0);
    });
    m.thread("locker", 4, function* () {
      yield* k.sleep(K_MSEC(1));
      yield* mutex.lock(K_FOREVER);
      yield* k.sleep(K_MSEC(1));
      m.say("locker");
      yield* mutex.unlock();
    });
    m.runOut();
    expect(m.log.map((line) => line.split(" ")[0])).toEqual(["locker", "waiter"]);
  });
});

describe("a condition variable", () => {
  it("keeps no signal, tells how many it woke, and takes both calls from a handler", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const condvar = new CondVar(k);
    const woken: number[] = [];
    k.irqConnect(0, 3, () => woken.push(condvar.signalNow()));
    k.irqConnect(0, 4, () => woken.push(condvar.broadcastNow()));
    for (const irq of [3, 4]) k.irqEnable(0, irq);
    m.thread("early", 1, function* () {
      expect(yield* condvar.signal()).toBe(0);
      expect(yield* condvar.broadcast()).toBe(0);
    });
    for (const name of ["a", "b", "c"]) {
      m.thread(name, 5, function* () {
        yield* mutex.lock(K_FOREVER);
        expect(yield* condvar.wait(mutex, K_FOREVER)).toBe(0);
        m.log.push(name);
        yield* mutex.unlock();
      });
    }
    m.run(1_000);
    expect(m.log).toEqual([]);
    k.irqRaise(0, 3);
    m.run(2_000);
    expect(m.log).toEqual(["a"]);
    k.irqRaise(0, 4);
    m.run(3_000);
    expect(m.log).toEqual(["a", "b", "c"]);
    expect(woken).toEqual([0, 2]);
  });

  it("cannot be waited on in a handler", () => {
    const m = new TestMachine();
    const condvar = new CondVar(m.kernel);
    const mutex = new Mutex(m.kernel);
    m.kernel.irqConnect(0, 3, () => void condvar.waitNow(mutex, K_NO_WAIT));
    m.kernel.irqEnable(0, 3);
    m.kernel.irqRaise(0, 3);
    m.run(10);
    expect(m.fatals.map((info) => info.reason)).toEqual([FatalReason.KERNEL_PANIC]);
  });
});

describe("calls with a time-out in a handler", () => {
  it("are assertions if they might wait, and work without waiting", () => {
    const calls: readonly [(m: TestMachine, timeout: number) => number, number][] = [
      [(m, timeout) => new Sem(m.kernel, 0, 1).takeNow(timeout), -EBUSY],
      [(m, timeout) => new KEvent(m.kernel).waitNow(1, false, timeout), 0],
      [(m, timeout) => new KQueue(m.kernel).getNow(timeout), -EAGAIN],
      [(m, timeout) => new Futex(m.kernel, 0x1000, 7).waitNow(7, timeout), -ETIMEDOUT],
      [(m, timeout) => new SysSem(m.kernel, 0x1000, 0, 1).takeNow(timeout), -ETIMEDOUT],
      [
        (m, timeout) => new KHeap(m.kernel, { base: 0x1000, size: 256 }).allocNow(1024, 0, timeout),
        0,
      ],
      [(m, timeout) => m.kernel.boot.joinNow(timeout), -EBUSY],
    ];
    for (const [call, expected] of calls) {
      for (const timeout of [K_NO_WAIT, K_MSEC(1), K_FOREVER]) {
        const m = new TestMachine();
        const results: number[] = [];
        m.kernel.irqConnect(0, 3, () => results.push(call(m, timeout)));
        m.kernel.irqEnable(0, 3);
        m.kernel.irqRaise(0, 3);
        m.run(10);
        const text = `${String(call)} ${timeout}`;
        if (timeout === K_NO_WAIT) expect(results, text).toEqual([expected]);
        else
          expect(
            m.fatals.map((info) => info.reason),
            text,
          ).toEqual([FatalReason.KERNEL_PANIC]);
      }
    }
  });
});

describe("event bits", () => {
  it("report the bits that a call affects as they were, nothing in older kernels", () => {
    for (const eventReturnsPrevious of [true, false]) {
      const m = new TestMachine({ options: { eventReturnsPrevious } });
      const event = new KEvent(m.kernel);
      m.thread("poster", 5, function* () {
        const results = [
          yield* event.set(0xf0),
          yield* event.post(0x1f),
          yield* event.setMasked(0x03, 0x17),
          yield* event.clear(0x80),
          yield* event.set(0x1),
        ];
        expect(results).toEqual(
          eventReturnsPrevious ? [0, 0x10, 0x17, 0x80, 0x6b] : [0, 0, 0, 0, 0],
        );
        expect(event.test(0xffff_ffff)).toBe(1);
      });
      m.runOut();
    }
  });

  it("asked for none return at once and leave what is set, also with reset", () => {
    const m = new TestMachine();
    const event = new KEvent(m.kernel);
    m.thread("waiter", 5, function* () {
      yield* event.post(0x8000_0001);
      expect(yield* event.wait(0, true, K_FOREVER)).toBe(0);
      expect(yield* event.waitAll(0, false, K_FOREVER)).toBe(0);
      expect(yield* event.wait(0x8000_0000, false, K_FOREVER)).toBe(0x8000_0000);
      expect(yield* event.waitAllSafe(0x8000_0001, false, K_NO_WAIT)).toBe(0x8000_0001);
      expect(event.test(0xffff_ffff)).toBe(0);
      yield* event.post(6);
      expect(yield* event.wait(6, true, K_NO_WAIT)).toBe(0);
      expect(event.test(0xffff_ffff)).toBe(0);
    });
    m.runOut();
  });

  it("wake every waiter that one post satisfies, plain or safe, and lose what the safe ones took", () => {
    const m = new TestMachine();
    const event = new KEvent(m.kernel);
    const wait = (name: string, all: boolean, safe: boolean, bits: number): void => {
      m.thread(name, 5, function* () {
        const rc = all
          ? yield* safe
              ? event.waitAllSafe(bits, false, K_FOREVER)
              : event.waitAll(bits, false, K_FOREVER)
          : yield* safe
              ? event.waitSafe(bits, false, K_FOREVER)
              : event.wait(bits, false, K_FOREVER);
        m.log.push(`${name} ${rc}`);
      });
    };
    wait("any", false, false, 0b0111);
    wait("all", true, false, 0b0011);
    wait("safe", false, true, 0b0110);
    wait("all safe", true, true, 0b1001);
    wait("later", true, false, 0b1_0001);
    m.thread("poster", 6, function* () {
      yield* event.post(0b1011);
      m.log.push(`left ${event.test(0xff)}`);
    });
    m.runOut("later");
    expect(m.log).toEqual(["any 3", "all 3", "safe 2", "all safe 9", "left 0"]);
  });

  it("that are cleared or replaced before the waiter runs are still its result", () => {
    const m = new TestMachine();
    const event = new KEvent(m.kernel);
    m.thread("waiter", 5, function* () {
      m.log.push(`${yield* event.wait(0xff, false, K_FOREVER)}`);
    });
    m.thread("poster", -1, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      yield* event.post(3);
      yield* event.clear(1);
      yield* event.set(4);
    });
    m.runOut();
    expect(m.log).toEqual(["3"]);
  });
});

describe("a timer", () => {
  it("keeps to the rules of starts, stops and status", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    let stops = 0;
    const timer = new Timer(k, null, () => stops++);
    m.thread("user", 5, function* () {
      expect([timer.statusGet(), timer.remainingTicks(), timer.remainingGet()]).toEqual([0, 0, 0]);
      expect(yield* timer.statusSync()).toBe(0);
      yield* timer.stop();
      expect(stops).toBe(0);
      yield* timer.start(K_MSEC(2), K_MSEC(1));
      yield* k.sleep(K_MSEC(4));
      expect(timer.statusGet()).toBe(4);
      expect(timer.statusGet()).toBe(0);
      yield* k.sleep(K_MSEC(1));
      // A restart forgets expiries and does not call the stop function; one without end is nothing.
      yield* timer.start(K_MSEC(10), K_FOREVER);
      yield* timer.start(K_FOREVER, K_MSEC(1));
      expect([timer.statusGet(), stops, timer.remainingGet()]).toEqual([0, 0, 10]);
      yield* timer.stop();
      yield* timer.stop();
      expect([stops, timer.running]).toEqual([1, false]);
      // One that has expired once for all does not run any more.
      yield* timer.start(K_NO_WAIT, 0);
      yield* k.sleep(K_MSEC(3));
      yield* timer.stop();
      expect([timer.statusGet(), stops]).toEqual([1, 1]);
    });
    m.runOut();
    expect(m.fatals).toEqual([]);
  });

  it("wakes one status waiter an expiry, and one more when it is stopped, with nothing", () => {
    const m = new TestMachine();
    const timer = new Timer(m.kernel);
    for (const name of ["a", "b", "c"]) {
      m.thread(name, 5, function* () {
        m.log.push(`${name} ${yield* timer.statusSync()} at ${m.kernel.now}`);
      });
    }
    timer.startNow(K_MSEC(2), K_MSEC(2));
    m.run(3_000);
    expect(m.log).toEqual(["a 1 at 2000"]);
    timer.stopNow();
    m.run(9_000);
    expect(m.log).toEqual(["a 1 at 2000", "b 0 at 3000"]);
  });

  it("forgets its waiters when it is initialised anew", () => {
    const m = new TestMachine();
    const timer = new Timer(m.kernel);
    m.thread("waiter", 5, function* () {
      yield* timer.statusSync();
      m.say("woken");
    });
    timer.startNow(K_MSEC(2), 0);
    m.run(1_000);
    timer.init(null, null);
    timer.startNow(K_MSEC(2), 0);
    m.run(9_000);
    expect([m.log, timer.statusGet()]).toEqual([[], 1]);
  });
});

describe("objects in user memory, called by a supervisor", () => {
  it("tell what they are given wrongly by value", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const plain = new Mutex(k);
    const mutex = new SysMutex(k, 0x1000);
    m.thread("caller", 5, function* () {
      for (const wrong of [null, undefined, 0x1234, plain, {}]) {
        expect(k.syscall("sys_mutex_lock", wrong, K_NO_WAIT)).toBe(-EINVAL);
        expect(k.syscall("sys_mutex_unlock", wrong)).toBe(-EINVAL);
        expect(k.syscall("sys_sem_init", wrong, 0, 1)).toBe(-EINVAL);
        expect(k.syscall("sys_sem_take", wrong, K_NO_WAIT)).toBe(-EINVAL);
        expect(k.syscall("sys_sem_give", wrong)).toBe(-EINVAL);
        expect(k.syscall("k_futex_wait", wrong, 0, K_NO_WAIT)).toBe(-EINVAL);
        expect(k.syscall("k_futex_wake", wrong, true)).toBe(-EINVAL);
      }
      expect(yield* mutex.unlock()).toBe(-EINVAL);
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(0);
      expect(yield* mutex.lock(K_NO_WAIT)).toBe(0);
      expect(yield* mutex.unlock()).toBe(0);
      m.thread("other", 4, function* () {
        expect(yield* mutex.unlock()).toBe(-EPERM);
        expect(yield* mutex.lock(K_NO_WAIT)).toBe(-EBUSY);
        expect(yield* mutex.lock(K_MSEC(1))).toBe(-EAGAIN);
      });
      yield* k.sleep(K_MSEC(5));
      expect(yield* mutex.unlock()).toBe(0);
      const sem = new SysSem(k, 0x1000, 0, 1);
      expect(k.syscall("sys_sem_give", sem)).toBe(0);
      expect(k.syscall("sys_sem_give", sem)).toBe(-EAGAIN);
      expect(k.syscall("sys_sem_count_get", sem)).toBe(1);
      expect(k.syscall("sys_sem_init", sem, 2, 1)).toBe(-EINVAL);
      expect(k.syscall("sys_sem_take", sem, K_NO_WAIT)).toBe(0);
      expect(k.syscall("sys_sem_take", sem, K_NO_WAIT)).toBe(-ETIMEDOUT);
    });
    m.runOut();
    expect(m.fatals).toEqual([]);
  });
});
