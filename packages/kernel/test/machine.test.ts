import { EventQueue, SimEvent, type Cycles } from "@sof-ts/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultCosts,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  Kernel,
  Sem,
  Spinlock,
  SWITCH,
  Timer,
  zeroCosts,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

describe("time", () => {
  it("charges each operation and the way of an interrupt", () => {
    const costs = {
      ...zeroCosts,
      semGive: 10,
      semTake: 7,
      contextSwitch: 100,
      isrEntry: 30,
      isrExit: 20,
    };
    const m = new TestMachine({ costs });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 5);
    k.irqConnect(0, 1, () => {
      m.say("handler");
      sem.giveNow();
    });
    k.irqEnable(0, 1);
    m.thread("thread", 1, function* () {
      m.say("start");
      yield* sem.give();
      yield* sem.take(K_NO_WAIT);
      m.say("gave and took");
      k.irqRaise(0, 1);
      yield* sem.take(K_FOREVER);
      m.say("end");
    });
    m.run();
    expect(m.log).toEqual(["start 100", "gave and took 117", "handler 254", "end 384"]);
    // The take: 7 and a switch to idle. The handler: 30, its give 10, and 20. The switch back: 100.
  });

  it("goes on in any number of runs as in one", () => {
    const drive = (stops: readonly number[]): string[] => {
      const m = new TestMachine({ cpus: 2, costs: defaultCosts });
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 5);
      const timer = new Timer(k, () => void sem.giveNow());
      timer.startNow(K_MSEC(1), K_MSEC(1));
      for (const name of ["a", "b", "c"]) {
        m.thread(name, 3, function* () {
          for (let i = 0; i < 6; i++) {
            yield* sem.take(K_FOREVER);
            yield* k.busy(777);
            m.say(name);
          }
        });
      }
      for (const stop of stops) m.run(stop);
      m.run(30_000);
      return m.log;
    };
    const whole = drive([]);
    expect(whole).toHaveLength(18);
    fc.assert(
      fc.property(fc.array(fc.nat(30_000), { maxLength: 12 }), (stops) => {
        expect(drive(stops.toSorted((a, b) => a - b))).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it("tells how a run ended", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    m.thread("thread", 1, function* () {
      yield* k.sleep(K_MSEC(5));
      k.stop();
      yield* k.busy(1000);
      for (;;) if (k.charge(10) === SWITCH) yield SWITCH;
    });
    expect(k.run(2000)).toEqual({ reason: "until", time: 2000, fatal: null });
    expect(k.run(50_000).reason).toBe("stopped");
    expect(k.runUntil(() => k.now >= 9000, 20_000)).toBe(true);
    expect(k.run(K_FOREVER, 5).reason).toBe("steps");
    const idle = new TestMachine();
    expect(idle.kernel.run()).toEqual({ reason: "idle", time: 0, fatal: null });
    expect(idle.kernel.run(500)).toEqual({ reason: "idle", time: 500, fatal: null });
    expect(idle.kernel.runUntil(() => false, 1000)).toBe(false);
  });

  it("runs devices' events before CPUs that are due at the same instant", () => {
    const events = new EventQueue();
    const m = new TestMachine({ events });
    m.worker("worker", 1, 1000);
    events.schedule(new SimEvent("device", () => m.say("device")), 1000 as Cycles);
    m.run();
    expect(m.log).toEqual(["device 1000", "worker 1000"]);
  });

  it("turns time-outs into ticks that are never early", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 400_000_000 }),
        fc.integer({ min: 1, max: 20_000 }),
        fc.nat(100_000_000),
        fc.nat(3_000_000),
        (cyclesPerSecond, ticksPerSecond, ns, start) => {
          fc.pre(cyclesPerSecond >= ticksPerSecond);
          const k = new Kernel({
            cpus: 1,
            cyclesPerSecond,
            ticksPerSecond,
            events: new EventQueue(),
            costs: zeroCosts,
          });
          let slept = 0;
          k.createThread({
            priority: 1,
            *entry() {
              yield* k.busy(start);
              const before = k.now;
              yield* k.sleep(ns + 1);
              slept = k.now - before;
            },
          });
          k.run();
          const asked = ((ns + 1) * cyclesPerSecond) / 1e9;
          const tick = cyclesPerSecond / ticksPerSecond;
          expect(slept).toBeGreaterThanOrEqual(asked);
          expect(slept).toBeLessThanOrEqual(asked + 2 * tick + 1);
          expect(k.clock.ticksOf(k.ticks(7))).toBe(7);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keeps a periodic timer on its schedule whatever delays its handler", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const ticks: number[] = [];
    const timer = new Timer(k, () => void ticks.push(k.uptimeTicks()));
    timer.startNow(K_MSEC(3), K_MSEC(2));
    m.thread("masks", 1, function* () {
      for (let i = 0; i < 5; i++) {
        const key = k.irqLock();
        yield* k.busy(1500);
        k.irqUnlock(key);
        yield* k.busy(100);
      }
      yield* k.sleep(K_MSEC(10));
      yield* timer.stop();
    });
    m.run();
    expect(ticks.slice(0, 6)).toEqual([3, 5, 7, 9, 11, 13]);
  });
});

