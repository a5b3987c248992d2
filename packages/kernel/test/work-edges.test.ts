import { EAGAIN, EALREADY, EBUSY, EINVAL, ENODEV, ENOENT, ENOSPC, ETIMEDOUT } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  DelayableWork,
  FatalReason,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KHeap,
  MemAttr,
  MemDomain,
  memRegionAlign,
  P4wq,
  P4wqWork,
  Sem,
  SysHeap,
  UserWork,
  UserWorkQueue,
  Work,
  WorkQueue,
  WorkState,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

const { RUNNING, CANCELING, QUEUED, DELAYED } = WorkState;

describe("a work item", () => {
  it("tells by its results where it is, in every state", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const queue = new WorkQueue(k);
    const other = new WorkQueue(k);
    let count = 0;
    const work: DelayableWork = new DelayableWork(k, function* () {
      count++;
      if (count === 1) {
        expect(work.busyGet()).toBe(RUNNING);
        // Wherever it is asked to go, it stays on the queue where it runs.
        expect(yield* work.submit(other)).toBe(2);
        expect(yield* work.submit(other)).toBe(0);
        expect([work.busyGet(), work.queue]).toEqual([RUNNING | QUEUED, queue]);
        expect(yield* work.schedule(K_MSEC(1), other)).toBe(0);
        expect(yield* work.reschedule(K_MSEC(50), other)).toBe(1);
        expect(work.busyGet()).toBe(RUNNING | QUEUED | DELAYED);
        yield* k.sleep(K_MSEC(2));
      }
    });
    m.thread("user", 2, function* () {
      expect(yield* work.submit(null)).toBe(-EINVAL);
      expect(yield* work.submit(queue)).toBe(-ENODEV);
      queue.start({ priority: 5 });
      other.start({ priority: 5 });
      expect([work.busyGet(), work.pending, work.cancel()]).toEqual([0, false, 0]);
      expect(yield* work.cancelSync()).toBe(false);
      expect(yield* work.flush()).toBe(false);
      expect(yield* work.schedule(K_MSEC(3), queue)).toBe(1);
      expect(yield* work.schedule(K_NO_WAIT, other)).toBe(0);
      expect([work.busyGet(), work.expiresTicks(), work.remainingTicks()]).toEqual([DELAYED, 4, 4]);
      expect(yield* work.reschedule(K_NO_WAIT, queue)).toBe(1);
      expect(work.busyGet()).toBe(QUEUED);
      expect(work.cancel()).toBe(0);
      expect(yield* work.submit(queue)).toBe(1);
      yield* k.sleep(K_MSEC(1));
      expect(work.busyGet()).toBe(RUNNING | QUEUED | DELAYED);
      expect(work.cancel()).toBe(RUNNING | CANCELING);
      expect(work.cancel()).toBe(RUNNING | CANCELING);
      expect(yield* work.submit(queue)).toBe(-EBUSY);
      expect(yield* work.schedule(K_MSEC(1), queue)).toBe(0);
      expect(yield* work.reschedule(K_NO_WAIT, queue)).toBe(-EBUSY);
      expect(yield* work.cancelSync()).toBe(true);
      expect([work.busyGet(), count]).toEqual([0, 1]);
      expect(yield* work.schedule(K_MSEC(3), queue)).toBe(1);
      const before = k.uptimeTicks();
      expect(yield* work.flush()).toBe(true);
      expect([k.uptimeTicks() - before, count]).toEqual([0, 2]);
      expect(yield* work.schedule(K_FOREVER, queue)).toBe(1);
      expect(work.busyGet()).toBe(DELAYED);
      expect(yield* work.cancelSync()).toBe(true);
    });
    m.runOut("");
    expect([m.fatals, count]).toEqual([[], 2]);
  });

  it("may be submitted, scheduled and cancelled by a handler, and not waited for", () => {
    const waits: readonly ((work: DelayableWork, queue: WorkQueue) => unknown)[] = [
      (work) => work.cancelSyncNow(),
      (work) => work.flush().next(),
      (_, queue) => queue.drainNow(false),
    ];
    for (const wait of [null, ...waits]) {
      const m = new TestMachine();
      const { kernel: k } = m;
      const queue = new WorkQueue(k);
      queue.start({ priority: 5 });
      const work = new DelayableWork(k, () => m.say("ran"));
      const results: unknown[] = [];
      k.irqConnect(0, 3, () => {
        results.push(work.submitNow(queue), work.cancel(), work.scheduleNow(K_MSEC(1), queue));
        if (wait !== null) wait(work, queue);
      });
      k.irqEnable(0, 3);
      k.irqRaise(0, 3);
      m.run();
      expect(results).toEqual([1, 0, 1]);
      expect(m.fatals.map((info) => info.reason)).toEqual(
        wait === null ? [] : [FatalReason.KERNEL_PANIC],
      );
      expect(m.log).toEqual(wait === null ? ["ran 2000"] : []);
    }
  });

  it("runs in the order of submission, others' threads between two unless the queue does not yield", () => {
    for (const noYield of [false, true]) {
      const m = new TestMachine();
      const { kernel: k } = m;
      const queue = new WorkQueue(k);
      m.thread("starter", 2, function* () {
        queue.start({ priority: 5, noYield });
        for (const name of ["a", "b", "c"])
          yield* new Work(k, () => void m.log.push(name)).submit(queue);
        m.thread("equal", 5, function* () {
          m.log.push("equal");
          yield* k.yield();
        });
      });
      m.runOut("");
      expect(m.log).toEqual(noYield ? ["a", "b", "c", "equal"] : ["a", "equal", "b", "c"]);
    }
  });
});

