import type { LockingStrategy } from "@sof-ts/ll-scheduler";
import {
  type AudioAllocator,
  type AudioModule,
  type Blocking,
  DirectOperations,
  type ModuleOperations,
  type ThrownHandler,
} from "@sof-ts/module-api";
import { DpEngine } from "./dp-engine.js";
import { DpModule, type DpPins } from "./dp-module.js";
import type { DpScheduler } from "./dp-scheduler.js";
import { LockGap } from "./lock-gap.js";
import type { MemoryGrant } from "./memory-domains.js";
import { ThreadControl } from "./module-control.js";

/** Stack of a module's thread when the host does not ask for one by DP_DATA. */
export const DEFAULT_DP_STACK_BYTES = 8192;

/** What an INIT_INSTANCE with `proc_domain` 1 becomes. */
export interface DpModuleConfig {
  readonly scheduler: DpScheduler;
  readonly locking: LockingStrategy;
  /** Shown as the thread's name. */
  readonly name: string;
  /** Core of the module's thread; its pipeline may run on another. */
  readonly core: number;
  readonly module: AudioModule;
  readonly pins: DpPins;
  /** DSP cycles per run that the host announced, 0 when it did not: the module's estimate holds then. */
  readonly cpc: number;
  /**
   * The memory that the module runs in (DP_DATA `heap_bytes`); the rings come from it too, so that the
   * thread needs no other. The LL thread that feeds them has to be able to reach it.
   */
  readonly heap: AudioAllocator;
  /** Period of the LL tick in microseconds. */
  readonly llPeriodUs: number;
  /** DP_DATA `stack_bytes`; default {@link DEFAULT_DP_STACK_BYTES}. */
  readonly stackBytes?: number;
  /** Memory domain of the thread in user mode; null leaves it in its creator's. */
  readonly memory: MemoryGrant | null;
  /** CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: the module's own thread carries out its operations. */
  readonly ipcByDpThread: boolean;
  /**
   * Carries out the module's operations in place of the caller or the thread: the userspace proxy's handle of
   * the same instance. Its `process` is not used.
   */
  readonly control?: ModuleOperations;
  /** What the module throws in an operation; by default it throws on. Not asked where `control` is given. */
  readonly thrown?: ThrownHandler;
  /** Called when nothing of the instance is left in use: its memory can go. */
  onFreed?(): void;
}

/**
 * Makes the handle of a module that runs in a thread of its own. Calling context: the IPC thread of the
 * module's core, user mode included; may block.
 *
 * @returns the handle, which owns the module from here on; -EINVAL when the core has no LL domain; -EACCES for
 *   memory that it may not have; -ENOMEM without memory or thread ids, or with too many such modules; -ENOSPC when its memory domain is full. Then
 *   the module is still the caller's.
 */
export function* createDpModule(config: DpModuleConfig): Blocking<DpModule | number> {
  const { scheduler, module, control, ipcByDpThread } = config;
  const { name, core, memory, stackBytes = DEFAULT_DP_STACK_BYTES } = config;
  const { kernel, cores } = scheduler;
  const engine = new DpEngine({
    kernel,
    module,
    cpc: config.cpc,
    llPeriodUs: config.llPeriodUs,
  });
  const task = yield* scheduler.create({ name, core, work: engine, stackBytes, memory });
  if (typeof task === "number") return task;
  const byThread = new ThreadControl(
    module,
    (operation) => scheduler.call(task, operation),
    config.thrown,
  );
  const own = ipcByDpThread ? byThread : new DirectOperations(module, config.thrown);
  return new DpModule({
    scheduler,
    task,
    engine,
    module,
    control: control ?? own,
    controlBy: control !== undefined ? "other" : ipcByDpThread ? "thread" : "caller",
    gap: new LockGap(config.locking, cores),
    heap: config.heap,
    pins: config.pins,
    finish: () => byThread.finish(),
    onFreed: () => config.onFreed?.(),
  });
}
