/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import {
  K_FOREVER,
  K_MSEC,
  K_NO_WAIT,
  KHeap,
  Mutex,
  ObjType,
  Sem,
  Thread,
  type ThreadOptions,
  ThreadStack,
} from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EBADF = 9;
const OOPS = 3;

/** A user thread that gives `sem` and logs when it came back. */
function giver(m: Machine, sem: Sem, options: Partial<ThreadOptions> = {}): Thread {
  return m.thread(
    "giver",
    1,
    function* () {
      yield* sem.give();
      m.log.push("gave");
    },
    { user: true, ...options },
  );
}

/** What the last fatal errors were. */
const reasons = (m: Machine): number[] => m.fatals.map((fatal) => fatal.reason);

describe("kernel objects", () => {
  row("T268", "a semaphore forged in user memory ends the thread", ({ machine }) => {
    const m = machine();
    const real = new Sem(m.kernel, 1, 1);
    m.main(
      function* (k, self) {
        k.accessGrant(real, self);
        const forged = Object.create(real) as Sem;
        yield* k.userModeEnter(function* () {
          expect(yield* real.take(K_NO_WAIT)).toBe(0);
          m.log.push("took the real one");
          k.syscall("k_sem_take", { ...forged }, K_NO_WAIT);
          m.log.push("took the forged one");
        });
      },
      { name: "dropper" },
      true,
    );
    expect(m.log).toEqual(["took the real one"]);
    expect(reasons(m)).toEqual([OOPS]);
  });

  row("T269", "an object of another type ends the caller", ({ machine }) => {
    const m = machine();
    const mutex = new Mutex(m.kernel);
    const user = m.thread(
      "user",
      1,
      function* () {
        m.kernel.syscall("k_sem_take", mutex, K_NO_WAIT);
        m.log.push("came back");
        yield* m.kernel.yield();
      },
      { user: true },
    );
    m.kernel.accessGrant(mutex, user);
    m.run();
    expect(m.log).toEqual([]);
    expect(reasons(m)).toEqual([OOPS]);
  });

  row("T271", "a child inherits what its parent has, until that is revoked", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const sem = new Sem(k, 0, 10);
      k.accessGrant(sem, self);
      yield* giver(m, sem, { inheritPerms: true }).join(K_FOREVER);
      expect(m.log).toEqual(["gave"]);
      k.accessRevoke(sem, self);
      yield* giver(m, sem, { inheritPerms: true }).join(K_FOREVER);
      expect(m.log).toEqual(["gave"]);
      expect(reasons(m)).toEqual([OOPS]);
    });
  });

  row(
    "T272",
    "a user thread with permission on both grants an object to another",
    ({ machine }) => {
      const m = machine();
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 10);
      const b = giver(m, sem, { delay: K_MSEC(10) });
      const a = m.thread(
        "a",
        1,
        function* () {
          k.accessGrant(sem, b);
          m.log.push("granted");
          yield* k.yield();
        },
        { user: true },
      );
      k.threadAccessGrant(a, sem, b);
      m.run();
      expect(m.log).toEqual(["granted", "gave"]);
      expect(m.fatals).toEqual([]);
    },
  );

  row("T274", "who released an object is ended at its next use", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 10);
    const user = m.thread(
      "user",
      1,
      function* () {
        yield* sem.give();
        k.release(sem);
        m.log.push("released");
        yield* sem.give();
        m.log.push("gave again");
      },
      { user: true },
    );
    k.accessGrant(sem, user);
    m.run();
    expect(m.log).toEqual(["released"]);
    expect(reasons(m)).toEqual([OOPS]);
  });

  row(
    "T275",
    "a supervisor's grant to all and release of what is no object do nothing",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k) {
        for (const handle of [null, { address: 0x1000 }, 17]) {
          k.accessAllGrant(handle);
          k.release(handle);
        }
        yield* k.yield();
        expect(m.fatals).toEqual([]);
      });
    },
  );

  row("T277", "a new thread on a thread object has nothing of the one before", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const sem = new Sem(k, 0, 10);
      k.accessGrant(sem, self);
      const object = new Thread(k, "object");
      yield* giver(m, sem, { object, inheritPerms: true }).join(K_FOREVER);
      expect(m.log).toEqual(["gave"]);
      yield* giver(m, sem, { object }).join(K_FOREVER);
      expect(m.log).toEqual(["gave"]);
      expect(reasons(m)).toEqual([OOPS]);
    });
  });

  row("T278", "a supervisor's grant to an unknown thread does nothing", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const sem = new Sem(k, 0, 1);
      const unknown = { permIndex: 3 };
      k.accessGrant(sem, unknown);
      k.accessRevoke(sem, unknown);
      expect(k.objectValidate(unknown, ObjType.THREAD)).toBe(-EBADF);
      expect([...sem.perms].every((bits) => bits === 0)).toBe(true);
      yield* k.yield();
    });
  });

  row(
    "T280",
    "an object that was not initialised ends its user, permission or not",
    ({ machine }) => {
      const m = machine();
      const sem = new Sem(m.kernel, 0, 1);
      m.kernel.objectMark(sem, false);
      const user = giver(m, sem);
      m.kernel.accessGrant(sem, user);
      m.run();
      expect(m.log).toEqual([]);
      expect(m.fatals.map((fatal) => fatal.message)).toEqual([
        expect.stringContaining("before it was initialised"),
      ]);
    },
  );
});

