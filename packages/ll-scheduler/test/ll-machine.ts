import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { type FatalInfo, Kernel, KHeap, MemDomain, type Thread } from "@sof-ts/kernel";
import { expect } from "vitest";
import {
  ComponentMutexLocking,
  KernelLlLocking,
  LlDomain,
  type LlScheduler,
  type LockingStrategy,
  UserLlLocking,
} from "../src/index.js";

/** Cycles of a millisecond. */
export const MS = 400_000;

/** The strategies that every test of the scheduler runs over. */
export const strategies: {
  name: string;
  make: (kernel: Kernel, cores: number) => LockingStrategy;
}[] = [
  { name: "user LL", make: (kernel, cores) => new UserLlLocking(kernel, cores) },
  { name: "kernel LL", make: (kernel, cores) => new KernelLlLocking(kernel, cores) },
  { name: "component mutexes", make: (kernel, cores) => new ComponentMutexLocking(kernel, cores) },
];

/** A machine with an LL domain on each of its cores, ticking every millisecond. */
export function machine(make: (kernel: Kernel, cores: number) => LockingStrategy, cores = 1) {
  const events = new EventQueue();
  const faults: FatalInfo[] = [];
  const kernel = new Kernel({
    cpus: cores,
    cyclesPerSecond: 400e6,
    ticksPerSecond: 15_000,
    events,
    onFatal: (info) => {
      faults.push(info);
      return "abort-thread";
    },
  });
  const locking = make(kernel, cores);
  const memoryDomain = new MemDomain(kernel, "ll");
  memoryDomain.init();
  const timers: SimEvent[] = [];
  /** Cores whose watchdogs were fed, in order. */
  const fed: number[] = [];
  const domain = new LlDomain({
    kernel,
    locking,
    cores,
    periodUs: 1000,
    memoryDomain,
    stackBytes: 8192,
    threadName: "ll_thread",
    feedWatchdog: (core) => fed.push(core),
    ticks: {
      start: (core, periodUs, isr) => {
        kernel.irqConnect(core, 3, isr);
        kernel.irqEnable(core, 3);
        const timer = new SimEvent(`timer ${core}`, () => {
          events.schedule(timer, (events.now + periodUs * 400) as Cycles);
          kernel.irqRaise(core, 3);
        });
        timers[core] = timer;
        events.schedule(timer, (events.now + periodUs * 400) as Cycles);
      },
      stop: (core) => events.cancel(timers[core] as SimEvent),
    },
  });
  for (let core = 0; core < cores; core++) {
    if (core > 0) kernel.startCpu(core);
    expect(domain.threadInit(core).next()).toEqual({ done: true, value: 0 });
  }
  return {
    events,
    kernel,
    faults,
    fed,
    memoryDomain,
    locking,
    domain,
    scheduler: domain.scheduler(0) as LlScheduler,
  };
}

export type Machine = ReturnType<typeof machine>;

/** Runs `body` in a thread as IPC threads are: in user mode where the LL threads are, with the LL locks granted. */
export function inThread(
  { kernel, locking, memoryDomain }: Machine,
  body: () => Generator<number, void, number>,
  cpu = 0,
): Thread {
  const thread = kernel.createThread({
    name: "ipc",
    priority: 1,
    delay: Number.POSITIVE_INFINITY,
    entry: body,
    user: locking.userMode,
  });
  thread.cpuPin(cpu);
  if (locking.userMode) {
    memoryDomain.addThread(thread);
    thread.heapAssign(new KHeap(kernel, { base: 0x4000_0000, size: 0x4000 }, "objects"));
  }
  for (let core = 0; core < kernel.cpus.length; core++) locking.grant(thread, core);
  thread.startNow();
  return thread;
}
