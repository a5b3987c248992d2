import type { DpScheduler } from "@sof-ts/dp-scheduler";
import { Status } from "@sof-ts/ipc4";
import type { IpcUserThread, Notifier } from "@sof-ts/ipc4-helper";
import type { FatalInfo, Kernel } from "@sof-ts/kernel";
import type { LlDomain, LockingStrategy } from "@sof-ts/ll-scheduler";
import type { AudioGraph } from "@sof-ts/pipeline";
import { CoreFaults } from "./core-faults.js";
import type { WindowRegisters } from "./firmware-registers.js";
import type { InstanceFactory } from "./instances/instance-factory.js";
import type { ModuleFaults } from "./module-faults.js";
import type { UserIpc } from "./user-ipc.js";
import type { Watchdogs } from "./watchdog.js";

/** Whom a fault may concern. */
export interface FaultPolicyParts {
  readonly kernel: Kernel;
  readonly cores: number;
  readonly domain: LlDomain;
  readonly locking: LockingStrategy;
  readonly graph: AudioGraph;
  readonly dpScheduler: DpScheduler;
  readonly userIpc: UserIpc;
  /** The IPC thread of a core that is up, or null. */
  readonly ipcThread: (core: number) => IpcUserThread | null;
  readonly moduleFaults: ModuleFaults;
  readonly instances: Pick<InstanceFactory, "isModuleThread">;
  readonly registers: WindowRegisters;
  readonly notifier: Notifier;
  /** Null in a build without. */
  readonly watchdogs: Watchdogs | null;
  readonly log: (level: "error", module: string, message: string) => void;
}

/**
 * What becomes of the firmware when a thread or a handler did what it must not (Zephyr's
 * `k_sys_fatal_error_handler`). An LL thread without privileges takes its core's audio down, an IPC thread is
 * replaced, one that runs a single module ends; for all else the firmware stops and says so.
 */
export class FaultPolicy {
  private readonly parts: FaultPolicyParts;
  private readonly coreFaults: CoreFaults;

  constructor(parts: FaultPolicyParts) {
    this.parts = parts;
    this.coreFaults = new CoreFaults({
      ...parts,
      report: (core, info) => this.report(core, info),
      reportIpc: (core, info) => this.reportIpc(core, info),
      stopped: (core) => parts.notifier.coreFaulted(core),
      stopRest: (core) => this.stopRest(core),
      threw: ({ name }, error) =>
        parts.log("error", "pipe", `${name} threw while it was stopped: ${String(error)}`),
    });
  }

  /** What to do with the thread that faulted. Calling context: the fatal error handler. */
  decide(info: FatalInfo): "halt" | "abort-thread" {
    const { moduleFaults, instances, registers, notifier, log } = this.parts;
    if (this.coreFaults.contain(info)) return "abort-thread";
    if (!info.inIsr && instances.isModuleThread(info.thread)) {
      moduleFaults.threadEnded(info);
      return "abort-thread";
    }
    log("error", "os", `fatal error ${info.reason} on core ${info.cpu}: ${info.message}`);
    registers.setLastError(Status.FAILURE, info.reason);
    notifier.exceptionCaught(info.cpu);
    return "halt";
  }

  /** Body of the kernel thread that clears up after threads that faulted. */
  *run(): Generator<number, void, number> {
    yield* this.coreFaults.run(this.parts.graph);
  }

  private report(core: number, { reason, message }: FatalInfo): void {
    const { registers, notifier, watchdogs, log } = this.parts;
    log("error", "os", `LL thread of core ${core} ended, reason ${reason}: ${message}`);
    registers.setLastError(Status.FAILURE, reason);
    watchdogs?.disable(core);
    notifier.coreFaulted(core);
  }

  private reportIpc(core: number, { reason, message }: FatalInfo): void {
    const { registers, log } = this.parts;
    log("error", "os", `IPC thread of core ${core} ended, reason ${reason}: ${message}`);
    registers.setLastError(Status.FAILURE, reason);
  }

  /** DMA chains, and data-processing threads: nothing feeds or times them any more. */
  private *stopRest(core: number): Generator<number, void, number> {
    const { userIpc, dpScheduler } = this.parts;
    yield* userIpc.takeChainsDown(core);
    const tasks = dpScheduler.tasks(core).slice();
    for (const task of tasks) yield* dpScheduler.abort(task);
  }
}
