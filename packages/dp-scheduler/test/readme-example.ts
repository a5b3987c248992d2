import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { Kernel, KHeap } from "@sof-ts/kernel";
import { DpScheduler } from "@sof-ts/dp-scheduler";
import { KernelLlLocking, LlDomain, RunAgain } from "@sof-ts/ll-scheduler";

const MS = 400_000; // cycles of a 400 MHz core
const events = new EventQueue();
const kernel = new Kernel({ cpus: 1, cyclesPerSecond: 400e6, ticksPerSecond: 15_000, events });
const domain = new LlDomain({
  kernel,
  locking: new KernelLlLocking(kernel, 1),
  memoryDomain: null,
  cores: 1,
  periodUs: 1000,
  stackBytes: 8192,
  threadName: "ll_thread",
  ticks: {
    start(core, _periodUs, isr) {
      kernel.irqConnect(core, 3, isr);
      kernel.irqEnable(core, 3);
      const tick: SimEvent = new SimEvent("tick", () => {
        events.schedule(tick, (events.now + MS) as Cycles);
        kernel.irqRaise(core, 3);
      });
      events.schedule(tick, MS as Cycles);
    },
    stop() {},
  },
});
domain.threadInit(0).next(); // outside the machine nothing blocks
const dp = new DpScheduler({
  kernel,
  domain,
  cores: 1,
  userMode: false,
  objects: new KHeap(kernel, { base: 0x1000_0000, size: 65_536 }),
});

/** A task whose run takes `ms`, once every `periodMs`. */
const task = (name: string, periodMs: number, ms: number) => ({
  name,
  core: 0,
  stackBytes: 4096,
  memory: null,
  work: {
    next: periodMs * MS,
    ready() {
      if (kernel.now < this.next) return false;
      this.next += periodMs * MS;
      return true;
    },
    slackUs: () => periodMs * 1000,
    *run() {
      yield* kernel.busy(ms * MS);
      return RunAgain.RESCHEDULE;
    },
  },
});

kernel.createThread({
  name: "ipc",
  priority: 1,
  *entry() {
    const long = yield* dp.create(task("long", 10, 4));
    const short = yield* dp.create(task("short", 4, 1));
    if (typeof long === "number" || typeof short === "number") return;
    dp.schedule(long, 10_000);
    dp.schedule(short, 4_000);
  },
});
kernel.run(100.5 * MS);
for (const { name, stats } of dp.tasks(0)) {
  const worstMs = (stats.maxResponseCycles / MS).toFixed(1);
  console.log(`${name}: ${stats.runs} runs, ${stats.misses} deadlines missed, worst ${worstMs} ms`);
}
