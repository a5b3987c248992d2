import { K_FOREVER, K_MSEC, Mutex, Sem, Spinlock, type ThreadBody } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { CheckedMachine } from "./support/checked-machine.js";

/** Takes the locks in order, holds them a while, gives them back. */
function* nested(locks: readonly Mutex[], holdMs = 0, startMs = 0): ThreadBody {
  const k = (locks[0] as Mutex).kernel;
  if (startMs > 0) yield* k.sleep(K_MSEC(startMs));
  for (const lock of locks) {
    yield* lock.lock(K_FOREVER);
    if (holdMs > 0) yield* k.sleep(K_MSEC(holdMs));
  }
  for (const lock of locks.toReversed()) yield* lock.unlock();
}

function locks(m: CheckedMachine): readonly [Mutex, Mutex, Mutex] {
  const { kernel } = m;
  return [new Mutex(kernel, "A"), new Mutex(kernel, "B"), new Mutex(kernel, "C")];
}

describe("progress is in danger", () => {
  it("with two locks in opposite orders, also when they never met", () => {
    const m = new CheckedMachine();
    const [a, b] = locks(m);
    m.on(0, "one", 5, () => nested([a, b]));
    m.on(0, "two", 5, () => nested([b, a], 0, 50));
    expect(m.run()).toEqual(["progress: lock-order-inversion"]);
    expect(m.checks.violations[0]).toMatchObject({
      object: "A",
      first: { thread: "one", operation: "lock" },
      second: { thread: "two", operation: "lock" },
    });
  });

  it("with three locks in a circle", () => {
    const m = new CheckedMachine();
    const [a, b, c] = locks(m);
    m.on(0, "one", 5, () => nested([a, b]));
    m.on(0, "two", 5, () => nested([b, c], 0, 20));
    m.on(0, "three", 5, () => nested([c, a], 0, 40));
    expect(m.run()).toEqual(["progress: lock-order-inversion"]);
  });

  it("when two threads wait for each other's lock", () => {
    const m = new CheckedMachine(2);
    const [a, b] = locks(m);
    m.on(0, "one", 5, () => nested([a, b], 5));
    m.on(1, "two", 5, () => nested([b, a], 5));
    expect(m.run(false)).toEqual(["progress: deadlock"]);
  });

  it("when a thread joins one that waits for its lock", () => {
    const m = new CheckedMachine();
    const [a] = locks(m);
    m.on(0, "holder", 5, function* () {
      yield* a.lock(K_FOREVER);
      const child = yield* m.spawn(0, "child", 4, () => nested([a]));
      yield* m.kernel.sleep(K_MSEC(1));
      yield* child.join(K_FOREVER);
    });
    expect(m.run(false)).toEqual(["progress: deadlock"]);
  });

  it("when a thread waits with interrupts masked", () => {
    const m = new CheckedMachine();
    m.on(0, "sleeper", 5, function* () {
      const key = m.kernel.irqLock();
      yield* m.kernel.sleep(K_MSEC(1));
      m.kernel.irqUnlock(key);
    });
    expect(m.run()).toEqual(["progress: wait-with-interrupts-masked"]);
  });

  it("when a thread waits with a spinlock held", () => {
    const m = new CheckedMachine();
    m.mayFault = true;
    const lock = new Spinlock(m.kernel, "lock");
    const sem = new Sem(m.kernel, 0, 1, "sem");
    m.on(0, "waiter", 5, function* () {
      lock.lock();
      yield* sem.take(K_MSEC(1));
    });
    expect(m.run(false)).toEqual(["progress: wait-with-spinlock"]);
  });

  it("when a thread ends with a lock", () => {
    const m = new CheckedMachine();
    const [a] = locks(m);
    m.on(0, "gone", 5, function* () {
      yield* a.lock(K_FOREVER);
    });
    expect(m.run()).toEqual(["progress: ended-with-lock"]);
  });

  it("when a wake-up came too early and nobody gives again", () => {
    const m = new CheckedMachine();
    const sem = new Sem(m.kernel, 0, 1, "done");
    m.on(0, "waiter", 5, function* () {
      yield* m.kernel.sleep(K_MSEC(5));
      yield* sem.reset(); // throws the give away
      yield* sem.take(K_FOREVER);
    });
    m.on(0, "giver", 5, function* () {
      yield* sem.give();
    });
    expect(m.run()).toEqual(["progress: waits-for-ever"]);
    expect(m.checks.violations[0]).toMatchObject({ object: "waiter", field: "done" });
  });

  it("when a ready thread gets no turn", () => {
    const m = new CheckedMachine(1, { starvationCycles: 50_000 });
    m.on(0, "busy", 2, function* () {
      yield* m.kernel.busy(200_000);
    });
    m.on(0, "hungry", 9, function* () {
      yield* m.kernel.yield();
    });
    expect(m.run()).toEqual(["progress: starved"]);
  });
});