describe("draining a queue", () => {
  it("has a result for each state, and keeps a plugged one closed", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const queue = new WorkQueue(k);
    queue.start({ name: "named", priority: 5 });
    expect([queue.threadGet().name, queue.started]).toEqual(["named", true]);
    let chained = 0;
    const work: Work = new Work(k, function* () {
      if (chained++ === 0) expect(yield* work.submit(queue)).toBe(2);
      yield* k.sleep(K_MSEC(1));
    });
    m.thread("user", 2, function* () {
      expect(yield* queue.drain()).toBe(0);
      expect(queue.unplug()).toBe(-EALREADY);
      expect(yield* queue.stop(K_NO_WAIT)).toBe(-EBUSY);
      expect(yield* work.submit(queue)).toBe(1);
      m.thread("outsider", 1, function* () {
        yield* k.sleep(K_MSEC(1));
        expect(yield* new Work(k, () => undefined).submit(queue)).toBe(-EBUSY);
      });
      expect(yield* queue.drain(true)).toBe(1);
      expect(chained).toBe(2);
      expect(yield* work.submit(queue)).toBe(-EBUSY);
      expect(queue.unplug()).toBe(0);
      expect(queue.unplug()).toBe(-EALREADY);
      expect(yield* work.submit(queue)).toBe(1);
      expect(yield* queue.drain(true)).toBe(1);
      expect(yield* queue.stop(K_FOREVER)).toBe(0);
      expect(yield* queue.stop(K_FOREVER)).toBe(-EALREADY);
      queue.unplug();
      expect(yield* work.submit(queue)).toBe(-ENODEV);
      expect(ETIMEDOUT).toBe(116);
    });
    m.runOut();
    expect(m.fatals).toEqual([]);
  });
});

describe("user work", () => {
  it("is refused while pending, and free again when its handler begins", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const queue = new UserWorkQueue(k);
    k.boot.heapAssign(new KHeap(k, { base: 0x1_0000, size: 0x1000 }));
    let runs = 0;
    const work: UserWork = new UserWork(function* () {
      expect([work.pending, k.isUserContext()]).toEqual([false, true]);
      if (++runs < 3) expect(yield* queue.submit(work)).toBe(0);
    });
    const before = new Sem(k, 0, 1);
    const after = new Sem(k, 0, 1);
    m.thread("starter", 2, function* () {
      k.accessGrant(before, k.current);
      const worker = queue.start({ priority: 5 });
      k.accessGrant(after, k.current);
      expect([k.objectIsValid(before, before.type), worker.userMode]).toEqual([true, true]);
      expect(yield* queue.submit(work)).toBe(0);
      expect(yield* queue.submit(work)).toBe(-EBUSY);
      yield* k.sleep(K_MSEC(1));
      const uses = (sem: Sem): UserWork =>
        new UserWork(function* () {
          yield* sem.give();
          m.log.push(sem === before ? "before" : "after");
        });
      expect(yield* queue.submit(uses(before))).toBe(0);
      yield* k.sleep(K_MSEC(1));
      expect(yield* queue.submit(uses(after))).toBe(0);
    });
    m.runOut("");
    expect([runs, m.log]).toEqual([3, ["before"]]);
    expect(m.fatals.map((info) => [info.reason, info.thread === queue.thread])).toEqual([
      [FatalReason.KERNEL_OOPS, true],
    ]);
  });
});

