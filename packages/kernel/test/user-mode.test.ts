import { describe, expect, it } from "vitest";
import {
  FatalReason,
  K_FOREVER,
  K_MSEC,
  KHeap,
  MemAttr,
  MemDomain,
  Mutex,
  ObjType,
  P4wq,
  Sem,
  Spinlock,
  SWITCH,
  SysMutex,
  SysSem,
  Timer,
  UserWork,
  UserWorkQueue,
  Work,
  WorkQueue,
  zeroCosts,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const EACCES = 13;

describe("what is no system call", () => {
  const calls: readonly [string, (m: TestMachine) => unknown][] = [
    ["k_timer_init", (m) => new Timer(m.kernel).init(null, null)],
    ["k_thread_cpu_mask_clear", (m) => m.kernel.current.cpuMaskClear()],
    ["k_thread_cpu_pin", (m) => m.kernel.current.cpuPin(0)],
    ["k_thread_time_slice_set", (m) => m.kernel.current.timeSliceSet(1)],
    ["k_sched_time_slice_set", (m) => m.kernel.timeSliceSet(1, 1)],
    ["k_heap_alloc", (m) => new KHeap(m.kernel, { base: 0, size: 1024 }).allocNow(8)],
    ["k_heap_free", (m) => new KHeap(m.kernel, { base: 0, size: 1024 }).freeNow(0)],
    [
      "k_work_submit",
      (m) => new Work(m.kernel, () => undefined).submitNow(new WorkQueue(m.kernel)),
    ],
    ["k_mem_domain_init", (m) => new MemDomain(m.kernel).init()],
    ["k_mem_domain_add_thread", (m) => m.kernel.defaultDomain.addThread(m.kernel.current)],
    ["k_object_access_revoke", (m) => m.kernel.accessRevoke(null, null)],
    ["k_object_access_all_grant", (m) => m.kernel.accessAllGrant(null)],
    ["k_object_free", (m) => m.kernel.objectFree(null)],
    ["k_object_is_valid", (m) => m.kernel.objectIsValid(null, ObjType.SEM)],
    ["k_thread_heap_assign", (m) => m.kernel.current.heapAssign(null)],
    ["k_sched_lock", (m) => m.kernel.schedLock()],
    ["k_sched_unlock", (m) => m.kernel.schedUnlockNow()],
    ["arch_proc_id", (m) => m.kernel.procId],
    ["irq_lock", (m) => m.kernel.irqLock()],
    ["irq_enable", (m) => m.kernel.irqEnable(0, 1)],
    ["k_spin_lock", (m) => new Spinlock(m.kernel).lock()],
    ["k_p4wq_cancel", (m) => new P4wq(m.kernel, { threads: 0 }).cancel(null as never)],
  ];
  for (const [name, call] of calls) {
    it(`${name} faults in user mode and ends only the caller`, () => {
      const m = new TestMachine();
      m.thread(
        "user",
        1,
        function* () {
          call(m);
          m.log.push("came back");
          yield* m.kernel.yield();
        },
        { user: true },
      );
      m.worker("other", 2, 1);
      expect(m.run().reason).toBe("idle");
      expect(m.log).toEqual(["other 1"]);
      expect(m.fatals.map((fatal) => fatal.reason)).toEqual([FatalReason.CPU_EXCEPTION]);
    });
  }
});

describe("a system call of the firmware", () => {
  it("runs in supervisor mode and goes back to user mode, also when it blocks", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const secret = new Sem(k, 0, 1, "nobody was granted this");
    const wait = k.defineBlockingSyscall("wait", {
      *run(ms: number) {
        expect(k.isUserContext()).toBe(false);
        return yield* secret.take(K_MSEC(ms));
      },
    });
    const nested = k.defineBlockingSyscall("nested", {
      *run() {
        const rc = yield* wait(1);
        expect(k.isUserContext()).toBe(false);
        return rc;
      },
    });
    const id = k.defineSyscall("cpu_get_id", { run: () => k.currentCpu?.id ?? -1 });
    const user = m.thread(
      "user",
      1,
      function* () {
        expect(id()).toBe(0);
        expect(k.isUserContext()).toBe(true);
        yield* k.sleep(K_MSEC(1));
        expect(k.isUserContext()).toBe(true);
        expect(yield* wait(2)).toBe(-11);
        expect(k.isUserContext()).toBe(true);
        expect(yield* nested()).toBe(-11);
        expect(k.isUserContext()).toBe(true);
        m.log.push("done");
        k.checkAccess(0x1234, 4, false);
        m.log.push("not reached");
      },
      { user: true },
    );
    m.run();
    expect(m.log).toEqual(["done"]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([FatalReason.CPU_EXCEPTION]);
    // The nested call is no trap: four calls from user mode.
    expect(user.counters.syscalls).toBe(4);
  });

  it("is refused when its verification fails, which a supervisor is not asked for", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const read = k.defineSyscall("read", {
      verify: (address: number, size: number) => k.userMayAccess(address, size, true),
      run: (address: number) => address + 1,
    });
    const domain = new MemDomain(k);
    domain.init([{ start: 0x1000, size: 0x1000, attr: MemAttr.P_RW_U_RW }]);
    m.thread("supervisor", 1, function* () {
      m.log.push(`supervisor ${read(0x9000, 4)}`);
      yield* k.yield();
    });
    const user = m.thread(
      "user",
      2,
      function* () {
        m.log.push(`user ${read(0x1ffc, 4)}`);
        m.log.push(`user ${read(0x1ffd, 4)}`);
        yield* k.yield();
      },
      { user: true },
    );
    domain.addThread(user);
    m.run();
    expect(m.log).toEqual(["supervisor 36865", "user 8189"]);
    expect(m.fatals.map((fatal) => [fatal.reason, fatal.message])).toEqual([
      [FatalReason.KERNEL_OOPS, "read by user failed verification"],
    ]);
  });

  it("costs a trap, and is counted per thread", () => {
    const m = new TestMachine({ costs: { ...zeroCosts, syscall: 50, semGive: 10 } });
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 9);
    const nothing = k.defineSyscall("nothing", { run: () => undefined });
    const user = m.thread(
      "user",
      1,
      function* () {
        yield* sem.give();
        m.say("one call");
        nothing();
        m.say("two calls");
      },
      { user: true },
    );
    k.accessGrant(sem, user);
    m.thread("supervisor", 2, function* () {
      yield* sem.give();
      nothing();
      m.say("no call");
    });
    m.run();
    expect(m.log).toEqual(["one call 60", "two calls 110", "no call 120"]);
    expect([user.counters.syscalls, k.counters.syscalls]).toEqual([2, 2]);
  });
});

