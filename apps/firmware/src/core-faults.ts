import {
  type FatalInfo,
  K_FOREVER,
  type KObject,
  type Kernel,
  Sem,
  type Thread,
} from "@sof-ts/kernel";
import type { LlDomain, LockingStrategy } from "@sof-ts/ll-scheduler";
import type { IpcUserThread } from "@sof-ts/ipc4-helper";
import type { AudioGraph, Component } from "@sof-ts/pipeline";

export interface CoreFaultsParts {
  readonly kernel: Kernel;
  readonly domain: LlDomain;
  readonly locking: LockingStrategy;
  readonly cores: number;
  /** The IPC thread of a core that is up, or null. */
  readonly ipcThread: (core: number) => IpcUserThread | null;
  /** Tells the host and the log of an LL thread. Calling context: the fatal error handler. */
  readonly report: (core: number, info: FatalInfo) => void;
  /** Tells the log of an IPC thread. Calling context: the fatal error handler. */
  readonly reportIpc: (core: number, info: FatalInfo) => void;
  /** Tells the host that the audio of a core, whose LL thread lives, was stopped. Calling context: a kernel thread. */
  readonly stopped: (core: number) => void;
  /** Stops what a core runs beside pipelines. Calling context: a kernel thread; may block. */
  readonly stopRest: (core: number) => Generator<number, void, number>;
  /** A module threw again while it was stopped. */
  readonly threw: (component: Component, error: unknown) => void;
}

/** A thread that has ended, for the kernel thread that clears up. */
interface Fault {
  readonly core: number;
  readonly thread: "ll" | "ipc";
  /** What an IPC thread had permission on. */
  readonly access: readonly KObject[];
}

/**
 * What becomes of a core whose unprivileged LL or IPC thread faults; the rest of the firmware goes on.
 *
 * An LL thread takes the core's audio down. The tick stops at once; then a kernel thread hands its locks on and
 * stops the core's pipelines as a failed copy stops one, so that the host can delete them, and after them its DMA
 * chains and data-processing threads. A module that throws again meanwhile is only reported. A secondary core has
 * its audio back when it was powered down and up again.
 *
 * An IPC thread is replaced, and the message that it was at fails; what that had allocated so far stays allocated. Where it
 * held the lock of a graph, that may be changed by half: the pipelines of that core stop as above, for the host
 * to reset or delete. All other streams play on, those of its own core too.
 */
export class CoreFaults {
  private readonly parts: CoreFaultsParts;
  private readonly faulted: Sem;
  private readonly pending: Fault[] = [];
  /** The kernel thread that clears up. */
  private keeper: Thread | null = null;

  constructor(parts: CoreFaultsParts) {
    this.parts = parts;
    this.faulted = new Sem(parts.kernel, 0, 2 * parts.cores, "core faulted");
  }

  /**
   * Calling context: the fatal error handler.
   *
   * @returns whether the fault was that of an LL or IPC thread without privileges, and the firmware goes on
   */
  contain(info: FatalInfo): boolean {
    const { domain, locking, cores, ipcThread, report, reportIpc } = this.parts;
    if (info.inIsr || !locking.userMode) return false;
    for (let core = 0; core < cores; core++) {
      if (domain.thread(core) === info.thread && domain.scheduler(core)?.lost === false) {
        domain.threadLost(core);
        report(core, info);
        return this.clearUp({ core, thread: "ll", access: [] });
      }
      if (ipcThread(core)?.thread === info.thread) {
        reportIpc(core, info);
        return this.clearUp({ core, thread: "ipc", access: this.keep(info.thread) });
      }
    }
    return false;
  }

  /** Body of the kernel thread that clears up. */
  *run(graph: AudioGraph): Generator<number, void, number> {
    this.keeper = this.parts.kernel.current;
    for (;;) {
      yield* this.faulted.take(K_FOREVER);
      const fault = this.pending.shift();
      if (fault === undefined) continue;
      if (fault.thread === "ll") yield* this.endAudio(graph, fault.core);
      else yield* this.replaceIpc(graph, fault);
    }
  }

  private clearUp(fault: Fault): true {
    this.pending.push(fault);
    this.faulted.giveNow();
    return true;
  }

  /** Keeps the dynamic objects of a thread that ends, which go with the last thread that may use them. */
  private keep(thread: Thread): readonly KObject[] {
    const { kernel } = this.parts;
    const access = kernel.accessList(thread);
    for (const object of access) kernel.accessGrant(object, this.keeper);
    return access;
  }

  private *endAudio(graph: AudioGraph, core: number): Generator<number, void, number> {
    yield* this.parts.locking.recover(core);
    yield* this.stopPipelines(graph, core);
    yield* this.parts.stopRest(core);
  }

  private *replaceIpc(graph: AudioGraph, { core, access }: Fault): Generator<number, void, number> {
    const { kernel, locking, cores, ipcThread, stopped } = this.parts;
    for (let other = 0; other < cores; other++) {
      if (!(yield* locking.recover(other))) continue;
      yield* this.stopPipelines(graph, other);
      stopped(other);
    }
    const ipc = ipcThread(core);
    if (ipc !== null) yield* ipc.replace(access);
    for (const object of access) kernel.accessRevoke(object, this.keeper);
  }

  private *stopPipelines(graph: AudioGraph, core: number): Generator<number, void, number> {
    const { locking, threw } = this.parts;
    yield* locking.lock(core);
    for (const pipeline of graph.pipelines) {
      if (pipeline.core === core) pipeline.takeDown(threw);
    }
    yield* locking.unlock(core);
  }
}
