import {
  Atomic,
  CondVar,
  K_FOREVER,
  K_MSEC,
  KEvent,
  Mutex,
  Sem,
  Spinlock,
  type ThreadBody,
  Timer,
} from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { formatViolation } from "../src/index.js";
import { CheckedMachine } from "./support/checked-machine.js";

interface Shared {
  value: number;
  other: number;
}

/** A machine of two CPUs with one shared object. */
function two(): { readonly m: CheckedMachine; readonly shared: Shared } {
  const m = new CheckedMachine(2);
  const shared = m.checks.watch(
    { value: 0, other: 0 },
    { name: "shared", address: 0x1000, size: 8 },
  );
  return { m, shared };
}

describe("a data race", () => {
  it("is two writes with nothing between", () => {
    const { m, shared } = two();
    m.on(0, "a", 5, function* () {
      shared.value = 1;
      yield* m.kernel.yield();
    });
    m.on(1, "b", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(5));
      shared.value = 2;
    });
    expect(m.run()).toEqual(["races: write-after-write"]);
  });

  it("is a read after an unordered write, and tells both sides", () => {
    const { m, shared } = two();
    m.on(0, "writer", 5, function* () {
      shared.other = 1;
      yield* m.kernel.yield();
    });
    m.on(1, "reader", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(5));
      void shared.other;
    });
    expect(m.run()).toEqual(["races: read-after-write"]);
    const [violation] = m.checks.violations;
    expect(violation).toMatchObject({
      object: "shared",
      field: "other",
      address: 0x1000,
      first: { operation: "write", thread: "writer", core: 0, mode: "supervisor" },
      second: { operation: "read", thread: "reader", core: 1, mode: "supervisor" },
    });
    expect(violation?.second.time).toBeGreaterThan(violation?.first?.time ?? Infinity);
    expect(violation?.first?.stack[0]).toContain("races.test.ts");
    expect(formatViolation(violation as never)).toMatch(/^races: read-after-write: shared\.other/);
  });

  it("is a write after an unordered read", () => {
    const { m, shared } = two();
    m.on(0, "reader", 5, function* () {
      void shared.value;
      yield* m.kernel.yield();
    });
    m.on(1, "writer", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(5));
      shared.value = 1;
    });
    expect(m.run()).toEqual(["races: write-after-read"]);
  });

  it("is a write with another lock than the reader's", () => {
    const { m, shared } = two();
    const locks = [new Mutex(m.kernel, "one"), new Mutex(m.kernel, "two")] as const;
    m.on(0, "a", 5, () => locked(locks[0], () => void shared.value));
    m.on(1, "b", 5, () => locked(locks[1], () => void (shared.value = 1), 5));
    expect(m.run()).toHaveLength(1);
  });

  it("is between a thread and a handler that it did not mask", () => {
    const m = new CheckedMachine();
    const shared = m.checks.watch({ value: 0 }, { name: "shared" });
    const raise = m.interrupt(() => void shared.value++);
    m.on(0, "thread", 5, function* () {
      const { value } = shared;
      yield* m.kernel.busy(100);
      shared.value = value + 1;
    });
    m.at(1000, raise);
    const reports = m.run();
    expect(reports).toHaveLength(1);
    const [violation] = m.checks.violations;
    const modes = [violation?.first?.mode, violation?.second.mode];
    expect(modes).toContain("isr");
    expect(modes).toContain("supervisor");
  });

  it("is between a masked section and a worse thread of the same CPU, which may be preempted", () => {
    const { m, shared } = two();
    m.on(0, "background", 9, function* () {
      shared.value++;
      yield* m.kernel.sleep(K_MSEC(2));
    });
    m.on(0, "control", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      const key = m.kernel.irqLock();
      shared.value++;
      m.kernel.irqUnlock(key);
    });
    expect(m.run()).toHaveLength(1);
  });

  it("is in the elements of a shared array too", () => {
    const { m } = two();
    const shared = m.checks.watch({ list: [] as number[] }, { name: "shared" });
    m.on(0, "a", 5, function* () {
      shared.list.push(1);
      yield* m.kernel.yield();
    });
    m.on(1, "b", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(5));
      for (const item of shared.list) void item;
    });
    m.run();
    expect(m.checks.violations.map(({ field }) => field)).toEqual(["list[]"]);
  });

  it("is inside the methods of a shared object", () => {
    class Counter {
      count = 0;
      add(): void {
        this.count++;
      }
    }
    const { m } = two();
    const counter = m.checks.watch(new Counter(), { name: "counter" });
    for (const cpu of [0, 1])
      m.on(cpu, `t${cpu}`, 5, function* () {
        yield* m.kernel.sleep(K_MSEC(1 + cpu));
        counter.add();
      });
    expect(m.run()).toHaveLength(1);
  });
});

function* locked(mutex: Mutex, act: () => void, delayMs = 0): ThreadBody {
  if (delayMs > 0) yield* mutex.kernel.sleep(K_MSEC(delayMs));
  yield* mutex.lock(K_FOREVER);
  act();
  yield* mutex.unlock();
}