describe("a pooled queue", () => {
  it("tells whether an item is done, and waits for one only if it is made for that", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const pool = new P4wq(k, { threads: 1 });
    const busy = function* (): Generator<number, void, number> {
      yield* k.sleep(K_MSEC(5));
    };
    const plain = new P4wqWork(k, busy, { priority: 5 });
    const sync = new P4wqWork(k, busy, { priority: 5, sync: true });
    m.thread("user", 8, function* () {
      for (const work of [plain, sync]) {
        expect([pool.cancel(work), yield* pool.wait(work, K_NO_WAIT)]).toEqual([false, -EBUSY]);
        yield* pool.submit(work);
        expect(pool.cancel(work)).toBe(false);
        expect(yield* pool.wait(work, K_NO_WAIT)).toBe(-EBUSY);
        const start = k.uptimeTicks();
        expect(yield* pool.wait(work, K_MSEC(1))).toBe(work.sync ? -EAGAIN : -EBUSY);
        expect(k.uptimeTicks() - start).toBe(work.sync ? 2 : 0);
        yield* k.sleep(K_MSEC(9));
        expect(yield* pool.wait(work, K_MSEC(1))).toBe(0);
        expect(yield* pool.wait(work, K_NO_WAIT)).toBe(work.sync ? -EBUSY : 0);
      }
    });
    m.runOut("p4wq 0");
    expect(m.fatals).toEqual([]);
  });

  it("counts an item's deadline from its submission", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const pool = new P4wq(k, { threads: 1 });
    const item = (name: string, deadline: number): P4wqWork =>
      new P4wqWork(k, () => void m.log.push(name), { priority: 5, deadline });
    m.thread("submitter", -1, function* () {
      yield* pool.submit(item("first", 5_000));
      yield* k.busy(3_000);
      yield* pool.submit(item("later", 3_000));
      yield* pool.submit(item("sooner", 1_000));
    });
    m.runOut("p4wq 0");
    expect(m.log).toEqual(["sooner", "first", "later"]);
  });
});

