/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { CondVar, K_FOREVER, K_MSEC, K_NO_WAIT, Mutex } from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EAGAIN = 11;

/** A thread that waits on `condvar`, holding its own mutex, and reports. */
function waiter(m: Machine, name: string, condvar: CondVar, priority = -1): void {
  m.thread(name, priority, function* () {
    const mutex = new Mutex(m.kernel);
    yield* mutex.lock(K_FOREVER);
    expect(yield* condvar.wait(mutex, K_FOREVER)).toBe(0);
    expect(yield* mutex.unlock()).toBe(0);
    m.log.push(name);
  });
}

describe("condvar", () => {
  row("T098", "a signal wakes one waiter, which succeeds", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const condvar = new CondVar(k);
      waiter(m, "a", condvar);
      waiter(m, "b", condvar);
      yield* k.sleep(K_MSEC(1));
      expect(yield* condvar.signal()).toBe(0);
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual(["a"]);
      yield* condvar.signal();
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual(["a", "b"]);
      expect(yield* condvar.signal()).toBe(0);
    });
  });

  row("T100", "a wait that may not wait fails and has the mutex again", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const condvar = new CondVar(k);
      const mutex = new Mutex(k);
      yield* mutex.lock(K_FOREVER);
      expect(yield* condvar.wait(mutex, K_NO_WAIT)).toBe(-EAGAIN);
      expect(yield* mutex.unlock()).toBe(0);
    });
  });

  row("T101", "a wait without signal does not end", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const condvar = new CondVar(k);
      const thread = m.thread("waiter", -1, function* () {
        const mutex = new Mutex(k);
        yield* mutex.lock(K_FOREVER);
        yield* condvar.wait(mutex, K_FOREVER);
        m.log.push("came back");
      });
      yield* k.sleep(K_MSEC(100));
      yield* thread.abort();
      yield* condvar.signal();
      yield* k.sleep(K_MSEC(10));
      expect(m.log).toEqual([]);
    });
  });

  row("T103", "a broadcast wakes all and tells how many", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const condvar = new CondVar(k);
      expect(yield* condvar.broadcast()).toBe(0);
      for (let i = 0; i < 5; i++) waiter(m, `w${i}`, condvar);
      yield* k.sleep(K_MSEC(1));
      expect(yield* condvar.broadcast()).toBe(5);
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual(["w0", "w1", "w2", "w3", "w4"]);
    });
  });

  row("T104", "waking one condition leaves waiters of another", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const first = new CondVar(k);
      const second = new CondVar(k);
      waiter(m, "first", first);
      waiter(m, "second", second);
      yield* k.sleep(K_MSEC(1));
      expect(yield* second.broadcast()).toBe(1);
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual(["second"]);
      expect(yield* first.broadcast()).toBe(1);
      yield* k.sleep(K_MSEC(1));
      expect(m.log).toEqual(["second", "first"]);
    });
  });

  row("T106", "a watcher of a threshold and two incrementers lose no wake-up", ({ machine }) => {
    for (const wakes of ["signal", "broadcast"] as const) {
      const m = machine();
      const { kernel: k } = m;
      const mutex = new Mutex(k);
      const condvar = new CondVar(k);
      const state = { count: 0 };
      m.thread("watcher", 1, function* () {
        yield* mutex.lock(K_FOREVER);
        while (state.count < 12) expect(yield* condvar.wait(mutex, K_FOREVER)).toBe(0);
        state.count += 125;
        yield* mutex.unlock();
      });
      for (let t = 0; t < 2; t++) {
        m.thread(`incrementer ${t}`, 2, function* () {
          for (let i = 0; i < 10; i++) {
            yield* mutex.lock(K_FOREVER);
            state.count++;
            if (state.count === 12)
              yield* wakes === "signal" ? condvar.signal() : condvar.broadcast();
            yield* mutex.unlock();
            yield* k.sleep(K_MSEC(5));
          }
        });
      }
      m.run();
      expect(state.count).toBe(145);
    }
  });
});