describe("progress is safe", () => {
  it("with one order of locks", () => {
    const m = new CheckedMachine(2);
    const [a, b, c] = locks(m);
    m.on(0, "one", 5, () => nested([a, b, c], 1));
    m.on(1, "two", 5, () => nested([a, c], 1));
    expect(m.run()).toEqual([]);
  });

  it("with two orders under a common lock", () => {
    const m = new CheckedMachine(2);
    const [a, b, gate] = locks(m);
    m.on(0, "one", 5, () => nested([gate, a, b], 1));
    m.on(1, "two", 5, () => nested([gate, b, a], 1));
    expect(m.run()).toEqual([]);
  });

  it("with two orders in one thread", () => {
    const m = new CheckedMachine();
    const [a, b] = locks(m);
    m.on(0, "one", 5, function* () {
      yield* nested([a, b]);
      yield* nested([b, a]);
    });
    expect(m.run()).toEqual([]);
  });

  it("when a lock is taken again by its holder", () => {
    const m = new CheckedMachine();
    const [a, b] = locks(m);
    m.on(0, "one", 5, () => nested([a, b, a, b]));
    expect(m.run()).toEqual([]);
  });

  it("when a circle of waits has a time-out", () => {
    const m = new CheckedMachine(2);
    const a = new Sem(m.kernel, 1, 1, "a");
    const lock = new Mutex(m.kernel, "lock");
    m.on(0, "one", 5, function* () {
      yield* lock.lock(K_FOREVER);
      yield* a.take(K_FOREVER);
      const child = yield* m.spawn(1, "child", 5, function* () {
        if ((yield* lock.lock(K_MSEC(3))) === 0) yield* lock.unlock();
      });
      yield* m.kernel.sleep(K_MSEC(1));
      yield* child.join(K_FOREVER);
      yield* lock.unlock();
    });
    expect(m.run()).toEqual([]);
  });

  it("when interrupts are masked and unmasked before the wait", () => {
    const m = new CheckedMachine();
    const lock = new Spinlock(m.kernel, "lock");
    m.on(0, "one", 5, function* () {
      m.kernel.irqUnlock(m.kernel.irqLock());
      lock.unlock(lock.lock());
      yield* m.kernel.sleep(K_MSEC(1));
    });
    expect(m.run()).toEqual([]);
  });

  it("when a server is left waiting that may", () => {
    const m = new CheckedMachine();
    const sem = new Sem(m.kernel, 0, 1, "request");
    const server = m.on(0, "server", 5, function* () {
      yield* sem.take(K_FOREVER);
    });
    m.run(false);
    m.checks.finish((thread) => thread === server);
    expect(m.checks.violations).toEqual([]);
  });

  it("when a ready thread gets its turn in time", () => {
    const m = new CheckedMachine(1, { starvationCycles: 50_000 });
    m.on(0, "busy", 2, function* () {
      yield* m.kernel.busy(20_000);
    });
    m.on(0, "patient", 9, function* () {
      yield* m.kernel.busy(100_000);
    });
    expect(m.run()).toEqual([]);
  });
});