describe("no data race", () => {
  it("are reads by all, after a write before the machine ran", () => {
    const { m, shared } = two();
    shared.value = 7;
    for (const cpu of [0, 1])
      m.on(cpu, `t${cpu}`, 5, function* () {
        yield* m.kernel.yield();
        void shared.value;
      });
    expect(m.run()).toEqual([]);
  });

  it("are accesses to different fields", () => {
    const { m, shared } = two();
    m.on(0, "a", 5, function* () {
      yield* m.kernel.yield();
      shared.value = 1;
    });
    m.on(1, "b", 5, function* () {
      yield* m.kernel.yield();
      shared.other = 1;
    });
    expect(m.run()).toEqual([]);
  });

  it("is under one mutex", () => {
    const { m, shared } = two();
    const lock = new Mutex(m.kernel, "lock");
    m.on(0, "a", 5, () => locked(lock, () => void shared.value++));
    m.on(1, "b", 5, () => locked(lock, () => void shared.value++));
    expect(m.run()).toEqual([]);
  });

  it("is under one spinlock, handler or thread", () => {
    const { m, shared } = two();
    const lock = new Spinlock(m.kernel, "lock");
    const add = (): void => {
      const key = lock.lock();
      shared.value++;
      lock.unlock(key);
    };
    const raise = m.interrupt(add);
    m.on(1, "thread", 5, function* () {
      add();
      yield* m.kernel.yield();
    });
    m.at(1000, raise);
    expect(m.run()).toEqual([]);
  });

  it("is with the handler masked", () => {
    const m = new CheckedMachine();
    const shared = m.checks.watch({ value: 0 }, { name: "shared" });
    const raise = m.interrupt(() => void shared.value++);
    m.on(0, "thread", 5, function* () {
      const key = m.kernel.irqLock();
      shared.value++;
      m.kernel.irqUnlock(key);
      yield* m.kernel.yield();
    });
    m.at(1000, raise);
    expect(m.run()).toEqual([]);
  });

  it("is from a give to its take, an event to its wait, a signal to its waiter", () => {
    const { m, shared } = two();
    const sem = new Sem(m.kernel, 0, 1, "sem");
    const event = new KEvent(m.kernel, "event");
    m.on(0, "a", 5, function* () {
      shared.value = 1;
      yield* sem.give();
      yield* event.wait(1, false, K_FOREVER);
      shared.value = 3;
    });
    m.on(1, "b", 5, function* () {
      yield* sem.take(K_FOREVER);
      shared.value = 2;
      yield* event.post(1);
    });
    expect(m.run()).toEqual([]);
  });

  it("is from one holder of a condition to the next", () => {
    const { m, shared } = two();
    const lock = new Mutex(m.kernel, "lock");
    const changed = new CondVar(m.kernel, "changed");
    m.on(0, "waiter", 5, function* () {
      yield* lock.lock(K_FOREVER);
      while (shared.value === 0) yield* changed.wait(lock, K_FOREVER);
      shared.value = 2;
      yield* lock.unlock();
    });
    m.on(1, "signaller", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(2));
      yield* lock.lock(K_FOREVER);
      shared.value = 1;
      yield* changed.signal();
      yield* lock.unlock();
    });
    expect(m.run()).toEqual([]);
  });

  it("is from a parent to its child and back by join", () => {
    const { m, shared } = two();
    m.on(0, "parent", 5, function* () {
      shared.value = 1;
      const child = yield* m.spawn(1, "child", 5, function* () {
        shared.value++;
        yield* m.kernel.yield();
      });
      yield* child.join(K_FOREVER);
      shared.value++;
    });
    expect(m.run()).toEqual([]);
  });

  it("is from a timer's start to its handler, and by a give on to a thread", () => {
    const { m, shared } = two();
    const sem = new Sem(m.kernel, 0, 1, "sem");
    const timer = new Timer(m.kernel, () => {
      shared.value++;
      sem.giveNow();
    });
    m.on(1, "thread", 5, function* () {
      shared.value = 1;
      yield* timer.start(K_MSEC(1), 0);
      yield* sem.take(K_FOREVER);
      shared.value++;
    });
    expect(m.run()).toEqual([]);
  });

  it("is from the thread that rings a doorbell to the handler on another CPU", () => {
    const { m, shared } = two();
    const raise = m.interrupt(() => void shared.value++);
    m.on(1, "sender", 5, function* () {
      shared.value = 1;
      raise();
      yield* m.kernel.yield();
    });
    expect(m.run()).toEqual([]);
  });

  it("is between a masked section and a better thread of the same CPU, which runs until it waits", () => {
    const { m, shared } = two();
    m.on(0, "tick", 2, function* () {
      for (let i = 0; i < 3; i++) {
        shared.value++;
        yield* m.kernel.sleep(K_MSEC(2));
      }
    });
    m.on(0, "control", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(1));
      const key = m.kernel.irqLock();
      shared.value++;
      m.kernel.irqUnlock(key);
    });
    expect(m.run()).toEqual([]);
  });

  it("is behind an atomic flag", () => {
    const { m, shared } = two();
    const flag = new Atomic(m.kernel, 0);
    m.on(0, "a", 5, function* () {
      shared.value = 1;
      flag.set(1);
      yield* m.kernel.yield();
    });
    m.on(1, "b", 5, function* () {
      while (flag.get() === 0) yield* m.kernel.sleep(K_MSEC(1));
      shared.value = 2;
    });
    expect(m.run()).toEqual([]);
  });
});
