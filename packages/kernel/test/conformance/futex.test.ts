/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import {
  Futex,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  MemAttr,
  MemDomain,
  SysMutex,
  SysSem,
  type Thread,
} from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EAGAIN = 11;
const EACCES = 13;
const EINVAL = 22;
const ETIMEDOUT = 116;
const PAGE = 0x10_0000;

/** A domain whose members may read and write the page at PAGE. */
function sharedPage(m: Machine): MemDomain {
  const domain = new MemDomain(m.kernel, "shared");
  expect(domain.init([{ start: PAGE, size: 4096, attr: MemAttr.P_RW_U_RW }])).toBe(0);
  return domain;
}

describe("sys_sem", () => {
  row("T065", "init refuses bad limits and counts", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new SysSem(k, PAGE, 0, 1);
      expect(sem.init(0, 0)).toBe(-EINVAL);
      expect(sem.init(2, 1)).toBe(-EINVAL);
      expect(sem.init(0, 0x8000_0000)).toBe(-EINVAL);
      expect(sem.init(1, 0x7fff_ffff)).toBe(0);
      expect(k.syscall("sys_sem_init", null, 0, 1)).toBe(-EINVAL);
      yield* k.yield();
    });
  });

  row("T067", "a timed take of nothing times out with its own error", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new SysSem(k, PAGE, 0, 1);
      expect(yield* sem.take(K_MSEC(5))).toBe(-ETIMEDOUT);
      expect(yield* sem.take(K_NO_WAIT)).toBe(-ETIMEDOUT);
    });
  });

  row("T068", "a give at the limit is refused and the count stays", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new SysSem(k, PAGE, 0, 3);
      for (let i = 1; i <= 3; i++) {
        expect(yield* sem.give()).toBe(0);
        expect(sem.countGet()).toBe(i);
      }
      expect(yield* sem.give()).toBe(-EAGAIN);
      expect(sem.countGet()).toBe(3);
    });
  });

  row("T070", "equal user threads are all released by as many gives", ({ machine }) => {
    const m = machine();
    const domain = sharedPage(m);
    const sem = new SysSem(m.kernel, PAGE, 0, 10);
    for (let i = 0; i < 5; i++) {
      const thread = m.thread(
        `taker ${i}`,
        1,
        function* () {
          expect(yield* sem.take(K_FOREVER)).toBe(0);
          m.log.push(`taker ${i}`);
        },
        { user: true },
      );
      domain.addThread(thread);
    }
    m.main(
      function* (k) {
        yield* k.sleep(K_MSEC(1));
        for (let i = 0; i < 5; i++) expect(yield* sem.give()).toBe(0);
        yield* k.sleep(K_MSEC(1));
      },
      { priority: 2 },
    );
    expect(m.log.toSorted()).toEqual([0, 1, 2, 3, 4].map((i) => `taker ${i}`));
    expect(sem.countGet()).toBe(0);
  });

  row("T071", "a handler may give, and take without waiting", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new SysSem(k, PAGE, 0, 10);
      const give = m.interrupt(() => expect(sem.giveNow()).toBe(0));
      const take = m.interrupt(() => expect(sem.takeNow(K_NO_WAIT)).toBe(0));
      give();
      yield* k.busy(1000);
      expect(sem.countGet()).toBe(1);
      take();
      yield* k.busy(1000);
      expect(sem.countGet()).toBe(0);
    });
  });
});

describe("futex", () => {
  function waiter(m: Machine, futex: Futex, timeout: number, done: (rc: number) => void): Thread {
    return m.thread("waiter", -1, function* () {
      done(yield* futex.wait(42, timeout));
    });
  }

  row("T073", "who expects the value and waits forever still waits", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const futex = new Futex(k, PAGE, 42);
      let rc = 1;
      const thread = waiter(m, futex, K_FOREVER, (value) => (rc = value));
      yield* k.sleep(K_MSEC(100));
      expect(rc).toBe(1);
      expect(thread.stateString()).toBe("pending");
      yield* thread.abort();
    });
  });

  row("T074", "a wait that nobody ends times out", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const futex = new Futex(k, PAGE, 42);
      let rc = 1;
      waiter(m, futex, K_MSEC(50), (value) => (rc = value));
      yield* k.sleep(K_MSEC(100));
      expect(rc).toBe(-ETIMEDOUT);
    });
  });

  row("T076", "wake tells how many, and the waiter succeeds", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const futex = new Futex(k, PAGE, 42);
      let rc = 1;
      waiter(m, futex, K_FOREVER, (value) => (rc = value));
      yield* k.sleep(K_MSEC(1));
      expect(yield* futex.wake(false)).toBe(1);
      yield* k.sleep(K_MSEC(1));
      expect(rc).toBe(0);
      expect(yield* futex.wake(false)).toBe(0);
    });
  });

  row("T077", "a handler may wake", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const futex = new Futex(k, PAGE, 42);
      let rc = 1;
      waiter(m, futex, K_FOREVER, (value) => (rc = value));
      const raise = m.interrupt(() => expect(futex.wakeNow(false)).toBe(1));
      yield* k.sleep(K_MSEC(1));
      raise();
      yield* k.sleep(K_MSEC(1));
      expect(rc).toBe(0);
    });
  });

  row(
    "T079",
    "a user thread gets an error for what is no futex, out of reach, or has changed",
    ({ machine }) => {
      const m = machine();
      const domain = sharedPage(m);
      const { kernel: k } = m;
      const results: number[] = [];
      const futex = new Futex(k, PAGE, 42);
      const outside = new Futex(k, 0x50_0000, 42);
      const plain = { address: PAGE + 64 };
      const mutex = new SysMutex(k, PAGE + 128);
      const user = m.thread(
        "user",
        1,
        function* () {
          for (const handle of [plain, mutex, outside]) {
            results.push(k.syscall("k_futex_wait", handle, 42, K_NO_WAIT) as number);
            results.push(k.syscall("k_futex_wake", handle, false) as number);
          }
          results.push(yield* futex.wait(41, K_NO_WAIT));
        },
        { user: true },
      );
      domain.addThread(user);
      m.run();
      expect(results).toEqual([-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EACCES, -EACCES, -EAGAIN]);
      expect(m.fatals).toEqual([]);
    },
  );
});