describe("threads made by user threads", () => {
  interface Trial {
    readonly options: Partial<ThreadOptions>;
    readonly grantThread?: boolean;
    readonly grantStack?: boolean;
    readonly threadInUse?: boolean;
    readonly stackInUse?: boolean;
  }

  /** A user thread of priority 2 tries to make a thread; its fatal errors. */
  function attempt(m: Machine, trial: Trial): string[] {
    const { kernel: k } = m;
    const object = new Thread(k, "object");
    const stack = new ThreadStack(k, 0x8_0000, 4096, true, "stack");
    if (trial.threadInUse === true) k.objectMark(object, true);
    if (trial.stackInUse === true) k.objectMark(stack, true);
    const maker = m.thread(
      "maker",
      2,
      function* () {
        k.createThread({
          name: "made",
          priority: 5,
          user: true,
          object,
          stack,
          *entry() {
            m.log.push("made");
            yield* k.yield();
          },
          ...trial.options,
        });
        m.log.push("came back");
        yield* k.yield();
      },
      { user: true },
    );
    if (trial.grantThread !== false) k.accessGrant(object, maker);
    if (trial.grantStack !== false) k.accessGrant(stack, maker);
    m.run();
    expect(reasons(m).every((reason) => reason === OOPS)).toBe(true);
    return m.fatals.map((fatal) => fatal.message.replace(/.*maker:? ?/, ""));
  }

  row("T281", "objects without permission or in use are refused", ({ machine }) => {
    const legal = machine();
    expect(attempt(legal, { options: {} })).toEqual([]);
    expect(legal.log.toSorted()).toEqual(["came back", "made"]);
    for (const trial of [{ grantThread: false }, { threadInUse: true }]) {
      const m = machine();
      expect(attempt(m, { options: {}, ...trial })).toHaveLength(1);
      expect(m.log).toEqual([]);
    }
  });

  const refused: readonly [string, string, Trial][] = [
    ["T283", "a stack in use is refused", { options: {}, stackInUse: true }],
    ["T284", "a stack without permission is refused", { options: {}, grantStack: false }],
    ["T286", "a supervisor thread is refused", { options: { user: false } }],
    ["T287", "an essential thread is refused", { options: { essential: true } }],
    ["T289", "priority 6000 is refused", { options: { priority: 6000 } }],
  ];
  for (const [id, title, trial] of refused) {
    row(id, title, ({ machine }) => {
      const m = machine();
      expect(attempt(m, trial)).toHaveLength(1);
      expect(m.log).toEqual([]);
    });
  }

  row("T290", "after its end a thread and its stack are not initialised", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const object = new Thread(k, "object");
      const stack = new ThreadStack(k, 0x8_0000, 4096);
      const thread = m.thread(
        "short",
        1,
        function* () {
          yield* k.sleep(K_MSEC(1));
        },
        { object, stack },
      );
      expect([object.initialised, stack.initialised]).toEqual([true, true]);
      yield* thread.join(K_FOREVER);
      expect([object.initialised, stack.initialised]).toEqual([false, false]);
    });
  });
});

