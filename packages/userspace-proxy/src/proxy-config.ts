import type { Kernel, KHeap, MemPartition } from "@sof-ts/kernel";
import type { ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import type { Mailbox, ModuleHeap } from "./memory.js";
import type { Operation } from "./operations.js";
import type { OperationThread } from "./runners.js";
import type { CoherenceViolation } from "./work-item.js";

/** Twenty polls of 250 us, as SOF's proxy counts its patience. */
export const PROXY_TIMEOUT_US = 20 * 250;

/**
 * Lets others at the audio graph while a caller that holds its lock waits for a worker, which runs below
 * the LL tick: else every stream of the core would wait for one module. The DP scheduler's `LockGap` fits.
 */
export interface WaitGap<T> {
  /** Gives up what the caller holds. @returns what to take again */
  open(): Generator<number, T, number>;
  close(held: T): Generator<number, void, number>;
}

/** An operation that was lost; its instance is dead. */
export interface LostOperation {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly core: number;
  readonly operation: Operation;
  /** -ETIMEDOUT when it did not end in time, -EIO when its thread died. */
  readonly error: number;
}

/** What a proxy is made of; options carry their Kconfig names. */
export interface UserspaceProxyConfig<T = unknown> {
  readonly kernel: Kernel;
  /** CONFIG_CORE_COUNT */
  readonly cores: number;
  /** Resource pool of the workers: stacks, threads, queue nodes. */
  readonly pool: KHeap;
  /** CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE */
  readonly CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE: number;
  readonly mailbox: Mailbox;
  /** One worker for each core, or the older single one that is pinned again for each operation. */
  readonly workers?: "per-core" | "single";
  /** CONFIG_SCHED_CPU_MASK, for the single worker. Default: with more than one CPU. */
  readonly CONFIG_SCHED_CPU_MASK?: boolean;
  /** Work items in cached memory. Default: with a worker for each core; a single one needs coherent memory. */
  readonly cachedWorkItems?: boolean;
  /** Longest wait for an operation in microseconds. Default {@link PROXY_TIMEOUT_US}. */
  readonly timeoutUs?: number;
  /** Cycles of an operation whose module does not tell. Default 2000. */
  readonly operationCycles?: number;
  readonly gap?: WaitGap<T>;
  /** Told of each operation that was lost, in the caller's thread. */
  readonly onLost?: (lost: LostOperation) => void;
  /** Told of each stale access to a work item. Default: an assertion. */
  readonly onViolation?: (violation: CoherenceViolation) => void;
}

/** What an isolated instance is made of. */
export interface IsolationRequest {
  readonly driver: ModuleDriver;
  /** Handed to the driver; `core` is where the instance's operations run. */
  readonly services: ModuleServices;
  /** INIT_INSTANCE payload, in the mailbox or elsewhere. */
  readonly payload: Uint8Array;
  /** The instance's own memory. */
  readonly heap: ModuleHeap;
  /** What else its domain needs: the sections of its library. */
  readonly partitions?: readonly MemPartition[];
  /** CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: the module's own thread; then no worker is used. */
  readonly thread?: OperationThread;
  /** Called when nothing of the instance is left in use: its memory can go. Not after a refused `create`. */
  onFreed?(): void;
}

/** What a proxy has done so far. */
export interface ProxyStats {
  /** Operations that were carried out. */
  operations: number;
  /** Operations that did not end in time, or whose thread died. */
  lost: number;
}
