import { EINVAL } from "@sof-ts/kit";
import type { CondVar } from "./condvar.js";
import { FatalReason, K_USEC, Slow } from "./constants.js";
import type { KEvent } from "./event.js";
import { raiseFatal } from "./faults.js";
import { Futex, futexCheck } from "./futex.js";
import type { KQueue } from "./k-queue.js";
import type { Kernel } from "./kernel.js";
import type { Mutex } from "./mutex.js";
import { KObject, ObjType } from "./object.js";
import { InitRule, verifyObject } from "./permissions.js";
import type { Sem } from "./sem.js";
import { sysMutexLock, sysMutexUnlock } from "./sys-mutex.js";
import { SysSem } from "./sys-sem.js";
import { sleepCurrent } from "./thread-life.js";
import type { Thread } from "./thread.js";
import type { Timer } from "./timer.js";
import type { UserString } from "./user-string.js";

/** A kernel call with whatever the caller passes: nothing is known of the arguments yet. */
export type BuiltinCall = (k: Kernel, ...args: readonly unknown[]) => unknown;

/** A call whose first argument is a kernel object. */
function on<T extends KObject>(
  type: ObjType,
  rule: InitRule,
  run: (object: T, ...args: readonly never[]) => unknown,
): BuiltinCall {
  return (k, object, ...args) => {
    // The object's own method checks permission and state; here it only has to exist and have that method.
    if (!(object instanceof KObject) || object.type !== type) {
      if ((k.slow & Slow.USER) !== 0) verifyObject(k, object, type, rule, "system call");
      raiseFatal(k, FatalReason.CPU_EXCEPTION, "kernel call on what is no object of its type");
    }
    return (run as (object: KObject, ...args: readonly unknown[]) => unknown)(object, ...args);
  };
}

const { INIT, NOT_INIT, ANY } = InitRule;
const mutex = (rule: InitRule, run: (o: Mutex, timeout: number) => unknown): BuiltinCall =>
  on(ObjType.MUTEX, rule, run);
const sem = (rule: InitRule, run: (o: Sem, a: number, b: number) => unknown): BuiltinCall =>
  on(ObjType.SEM, rule, run);
const event = (
  rule: InitRule,
  run: (o: KEvent, bits: number, more: never, timeout: number) => unknown,
): BuiltinCall => on(ObjType.EVENT, rule, run);
const condvar = (
  rule: InitRule,
  run: (o: CondVar, mutex: Mutex, timeout: number) => unknown,
): BuiltinCall => on(ObjType.CONDVAR, rule, run);
const timer = (run: (o: Timer, a: never, b: number) => unknown): BuiltinCall =>
  on(ObjType.TIMER, INIT, run);
const thread = (run: (o: Thread, value: number) => unknown): BuiltinCall =>
  on(ObjType.THREAD, INIT, run);
const queue = (rule: InitRule, run: (o: KQueue<unknown>, value: never) => unknown): BuiltinCall =>
  on(ObjType.QUEUE, rule, run);

/** What a call on anything but a `sys_sem` ends with: memory without access first. */
function noSysSem(k: Kernel, object: unknown): number {
  return k.leave(k.costs.futex, futexCheck(k, object, "k_futex_wait"));
}

/**
 * The kernel's own system calls by Zephyr's names, for callers that have a handle and not an object: in user
 * mode a handle that is none is a kernel oops. Results are those of the `...Now` methods, SWITCH included.
 */
