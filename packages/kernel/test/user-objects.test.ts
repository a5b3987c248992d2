import {
  EACCES,
  EADDRINUSE,
  EAGAIN,
  EBADF,
  EFAULT,
  EINVAL,
  ENOMEM,
  EPERM,
  ETIMEDOUT,
} from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  CondVar,
  FatalReason,
  InitRule,
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KEvent,
  type Kernel,
  KQueue,
  Mutex,
  ObjType,
  Sem,
  SysMutex,
  SysSem,
  Thread,
  ThreadStack,
  Timer,
  UserWork,
  UserWorkQueue,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";
import { MINE, OTHERS, OURS, outcome, plain, user, userMachine } from "./support/user.js";

describe("copies to and from user memory", () => {
  it("are made where the caller itself may read or write", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const kernelBytes = Uint8Array.of(1, 2, 3);
    const bytes = new Uint8Array(3);
    const from = k.defineSyscall("from", {
      run: (address: number) => k.userFromCopy(bytes, { address, bytes: Uint8Array.of(9, 8, 7) }),
    });
    const target = new Uint8Array(3);
    const to = k.defineSyscall("to", {
      run: (address: number) => k.userToCopy({ address, bytes: target }, kernelBytes),
    });
    const length = k.defineSyscall("length", {
      run: (address: number, most: number) => k.userStringLength({ address, text: "four" }, most),
    });
    const results: number[] = [];
    user(m, "caller", () =>
      plain(() => {
        results.push(from(OTHERS), from(MINE + 0xffe), from(0xffff_ffff), to(OURS), to(OTHERS));
        expect([...bytes, ...target]).toEqual([0, 0, 0, 0, 0, 0]);
        results.push(
          from(OURS),
          to(MINE + 0xffd),
          length(MINE, 99),
          length(MINE, 2),
          length(OTHERS, 2),
        );
      }),
    );
    m.runOut();
    expect(results).toEqual([EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, 0, 0, 4, 2, -1]);
    expect([...bytes, ...target]).toEqual([9, 8, 7, 1, 2, 3]);
  });
});

describe("dynamic objects", () => {
  it("are of few types and sizes, and need a pool", () => {
    const m = userMachine();
    const { kernel: k } = m;
    for (const type of [ObjType.FUTEX, ObjType.SYS_MUTEX, ObjType.DEVICE, ObjType.ANY, -1, 99]) {
      expect(k.objectAlloc(type)).toBeNull();
    }
    for (const size of [0, -8, Number.NaN, 1e9]) {
      expect(k.objectAlloc(ObjType.THREAD_STACK, size)).toBeNull();
      expect(k.threadStackAlloc(size)).toBeNull();
    }
    expect(k.boot.heap?.stats().allocatedBytes).toBe(0);
    m.thread("poor", 5, () =>
      plain(() => {
        k.current.heapAssign(null);
        expect(k.objectAlloc(ObjType.SEM)).toBeNull();
        expect(k.threadStackAlloc(64)).toBeNull();
      }),
    );
    m.runOut();
    expect(m.fatals).toEqual([]);
  });

  it("leave nothing behind for the next thread object with their number", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    const first = k.objectAlloc(ObjType.THREAD) as Thread;
    const number = first.permIndex;
    k.accessGrant(sem, first);
    k.objectFree(first);
    const object = k.objectAlloc(ObjType.THREAD) as Thread;
    expect(object.permIndex).toBe(number);
    k.createThread({
      priority: 5,
      user: true,
      object,
      *entry() {
        yield* sem.give();
      },
    });
    m.runOut();
    expect([outcome(m), sem.count]).toEqual([[FatalReason.KERNEL_OOPS], 0]);
  });

  it("are validated in one order of errors, and without user space not at all", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const results: unknown[] = [];
    const thread = m.thread("t", 5, () =>
      plain(() => {
        const sem = k.objectAlloc(ObjType.SEM);
        const other = new Sem(k, 0, 1);
        results.push(
          k.objectValidate(null, ObjType.SEM),
          k.objectValidate(other, ObjType.MUTEX),
          k.objectValidate(other, ObjType.SEM),
          k.objectValidate(sem, ObjType.SEM),
          k.objectValidate(sem, ObjType.SEM, InitRule.NOT_INIT),
          k.objectValidate(sem, ObjType.SEM, InitRule.ANY),
          k.objectIsValid(sem, ObjType.SEM),
        );
        sem?.init(0, 1);
        k.accessAllGrant(other);
        results.push(
          k.objectValidate(sem, ObjType.SEM, InitRule.NOT_INIT),
          k.objectIsValid(sem, ObjType.SEM),
          k.objectIsValid(sem, ObjType.MUTEX),
          k.objectIsValid(other, ObjType.ANY),
        );
        k.objectFree(sem);
        k.objectFree(sem);
        k.objectFree(other);
        k.objectFree(0x1234);
        results.push(k.objectIsValid(sem, ObjType.SEM), k.objectIsValid(other, ObjType.SEM));
        const kept = k.objectAlloc(ObjType.SEM);
        k.accessAllGrant(kept);
        k.release(kept);
        results.push(k.objectIsValid(kept, ObjType.ANY));
      }),
    );
    thread.heapAssign(k.boot.heap);
    m.runOut();
    expect(results).toEqual([
      -EBADF,
      -EBADF,
      -EPERM,
      -EINVAL,
      0,
      0,
      false,
      -EADDRINUSE,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(k.boot.heap?.stats().allocatedBytes).toBe(0);
    const none = new TestMachine({ options: { userspace: false } });
    expect(none.kernel.objectIsValid(new Sem(none.kernel, 0, 1), ObjType.SEM)).toBe(true);
  });
});

