import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { Kernel, MemDomain } from "@sof-ts/kernel";
import {
  ComponentMutexLocking,
  KernelLlLocking,
  LlDomain,
  type LockingStrategy,
  RunAgain,
  UserLlLocking,
} from "../src/index.js";

const MS = 400_000;

/** A core that ticks every millisecond over `tasks` tasks that do nothing. */
function ticking(
  make: (kernel: Kernel) => LockingStrategy,
  tasks: number,
): (ticks: number) => void {
  const events = new EventQueue();
  const kernel = new Kernel({ cpus: 1, cyclesPerSecond: 400e6, ticksPerSecond: 15_000, events });
  const locking = make(kernel);
  const memoryDomain = new MemDomain(kernel, "ll");
  memoryDomain.init();
  const domain = new LlDomain({
    kernel,
    locking,
    cores: 1,
    periodUs: 1000,
    memoryDomain,
    stackBytes: 8192,
    threadName: "ll_thread",
    ticks: {
      start: (core, _periodUs, isr) => {
        kernel.irqConnect(core, 3, isr);
        kernel.irqEnable(core, 3);
        const timer: SimEvent = new SimEvent("timer", () => {
          events.schedule(timer, (events.now + MS) as Cycles);
          kernel.irqRaise(core, 3);
        });
        events.schedule(timer, MS as Cycles);
      },
      stop: () => {},
    },
  });
  domain.threadInit(0).next();
  const scheduler = domain.scheduler(0);
  if (scheduler === null) throw new Error("the domain did not come up");
  const setUp = kernel.createThread({
    name: "set-up",
    priority: 1,
    entry: function* () {
      for (let i = 0; i < tasks; i++) {
        const task = scheduler.createTask({
          name: `task ${i}`,
          core: 0,
          priority: 0,
          run: () => RunAgain.RESCHEDULE,
        });
        yield* scheduler.schedule(task);
      }
    },
  });
  locking.grant(setUp, 0);
  kernel.run(MS / 2);
  let until = 0;
  return (ticks) => {
    until += ticks * MS;
    kernel.run(until + MS / 2);
  };
}

const strategies: readonly [string, (kernel: Kernel) => LockingStrategy][] = [
  ["user LL", (kernel) => new UserLlLocking(kernel, 1)],
  ["kernel LL", (kernel) => new KernelLlLocking(kernel, 1)],
  ["component mutex", (kernel) => new ComponentMutexLocking(kernel, 1)],
];

/** Host time of an LL tick: timer event, interrupt, wake-up, lock, walk, unlock, switch. */
export const benches = strategies.flatMap(([name, make]) =>
  [0, 8].map((tasks) => ({
    name: `LL tick, ${name}, ${tasks === 0 ? "empty" : `${tasks} tasks`}`,
    run: ticking(make, tasks),
    realTimeMs: 1,
  })),
);
