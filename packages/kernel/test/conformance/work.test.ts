/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { DelayableWork, K_MSEC, K_NO_WAIT, Timer, Work, WorkQueue } from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EBUSY = 16;
const ENODEV = 19;
const EINVAL = 22;
const RUNNING = 1;
const CANCELING = 2;
const QUEUED = 4;
const DELAYED = 8;

/** A started queue whose thread is worse than the main thread. */
function queueOf(m: Machine, priority = 5): WorkQueue {
  const queue = new WorkQueue(m.kernel);
  queue.start({ name: "queue", priority });
  return queue;
}

/** Work that counts its runs, staying in the handler for 5 ms if `slow`. */
function counting(m: Machine, slow = false): { work: DelayableWork; runs: () => number } {
  let count = 0;
  const work = new DelayableWork(m.kernel, function* () {
    count++;
    if (slow) yield* m.kernel.sleep(K_MSEC(5));
  });
  return { work, runs: () => count };
}

describe("work", () => {
  row("T191", "a queue that was not started takes nothing", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const work = new Work(k, () => undefined);
      expect(yield* work.submit(new WorkQueue(k))).toBe(-ENODEV);
      expect(yield* work.submit(null)).toBe(-EINVAL);
      expect(work.busyGet()).toBe(0);
    });
  });

  row("T193", "a started queue keeps its name and flags", ({ machine }) => {
    const m = machine();
    const queue = new WorkQueue(m.kernel);
    expect(queue.started).toBe(false);
    expect(queue.start({ name: "mine", priority: 3, noYield: true }).name).toBe("mine");
    expect([queue.started, queue.noYield]).toEqual([true, true]);
    expect(queue.threadGet().name).toBe("mine");
    const nameless = new WorkQueue(m.kernel);
    expect(nameless.start({ priority: 3 }).name).toBe("");
    expect(nameless.noYield).toBe(false);
  });

  row("T194", "a submitted item waits until its submitter sleeps", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m);
      const { work, runs } = counting(m);
      expect(yield* work.submit(queue)).toBe(1);
      expect(work.busyGet()).toBe(QUEUED);
      expect(runs()).toBe(0);
      yield* k.sleep(K_MSEC(1));
      expect(runs()).toBe(1);
      expect(work.busyGet()).toBe(0);
    });
  });

  row("T196", "a running item submitted elsewhere is queued where it runs", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const first = queueOf(m);
      const second = queueOf(m);
      const { work, runs } = counting(m, true);
      yield* work.submit(first);
      yield* k.sleep(K_MSEC(1));
      expect(work.busyGet()).toBe(RUNNING);
      expect(yield* work.submit(second)).toBe(2);
      expect(work.busyGet()).toBe(QUEUED | RUNNING);
      expect(work.queue).toBe(first);
      expect(second.length).toBe(0);
      yield* k.sleep(K_MSEC(20));
      expect(runs()).toBe(2);
    });
  });

  row("T197", "flush waits for what is queued before", ({ machine }) => {
    const m = machine();
    m.main(function* () {
      const queue = queueOf(m);
      const a = counting(m, true);
      const b = counting(m, true);
      yield* a.work.submit(queue);
      yield* b.work.submit(queue);
      expect(yield* b.work.flush()).toBe(true);
      expect([a.runs(), b.runs()]).toEqual([1, 1]);
      expect(yield* a.work.flush()).toBe(false);
      expect(yield* b.work.flush()).toBe(false);
    });
  });

  row("T199", "flush of a delayed item runs it at once", ({ machine }) => {
    const m = machine();
    m.main(function* () {
      const queue = queueOf(m);
      const { work, runs } = counting(m);
      expect(yield* work.flush()).toBe(false);
      yield* work.schedule(K_MSEC(100), queue);
      const start = m.ms;
      expect(yield* work.flush()).toBe(true);
      expect(m.ms - start).toBeLessThanOrEqual(1);
      expect(runs()).toBe(1);
      expect(work.busyGet()).toBe(0);
    });
  });

  row("T200", "a queued item that is cancelled never runs", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m);
      const { work, runs } = counting(m);
      yield* work.submit(queue);
      expect(work.cancel()).toBe(0);
      yield* k.sleep(K_MSEC(10));
      expect(runs()).toBe(0);
    });
  });

  row("T202", "a delayed item that is cancelled never runs", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m);
      const { work, runs } = counting(m);
      yield* work.schedule(K_MSEC(10), queue);
      expect(work.cancel()).toBe(0);
      yield* k.sleep(K_MSEC(50));
      expect(runs()).toBe(0);
    });
  });

  row("T203", "cancel_sync tells whether the item was delayed", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m);
      const { work, runs } = counting(m);
      expect(yield* work.cancelSync()).toBe(false);
      yield* work.schedule(K_MSEC(10), queue);
      expect(yield* work.cancelSync()).toBe(true);
      yield* k.sleep(K_MSEC(50));
      expect(runs()).toBe(0);
    });
  });

  row("T205", "cancelling a running item leaves it running and closed", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m);
      const { work, runs } = counting(m, true);
      yield* work.submit(queue);
      yield* k.sleep(K_MSEC(1));
      expect(work.cancel()).toBe(RUNNING | CANCELING);
      expect(yield* work.submit(queue)).toBe(-EBUSY);
      yield* k.sleep(K_MSEC(20));
      expect(work.busyGet()).toBe(0);
      expect(runs()).toBe(1);
    });
  });

  row("T206", "cancel_sync of a running item waits for its handler", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m);
      const { work, runs } = counting(m, true);
      yield* work.submit(queue);
      yield* k.sleep(K_MSEC(1));
      let fromTimer = 0;
      const timer = new Timer(k, () => {
        fromTimer = work.submitNow(queue);
      });
      yield* timer.start(K_MSEC(2), 0);
      expect(yield* work.cancelSync()).toBe(true);
      expect(fromTimer).toBe(-EBUSY);
      expect(runs()).toBe(1);
      expect(work.busyGet()).toBe(0);
    });
  });

  row("T208", "draining an idle queue is over at once", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m, -3);
      yield* k.sleep(K_MSEC(1));
      expect(yield* queue.drain()).toBe(0);
    });
  });

  row(
    "T209",
    "a draining queue takes what its own handlers submit and nothing else",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const queue = queueOf(m);
        let count = 0;
        let chained = -1;
        const work = new Work(k, function* (own) {
          count++;
          yield* k.sleep(K_MSEC(2));
          if (count === 1) chained = yield* own.submit(queue);
        });
        const other = new Work(k, () => undefined);
        yield* work.submit(queue);
        let outside = 0;
        m.thread("outsider", -1, function* () {
          yield* k.sleep(K_MSEC(1));
          outside = yield* other.submit(queue);
        });
        expect(yield* queue.drain()).toBe(1);
        expect([count, chained, outside]).toEqual([2, 2, -EBUSY]);
        expect(yield* other.submit(queue)).toBe(1);
      });
    },
  );

  row("T211", "a second schedule changes nothing, and the handler is in time", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const queue = queueOf(m, -3);
      let ranAt = 0;
      const work = new DelayableWork(k, () => {
        ranAt = k.uptimeTicks();
      });
      const start = k.uptimeTicks();
      expect(yield* work.schedule(K_MSEC(10), queue)).toBe(1);
      expect(work.busyGet()).toBe(DELAYED);
      const due = work.expiresTicks();
      expect(yield* work.schedule(K_MSEC(50), queue)).toBe(0);
      expect(work.expiresTicks()).toBe(due);
      yield* k.sleep(K_MSEC(30));
      expect(ranAt - start).toBeGreaterThanOrEqual(150);
      expect(ranAt - start).toBeLessThanOrEqual(151);
    });
  });

  row(
    "T212",
    "an item schedules itself from its handler on the queue where it runs",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        const queue = queueOf(m);
        const times: number[] = [];
        const results: number[] = [];
        const work = new DelayableWork(k, function* (own) {
          times.push(m.ms);
          if (times.length < 2)
            results.push(yield* (own as DelayableWork).schedule(K_MSEC(10), null));
        });
        yield* work.schedule(K_NO_WAIT, queue);
        yield* k.sleep(K_MSEC(50));
        expect(results).toEqual([1]);
        expect(times).toHaveLength(2);
        expect((times[1] as number) - (times[0] as number)).toBeGreaterThanOrEqual(10);
        expect(work.queue).toBe(queue);
      });
    },
  );

  row("T214", "a reschedule moves a delayed item in time and place", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const first = queueOf(m);
      const second = queueOf(m);
      const ran: (string | undefined)[] = [];
      const work = new DelayableWork(k, () => {
        ran.push(k.current === second.thread ? "second" : "first");
      });
      yield* work.schedule(K_MSEC(10), first);
      expect(yield* work.reschedule(K_MSEC(30), second)).toBe(1);
      yield* k.sleep(K_MSEC(20));
      expect(ran).toEqual([]);
      yield* k.sleep(K_MSEC(30));
      expect(ran).toEqual(["second"]);
    });
  });

  row("T215", "a running item can be rescheduled at once and later", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const first = queueOf(m);
      const second = queueOf(m);
      const { work, runs } = counting(m, true);
      yield* work.schedule(K_NO_WAIT, first);
      yield* k.sleep(K_MSEC(1));
      expect(work.busyGet()).toBe(RUNNING);
      expect(yield* work.reschedule(K_NO_WAIT, second)).toBe(2);
      expect(work.busyGet()).toBe(QUEUED | RUNNING);
      expect(work.queue).toBe(first);
      expect(yield* work.reschedule(K_MSEC(50), second)).toBe(1);
      expect(work.busyGet()).toBe(DELAYED | QUEUED | RUNNING);
      yield* k.sleep(K_MSEC(100));
      expect(runs()).toBe(3);
    });
  });

  row("T217", "the system queue returns the same values", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k) {
        const { work, runs } = counting(m);
        expect(yield* work.submit()).toBe(1);
        expect(yield* work.submit()).toBe(0);
        expect(work.busyGet()).toBe(QUEUED);
        yield* k.sleep(K_MSEC(1));
        expect(yield* work.schedule(K_MSEC(5))).toBe(1);
        expect(yield* work.schedule(K_MSEC(5))).toBe(0);
        expect(work.busyGet()).toBe(DELAYED);
        expect(yield* work.reschedule(K_MSEC(10))).toBe(1);
        yield* k.sleep(K_MSEC(7));
        expect(runs()).toBe(1);
        yield* k.sleep(K_MSEC(7));
        expect(runs()).toBe(2);
        expect(k.systemWorkQueue.threadGet().dead).toBe(false);
      },
      { priority: -2 },
    );
  });
});
