import { EventQueue } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  Kernel,
  type KernelConfig,
  KEvent,
  Mutex,
  Sem,
  SWITCH,
  Timer,
  zeroCosts,
} from "../src/index.js";

function machine(config: Partial<KernelConfig> = {}): Kernel {
  return new Kernel({
    cpus: 1,
    cyclesPerSecond: 15_000_000,
    ticksPerSecond: 15_000,
    events: new EventQueue(),
    ...config,
  });
}

describe("threads and semaphores", () => {
  it("passes a token between two threads", () => {
    const k = machine();
    const ping = new Sem(k, 0, 1, "ping");
    const pong = new Sem(k, 0, 1, "pong");
    const log: string[] = [];
    k.createThread({
      name: "a",
      priority: 5,
      *entry() {
        for (let i = 0; i < 3; i++) {
          log.push(`a${i}`);
          yield* ping.give();
          expect(yield* pong.take(K_FOREVER)).toBe(0);
        }
      },
    });
    k.createThread({
      name: "b",
      priority: 5,
      *entry() {
        for (let i = 0; i < 3; i++) {
          expect(yield* ping.take(K_FOREVER)).toBe(0);
          log.push(`b${i}`);
          yield* pong.give();
        }
      },
    });
    expect(k.run().reason).toBe("idle");
    expect(log).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
  });

  it("times out no earlier than asked, and at most a tick later plus the way back", () => {
    const k = machine({ costs: zeroCosts });
    const sem = new Sem(k, 0, 1);
    let woken = 0;
    let rc = 1;
    k.createThread({
      priority: 1,
      *entry() {
        rc = yield* sem.take(K_MSEC(1));
        woken = k.now;
      },
    });
    k.run();
    expect(rc).toBe(-11);
    expect(woken).toBe(16_000);
  });

  it("stops a thread that goes on past SWITCH", () => {
    const k = machine();
    const sem = new Sem(k, 0, 1);
    k.createThread({
      name: "careless",
      priority: 1,
      *entry() {
        sem.takeNow(K_FOREVER);
        sem.giveNow();
        yield 0;
      },
    });
    const result = k.run();
    expect(result.reason).toBe("halted");
    expect(result.fatal?.message).toContain("careless went on past SWITCH into k_sem_give");
  });

  it("halts with the cause when a thread throws", () => {
    const k = machine();
    const bug = new Error("boom");
    k.createThread({
      name: "faulty",
      priority: 1,
      *entry() {
        yield* k.sleep(K_MSEC(1));
        throw bug;
      },
    });
    const result = k.run();
    expect(result.reason).toBe("halted");
    expect(result.fatal?.cause).toBe(bug);
    expect(result.fatal?.reason).toBe(0);
  });
});

describe("mutex", () => {
  it("hands over to the best waiter and lends the owner its priority meanwhile", () => {
    const k = machine();
    const m = new Mutex(k, "m");
    const log: string[] = [];
    const owner = k.createThread({
      name: "owner",
      priority: 10,
      *entry(self) {
        expect(yield* m.lock(K_FOREVER)).toBe(0);
        yield* k.sleep(K_MSEC(10));
        log.push(`owner at ${self.priority}`);
        yield* m.unlock();
        log.push(`owner at ${self.priority}`);
      },
    });
    for (const priority of [7, 5]) {
      k.createThread({
        priority,
        delay: K_MSEC(1),
        *entry() {
          expect(yield* m.lock(K_FOREVER)).toBe(0);
          log.push(`got it at ${priority}`);
          expect(yield* m.unlock()).toBe(0);
        },
      });
    }
    expect(k.run().reason).toBe("idle");
    expect(log).toEqual(["owner at 5", "got it at 5", "got it at 7", "owner at 10"]);
    expect(owner.dead).toBe(true);
  });
});

describe("events and timers", () => {
  it("wakes a waiter from the timer's expiry and keeps the period without drift", () => {
    const k = machine();
    const event = new KEvent(k);
    const times: number[] = [];
    const timer = new Timer(k, () => void event.postNow(1));
    k.createThread({
      priority: 1,
      *entry() {
        yield* timer.start(K_MSEC(1), K_MSEC(1));
        for (let i = 0; i < 4; i++) {
          expect(yield* event.waitSafe(1, false, K_FOREVER)).toBe(1);
          times.push(Math.floor(k.now / 15_000));
        }
        yield* timer.stop();
      },
    });
    expect(k.run().reason).toBe("idle");
    expect(times).toEqual([1, 2, 3, 4]);
  });
});