export const builtinCalls: Readonly<Record<string, BuiltinCall>> = {
  k_mutex_init: mutex(ANY, (o) => o.init()),
  k_mutex_lock: mutex(INIT, (o, timeout) => o.lockNow(timeout)),
  k_mutex_unlock: mutex(INIT, (o) => o.unlockNow()),
  k_sem_init: sem(ANY, (o, initial, limit) => o.init(initial, limit)),
  k_sem_take: sem(INIT, (o, timeout) => o.takeNow(timeout)),
  k_sem_give: sem(INIT, (o) => o.giveNow()),
  k_sem_reset: sem(INIT, (o) => o.resetNow()),
  k_sem_count_get: sem(INIT, (o) => o.countGet()),
  k_event_init: event(NOT_INIT, (o) => o.init()),
  k_event_post: event(INIT, (o, bits) => o.postNow(bits)),
  k_event_set: event(INIT, (o, bits) => o.setNow(bits)),
  k_event_set_masked: event(INIT, (o, bits, mask) => o.setMaskedNow(bits, mask)),
  k_event_clear: event(INIT, (o, bits) => o.clearNow(bits)),
  k_event_wait: event(INIT, (o, bits, reset, timeout) => o.waitNow(bits, reset, timeout)),
  k_event_wait_all: event(INIT, (o, bits, reset, timeout) => o.waitAllNow(bits, reset, timeout)),
  k_event_wait_safe: event(INIT, (o, bits, reset, timeout) => o.waitSafeNow(bits, reset, timeout)),
  k_event_wait_all_safe: event(INIT, (o, bits, reset, timeout) =>
    o.waitAllSafeNow(bits, reset, timeout),
  ),
  k_condvar_init: condvar(ANY, (o) => o.init()),
  k_condvar_signal: condvar(INIT, (o) => o.signalNow()),
  k_condvar_broadcast: condvar(INIT, (o) => o.broadcastNow()),
  k_condvar_wait: condvar(INIT, (o, held, timeout) => o.waitNow(held, timeout)),
  k_timer_start: timer((o, duration, period) => o.startNow(duration, period)),
  k_timer_stop: timer((o) => o.stopNow()),
  k_timer_status_get: timer((o) => o.statusGet()),
  k_timer_status_sync: timer((o) => o.statusSyncNow()),
  k_timer_remaining_ticks: timer((o) => o.remainingTicks()),
  k_timer_expires_ticks: timer((o) => o.expiresTicks()),
  k_timer_user_data_get: timer((o) => o.userDataGet()),
  k_timer_user_data_set: timer((o, data) => o.userDataSet(data)),
  k_thread_start: thread((o) => o.startNow()),
  k_thread_suspend: thread((o) => o.suspendNow()),
  k_thread_resume: thread((o) => o.resumeNow()),
  k_thread_abort: thread((o) => o.abortNow()),
  k_thread_join: thread((o, timeout) => o.joinNow(timeout)),
  k_thread_priority_get: thread((o) => o.priorityGet()),
  k_thread_priority_set: thread((o, priority) => o.prioritySetNow(priority)),
  k_thread_deadline_set: thread((o, cycles) => o.deadlineSetNow(cycles)),
  k_thread_timeout_remaining_ticks: thread((o) => o.timeoutRemainingTicks()),
  k_thread_timeout_expires_ticks: thread((o) => o.timeoutExpiresTicks()),
  k_wakeup: thread((o) => o.wakeupNow()),
  k_queue_init: queue(NOT_INIT, (o) => o.init()),
  k_queue_alloc_append: queue(INIT, (o, data) => o.allocAppendNow(data)),
  k_queue_get: queue(INIT, (o, timeout) => o.getNow(timeout)),
  k_queue_is_empty: queue(INIT, (o) => o.isEmpty()),
  k_queue_cancel_wait: queue(INIT, (o) => o.cancelWaitNow()),
  k_futex_wait: (k, object, expected, timeout) => {
    if (object instanceof Futex) return object.waitNow(expected as number, timeout as number);
    return k.leave(k.costs.futex, futexCheck(k, object, "k_futex_wait"));
  },
  k_futex_wake: (k, object, all) => {
    if (object instanceof Futex) return object.wakeNow(all as boolean);
    return k.leave(k.costs.futex, futexCheck(k, object, "k_futex_wake"));
  },
  sys_mutex_lock: (k, object, timeout) => sysMutexLock(k, object, timeout as number),
  sys_mutex_unlock: (k, object) => sysMutexUnlock(k, object),
  cpu_get_id: (k) => k.cpuGetId(),
  sys_sem_init: (_k, object, initial, limit) =>
    object instanceof SysSem ? object.init(initial as number, limit as number) : -EINVAL,
  sys_sem_take: (k, object, timeout) =>
    object instanceof SysSem ? object.takeNow(timeout as number) : noSysSem(k, object),
  sys_sem_give: (k, object) => (object instanceof SysSem ? object.giveNow() : noSysSem(k, object)),
  sys_sem_count_get: (k, object) =>
    object instanceof SysSem ? object.countGet() : noSysSem(k, object),
  k_sleep: (k, timeout) => k.sleepNow(timeout as number),
  k_usleep: (k, us) => sleepCurrent(k, K_USEC(us as number), 1_000_000),
  k_yield: (k) => k.yieldNow(),
  k_object_access_grant: (k, object, target) => k.accessGrant(object, target),
  k_object_release: (k, object) => k.release(object),
  k_object_alloc: (k, type) => k.objectAlloc(type as number),
  k_thread_name_set: (k, target, name) => k.threadNameSet(target, name as string | UserString),
  k_thread_name_copy: (k, target, bytes, buffer) =>
    k.threadNameCopy(target, bytes as number, buffer as number | undefined),
};