describe("a fatal error", () => {
  it("in a call's implementation ends the caller and leaves no mode behind", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const broken = k.defineSyscall("broken", {
      run: () => {
        throw new Error("bug in the implementation");
      },
    });
    m.thread(
      "user",
      1,
      function* () {
        broken();
        yield* k.yield();
      },
      { user: true },
    );
    m.thread(
      "next",
      2,
      function* () {
        m.log.push(String(k.isUserContext()));
        yield* k.yield();
      },
      { user: true },
    );
    m.run();
    expect(m.log).toEqual(["true"]);
    expect(m.fatals.map((fatal) => [fatal.reason, fatal.message])).toEqual([
      [FatalReason.CPU_EXCEPTION, "thread user: bug in the implementation"],
    ]);
  });

  it("halts the kernel when the policy says so, and it stays halted", () => {
    const m = new TestMachine();
    m.policy = "halt";
    m.thread(
      "user",
      1,
      function* () {
        m.kernel.oops("enough");
        yield* m.kernel.yield();
      },
      { user: true },
    );
    m.worker("other", 2, 1);
    const first = m.run();
    expect([first.reason, first.fatal?.message, first.fatal?.thread.name]).toEqual([
      "halted",
      "enough",
      "user",
    ]);
    expect(m.kernel.run()).toEqual(first);
    expect(m.log).toEqual([]);
  });

  it("is what a user thread gets that aborts an essential one, which lives on", () => {
    const m = new TestMachine();
    const essential = m.thread(
      "essential",
      5,
      function* () {
        for (;;) yield* m.kernel.sleep(K_MSEC(1));
      },
      { essential: true },
    );
    const user = m.thread(
      "user",
      1,
      function* () {
        yield* essential.abort();
        m.log.push("came back");
      },
      { user: true },
    );
    m.kernel.accessGrant(essential, user);
    m.run(5000);
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => [fatal.reason, fatal.thread])).toEqual([
      [FatalReason.KERNEL_OOPS, user],
    ]);
    expect(essential.dead).toBe(false);
  });

  it("of a panic halts whatever the policy", () => {
    const m = new TestMachine();
    m.thread("supervisor", 1, function* () {
      m.kernel.panic();
      yield* m.kernel.yield();
    });
    expect(m.run().fatal?.reason).toBe(FatalReason.KERNEL_PANIC);
  });
});

