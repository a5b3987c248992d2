/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { K_FOREVER, K_MSEC, K_TIMEOUT_ABS_TICKS, Timer } from "../../src/index.js";
import { row } from "./support/harness.js";

describe("timer", () => {
  row(
    "T226",
    "first the duration, then the period, until its own handler stops it",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const intervals: number[] = [];
        let last = m.ms;
        let stops = 0;
        const timer: Timer = new Timer(
          k,
          (own) => {
            intervals.push(m.ms - last);
            last = m.ms;
            if (intervals.length === 4) own.stopNow();
          },
          () => {
            stops++;
          },
        );
        yield* timer.start(K_MSEC(100), K_MSEC(50));
        yield* k.sleep(K_MSEC(1000));
        expect(intervals.map((ms) => Math.round(ms))).toEqual([100, 50, 50, 50]);
        expect(stops).toBe(1);
        yield* timer.start(K_FOREVER, K_MSEC(50));
        yield* k.sleep(K_MSEC(1000));
        expect(intervals).toHaveLength(4);
        expect(timer.remainingGet()).toBe(0);
      });
    },
  );

  row("T227", "a restarted timer has no expiries to report", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      let stops = 0;
      const timer = new Timer(k, null, () => {
        stops++;
      });
      yield* timer.start(K_MSEC(10), K_MSEC(10));
      yield* k.sleep(K_MSEC(35));
      yield* timer.start(K_MSEC(10), K_MSEC(10));
      expect(timer.statusGet()).toBe(0);
      expect(stops).toBe(0);
      yield* timer.stop();
    });
  });

  row("T229", "without an expiry function the stop function still runs, once", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      let stops = 0;
      const timer = new Timer(k, null, () => {
        stops++;
      });
      yield* timer.start(K_MSEC(10), K_MSEC(10));
      yield* k.sleep(K_MSEC(35));
      expect(timer.statusGet()).toBe(3);
      expect(stops).toBe(0);
      yield* timer.stop();
      expect(stops).toBe(1);
      yield* timer.stop();
      expect(stops).toBe(1);
    });
  });

  row("T230", "status_sync comes back once a period", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const timer = new Timer(k);
      yield* timer.start(K_MSEC(50), K_MSEC(50));
      expect(yield* timer.statusSync()).toBe(1);
      let last = m.ms;
      for (let i = 0; i < 5; i++) {
        expect(yield* timer.statusSync()).toBe(1);
        expect(Math.abs(m.ms - last - 50)).toBeLessThan(1);
        last = m.ms;
      }
      yield* timer.stop();
    });
  });

  row("T232", "the status is the number of expiries and starts anew when read", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const timer = new Timer(k);
      yield* timer.start(K_MSEC(50), K_MSEC(50));
      yield* k.sleep(K_MSEC(225));
      expect(timer.statusGet()).toBe(4);
      yield* k.sleep(K_MSEC(50));
      expect(timer.statusGet()).toBe(1);
      yield* timer.stop();
    });
  });

  row(
    "T233",
    "status_sync waits for an expiry, uses one that was, and ends with the timer",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const timer = new Timer(k);
        yield* timer.start(K_MSEC(50), K_MSEC(50));
        for (let i = 0; i < 3; i++) expect(yield* timer.statusSync()).toBe(1);
        yield* k.busy(120 * 400_000);
        const before = m.ms;
        expect(yield* timer.statusSync()).toBe(2);
        expect(m.ms - before).toBeLessThan(1);
        m.thread("stopper", 1, function* () {
          yield* k.sleep(K_MSEC(1));
          yield* timer.stop();
        });
        expect(yield* timer.statusSync()).toBe(0);
        expect(yield* timer.statusSync()).toBe(0);
      });
    },
  );

  row("T235", "each timer's user data is its own", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const seen: unknown[] = [];
      const timers = [0, 1, 2, 3, 4].map(
        () => new Timer(k, (timer) => void seen.push(timer.userDataGet())),
      );
      timers.forEach((timer, i) => timer.userDataSet(i * 111));
      for (const timer of timers) yield* timer.start(K_MSEC(50), 0);
      yield* k.sleep(K_MSEC(100));
      expect(seen).toEqual([0, 111, 222, 333, 444]);
    });
  });

  row("T236", "the remaining time shrinks, the expiry tick stays", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const timer = new Timer(k);
      yield* timer.start(K_MSEC(100), 0);
      const expires = timer.expiresTicks();
      yield* k.busy(50 * 400_000);
      expect(Math.abs(timer.remainingGet() - 50)).toBeLessThanOrEqual(1);
      expect(timer.expiresTicks()).toBe(expires);
      expect(expires - k.uptimeTicks()).toBe(timer.remainingTicks());
      yield* timer.stop();
    });
  });

  row("T238", "a sleep until a tick ends on it or just after", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const tick = k.uptimeTicks() + 300;
      expect(yield* k.sleep(K_TIMEOUT_ABS_TICKS(tick))).toBe(0);
      expect(k.uptimeTicks()).toBeGreaterThanOrEqual(tick);
      expect(k.uptimeTicks()).toBeLessThanOrEqual(tick + 1);
    });
  });

  row("T239", "each call with no timer ends the user thread", ({ machine }) => {
    const m = machine();
    const calls = [
      "start",
      "stop",
      "status_get",
      "status_sync",
      "user_data_get",
      "user_data_set",
      "remaining_ticks",
      "expires_ticks",
    ].map((name) => `k_timer_${name}`);
    for (const call of calls) {
      m.thread(
        call,
        1,
        function* () {
          m.kernel.syscall(call, null, 0, 0);
          m.log.push("came back");
          yield* m.kernel.yield();
        },
        { user: true },
      );
    }
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.thread.name)).toEqual(calls);
  });
});

describe("time-outs", () => {
  row("T337", "time-outs of one tick run in the order in which they were made", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        const order: number[] = [];
        const timers = Array.from({ length: 10 }, (_, i) => new Timer(k, () => void order.push(i)));
        const tick = k.uptimeTicks() + 20;
        for (const timer of timers) yield* timer.start(K_TIMEOUT_ABS_TICKS(tick), 0);
        expect(timers.map((timer) => timer.expiresTicks())).toEqual(timers.map(() => tick));
        yield* k.sleep(K_MSEC(10));
        expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      },
      { priority: -1 },
    );
  });
});
