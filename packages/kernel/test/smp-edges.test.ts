import { describe, expect, it } from "vitest";
import { K_FOREVER, K_MSEC, Mutex, type Thread, type ThreadBody } from "../src/index.js";
import { TestMachine } from "./support/machine.js";

/** Starts a thread that may run on one CPU only. */
function pinned(
  m: TestMachine,
  name: string,
  cpu: number,
  priority: number,
  body: () => ThreadBody,
): Thread {
  const thread = m.thread(name, priority, body, { delay: K_FOREVER });
  thread.cpuPin(cpu);
  thread.startNow();
  return thread;
}

describe("on two CPUs", () => {
  it("a thread that is lowered while it runs elsewhere gives way there at once", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const lowered = pinned(m, "lowered", 1, 5, function* () {
      yield* k.busy(10_000);
      m.say("lowered");
    });
    pinned(m, "waits", 1, 7, function* () {
      yield* k.busy(1_000);
      m.say("waits");
    });
    pinned(m, "lowers", 0, 3, function* () {
      yield* k.busy(2_000);
      yield* lowered.prioritySet(9);
      m.say("lowers");
    });
    m.runOut();
    expect(m.log).toEqual(["lowers@0 2000", "waits@1 3000", "lowered@1 11000"]);
  });

  it("a thread that yields goes on when only worse ones are ready", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    pinned(m, "better", 0, 2, function* () {
      yield* k.busy(100);
      yield* k.yield();
      m.say("better");
    });
    pinned(m, "worse", 0, 5, function* () {
      m.say("worse");
      yield* k.yield();
    });
    m.runOut();
    expect(m.log).toEqual(["better@0 100", "worse@0 100"]);
  });
});

describe("an owner that unlocks one of its mutexes", () => {
  it("keeps what the other lends, up to the ceiling", () => {
    const m = new TestMachine({ options: { priorityCeiling: 3 } });
    const { kernel: k } = m;
    const kept = new Mutex(k, "kept");
    const other = new Mutex(k, "other");
    const seen: number[] = [];
    const owner = m.thread("owner", 9, function* () {
      yield* kept.lock(K_FOREVER);
      yield* other.lock(K_FOREVER);
      yield* k.busy(3_000);
      seen.push(owner.priority);
      yield* other.unlock();
      seen.push(owner.priority);
      yield* kept.unlock();
      seen.push(owner.priority);
    });
    for (const [name, priority, mutex] of [
      ["best", 1, kept],
      ["next", 2, other],
    ] as const) {
      m.thread(name, priority, function* () {
        yield* k.sleep(K_MSEC(1));
        yield* mutex.lock(K_FOREVER);
        yield* mutex.unlock();
      });
    }
    m.runOut();
    expect(seen).toEqual([3, 3, 9]);
  });
});
