import { EventQueue } from "@sof-ts/kit";
import {
  type FatalInfo,
  Kernel,
  type KernelConfig,
  type RunResult,
  type Thread,
  type ThreadBody,
  type ThreadOptions,
  zeroCosts,
} from "../../src/index.js";

/** A kernel whose operations take no time, unless `config` says otherwise: 1000 cycles a tick, 1 ms. */
export class TestMachine {
  readonly kernel: Kernel;
  readonly log: string[] = [];
  readonly fatals: FatalInfo[] = [];
  policy: "abort-thread" | "halt" = "abort-thread";
  private failure: unknown = null;

  constructor(config: Partial<KernelConfig> = {}) {
    this.kernel = new Kernel({
      cpus: 1,
      cyclesPerSecond: 1_000_000,
      ticksPerSecond: 1000,
      events: new EventQueue(),
      costs: zeroCosts,
      onFatal: (info) => this.onFatal(info),
      ...config,
    });
    for (let id = 1; id < this.kernel.cpus.length; id++) this.kernel.startCpu(id);
  }

  thread(
    name: string,
    priority: number,
    entry: (self: Thread) => ThreadBody,
    options: Partial<ThreadOptions> = {},
  ): Thread {
    return this.kernel.createThread({ name, priority, entry, ...options });
  }

  /** A thread that computes for `cycles` and logs its name and when it was done. */
  worker(
    name: string,
    priority: number,
    cycles: number,
    options: Partial<ThreadOptions> = {},
  ): Thread {
    return this.thread(
      name,
      priority,
      function* (this: TestMachine): ThreadBody {
        yield* this.kernel.busy(cycles);
        this.say(name);
      }.bind(this),
      options,
    );
  }

  /** Logs `what` with the local time and the CPU. */
  say(what: string): void {
    const { kernel } = this;
    const cpu = kernel.cpus.length > 1 ? `@${kernel.currentCpu?.id ?? "-"}` : "";
    this.log.push(`${what}${cpu} ${kernel.now}`);
  }

  /** Runs, and throws what a thread's failed expectation threw. */
  run(until = Number.POSITIVE_INFINITY): RunResult {
    const result = this.kernel.run(until);
    if (this.failure !== null) throw this.failure;
    return result;
  }

  /** Runs to the end and makes sure that every thread came to its own, but those named `left`. */
  runOut(...left: readonly string[]): void {
    this.run();
    const living = [...this.kernel.threads].map((thread) => thread.name);
    const lost = living.filter((name) => !left.includes(name));
    if (lost.length > 0) throw new Error(`threads that did not end: ${lost.join(", ")}`);
  }

  private onFatal(info: FatalInfo): "abort-thread" | "halt" {
    if (info.cause instanceof Error && info.cause.name === "AssertionError") {
      this.failure ??= info.cause;
      return "halt";
    }
    this.fatals.push(info);
    return this.policy;
  }
}