describe("a user work queue started by a user thread", () => {
  it("runs on a stack that the starter names, if it may use that", () => {
    for (const granted of [false, true]) {
      const m = userMachine();
      const { kernel: k } = m;
      const queue = new UserWorkQueue(k);
      const object = new Thread(k);
      const stack = new ThreadStack(k, 0x8_0000, 1024);
      const starter = user(m, "starter", function* () {
        const worker = queue.start({ priority: 6, stack }, object);
        expect([worker, worker.stack, worker.userMode]).toEqual([object, stack, true]);
        const work = new UserWork(() => void m.log.push(`ran ${k.isUserContext()}`));
        expect(yield* queue.submit(work)).toBe(-ENOMEM);
        yield* k.sleep(K_MSEC(1));
        expect(yield* queue.submit(work)).toBe(0);
      });
      starter.heapAssign(null);
      k.threadAccessGrant(starter, queue.queue, object, null, stack);
      if (granted) k.accessGrant(stack, starter);
      m.runOut("");
      expect([m.log, outcome(m)]).toEqual(
        granted ? [["ran true"], []] : [[], [FatalReason.KERNEL_OOPS]],
      );
    }
  });
});

describe("objects in user memory", () => {
  it("check access to their memory before anything else", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const results: unknown[] = [];
    const away = new SysMutex(k, OTHERS);
    const readOnly = new SysSem(k, OURS, 1, 1);
    const mine = new SysSem(k, MINE, 0, 1);
    user(m, "caller", function* () {
      results.push(
        yield* away.lock(K_NO_WAIT),
        yield* away.unlock(),
        yield* readOnly.take(K_NO_WAIT),
        yield* readOnly.give(),
        yield* mine.take(K_NO_WAIT),
        yield* mine.take(K_MSEC(1)),
        yield* mine.give(),
        yield* mine.give(),
        k.syscall("sys_mutex_lock", null, K_NO_WAIT),
        k.syscall("sys_mutex_lock", { address: MINE }, K_NO_WAIT),
        k.syscall("sys_sem_take", { address: OTHERS }, K_NO_WAIT),
        k.syscall("sys_sem_take", { address: MINE }, K_NO_WAIT),
      );
    });
    m.runOut();
    expect(results).toEqual([
      -EACCES,
      -EACCES,
      -EACCES,
      -EACCES,
      -ETIMEDOUT,
      -ETIMEDOUT,
      0,
      -EAGAIN,
      -EACCES,
      -EINVAL,
      -EACCES,
      -EINVAL,
    ]);
    expect(m.fatals).toEqual([]);
  });
});

describe("initialisation by a user thread", () => {
  it("is allowed again for what the kernel allows, and once for events and queues", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const calls: readonly [
      (k: Kernel) => Mutex | Sem | CondVar | KEvent | KQueue<number> | Timer,
      boolean,
    ][] = [
      [(kernel) => new Mutex(kernel), true],
      [(kernel) => new Sem(kernel, 0, 1), true],
      [(kernel) => new CondVar(kernel), true],
      [(kernel) => new KEvent(kernel), false],
      [(kernel) => new KQueue<number>(kernel), false],
    ];
    for (const [index, [make, again]] of calls.entries()) {
      const object = make(k);
      const before = m.fatals.length;
      const caller = user(m, `caller ${index}`, () =>
        plain(() => {
          if (object instanceof Sem) object.init(0, 1);
          else if (!(object instanceof Timer)) object.init();
          m.log.push(`${index}`);
        }),
      );
      k.accessGrant(object, caller);
      m.runOut();
      expect(m.fatals.length - before).toBe(again ? 0 : 1);
    }
    expect(m.log).toEqual(["0", "1", "2"]);
    expect(new Timer(k).running).toBe(false);
    expect(K_FOREVER).toBe(Number.POSITIVE_INFINITY);
  });
});
