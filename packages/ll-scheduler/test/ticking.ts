import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { Kernel, MemDomain } from "@sof-ts/kernel";
import { LlDomain, type LockingStrategy, RunAgain } from "../src/index.js";

const MS = 400_000;

/**
 * A core that ticks every millisecond over `tasks` tasks that do nothing.
 *
 * @returns lets so many milliseconds pass
 */
export function ticking(
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

/** Tasks of the benchmark of one task's share. */
const MANY = 64;

/** What benchmarks of the tick measure of a strategy; each strategy has a file, so a process, of its own. */
export function benchesOf(name: string, make: (kernel: Kernel) => LockingStrategy) {
  return [
    { name: `LL tick, ${name}, empty`, run: ticking(make, 0), realTimeMs: 1 },
    { name: `LL tick, ${name}, 8 tasks`, run: ticking(make, 8), realTimeMs: 1 },
    {
      name: `LL task, ${name}, one of ${MANY}`,
      run: ticking(make, MANY),
      perIteration: MANY,
      unit: "task",
    },
  ];
}