describe("a memory domain", () => {
  const page = (index: number, attr: number = MemAttr.P_RW_U_RW, size = 0x1000) => ({
    start: 0x10_0000 + index * 0x1000,
    size,
    attr,
  });

  it("has one result for each wrong set of partitions", () => {
    const { kernel: k } = new TestMachine({ options: { maxDomainPartitions: 3 } });
    const cases: readonly (readonly [Parameters<MemDomain["init"]>[0], number])[] = [
      [[], 0],
      [[page(0), page(1), page(2)], 0],
      [[page(0), page(1), page(2), page(3)], -EINVAL],
      [[page(0), null], -EINVAL],
      [[page(0), page(0)], -EINVAL],
      [[page(0, MemAttr.P_RWX_U_RWX)], -EINVAL],
      [[page(0, MemAttr.P_RX_U_RX)], 0],
      [[page(0, MemAttr.P_RW_U_RW, 0)], -EINVAL],
    ];
    for (const [partitions, expected] of cases) {
      expect(new MemDomain(k).init(partitions), JSON.stringify(partitions)).toBe(expected);
    }
    const domain = new MemDomain(k);
    domain.init();
    expect(domain.addPartition(null)).toBe(-EINVAL);
    expect(domain.addPartition(undefined)).toBe(-EINVAL);
    expect([0, 1, 2].map((index) => domain.addPartition(page(index)))).toEqual([0, 0, 0]);
    // What is wrong with a partition is told before that there is no room.
    expect(domain.addPartition(page(2))).toBe(-EINVAL);
    expect(domain.addPartition(page(3))).toBe(-ENOSPC);
    expect(domain.removePartition(null)).toBe(-EINVAL);
    expect(domain.removePartition(page(1, MemAttr.P_RW_U_RW, 0))).toBe(-ENOENT);
    expect(domain.removePartition(page(1, MemAttr.P_RO_U_RO))).toBe(0);
    expect(domain.removePartition(page(1))).toBe(-ENOENT);
    // A slot in the middle was emptied: an overlap with the last one is still seen.
    expect(domain.addPartition(page(2))).toBe(-EINVAL);
    expect(domain.addPartition({ start: 0xf_f000, size: 0x2000, attr: 0 })).toBe(-EINVAL);
    expect(domain.addPartition(page(1))).toBe(0);
  });

  it("goes when nobody is in it, the default one never", () => {
    const m = new TestMachine();
    const domain = new MemDomain(m.kernel);
    domain.init();
    const thread = m.worker("t", 5, 1);
    expect([domain.addThread(thread), domain.addThread(thread)]).toEqual([0, 0]);
    expect([domain.deinit(), m.kernel.defaultDomain.deinit()]).toEqual([-EBUSY, -EINVAL]);
    m.runOut();
    expect(domain.deinit()).toBe(0);
  });

  it("is told of aligned regions", () => {
    expect(memRegionAlign(0x1234, 0x10, 0x1000)).toEqual({
      address: 0x1000,
      size: 0x1000,
      offset: 0x234,
    });
    expect(memRegionAlign(0x1ff8, 0x10, 0x1000)).toEqual({
      address: 0x1000,
      size: 0x2000,
      offset: 0xff8,
    });
    expect(memRegionAlign(0x2000, 0x1000, 0x1000)).toEqual({
      address: 0x2000,
      size: 0x1000,
      offset: 0,
    });
    expect(memRegionAlign(0xa000_0008, 1, 0x40)).toEqual({
      address: 0xa000_0000,
      size: 0x40,
      offset: 8,
    });
  });
});

describe("heaps", () => {
  it("take nothing for nothing, only powers of two as alignment, and assert on a second free", () => {
    const heap = new SysHeap({ base: 0x1000, size: 1024, memory: new Uint8Array(1024).fill(0xff) });
    expect([heap.alloc(0), heap.alignedAlloc(64, 0), heap.calloc(0, 8), heap.alloc(4096)]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(heap.calloc(0x1_0000, 0x1_0001)).toBe(0);
    expect(() => heap.alignedAlloc(24, 8)).toThrow(/power of two/);
    heap.free(0);
    const block = heap.alloc(16);
    heap.free(block);
    expect(() => heap.free(block)).toThrow(/not allocated/);
    expect(() => heap.free(0x1004)).toThrow(/not allocated/);
    expect(heap.realloc(0, 16)).toBe(block);
    expect(heap.realloc(block, 2048)).toBe(0);
    expect([heap.usableSize(block) >= 16, heap.realloc(block, 0), heap.validate()]).toEqual([
      true,
      0,
      true,
    ]);
  });

  it("keep a caller waiting to its time-out, and let a running thread go before those who wait", () => {
    const m = new TestMachine();
    const { kernel: k } = m;
    const heap = new KHeap(k, { base: 0x1000, size: 512 });
    m.thread("holder", 2, function* () {
      const block = yield* heap.alloc(300);
      expect(yield* heap.alloc(300)).toBe(0);
      expect(yield* heap.alloc(300, 0, K_MSEC(2))).toBe(0);
      expect(k.uptimeTicks()).toBe(3);
      m.thread("waiter", 5, function* () {
        m.log.push(`waiter ${(yield* heap.alloc(300, 0, K_FOREVER)) > 0}`);
      });
      m.thread("timed", 5, function* () {
        m.log.push(`timed ${yield* heap.alloc(300, 0, K_MSEC(4))} at ${k.uptimeTicks()}`);
      });
      yield* k.sleep(K_MSEC(1));
      yield* heap.free(block);
      // Nothing is kept for those who were woken.
      const again = yield* heap.alloc(300, 0, K_NO_WAIT);
      expect(again).toBe(block);
      yield* k.sleep(K_MSEC(9));
      yield* heap.free(again);
    });
    m.runOut();
    expect(m.log).toEqual(["timed 0 at 8", "waiter true"]);
  });
});
