export { Atomic } from "./atomic.js";
export type { ChoiceKind, Chooser } from "./chooser.js";
export type { HeapStats } from "./chunk-heap.js";
export { CondVar } from "./condvar.js";
export {
  FatalReason,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  K_NSEC,
  K_SECONDS,
  K_TICKS_FOREVER,
  K_TIMEOUT_ABS_TICKS,
  K_USEC,
  SWITCH,
  ThreadState,
} from "./constants.js";
export { type CostTable, defaultCosts, zeroCosts } from "./costs.js";
export type { Cpu } from "./cpu.js";
export type { ThreadOptions } from "./create-thread.js";
export { KEvent } from "./event.js";
export { type FatalInfo, type FatalPolicy, KernelAssertion, ThreadKilled } from "./fatal.js";
export { Futex } from "./futex.js";
export { IPI_IRQ, TICK_IRQ } from "./interrupts.js";
export { Kernel } from "./kernel.js";
export type { KernelConfig, KernelCounters, RunResult } from "./kernel-core.js";
export { KHeap } from "./k-heap.js";
export { KQueue } from "./k-queue.js";
export { MemAttr, MemDomain, type MemPartition, memRegionAlign } from "./mem-domain.js";
export { Mutex } from "./mutex.js";
export { KObject, ObjFlag, ObjType } from "./object.js";
export type { DynamicObjects } from "./object-alloc.js";
export type { KernelOptions } from "./options.js";
export { P4wq, type P4wqOptions, P4wqWork } from "./p4wq.js";
export { InitRule } from "./permissions.js";
export type { KernelChecker } from "./ports.js";
export type { StopReason } from "./run-loop.js";
export { K_SEM_MAX_LIMIT, Sem } from "./sem.js";
export { Spinlock } from "./spinlock.js";
export { SysHeap, type HeapRange } from "./sys-heap.js";
export { SysMutex } from "./sys-mutex.js";
export { SysSem } from "./sys-sem.js";
export type { BlockingSyscallSpec, HandleSyscallSpec, SyscallSpec } from "./syscalls.js";
export { type Blocking, Thread, type ThreadBody, ThreadCounters } from "./thread.js";
export type { RuntimeStats } from "./thread-info.js";
export { ThreadStack } from "./thread-stack.js";
export { Timer } from "./timer.js";
export type { KernelTrace } from "./trace.js";
export type { UserBuffer, UserString } from "./user-string.js";
export { UserWork, UserWorkQueue, type UserWorkQueueOptions } from "./user-work.js";
export { DelayableWork, Work, type WorkHandler, WorkState } from "./work.js";
export { WorkQueue, type WorkQueueOptions } from "./work-queue.js";
