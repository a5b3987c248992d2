import { grant, grantAll, release, revoke } from "./access.js";
import type { KernelCounters } from "./kernel-core.js";
import { KernelUser } from "./kernel-user.js";
import {
  type DynamicObjects,
  objectAlloc,
  objectFree,
  objectRecycle,
  threadStackAlloc,
  threadStackFree,
} from "./object-alloc.js";
import { type KObject, ObjFlag, type ObjType } from "./object.js";
import { hasBit, InitRule, validate } from "./permissions.js";
import type { Thread } from "./thread.js";
import type { ThreadStack } from "./thread-stack.js";
import { WorkQueue } from "./work-queue.js";

/**
 * A Zephyr-like kernel on a deterministic model of one to 31 CPUs. It owns no hardware: the given event
 * queue is the machine around it. Every name of the API hangs on it, in layers of one concept each: time, CPUs,
 * threads, user mode, and here objects and permissions; each method calls the function that its file is about.
 */
export class Kernel extends KernelUser {
  private systemQueue: WorkQueue | null = null;

  /** Zephyr's `k_object_access_grant`. Thread, ISR; user mode with permission on both. */
  accessGrant(object: unknown, thread: unknown): void {
    grant(this, object, thread);
  }

  /** Zephyr's `k_thread_access_grant`: {@link accessGrant} of each object; NULL ends the list, if it is there. */
  threadAccessGrant(thread: unknown, ...objects: readonly unknown[]): void {
    for (const object of objects) {
      if (object === null) return;
      grant(this, object, thread);
    }
  }

  /** Zephyr's `k_object_access_revoke`. Supervisor only. */
  accessRevoke(object: unknown, thread: unknown): void {
    revoke(this, object, thread);
  }

  /** The objects that a thread was given permission on, itself aside. Thread, ISR; supervisor only. */
  accessList(thread: Thread): readonly KObject[] {
    this.supervisorOnly("k_object_access_list");
    return [...this.objects].filter((object) => object !== thread && hasBit(object, thread));
  }

  /** Zephyr's `k_object_release`: the caller's own permission. Thread; user mode with permission. */
  release(object: unknown): void {
    release(this, object);
  }

  /** Zephyr's `k_object_access_all_grant`: every thread may use it. Supervisor only. */
  accessAllGrant(object: unknown): void {
    grantAll(this, object);
  }

  /** Zephyr's `k_object_is_valid`: exists, is of `type`, initialised, and the caller may use it. */
  objectIsValid(object: unknown, type: ObjType): boolean {
    this.supervisorOnly("k_object_is_valid");
    return validate(object, type, InitRule.INIT, this.current) === 0;
  }

  /**
   * Zephyr's `k_object_validate`, for verification handlers.
   *
   * @returns 0; -EBADF, -EPERM, -EINVAL, -EADDRINUSE
   */
  objectValidate(object: unknown, type: ObjType, rule: InitRule = InitRule.INIT): number {
    return validate(object, type, rule, this.current);
  }

  /**
   * Zephyr's `k_object_alloc`: a dynamic object, not initialised, from the caller's resource pool; the caller
   * may use it. It is freed with the last permission on it. Thread and user mode.
   *
   * @param size bytes of a THREAD_STACK, for the other types nothing
   * @returns null without memory, pool or thread id, and for types that cannot be allocated
   */
  objectAlloc<T extends keyof DynamicObjects>(type: T, size?: number): DynamicObjects[T] | null;
  objectAlloc(type: number, size?: number): KObject | null;
  objectAlloc(type: number, size = 0): KObject | null {
    return objectAlloc(this, type, size);
  }

  /**
   * Zephyr's `k_thread_stack_alloc`: a stack from the caller's resource pool. Thread and user mode.
   *
   * @param user for user threads; else a supervisor-only stack
   * @returns null without memory or pool
   */
  threadStackAlloc(bytes: number, user = true): ThreadStack | null {
    return threadStackAlloc(this, bytes, user);
  }

  /**
   * Zephyr's `k_thread_stack_free`. Thread and user mode.
   *
   * @returns 0; -EINVAL for what is no allocated stack; -EBUSY while a thread uses it
   */
  threadStackFree(stack: unknown): number {
    return threadStackFree(this, stack);
  }

  /** Zephyr's `k_object_free`: at once, whoever holds it; what is no dynamic object is left alone. Supervisor only. */
  objectFree(object: unknown): void {
    objectFree(this, object);
  }

  /** Zephyr's `k_object_recycle`: initialised, and only the caller may use it. Supervisor only. */
  objectRecycle(object: unknown): void {
    this.supervisorOnly("k_object_recycle");
    objectRecycle(this, object);
  }

  /** Zephyr's `k_object_init` and `k_object_uninit`: marks an object. Supervisor only. */
  objectMark(object: KObject, initialised: boolean): void {
    this.supervisorOnly("k_object_init");
    if (initialised) object.flags |= ObjFlag.INITIALISED;
    else object.flags &= ~ObjFlag.INITIALISED;
  }

  /** The system work queue, made and started when first asked for (CONFIG_SYSTEM_WORKQUEUE_PRIORITY -1). */
  get systemWorkQueue(): WorkQueue {
    let queue = this.systemQueue;
    if (queue === null) {
      this.supervisorOnly("k_sys_work_q");
      queue = new WorkQueue(this);
      this.systemQueue = queue;
      // The kernel's own, in the default domain and without a pool, whoever asks first.
      const { isr, current } = this;
      this.isr = false;
      this.current = this.boot;
      queue.start({ name: "sysworkq", priority: -1 });
      this.current = current;
      this.isr = isr;
    }
    return queue;
  }

  /** Totals over all threads. */
  get counters(): KernelCounters {
    let { syscalls, lockOps, switches, isrs } = this.retired;
    for (const thread of this.threads) {
      syscalls += thread.counters.syscalls;
      lockOps += thread.counters.lockOps;
      switches += thread.counters.switches;
    }
    isrs = 0;
    let ipis = 0;
    for (const cpu of this.cpus) {
      isrs += cpu.isrs;
      ipis += cpu.ipis;
      switches += cpu.idleThread.counters.switches;
    }
    return { syscalls, lockOps, switches, isrs, ipis };
  }
}
