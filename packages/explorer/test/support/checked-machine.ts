import { assert, EventQueue, SimEvent } from "@sof-ts/kit";
import { type FatalInfo, K_FOREVER, Kernel, type Thread, type ThreadBody } from "@sof-ts/kernel";
import { Checks, type ChecksOptions } from "../../src/index.js";

/** A small machine under check. Operations take their usual time; a tick is 1 ms. */
export class CheckedMachine {
  readonly checks: Checks;
  readonly kernel: Kernel;
  readonly fatals: FatalInfo[] = [];
  /** The program under test is refused something. */
  mayFault = false;

  constructor(cpus = 1, options: ChecksOptions = {}) {
    this.checks = new Checks(options);
    this.kernel = new Kernel({
      cpus,
      cyclesPerSecond: 10_000_000,
      ticksPerSecond: 1000,
      events: new EventQueue(),
      checker: this.checks.checker,
      trace: this.checks.trace,
      onFatal: (info) => {
        this.fatals.push(info);
        return "abort-thread";
      },
    });
    this.checks.attach(this.kernel);
    for (let cpu = 1; cpu < cpus; cpu++) this.kernel.startCpu(cpu);
  }

  /** A thread that is pinned to a CPU; made before the machine runs. */
  on(cpu: number, name: string, priority: number, entry: () => ThreadBody): Thread {
    const thread = this.sleeper(cpu, name, priority, entry);
    thread.startNow();
    return thread;
  }

  /** As {@link on}, from a running thread. */
  *spawn(
    cpu: number,
    name: string,
    priority: number,
    entry: () => ThreadBody,
  ): Generator<number, Thread, number> {
    const thread = this.sleeper(cpu, name, priority, entry);
    yield* thread.start();
    return thread;
  }

  private sleeper(cpu: number, name: string, priority: number, entry: () => ThreadBody): Thread {
    const thread = this.kernel.createThread({ name, priority, entry, delay: K_FOREVER });
    if (this.kernel.cpus.length > 1) assert(thread.cpuPin(cpu) === 0, "a new thread can be pinned");
    return thread;
  }

  /** Something that the machine does at a time. */
  at(ns: number, act: () => void): void {
    this.kernel.events.schedule(new SimEvent("device", act), this.kernel.cyclesOf(ns));
  }

  /** An interrupt of CPU 0; the result raises it. */
  interrupt(handler: () => void): () => void {
    this.kernel.irqConnect(0, 20, handler);
    this.kernel.irqEnable(0, 20);
    return () => this.kernel.irqRaise(0, 20);
  }

  /** Runs to the end. @returns checker and rule of each report */
  run(finish = true): string[] {
    this.kernel.run(this.kernel.cyclesOf(1e9));
    if (!this.mayFault) for (const { message } of this.fatals) throw new Error(message);
    if (finish) this.checks.finish();
    return this.checks.violations.map(({ checker, rule }) => `${checker}: ${rule}`);
  }
}