describe("interrupts", () => {
  it("stay pending while disabled, and are taken once", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    k.irqConnect(0, 40, (irq) => m.say(`irq ${irq}`));
    m.thread("thread", 1, function* () {
      k.irqRaise(0, 40);
      k.irqRaise(0, 40);
      yield* k.busy(100);
      k.irqEnable(0, 40);
      yield* k.busy(100);
      k.irqDisable(0, 40);
      k.irqRaise(0, 40);
      yield* k.busy(100);
      m.say("end");
    });
    m.run();
    expect(m.log).toEqual(["irq 40 100", "end 300"]);
  });

  it("are taken by number, the tick first", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    for (const irq of [9, 2, 33]) {
      k.irqConnect(0, irq, () => m.log.push(`irq ${irq}`));
      k.irqEnable(0, irq);
    }
    const timer = new Timer(k, () => m.log.push("tick"));
    timer.startNow(K_MSEC(1), 0);
    m.thread("thread", 1, function* () {
      const key = k.irqLock();
      for (const irq of [33, 9, 2]) k.irqRaise(0, irq);
      yield* k.busy(1500);
      k.irqUnlock(key);
      yield* k.busy(1);
    });
    m.run();
    expect(m.log).toEqual(["tick", "irq 2", "irq 9", "irq 33"]);
  });

  it("without a handler halt the kernel", () => {
    const m = new TestMachine();
    m.kernel.irqEnable(0, 5);
    m.kernel.irqRaise(0, 5);
    const result = m.run();
    expect([result.reason, result.fatal?.reason]).toEqual(["halted", 1]);
  });

  it("whose handler throws halt the kernel with the cause", () => {
    const m = new TestMachine();
    const bug = new Error("bug");
    m.kernel.irqConnect(0, 5, () => {
      throw bug;
    });
    m.kernel.irqEnable(0, 5);
    m.kernel.irqRaise(0, 5);
    const result = m.run();
    expect([result.reason, result.fatal?.reason, result.fatal?.cause]).toEqual(["halted", 0, bug]);
  });

  it("do not switch to a better thread before their handler is done", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    k.irqConnect(0, 5, () => {
      expect(sem.giveNow()).toBe(0);
      expect(k.charge(50)).toBe(0);
      m.say("handler's end");
    });
    k.irqEnable(0, 5);
    m.thread("better", 1, function* () {
      yield* sem.take(K_FOREVER);
      m.say("better");
    });
    m.thread("interrupted", 5, function* () {
      k.irqRaise(0, 5);
      yield* k.busy(10);
      m.say("interrupted");
    });
    m.run();
    expect(m.log).toEqual(["handler's end 50", "better 50", "interrupted 60"]);
  });
});

