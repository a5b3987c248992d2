import { describe, expect, it } from "vitest";
import {
  type Blocking,
  CondVar,
  type CostTable,
  defaultCosts,
  Futex,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KEvent,
  KHeap,
  KQueue,
  MemAttr,
  MemDomain,
  Mutex,
  ObjType,
  P4wq,
  P4wqWork,
  Sem,
  Spinlock,
  SysMutex,
  SysSem,
  type Thread,
  Timer,
  UserWork,
  UserWorkQueue,
  Work,
  zeroCosts,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

type Name = keyof CostTable;
const names = Object.keys(defaultCosts) as Name[];
/** One bit a row, so that a sum of costs says which rows it is of. */
const priced = Object.fromEntries(
  names.map((name, index) => [name, 2 ** index]),
) as unknown as CostTable;

/** @returns the rows that add up to `cycles`; a row charged twice shows as its neighbour */
function rows(cycles: number): Name[] {
  return names.filter((_, index) => Math.floor(cycles / 2 ** index) % 2 === 1);
}

/** A thread's time over what `act` does between two instants, with another thread to act on. */
type Act = (m: TestMachine, self: Thread, other: Thread) => () => Blocking<unknown>;

/** What is done before is not measured; `other` is suspended, and worse. */
function charged(act: Act, user = false): Name[] {
  const m = new TestMachine({ costs: priced, ticksPerSecond: 1 });
  const { kernel: k } = m;
  const heap = new KHeap(k, { base: 0x1000, size: 0x4000 });
  const other = m.thread("other", 9, function* () {}, { delay: K_FOREVER });
  let spent = -1;
  let measured: () => Blocking<unknown> = function* () {};
  const thread = m.thread(
    "measured",
    5,
    function* () {
      const begin = k.now;
      yield* measured();
      spent = k.now - begin;
    },
    { user, delay: K_FOREVER },
  );
  thread.heapAssign(heap);
  measured = act(m, thread, other);
  for (const object of k.objects) k.accessGrant(object, thread);
  thread.startNow();
  m.run();
  expect(m.fatals).toEqual([]);
  return rows(spent).sort();
}

/** An operation that is a plain call. */
const plain = (call: () => unknown) =>
  function* (): Blocking<unknown> {
    return call();
  };
const PARTITION = { start: 0x10_0000, size: 0x1000, attr: MemAttr.P_RW_U_RW };

/** Operations of a supervisor thread, none of which switches, with the rows that each pays. */
const operations: readonly (readonly [string, readonly Name[], Act])[] = [
  [
    "k_mutex_lock",
    ["mutexLock"],
    ({ kernel: k }) => {
      const mutex = new Mutex(k);
      return () => mutex.lock(K_FOREVER);
    },
  ],
  [
    "k_mutex_unlock, of a mutex not held",
    ["mutexUnlock"],
    ({ kernel: k }) => {
      const mutex = new Mutex(k);
      return () => mutex.unlock();
    },
  ],
  [
    "k_sem_take",
    ["semTake"],
    ({ kernel: k }) => {
      const sem = new Sem(k, 1, 1);
      return () => sem.take(K_FOREVER);
    },
  ],
  [
    "k_sem_take, in vain",
    ["semTake"],
    ({ kernel: k }) => {
      const sem = new Sem(k, 0, 1);
      return () => sem.take(K_NO_WAIT);
    },
  ],
  [
    "k_sem_give",
    ["semGive"],
    ({ kernel: k }) => {
      const sem = new Sem(k, 0, 1);
      return () => sem.give();
    },
  ],
  [
    "k_condvar_signal",
    ["condvar"],
    ({ kernel: k }) => {
      const condvar = new CondVar(k);
      return () => condvar.signal();
    },
  ],
  [
    "k_condvar_broadcast",
    ["condvar"],
    ({ kernel: k }) => {
      const condvar = new CondVar(k);
      return () => condvar.broadcast();
    },
  ],
  [
    "k_event_post",
    ["eventPost"],
    ({ kernel: k }) => {
      const event = new KEvent(k);
      return () => event.post(1);
    },
  ],
  [
    "k_event_wait",
    ["eventWait"],
    ({ kernel: k }) => {
      const event = new KEvent(k);
      event.postNow(1);
      return () => event.wait(1, false, K_FOREVER);
    },
  ],
  [
    "k_queue_append",
    ["queue"],
    ({ kernel: k }) => {
      const queue = new KQueue<number>(k);
      return () => queue.append(1);
    },
  ],
  [
    "k_queue_get",
    ["queue"],
    ({ kernel: k }) => {
      const queue = new KQueue<number>(k);
      queue.appendNow(1);
      return () => queue.get();
    },
  ],
  [
    "k_futex_wake",
    ["futex"],
    ({ kernel: k }) => {
      const futex = new Futex(k, 0x1000);
      return () => futex.wake(true);
    },
  ],
  [
    "k_futex_wait, for another value",
    ["futex"],
    ({ kernel: k }) => {
      const futex = new Futex(k, 0x1000);
      return () => futex.wait(1, K_FOREVER);
    },
  ],
  [
    "sys_sem_give",
    ["futex"],
    ({ kernel: k }) => {
      const sem = new SysSem(k, 0x1000, 0, 1);
      return () => sem.give();
    },
  ],
  [
    "sys_mutex_lock",
    ["mutexLock"],
    ({ kernel: k }) => {
      const mutex = new SysMutex(k, 0x1000);
      return () => mutex.lock(K_FOREVER);
    },
  ],
  [
    "k_timer_start",
    ["timerStart"],
    ({ kernel: k }) => {
      const timer = new Timer(k);
      return () => timer.start(K_MSEC(5_000_000), 0);
    },
  ],
  [
    "k_timer_stop",
    ["timerStop"],
    ({ kernel: k }) => {
      const timer = new Timer(k);
      return () => timer.stop();
    },
  ],
  [
    "k_work_user_submit_to_queue",
    ["queue"],
    ({ kernel: k }) => {
      const queue = new UserWorkQueue(k);
      const work = new UserWork(() => {});
      return () => queue.submit(work);
    },
  ],
  [
    "k_heap_alloc",
    ["heapAlloc"],
    ({ kernel: k }) => {
      const heap = new KHeap(k, { base: 0x9000, size: 0x400 });
      return () => heap.alloc(16);
    },
  ],
  [
    "k_heap_free",
    ["heapFree"],
    ({ kernel: k }) => {
      const heap = new KHeap(k, { base: 0x9000, size: 0x400 });
      const address = heap.allocNow(16);
      return () => heap.free(address);
    },
  ],
  ["k_object_alloc", ["heapAlloc"], ({ kernel: k }) => plain(() => k.objectAlloc(ObjType.SEM))],
  ["k_thread_stack_alloc", ["heapAlloc"], ({ kernel: k }) => plain(() => k.threadStackAlloc(512))],
  ["k_object_free", ["heapFree"], ({ kernel: k }) => plain(() => k.objectFree(null))],
  ["k_thread_stack_free", ["heapFree"], ({ kernel: k }) => plain(() => k.threadStackFree(null))],
  [
    "k_thread_create",
    ["threadCreate"],
    ({ kernel: k }) => plain(() => k.createThread({ priority: 9, delay: K_FOREVER, *entry() {} })),
  ],
  ["k_thread_start", ["threadStart"], (_m, _self, other) => () => other.start()],
  ["k_thread_suspend", ["threadSuspend"], (_m, _self, other) => () => other.suspend()],
  ["k_thread_resume", ["threadResume"], (_m, _self, other) => () => other.resume()],
  ["k_thread_abort", ["threadAbort"], (_m, _self, other) => () => other.abort()],
  [
    "k_thread_join",
    ["threadJoin"],
    (_m, _self, other) => {
      other.abortNow();
      return () => other.join(K_FOREVER);
    },
  ],
  ["k_thread_priority_set", ["threadPriority"], (_m, _self, other) => () => other.prioritySet(8)],
  [
    "k_thread_deadline_set",
    ["threadPriority"],
    (_m, _self, other) => () => other.deadlineSet(1000),
  ],
  ["k_thread_cpu_pin", ["threadPriority"], (_m, _self, other) => plain(() => other.cpuPin(0))],
  [
    "k_thread_time_slice_set",
    ["threadPriority"],
    (_m, _self, other) => plain(() => other.timeSliceSet(1)),
  ],
  [
    "k_sched_time_slice_set",
    ["threadPriority"],
    ({ kernel: k }) => plain(() => k.timeSliceSet(0, 0)),
  ],
  [
    "k_yield, alone",
    ["yield"],
    ({ kernel: k }) =>
      () =>
        k.yield(),
  ],
  ["irq_lock", ["irqLock"], ({ kernel: k }) => plain(() => k.irqLock())],
  [
    "k_spin_lock",
    ["irqLock"],
    ({ kernel: k }) => {
      const lock = new Spinlock(k);
      return plain(() => lock.lock());
    },
  ],
  [
    "k_object_access_grant",
    ["permission"],
    ({ kernel: k }, _self, other) => {
      const sem = new Sem(k, 0, 1);
      return plain(() => k.accessGrant(sem, other));
    },
  ],
  [
    "k_object_access_revoke",
    ["permission"],
    ({ kernel: k }, _self, other) => {
      const sem = new Sem(k, 0, 1);
      return plain(() => k.accessRevoke(sem, other));
    },
  ],
  [
    "k_object_access_all_grant",
    ["permission"],
    ({ kernel: k }) => {
      const sem = new Sem(k, 0, 1);
      return plain(() => k.accessAllGrant(sem));
    },
  ],
  [
    "k_object_release",
    ["permission"],
    ({ kernel: k }) => {
      const sem = new Sem(k, 0, 1);
      return plain(() => k.release(sem));
    },
  ],
  [
    "k_mem_domain_init",
    ["permission"],
    ({ kernel: k }) => plain(() => new MemDomain(k).init([PARTITION])),
  ],
  [
    "k_mem_domain_add_partition",
    ["permission"],
    ({ kernel: k }) => {
      const domain = new MemDomain(k);
      domain.init();
      return plain(() => domain.addPartition(PARTITION));
    },
  ],
  [
    "k_mem_domain_remove_partition",
    ["permission"],
    ({ kernel: k }) => {
      const domain = new MemDomain(k);
      domain.init([PARTITION]);
      return plain(() => domain.removePartition(PARTITION));
    },
  ],
  [
    "k_mem_domain_add_thread",
    ["permission"],
    ({ kernel: k }, _self, other) => {
      const domain = new MemDomain(k);
      domain.init();
      return plain(() => domain.addThread(other));
    },
  ],
  [
    "k_mem_domain_deinit",
    ["permission"],
    ({ kernel: k }) => plain(() => new MemDomain(k).deinit()),
  ],
  [
    "k_work_cancel",
    ["workSubmit"],
    ({ kernel: k }) => {
      const work = new Work(k, () => {});
      return plain(() => work.cancel());
    },
  ],
  [
    "k_p4wq_submit",
    ["workSubmit"],
    ({ kernel: k }) => {
      const queue = new P4wq(k, { threads: 1, delayedStart: true });
      const work = new P4wqWork(k, () => {}, { priority: 9 });
      return () => queue.submit(work);
    },
  ],
];

describe("the cost table", () => {
  it.each(operations)("%s pays %j", (_name, wanted, act) => {
    expect(charged(act)).toEqual([...wanted].sort());
  });

  it.each([
    [
      "k_sem_give",
      "semGive",
      ({ kernel: k }) => {
        const sem = new Sem(k, 0, 1);
        return () => sem.give();
      },
    ],
    [
      "k_mutex_lock",
      "mutexLock",
      ({ kernel: k }) => {
        const mutex = new Mutex(k);
        return () => mutex.lock(K_FOREVER);
      },
    ],
    [
      "k_timer_start",
      "timerStart",
      ({ kernel: k }) => {
        const timer = new Timer(k);
        return () => timer.start(K_MSEC(5_000_000), 0);
      },
    ],
    [
      "k_object_access_grant",
      "permission",
      ({ kernel: k }, self) => {
        const sem = new Sem(k, 0, 1);
        k.accessGrant(self, self);
        return plain(() => k.accessGrant(sem, self));
      },
    ],
    ["k_object_alloc", "heapAlloc", ({ kernel: k }) => plain(() => k.objectAlloc(ObjType.SEM))],
  ] as const satisfies readonly (readonly [string, Name, Act])[])(
    "%s pays a system call on top in user mode",
    (_name, row, act) => expect(charged(act, true)).toEqual([row, "syscall"].sort()),
  );

  it("adds the switch to the operation that causes it", () => {
    const m = new TestMachine({ costs: { ...zeroCosts, semGive: 10, contextSwitch: 100 } });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    m.thread("better", 3, function* () {
      yield* sem.take(K_FOREVER);
      m.say("better");
    });
    m.thread("giver", 5, function* () {
      m.say("gives");
      yield* sem.give();
      m.say("giver");
    });
    m.run();
    // First in: a switch. Its wait: a switch to the giver. The give and a switch; its end and a switch.
    expect(m.log).toEqual(["gives 200", "better 310", "giver 410"]);
  });

  it("lets time pass between going to sleep and the way back: interrupt, time-out, switch", () => {
    const costs = {
      ...zeroCosts,
      sleep: 7,
      isrEntry: 30,
      timeout: 5,
      isrExit: 20,
      contextSwitch: 100,
    };
    const m = new TestMachine({ costs });
    m.thread("sleeper", 3, function* () {
      m.say("sleeps");
      yield* m.kernel.sleep(K_MSEC(1));
      m.say("woke");
    });
    m.worker("other", 5, 1);
    m.run();
    // Ticks of 1000 cycles, and the one that is partly over does not count: due at 2000.
    expect(m.log).toEqual(["sleeps 100", "other 208", "woke 2155"]);
  });

  it("reaches another CPU after the latency of the interrupt between them", () => {
    const costs = {
      ...zeroCosts,
      semGive: 10,
      ipiLatency: 700,
      isrEntry: 30,
      isrExit: 20,
      contextSwitch: 100,
    };
    const m = new TestMachine({ cpus: 2, costs });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    m.thread("waiter", 4, function* () {
      yield* sem.take(K_FOREVER);
      m.say("waiter");
    });
    m.thread("giver", 3, function* () {
      yield* k.busy(5_000);
      m.say("gives");
      yield* sem.give();
      yield* k.busy(50_000);
    });
    m.worker("low", 9, 40_000);
    m.run();
    const [gives = "", waiter = ""] = m.log;
    expect([gives.slice(0, 5), waiter.slice(0, 6)]).toEqual(["gives", "waiter"]);
    const at = (line: string) => Number(line.split(" ").at(-1));
    expect(at(waiter) - at(gives)).toBe(10 + 700 + 30 + 20 + 100);
  });

  it("has no row that nothing pays", () => {
    const paid = new Set<Name>(operations.flatMap(([, wanted]) => wanted));
    const inTheOtherTests: Name[] = [
      "syscall",
      "contextSwitch",
      "isrEntry",
      "isrExit",
      "timeout",
      "ipiLatency",
      "sleep",
    ];
    for (const name of inTheOtherTests) paid.add(name);
    expect([...paid].sort()).toEqual([...names].sort());
  });
});
