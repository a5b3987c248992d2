import { describe, expect, it } from "vitest";
import {
  CondVar,
  DelayableWork,
  FatalReason,
  K_NO_WAIT,
  type Kernel,
  MemDomain,
  Mutex,
  ObjType,
  Sem,
} from "../src/index.js";
import { outcome, plain, user, userMachine } from "./support/user.js";

describe("a system call of a user thread", () => {
  const calls: readonly (readonly [string, ObjType, ...unknown[]])[] = [
    ["k_mutex_init", ObjType.MUTEX],
    ["k_mutex_lock", ObjType.MUTEX, K_NO_WAIT],
    ["k_mutex_unlock", ObjType.MUTEX],
    ["k_sem_init", ObjType.SEM, 0, 1],
    ["k_sem_take", ObjType.SEM, K_NO_WAIT],
    ["k_sem_give", ObjType.SEM],
    ["k_sem_reset", ObjType.SEM],
    ["k_sem_count_get", ObjType.SEM],
    ["k_event_init", ObjType.EVENT],
    ["k_event_post", ObjType.EVENT, 1],
    ["k_event_set", ObjType.EVENT, 1],
    ["k_event_set_masked", ObjType.EVENT, 1, 1],
    ["k_event_clear", ObjType.EVENT, 1],
    ["k_event_wait", ObjType.EVENT, 1, false, K_NO_WAIT],
    ["k_event_wait_all", ObjType.EVENT, 1, false, K_NO_WAIT],
    ["k_event_wait_safe", ObjType.EVENT, 1, false, K_NO_WAIT],
    ["k_event_wait_all_safe", ObjType.EVENT, 1, false, K_NO_WAIT],
    ["k_condvar_init", ObjType.CONDVAR],
    ["k_condvar_signal", ObjType.CONDVAR],
    ["k_condvar_broadcast", ObjType.CONDVAR],
    ["k_condvar_wait", ObjType.CONDVAR, null, K_NO_WAIT],
    ["k_timer_start", ObjType.TIMER, 0, 0],
    ["k_timer_stop", ObjType.TIMER],
    ["k_timer_status_get", ObjType.TIMER],
    ["k_timer_status_sync", ObjType.TIMER],
    ["k_timer_remaining_ticks", ObjType.TIMER],
    ["k_timer_expires_ticks", ObjType.TIMER],
    ["k_timer_user_data_get", ObjType.TIMER],
    ["k_timer_user_data_set", ObjType.TIMER, 1],
    ["k_thread_start", ObjType.THREAD],
    ["k_thread_suspend", ObjType.THREAD],
    ["k_thread_resume", ObjType.THREAD],
    ["k_thread_abort", ObjType.THREAD],
    ["k_thread_join", ObjType.THREAD, K_NO_WAIT],
    ["k_thread_priority_get", ObjType.THREAD],
    ["k_thread_priority_set", ObjType.THREAD, 9],
    ["k_thread_deadline_set", ObjType.THREAD, 9],
    ["k_thread_timeout_remaining_ticks", ObjType.THREAD],
    ["k_thread_timeout_expires_ticks", ObjType.THREAD],
    ["k_wakeup", ObjType.THREAD],
    ["k_queue_init", ObjType.QUEUE],
    ["k_queue_alloc_append", ObjType.QUEUE, 1],
    ["k_queue_get", ObjType.QUEUE, K_NO_WAIT],
    ["k_queue_is_empty", ObjType.QUEUE],
    ["k_queue_cancel_wait", ObjType.QUEUE],
  ];

  for (const [name, type, ...args] of calls) {
    it(`${name} kills it on nothing, on another type, without permission and on what is not initialised`, () => {
      // What may be called on an object in any state, or (threads) is nothing on one that never ran.
      const anyState = /_init$|k_thread_abort|k_thread_join/.test(name);
      for (const wrong of ["NULL", "number", "other type", "no permission", "not initialised"]) {
        const m = userMachine();
        const { kernel: k } = m;
        const object = k.objectAlloc(type);
        const other = type === ObjType.SEM ? new Mutex(k) : new Sem(k, 0, 1);
        expect(object).not.toBeNull();
        if (object === null) return;
        k.objectMark(object, wrong !== "not initialised");
        const handle = { NULL: null, number: 0xdead, "other type": other }[wrong] ?? object;
        const caller = user(m, "caller", function* () {
          k.syscall(name, handle, ...args);
          m.log.push("came back");
          yield* k.yield();
        });
        k.accessGrant(other, caller);
        if (wrong === "not initialised") k.accessGrant(object, caller);
        m.run();
        const survives = wrong === "not initialised" && anyState;
        expect([wrong, m.log, outcome(m), caller.dead]).toEqual([
          wrong,
          survives ? ["came back"] : [],
          survives ? [] : [FatalReason.KERNEL_OOPS],
          true,
        ]);
      }
    });
  }

  it("that does not exist kills it", () => {
    const m = userMachine();
    user(m, "caller", () => plain(() => m.kernel.syscall("k_no_such_call")));
    m.run();
    expect(outcome(m)).toEqual([FatalReason.KERNEL_OOPS]);
  });

  it("on a condition variable needs the mutex too", () => {
    const m = userMachine();
    const condvar = new CondVar(m.kernel);
    const mutex = new Mutex(m.kernel);
    const caller = user(m, "caller", function* () {
      yield* condvar.wait(mutex, K_NO_WAIT);
    });
    m.kernel.accessGrant(condvar, caller);
    m.run();
    expect(outcome(m)).toEqual([FatalReason.KERNEL_OOPS]);
  });
});

describe("operations for supervisors only", () => {
  it("fault in user mode", () => {
    const calls: readonly ((k: Kernel) => unknown)[] = [
      (k) =>
        k.threadRuntimeStatsGet(k.current, { executionCycles: 0, totalCycles: 0, idleCycles: 0 }),
      (k) => k.runtimeStatsAllGet({ executionCycles: 0, totalCycles: 0, idleCycles: 0 }),
      (k) => new DelayableWork(k, () => undefined).remainingTicks(),
      (k) => new DelayableWork(k, () => undefined).expiresTicks(),
      (k) => k.current.cpuPin(0),
      (k) => k.current.cpuMaskEnable(7),
      (k) => k.objectFree(null),
      (k) => k.objectIsValid(null, ObjType.SEM),
      (k) => k.accessRevoke(null, null),
      (k) => k.accessAllGrant(null),
      (k) => k.schedIpi(),
      (k) => new MemDomain(k).addThread(k.current),
      (k) => new MemDomain(k).removePartition(null),
      (k) => new MemDomain(k).deinit(),
    ];
    for (const call of calls) {
      const m = userMachine();
      user(m, "caller", () => plain(() => void call(m.kernel)));
      m.run();
      expect(outcome(m), String(call)).toEqual([FatalReason.CPU_EXCEPTION]);
    }
  });
});

describe("an essential thread that goes to user mode", () => {
  it("is not essential any more", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const thread = m.thread(
      "essential",
      5,
      function* () {
        yield* k.userModeEnter(() =>
          plain(() => {
            m.log.push(`user ${k.isUserContext()}`);
            k.oops();
          }),
        );
      },
      { essential: true },
    );
    m.runOut();
    // The oops ends it and no more.
    expect([m.log, outcome(m)]).toEqual([["user true"], [FatalReason.KERNEL_OOPS]]);
    expect([k.halted, thread.dead]).toEqual([null, true]);
  });
});