describe("dynamic objects", () => {
  row("T292", "each type can be allocated until memory is out, and freed", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const heap = new KHeap(k, { base: 0x4_0000, size: 0x1000 });
      expect(k.objectAlloc(ObjType.SEM)).toBe(null);
      self.heapAssign(heap);
      for (const type of [
        ObjType.THREAD,
        ObjType.MUTEX,
        ObjType.SEM,
        ObjType.EVENT,
        ObjType.TIMER,
        ObjType.CONDVAR,
        ObjType.QUEUE,
      ]) {
        const objects = [];
        for (;;) {
          const object = k.objectAlloc(type);
          if (object === null) break;
          objects.push(object);
        }
        expect(objects.length).toBeGreaterThan(5);
        for (const object of objects) k.objectFree(object);
        expect(heap.stats().allocatedBytes).toBe(0);
      }
      for (const type of [
        ObjType.FUTEX,
        ObjType.SYS_MUTEX,
        ObjType.ANY,
        ObjType.THREAD_STACK,
        99,
      ]) {
        expect(k.objectAlloc(type as number)).toBe(null);
      }
      expect(m.fatals).toEqual([]);
      yield* k.yield();
    });
  });

  row("T293", "thread objects end with the ids and can all be freed", ({ machine }) => {
    const m = machine({ options: { maxThreadBytes: 2 } });
    m.main(function* (k, self) {
      self.heapAssign(new KHeap(k, { base: 0x4_0000, size: 0x1_0000 }));
      const objects: Thread[] = [];
      for (let i = 0; i < 15; i++) objects.push(k.objectAlloc(ObjType.THREAD) as Thread);
      expect(objects.every((object) => object instanceof Thread)).toBe(true);
      expect(k.objectAlloc(ObjType.THREAD)).toBe(null);
      for (const object of objects) k.objectFree(object);
      expect(self.heap?.stats().allocatedBytes).toBe(0);
      yield* k.yield();
    });
  });

  row("T295", "inherited permissions leave out the parent's own thread object", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const sem = new Sem(k, 0, 10);
      k.accessGrant(sem, self);
      const child = m.thread(
        "child",
        1,
        function* () {
          yield* sem.give();
          m.log.push("used the semaphore");
          self.priorityGet();
          m.log.push("used the parent");
        },
        { user: true, inheritPerms: true },
      );
      yield* child.join(K_FOREVER);
      expect(m.log).toEqual(["used the semaphore"]);
      expect(reasons(m)).toEqual([OOPS]);
    });
  });

  row("T296", "a child has its creator's resource pool whatever its options", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const heap = new KHeap(k, { base: 0x4_0000, size: 0x1000 });
      self.heapAssign(heap);
      const child = m.thread("child", 1, function* (own) {
        expect(own.heap).toBe(heap);
        m.log.push("checked");
        yield* k.yield();
      });
      yield* child.join(K_FOREVER);
      expect(m.log).toEqual(["checked"]);
    });
  });

  row(
    "T298",
    "an allocated object lies in the pool and its allocator may use it",
    ({ machine }) => {
      const m = machine();
      m.main(
        function* (k, self) {
          const heap = new KHeap(k, { base: 0x4_0000, size: 0x1000 });
          self.heapAssign(heap);
          const sem = k.objectAlloc(ObjType.SEM) as Sem;
          expect(heap.contains(sem.address)).toBe(true);
          expect(sem.initialised).toBe(false);
          yield* k.userModeEnter(function* () {
            expect(sem.init(1, 1)).toBe(0);
            expect(yield* sem.take(K_NO_WAIT)).toBe(0);
            m.log.push("used it");
          });
        },
        {},
        true,
      );
      expect(m.log).toEqual(["used it"]);
      expect(m.fatals).toEqual([]);
    },
  );

  row("T299", "revoking the last permission frees a dynamic object", ({ machine }) => {
    const m = machine();
    m.main(function* (k, self) {
      const heap = new KHeap(k, { base: 0x4_0000, size: 0x1000 });
      self.heapAssign(heap);
      const sem = k.objectAlloc(ObjType.SEM) as Sem;
      sem.init(0, 1);
      expect(k.objectValidate(sem, ObjType.SEM)).toBe(0);
      k.accessRevoke(sem, self);
      expect(k.objectValidate(sem, ObjType.SEM)).toBe(-EBADF);
      expect(heap.stats().allocatedBytes).toBe(0);
      yield* k.yield();
    });
  });
});
