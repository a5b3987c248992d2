import { EINVAL } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  DelayableWork,
  FatalReason,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  K_SEM_MAX_LIMIT,
  KernelAssertion,
  KHeap,
  KQueue,
  MemAttr,
  MemDomain,
  ObjType,
  P4wq,
  Sem,
  SysSem,
  type Thread,
  Timer,
  Work,
  WorkQueue,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

describe("calls that user threads may not make", () => {
  it("fault before they have any effect", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const heap = new KHeap(k, { base: 0x1000, size: 0x1000 });
    const queue = new WorkQueue(k);
    const plugged = new WorkQueue(k);
    plugged.start({ priority: 1 });
    const delayed = new DelayableWork(k, () => m.say("delayed work"));
    delayed.scheduleNow(K_MSEC(5), plugged);
    const flushed = new DelayableWork(k, () => m.say("work to flush"));
    flushed.scheduleNow(K_MSEC(8), plugged);
    const pool = new P4wq(k, { threads: 1, userCpuMask: true });
    const calls: readonly (() => unknown)[] = [
      () => heap.callocNow(1, 16),
      () => queue.start({ priority: 1 }),
      () => plugged.stop(K_NO_WAIT).next(),
      () => delayed.cancel(),
      () => flushed.flush().next(),
      () => pool.enableStaticThread(0, 1),
      () => new Work(k, () => undefined).submitNow(),
    ];
    for (const [index, call] of calls.entries()) {
      // eslint-disable-next-line require-yield
      m.thread(
        `caller ${index}`,
        2,
        function* () {
          call();
          m.say(`call ${index} came back`);
        },
        { user: true },
      );
    }
    m.run();
    expect(m.fatals.map((info) => info.reason)).toEqual(calls.map(() => FatalReason.CPU_EXCEPTION));
    expect(heap.stats().allocatedBytes).toBe(0);
    expect(queue.started).toBe(false);
    expect(m.log.map((line) => line.replace(/ \d+$/, ""))).toEqual([
      "delayed work",
      "work to flush",
    ]);
    expect(Number(m.log[1]?.split(" ").at(-1))).toBeGreaterThanOrEqual(8_000);
  });

  it("needs a permission to look at the head of a queue", () => {
    const m = new TestMachine();
    const queue = new KQueue<string>(m.kernel);
    queue.appendNow("item");
    const body = function* () {
      m.say(`saw ${queue.peekHead()}`);
    };
    m.thread("stranger", 2, body, { user: true });
    const friend = m.thread("friend", 3, body, { user: true });
    m.kernel.accessGrant(queue, friend);
    m.run();
    expect(m.log).toEqual(["saw item 0"]);
    expect(m.fatals.map((info) => [info.reason, info.thread.name])).toEqual([
      [FatalReason.KERNEL_OOPS, "stranger"],
    ]);
  });

  it("asserts that a handler unlocks no scheduler", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    m.thread("locker", 5, function* () {
      k.schedLock();
      yield* k.busy(1_000);
    });
    k.irqConnect(0, 3, () => {
      k.schedUnlockNow();
    });
    k.irqEnable(0, 3);
    m.run(100);
    k.irqRaise(0, 3);
    m.run();
    expect(m.fatals[0]?.reason).toBe(FatalReason.KERNEL_PANIC);
    expect(m.fatals[0]?.cause).toBeInstanceOf(KernelAssertion);
  });
});

describe("arguments that name nothing", () => {
  it("refuses a partition that wraps or is empty before it looks at its alignment", () => {
    const { kernel: k } = new TestMachine();
    const domain = new MemDomain(k);
    expect(domain.init()).toBe(0);
    const attr = MemAttr.P_RW_U_RW;
    expect(domain.addPartition({ start: 0xffff_fff0, size: 0x20, attr })).toBe(-EINVAL);
    expect(domain.addPartition({ start: 0x1001, size: 0, attr })).toBe(-EINVAL);
    expect(domain.addPartition({ start: 0x1001, size: 7, attr: MemAttr.P_RWX_U_RWX })).toBe(
      -EINVAL,
    );
    expect(() => domain.addPartition({ start: 0x1001, size: 0x1000, attr })).toThrow(
      KernelAssertion,
    );
    expect(domain.partitions).toEqual([]);
  });

  it("copies the name of a thread only", () => {
    const { kernel: k } = new TestMachine();
    expect(k.threadNameCopy(null, 32)).toBe(-EINVAL);
    expect(k.threadNameCopy(undefined, 32)).toBe(-EINVAL);
    expect(k.threadNameCopy({ name: "no thread" }, 32)).toBe(-EINVAL);
  });
});