describe("interrupts and computation", () => {
  it("interrupts a computation at the cycle of the interrupt and does the rest afterwards", () => {
    const k = machine({ costs: zeroCosts });
    const log: string[] = [];
    k.irqConnect(0, 7, () => log.push(`isr at ${k.now}`));
    k.irqEnable(0, 7);
    const timer = new Timer(k, () => k.irqRaise(0, 7));
    timer.startNow(K_MSEC(1), 0);
    k.createThread({
      priority: 1,
      *entry() {
        yield* k.busy(20_000);
        log.push(`done at ${k.now}`);
      },
    });
    k.run();
    expect(log).toEqual(["isr at 15000", "done at 20000"]);
  });

  it("holds interrupts back while they are locked", () => {
    const k = machine({ costs: zeroCosts });
    const log: string[] = [];
    k.irqConnect(0, 7, () => log.push(`isr at ${k.now}`));
    k.irqEnable(0, 7);
    const timer = new Timer(k, () => k.irqRaise(0, 7));
    timer.startNow(K_MSEC(1), 0);
    k.createThread({
      priority: 1,
      *entry() {
        const key = k.irqLock();
        yield* k.busy(20_000);
        log.push(`unlock at ${k.now}`);
        k.irqUnlock(key);
        yield* k.busy(5_000);
        log.push(`done at ${k.now}`);
      },
    });
    k.run();
    expect(log).toEqual(["unlock at 20000", "isr at 20000", "done at 25000"]);
  });
});

describe("several CPUs", () => {
  it("runs two computations at the same time", () => {
    const k = machine({ cpus: 2, costs: zeroCosts });
    k.startCpu(1);
    const log: string[] = [];
    for (const name of ["a", "b"]) {
      k.createThread({
        name,
        priority: 1,
        *entry(self) {
          yield* k.busy(1000);
          log.push(`${name} on ${self.cpu?.id} at ${k.now}`);
        },
      });
    }
    k.run();
    expect(log).toEqual(["a on 0 at 1000", "b on 1 at 1000"]);
  });

  it("suspends a thread that runs on another CPU before the call returns", () => {
    const k = machine({ cpus: 2 });
    k.startCpu(1);
    const log: string[] = [];
    const target = k.createThread({
      name: "target",
      priority: 2,
      *entry() {
        for (;;) yield* k.busy(100);
      },
    });
    k.createThread({
      name: "caller",
      priority: 1,
      *entry() {
        yield* k.busy(1_000);
        expect(yield* target.suspend()).toBe(0);
        log.push(target.stateString());
        expect(target.cpuPin(0)).toBe(0);
        yield* target.resume();
        yield* k.busy(5_000);
        expect(target.cpuPin(1)).toBe(-22);
        yield* target.abort();
        log.push(target.stateString());
      },
    });
    expect(k.run().reason).toBe("idle");
    expect(log).toEqual(["suspended", "dead"]);
  });
});

describe("user mode", () => {
  it("kills a user thread that uses an object without permission, and only it", () => {
    const k = machine({ onFatal: () => "abort-thread" });
    const sem = new Sem(k, 0, 10);
    const log: string[] = [];
    k.createThread({
      name: "user",
      priority: 1,
      user: true,
      *entry() {
        try {
          yield* sem.give();
          log.push("gave");
        } finally {
          log.push("unwinds");
        }
      },
    });
    const granted = k.createThread({
      name: "granted",
      priority: 2,
      user: true,
      *entry() {
        expect(yield* sem.give()).toBe(0);
        log.push("granted gave");
      },
    });
    k.accessGrant(sem, granted);
    k.run();
    expect(log).toEqual(["unwinds", "granted gave"]);
    expect(sem.count).toBe(1);
    expect(k.counters.syscalls).toBe(2);
    expect(SWITCH).toBeLessThan(-1000);
    expect(K_NO_WAIT).toBe(0);
  });
});
