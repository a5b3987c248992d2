import { describe, expect, it } from "vitest";
import {
  FatalReason,
  type KernelOptions,
  K_FOREVER,
  K_MSEC,
  type KernelTrace,
  Sem,
  type Thread,
  TICK_IRQ,
  Timer,
  zeroCosts,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

describe("the option smp on one CPU", () => {
  it("puts a preempted thread behind its equals, and a new priority moves only who does not run", () => {
    for (const smp of [false, true]) {
      const m = new TestMachine({ options: { smp } });
      const { kernel: k } = m;
      m.thread("preempted", 5, function* () {
        yield* k.busy(2_000);
        m.log.push("preempted");
        yield* k.current.prioritySet(6);
        m.log.push("lower");
        yield* k.current.prioritySet(6);
        m.log.push("the same");
      });
      m.thread("equal", 5, function* () {
        m.log.push("equal");
        yield* k.current.prioritySet(6);
        m.log.push("equal, lower");
      });
      m.thread("better", 2, function* () {
        yield* k.sleep(K_MSEC(1));
      });
      m.runOut();
      expect(m.log).toEqual(
        smp
          ? ["equal", "preempted", "lower", "the same", "equal, lower"]
          : ["preempted", "equal", "lower", "equal, lower", "the same"],
      );
    }
  });
});

describe("the option ipiCascade", () => {
  it("sends a preempted thread with a partial mask on to a CPU that runs something worse", () => {
    const finished = (options: KernelOptions): string => {
      const m = new TestMachine({ cpus: 3, options });
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 1);
      const on = (cpus: readonly number[], thread: Thread): void => {
        thread.cpuMaskClear();
        for (const cpu of cpus) thread.cpuMaskEnable(cpu);
        thread.startNow();
      };
      const held = { delay: K_FOREVER };
      on([0, 1], m.worker("partial", 5, 10_000, held));
      on([1], m.worker("worse", 9, 20_000, held));
      on(
        [0],
        m.thread(
          "better",
          3,
          function* () {
            yield* sem.take(K_FOREVER);
            yield* k.busy(5_000);
            m.say("better");
          },
          held,
        ),
      );
      on(
        [2],
        m.thread(
          "giver",
          1,
          function* () {
            yield* k.busy(1_000);
            yield* sem.give();
          },
          held,
        ),
      );
      m.runOut();
      return m.log.find((line) => line.startsWith("partial")) ?? "";
    };
    expect(finished({ ipiOptimize: true, ipiCascade: true })).toBe("partial@1 10000");
    expect(finished({ ipiOptimize: true })).toBe("partial@0 15000");
  });
});

describe("the option timeslicePriority", () => {
  it("names the best priority that is sliced", () => {
    for (const [priority, expected] of [
      [4, ["a", "b"]],
      [5, ["b", "a"]],
      [6, ["b", "a"]],
    ] as const) {
      const m = new TestMachine({ options: { timesliceNs: 1e6, timeslicePriority: 5 } });
      m.worker("a", priority, 5_000);
      m.worker("b", priority, 2_500);
      m.runOut();
      expect(
        m.log.map((line) => line.split(" ")[0]),
        `${priority}`,
      ).toEqual(expected);
    }
  });
});

describe("the option userMayRaisePriority", () => {
  it("lets a user thread make one better, within the range", () => {
    for (const userMayRaisePriority of [false, true]) {
      for (const priority of [3, -17]) {
        const m = new TestMachine({ options: { userMayRaisePriority } });
        const thread = m.thread(
          "user",
          5,
          function* () {
            yield* m.kernel.current.prioritySet(priority);
            m.log.push(`${thread.priorityGet()}`);
          },
          { user: true },
        );
        m.runOut();
        const works = userMayRaisePriority && priority === 3;
        expect(m.log).toEqual(works ? ["3"] : []);
        expect(m.fatals.map((info) => info.reason)).toEqual(works ? [] : [FatalReason.KERNEL_OOPS]);
      }
    }
  });
});

describe("the option timerCpu", () => {
  it("says which CPU takes the tick, the lowest one that is up when that is down", () => {
    const ticks: string[] = [];
    const trace: KernelTrace = {
      isrEnter: (time, cpu, irq) => {
        if (irq === TICK_IRQ) ticks.push(`${cpu} at ${time}`);
      },
    };
    const m = new TestMachine({ cpus: 3, options: { timerCpu: 2 }, trace, costs: zeroCosts });
    const timer = new Timer(m.kernel);
    timer.startNow(K_MSEC(1), K_MSEC(1));
    m.run(1_500);
    m.kernel.stopCpu(2);
    m.run(2_500);
    m.kernel.startCpu(2);
    m.run(3_500);
    expect(ticks).toEqual(["2 at 1000", "0 at 2000", "2 at 3000"]);
  });
});