describe("counts and objects out of range", () => {
  it("takes a semaphore's count and limit as unsigned", () => {
    for (const userspace of [true, false]) {
      const { kernel: k } = new TestMachine({ options: { userspace } });
      const sem = new Sem(k, 1, 2);
      const sysSem = new SysSem(k, 0x1000, 1, 2);
      for (const one of [sem, sysSem]) {
        expect(one.init(-1, 2)).toBe(-EINVAL);
        expect(one.init(3, 2)).toBe(-EINVAL);
        expect(one.init(0, 0)).toBe(-EINVAL);
        expect(one.countGet()).toBe(1);
        expect(one.init(2, 2)).toBe(0);
        expect(one.countGet()).toBe(2);
      }
      expect(sem.init(-1, -1)).toBe(0);
      expect(sem.countGet()).toBe(K_SEM_MAX_LIMIT);
    }
  });

  it("makes no thread on a thread object that was freed", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const heap = new KHeap(k, { base: 0x1000, size: 0x4000 });
    m.thread(
      "creator",
      5,
      // eslint-disable-next-line require-yield
      function* () {
        const object = k.objectAlloc(ObjType.THREAD) as Thread;
        k.objectFree(object);
        expect(() => m.worker("late", 6, 1, { object })).toThrow(/was freed/);
        m.say("refused");
      },
      { delay: K_MSEC(1) },
    ).heapAssign(heap);
    m.run();
    expect(m.log).toHaveLength(1);
  });
});

describe("the system work queue", () => {
  it("is in the default domain and has no pool, whoever asks for it first", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const domain = new MemDomain(k);
    domain.init();
    const heap = new KHeap(k, { base: 0x1000, size: 0x1000 });
    const first = m.thread("first", 5, function* () {
      expect(yield* new Work(k, () => m.say("ran")).submit()).toBe(1);
      m.say("first");
    });
    domain.addThread(first);
    first.heapAssign(heap);
    m.run();
    expect(m.log).toEqual(["ran 0", "first 0"]);
    expect(k.systemWorkQueue.threadGet().domain).toBe(k.defaultDomain);
    expect(k.systemWorkQueue.threadGet().heap).toBeNull();
    expect(domain.deinit()).toBe(0);
  });
});

describe("what is left of a time-out", () => {
  it("is 0, not less, while interrupts are kept from announcing its tick", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const timer = new Timer(k);
    const work = new DelayableWork(k, () => {});
    const sleeper = m.thread("sleeper", 5, function* () {
      yield* k.sleep(K_MSEC(1));
    });
    m.thread("masking", 6, function* () {
      yield* timer.start(K_MSEC(1), 0);
      yield* work.schedule(K_MSEC(1));
      const key = k.irqLock();
      yield* k.busyWait(5000);
      m.log.push(`${timer.remainingTicks()} ${timer.remainingGet()} ${work.remainingTicks()}`);
      m.log.push(`${sleeper.timeoutRemainingTicks()}`);
      k.irqUnlock(key);
    });
    m.run();
    expect(m.log).toEqual(["0 0 0", "0"]);
  });
});

describe("without user space", () => {
  it("goes on in the entry of k_thread_user_mode_enter, as a supervisor", () => {
    const m = new TestMachine({ options: { userspace: false } });
    const { kernel: k } = m;
    m.thread("dropping", 5, function* () {
      yield* k.userModeEnter(function* () {
        yield* k.sleep(K_MSEC(1));
        m.say(`entry, user ${k.isUserContext()}`);
      });
    });
    m.run();
    expect(m.log).toEqual(["entry, user false 2000"]);
    expect(m.fatals).toEqual([]);
  });

  it("hands a sys_sem's unit to the waiter, so that the giver cannot take it back", () => {
    for (const [userspace, expected] of [
      [false, ["giver takes -116", "waiter 0"]],
      [true, ["giver takes 0"]],
    ] as const) {
      const m = new TestMachine({ options: { userspace } });
      const sem = new SysSem(m.kernel, 0x1000, 0, 5);
      expect(sem.init(0, K_SEM_MAX_LIMIT)).toBe(userspace ? -EINVAL : 0);
      m.thread("waiter", 5, function* () {
        m.log.push(`waiter ${yield* sem.take(K_FOREVER)}`);
      });
      m.thread("giver", 5, function* () {
        yield* sem.give();
        m.log.push(`giver takes ${yield* sem.take(K_NO_WAIT)}`);
      });
      m.run();
      expect(m.log).toEqual(expected);
    }
  });
});