describe("locks between CPUs", () => {
  it("make a CPU spin while another has the lock, handlers included", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const lock = new Spinlock(k);
    k.irqConnect(1, 5, () => {
      m.say("handler wants it");
      const key = lock.lock();
      m.say("handler has it");
      lock.unlock(key);
    });
    k.irqEnable(1, 5);
    m.thread("holder", 1, function* () {
      const key = lock.lock();
      k.irqRaise(1, 5);
      yield* k.busy(700);
      m.say("holder unlocks");
      lock.unlock(key);
    });
    m.run();
    expect(m.log).toEqual(["handler wants it@1 0", "holder unlocks@0 700", "handler has it@1 700"]);
  });

  it("are let go in a switch with interrupts locked, and had again before the thread goes on", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    m.thread("blocker", 1, function* () {
      const key = k.irqLock();
      yield* sem.take(K_FOREVER);
      m.say("blocker has the lock again");
      expect(k.currentCpu?.masked).toBe(true);
      k.irqUnlock(key);
    });
    m.thread("other", 1, function* () {
      yield* k.busy(100);
      const key = k.irqLock();
      m.say("other has the lock");
      yield* sem.give();
      yield* k.busy(500);
      m.say("other unlocks");
      k.irqUnlock(key);
    });
    m.run();
    expect(m.log).toEqual([
      "other has the lock@0 100",
      "other unlocks@0 600",
      "blocker has the lock again@0 600",
    ]);
  });

  it("that wait for each other are reported", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const locks = [new Spinlock(k, "first"), new Spinlock(k, "second")] as const;
    for (const [mine, other] of [
      [locks[0], locks[1]],
      [locks[1], locks[0]],
    ] as const) {
      m.thread(`has ${mine.name}`, 1, function* () {
        mine.lock();
        yield* k.busy(100);
        other.lock();
      });
    }
    const result = m.run();
    expect(result.reason).toBe("halted");
    expect(result.fatal?.message).toContain("deadlock");
  });

  it("that a handler and another CPU wait for are reported, and the interrupted thread does not run", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const first = new Spinlock(k, "first");
    const second = new Spinlock(k, "second");
    const interrupted = m.worker("interrupted", 1, 1_000, { delay: K_FOREVER });
    const holder = m.thread(
      "holder",
      1,
      function* () {
        second.lock();
        yield* k.busy(500);
        first.lock();
      },
      { delay: K_FOREVER },
    );
    for (const [cpu, thread] of [interrupted, holder].entries()) {
      thread.cpuPin(cpu);
      thread.startNow();
    }
    k.irqConnect(0, 3, () => {
      first.lock();
      second.lock();
    });
    k.irqEnable(0, 3);
    m.run(100);
    k.irqRaise(0, 3);
    const result = m.run();
    expect(result.fatal?.message).toContain("deadlock: CPU 1 spins for first, which CPU 0 holds");
    expect(m.log).toEqual([]);
  });

  it("whose holder died are reported, not waited for", () => {
    const m = new TestMachine();
    const lock = new Spinlock(m.kernel, "lost");
    m.thread("dies", 1, function* () {
      lock.lock();
      throw new Error("bug");
    });
    m.thread("wants", 2, function* () {
      lock.lock();
      yield* m.kernel.yield();
    });
    const result = m.run();
    expect(result.reason).toBe("halted");
    expect(result.fatal?.message).toMatch(/lost is (taken twice|held)/);
  });
});

describe("CPUs", () => {
  it("come up and go down; what they ran goes on elsewhere", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    k.stopCpu(1);
    m.worker("a", 1, 1000);
    m.worker("b", 1, 1000);
    m.run(500);
    k.startCpu(1);
    m.run(800);
    expect(k.cpus[1]?.current.name).toBe("b");
    k.stopCpu(1);
    m.run();
    // b had 300 cycles on CPU 1 and does the rest on CPU 0 after a.
    expect(m.log).toEqual(["a@0 1000", "b@0 1700"]);
  });

  it("can take themselves down", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    const pinned = m.thread(
      "pinned",
      1,
      function* () {
        k.stopCpu(1);
        yield* k.busy(100);
        m.say("up again");
      },
      { delay: K_FOREVER },
    );
    pinned.cpuPin(1);
    pinned.startNow();
    m.run(1000);
    expect([k.cpus[1]?.online, m.log]).toEqual([false, []]);
    k.startCpu(1);
    m.run();
    expect(m.log).toEqual(["up again@1 1100"]);
  });

  it("keep interrupts that come while they are down", () => {
    const m = new TestMachine({ cpus: 2 });
    const { kernel: k } = m;
    k.stopCpu(1);
    k.irqConnect(1, 5, () => m.say("taken"));
    k.irqEnable(1, 5);
    k.irqRaise(1, 5);
    m.run(1000);
    k.startCpu(1);
    m.run();
    expect(m.log).toEqual(["taken@1 1000"]);
  });
});