describe("user mode", () => {
  it("is not there when the kernel is built without it", () => {
    const m = new TestMachine({ options: { userspace: false } });
    const sem = new Sem(m.kernel, 0, 1);
    m.thread(
      "user",
      1,
      function* () {
        expect(m.kernel.isUserContext()).toBe(false);
        yield* sem.give();
        m.kernel.checkAccess(0x1234, 4, true);
        expect(m.kernel.irqLock()).toBe(0);
        m.log.push("all of it");
      },
      { user: true },
    );
    m.run();
    expect(m.log).toEqual(["all of it"]);
  });

  it("uses mutexes and semaphores in its memory without a permission, elsewhere not", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const domain = new MemDomain(k);
    domain.init([
      { start: 0x1000, size: 0x1000, attr: MemAttr.P_RW_U_RW },
      { start: 0x2000, size: 0x1000, attr: MemAttr.P_RW_U_RO },
    ]);
    const results: number[] = [];
    const user = m.thread(
      "user",
      1,
      function* () {
        for (const address of [0x1000, 0x2000, 0x3000]) {
          const mutex = new SysMutex(k, address);
          const sem = new SysSem(k, address, 1, 1);
          results.push(yield* mutex.lock(K_FOREVER), yield* mutex.unlock());
          results.push(yield* sem.take(K_FOREVER), yield* sem.give());
        }
      },
      { user: true },
    );
    domain.addThread(user);
    m.run();
    const refused = [-EACCES, -EACCES, -EACCES, -EACCES];
    expect(results).toEqual([0, 0, 0, 0, ...refused, ...refused]);
    expect(m.fatals).toEqual([]);
  });

  it("has an access that spans two partitions when both allow it", () => {
    const m = new TestMachine();
    const domain = new MemDomain(m.kernel);
    domain.init([
      { start: 0x1000, size: 0x1000, attr: MemAttr.P_RW_U_RW },
      { start: 0x2000, size: 0x1000, attr: MemAttr.P_RW_U_RO },
    ]);
    expect(domain.allows(0x1ff0, 0x20, false)).toBe(true);
    expect(domain.allows(0x1ff0, 0x20, true)).toBe(false);
    expect(domain.allows(0x2ff0, 0x20, false)).toBe(false);
    expect(domain.allows(0x1000, 0, false)).toBe(true);
  });

  it("needs no memory to submit work that a waiting worker takes", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const queue = new UserWorkQueue(k);
    queue.start({ priority: 1 });
    m.thread("submitter", 2, function* (self) {
      expect(self.heap).toBe(null);
      expect(yield* queue.submit(new UserWork(() => void m.log.push("ran")))).toBe(0);
      k.schedLock();
      expect(yield* queue.submit(new UserWork(() => void m.log.push("ran too")))).toBe(0);
      // The worker is on its way and waits no more: now a node is needed.
      expect(yield* queue.submit(new UserWork(() => undefined))).toBe(-12);
      yield* k.schedUnlock();
    });
    m.run();
    expect(m.log).toEqual(["ran", "ran too"]);
  });

  it("leaves the domain with the thread", () => {
    const m = new TestMachine();
    const domain = new MemDomain(m.kernel);
    domain.init();
    const user = m.worker("user", 1, 10, { user: true });
    domain.addThread(user);
    expect(domain.deinit()).toBe(-16);
    m.run();
    expect([domain.threads.size, domain.deinit(), domain.live]).toEqual([0, 0, false]);
    expect(m.kernel.defaultDomain.deinit()).toBe(-22);
    expect(domain.addThread(m.kernel.boot)).toBe(-22);
  });

  it("gives permissions up one by one, and a granted mutex works from both sides", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const mutex = new Mutex(k);
    const turns: string[] = [];
    for (const name of ["a", "b"]) {
      const user = m.thread(
        name,
        3,
        function* () {
          for (let i = 0; i < 3; i++) {
            if (mutex.lockNow(K_FOREVER) === SWITCH) yield SWITCH;
            turns.push(name);
            yield* k.sleep(K_MSEC(1));
            yield* mutex.unlock();
          }
        },
        { user: true },
      );
      k.accessGrant(mutex, user);
    }
    m.run();
    expect(turns.join("")).toBe("ababab");
    expect(m.fatals).toEqual([]);
  });
});
