import { type FatalInfo, K_FOREVER, type Kernel, Sem } from "@sof-ts/kernel";
import type { LlDomain, LockingStrategy } from "@sof-ts/ll-scheduler";
import type { AudioGraph, Component } from "@sof-ts/pipeline";

export interface CoreFaultsParts {
  readonly kernel: Kernel;
  readonly domain: LlDomain;
  readonly locking: LockingStrategy;
  readonly cores: number;
  /** Tells the host and the log. Calling context: the fatal error handler. */
  readonly report: (core: number, info: FatalInfo) => void;
  /** Stops what a core runs beside pipelines. Calling context: a kernel thread; may block. */
  readonly stopRest: (core: number) => Generator<number, void, number>;
  /** A module threw again while it was stopped. */
  readonly threw: (component: Component, error: unknown) => void;
}

/**
 * What becomes of a core whose unprivileged LL thread faults: its audio goes down, the rest of the firmware goes
 * on. Its tick stops at once; then a kernel thread hands its locks on and stops the core's pipelines as a failed
 * copy stops one, so that the host can delete them, and after them its DMA chains and data-processing threads.
 * A module that throws again meanwhile is only reported. A secondary core has its audio back when it was powered down
 * and up again.
 */
export class CoreFaults {
  private readonly parts: CoreFaultsParts;
  private readonly faulted: Sem;
  private readonly pending: number[] = [];

  constructor(parts: CoreFaultsParts) {
    this.parts = parts;
    this.faulted = new Sem(parts.kernel, 0, parts.cores, "core faulted");
  }

  /**
   * Calling context: the fatal error handler.
   *
   * @returns whether the fault was that of an LL thread without privileges, and only its core goes down
   */
  contain(info: FatalInfo): boolean {
    const { domain, locking, cores, report } = this.parts;
    if (info.inIsr || !locking.userMode) return false;
    for (let core = 0; core < cores; core++) {
      if (domain.thread(core) !== info.thread || domain.scheduler(core)?.lost !== false) continue;
      domain.threadLost(core);
      report(core, info);
      this.pending.push(core);
      this.faulted.giveNow();
      return true;
    }
    return false;
  }

  /** Body of the kernel thread that stops the pipelines of faulted cores. */
  *run(graph: AudioGraph): Generator<number, void, number> {
    const { locking, stopRest, threw } = this.parts;
    for (;;) {
      yield* this.faulted.take(K_FOREVER);
      const core = this.pending.shift();
      if (core === undefined) continue;
      yield* locking.recover(core);
      yield* locking.lock(core);
      for (const pipeline of graph.pipelines) {
        if (pipeline.core === core) pipeline.takeDown(threw);
      }
      yield* locking.unlock(core);
      yield* stopRest(core);
    }
  }
}
