import { assert, EventQueue } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  type Cpu,
  type FatalInfo,
  Kernel,
  type KernelChecker,
  type KernelConfig,
  type KernelTrace,
  type Thread,
  type ThreadBody,
  type ThreadOptions,
} from "../../../src/index.js";
import { notApplicable } from "../not-applicable.js";
import { rows } from "../rows.js";

/** A way to build the kernel; each behaviour must hold in all of them. */
export interface Build {
  readonly name: string;
  readonly trace: KernelTrace | null;
  readonly checker: KernelChecker | null;
  /** Listeners for one machine, in a build whose listeners know their kernel. */
  readonly listen?: () => Listeners;
}

/** The listeners of one machine. */
export interface Listeners {
  readonly trace: KernelTrace;
  readonly checker: KernelChecker;
  attach(kernel: Kernel): void;
}

const nothing = (): void => undefined;

/** Listeners take every operation through its observed path. */
const observed: Build = {
  name: "observed",
  trace: {
    threadSwitch: nothing,
    ready: nothing,
    lock: nothing,
    semGive: nothing,
    syscall: nothing,
  },
  checker: {
    acquire: nothing,
    release: nothing,
    threadStart: nothing,
    threadJoin: nothing,
    raise: nothing,
    interrupt: nothing,
  },
};

const usual: readonly Build[] = [{ name: "release", trace: null, checker: null }, observed];

/** Shared by all instances of this module that a test runner may make. */
const shared = globalThis as typeof globalThis & {
  conformanceBuild?: Build | undefined;
  conformanceRows?: string[];
};
const registered = (shared.conformanceRows ??= []);

/** Registers the rows of the files that `load` imports for `build` instead of the usual ones. */
export async function onlyIn(build: Build, load: () => Promise<unknown>): Promise<void> {
  shared.conformanceBuild = build;
  registered.length = 0;
  await load();
  // Suites are filled in their order, after this file has been read: this one comes last.
  describe(`the ${build.name} build`, () => {
    shared.conformanceBuild = undefined;
    it("ran every row that applies", () => {
      const all = rows.map(({ id }) => id).filter((id) => !notApplicable.has(id));
      expect(new Set(registered)).toEqual(new Set(all));
    });
  });
}

/** Priority of the main test thread unless a row says otherwise. */
export const MAIN = 0;

/** A machine under test: threads that fail an expectation fail the test; oopses are collected. */
export class Machine {
  readonly kernel: Kernel;
  /** Fatal errors that were not failed expectations, in order. */
  readonly fatals: FatalInfo[] = [];
  readonly log: string[] = [];
  private failure: unknown = null;

  constructor(build: Build, config: Partial<KernelConfig> = {}) {
    const listeners = build.listen?.() ?? null;
    this.kernel = new Kernel({
      cpus: 1,
      cyclesPerSecond: 400_000_000,
      ticksPerSecond: 15_000,
      events: new EventQueue(),
      trace: listeners?.trace ?? build.trace,
      checker: listeners?.checker ?? build.checker,
      onFatal: (info) => this.onFatal(info),
      ...config,
    });
    listeners?.attach(this.kernel);
    for (let cpu = 1; cpu < this.kernel.cpus.length; cpu++) this.kernel.startCpu(cpu);
  }

  /** Makes a thread. */
  thread(
    name: string,
    priority: number,
    entry: (thread: Thread) => ThreadBody,
    options: Partial<ThreadOptions> = {},
  ): Thread {
    return this.kernel.createThread({ name, priority, entry, ...options });
  }

  /**
   * Makes the thread that the test body runs in, then runs the machine until nothing is left to do.
   *
   * @param leaves the body does not come to its end, because it drops to user mode
   */
  main(
    entry: (kernel: Kernel, self: Thread) => ThreadBody,
    options: Partial<ThreadOptions> = {},
    leaves = false,
  ): void {
    let finished = false;
    const { kernel } = this;
    kernel.createThread({
      name: "main",
      priority: MAIN,
      *entry(self) {
        yield* entry(kernel, self);
        finished = true;
      },
      ...options,
    });
    this.run();
    assert(finished || leaves, "main thread did not come to its end");
  }

  /** Runs until `until` (default: until nothing can happen) and fails on what went wrong inside. */
  run(until = Number.POSITIVE_INFINITY): void {
    const result = this.kernel.run(until);
    if (this.failure !== null) throw this.failure;
    assert(result.reason !== "halted", `halted: ${result.fatal?.message ?? ""}`);
  }

  /** Local time in milliseconds. */
  get ms(): number {
    return (this.kernel.now * 1000) / this.kernel.cyclesPerSecond;
  }

  /** A device interrupt of CPU 0 that runs `isr`; the returned function raises it. */
  interrupt(isr: () => void, cpu = 0): () => void {
    const irq = this.irqs++;
    this.kernel.irqConnect(cpu, irq, isr);
    this.kernel.irqEnable(cpu, irq);
    return () => this.kernel.irqRaise(cpu, irq);
  }

  private irqs = 16;

  private onFatal(info: FatalInfo): "abort-thread" | "halt" {
    if (info.cause instanceof Error && info.cause.name === "AssertionError") {
      this.failure ??= info.cause;
      return "halt";
    }
    this.fatals.push(info);
    return "abort-thread";
  }
}

/** What a test body gets. */
export interface Bench {
  readonly build: Build;
  /** A fresh machine of the build. */
  machine(config?: Partial<KernelConfig>): Machine;
}

/** Registers the test of row `id` for every build. */
export function row(id: string, title: string, body: (bench: Bench) => void): void {
  const entry = rows.find((candidate) => candidate.id === id);
  assert(entry !== undefined, `${id} is no row`);
  registered.push(id);
  const only = shared.conformanceBuild;
  for (const build of only === undefined ? usual : [only]) {
    // oxlint-disable-next-line vitest/expect-expect -- the body is handed in by the test files
    it(`${id} ${entry.area}: ${title} (${build.name} build)`, () => {
      body({ build, machine: (config) => new Machine(build, config) });
    });
  }
}

/** CPU that runs the caller. */
export function cpuOf(kernel: Kernel): Cpu {
  const cpu = kernel.currentCpu;
  if (cpu === null) throw new Error("no CPU runs");
  return cpu;
}
