import { EFAULT, EINVAL, ENOSPC } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import {
  FatalReason,
  K_MSEC,
  KHeap,
  type Kernel,
  MemDomain,
  Sem,
  Thread,
  type ThreadBody,
  type ThreadOptions,
  ThreadStack,
} from "../src/index.js";
import { MINE, OTHERS, OURS, outcome, plain, user, userMachine } from "./support/user.js";

describe("a thread made by a user thread", () => {
  interface Case {
    readonly what: string;
    readonly options?: Partial<ThreadOptions>;
    readonly set?: (object: Thread, stack: ThreadStack, kernel: Kernel) => void;
    readonly grantObject?: boolean;
    readonly grantStack?: boolean;
    readonly works?: boolean;
  }
  const cases: readonly Case[] = [
    { what: "as it should be", works: true },
    { what: "of a size that fits", options: { stackBytes: 1024 }, works: true },
    { what: "at the caller's own priority", options: { priority: 5 }, works: true },
    { what: "better than the caller", options: { priority: 4 } },
    { what: "out of range", options: { priority: 15 } },
    { what: "far out of range", options: { priority: 6000 } },
    { what: "of no whole priority", options: { priority: 7.5 } },
    { what: "in supervisor mode", options: { user: false } },
    { what: "that is essential", options: { essential: true } },
    { what: "with too small a stack", options: { stackBytes: 1025 } },
    { what: "with a stack of no size", options: { stackBytes: -1 } },
    { what: "without permission on the object", grantObject: false },
    { what: "without permission on the stack", grantStack: false },
    { what: "on an object in use", set: (object, _, k) => k.objectMark(object, true) },
    { what: "on a stack in use", set: (_, stack, k) => k.objectMark(stack, true) },
  ];
  for (const {
    what,
    options,
    set,
    grantObject = true,
    grantStack = true,
    works = false,
  } of cases) {
    it(`${what} ${works ? "runs" : "kills the maker"}`, () => {
      const m = userMachine();
      const { kernel: k } = m;
      const object = new Thread(k, "static");
      const stack = new ThreadStack(k, 0x8_0000, 1024);
      const maker = user(m, "maker", function* () {
        k.createThread({
          priority: 6,
          user: true,
          object,
          stack,
          entry: () => plain(() => m.log.push("made")),
          ...options,
        });
        m.log.push("maker");
        yield* k.yield();
      });
      if (grantObject) k.accessGrant(object, maker);
      if (grantStack) k.accessGrant(stack, maker);
      set?.(object, stack, k);
      m.run();
      expect(outcome(m)).toEqual(works ? [] : [FatalReason.KERNEL_OOPS]);
      expect(m.log.toSorted()).toEqual(works ? ["made", "maker"] : []);
    });
  }

  it("needs an object", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const stack = new ThreadStack(k, 0x8_0000, 1024);
    const entry = (): ThreadBody => plain(() => undefined);
    const maker = user(m, "maker", () =>
      plain(() => void k.createThread({ priority: 6, user: true, stack, entry })),
    );
    k.accessGrant(stack, maker);
    m.run();
    expect(outcome(m)).toEqual([FatalReason.KERNEL_OOPS]);
  });

  it("has a stack out of the maker's pool if it names none, and needs memory for that", () => {
    for (const { bytes, pool, works } of [
      { bytes: undefined, pool: true, works: true },
      { bytes: 2048, pool: true, works: true },
      { bytes: 0x10_0000, pool: true, works: false },
      { bytes: 0, pool: true, works: false },
      { bytes: -1, pool: true, works: false },
      { bytes: undefined, pool: false, works: false },
    ]) {
      const m = userMachine();
      const { kernel: k } = m;
      const { heap } = k.boot;
      const object = new Thread(k);
      const maker = user(m, "maker", () =>
        plain(() => {
          const entry = (): ThreadBody =>
            plain(() => {
              const own = object.stack as ThreadStack;
              k.checkAccess(own.address, own.size, true);
              m.log.push(`${own.size} of ${heap?.contains(own.address)}`);
            });
          const size = bytes === undefined ? {} : { stackBytes: bytes };
          k.createThread({ priority: 6, user: true, object, entry, ...size });
        }),
      );
      k.accessGrant(object, maker);
      if (!pool) maker.heapAssign(null);
      m.run();
      expect([bytes, outcome(m), m.log]).toEqual(
        works ? [bytes, [], [`${bytes ?? 1024} of true`]] : [bytes, [FatalReason.KERNEL_OOPS], []],
      );
      expect([heap?.stats().allocatedBytes, object.dead]).toEqual([0, true]);
    }
  });

  it("may run on a stack for supervisors never", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const object = new Thread(k);
    const stack = new ThreadStack(k, 0x8_0000, 1024, false);
    const maker = user(m, "maker", () =>
      plain(
        () =>
          void k.createThread({
            priority: 6,
            user: true,
            object,
            stack,
            entry: () => plain(() => undefined),
          }),
      ),
    );
    k.threadAccessGrant(maker, object, stack);
    m.run();
    expect(outcome(m)).toEqual([FatalReason.KERNEL_OOPS]);
  });

  it("keeps what it was granted before it was made, on a static object", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const sem = new Sem(k, 0, 1);
    const object = new Thread(k, "static");
    k.accessGrant(sem, object);
    for (const pass of ["first", "second"]) {
      k.createThread({
        name: pass,
        priority: 6,
        user: true,
        object,
        *entry() {
          yield* sem.give();
          m.log.push(pass);
        },
      });
      m.run();
    }
    // The end of the first took the permission away.
    expect([m.log, outcome(m)]).toEqual([["first"], [FatalReason.KERNEL_OOPS]]);
  });
});

describe("what a new thread gets from its creator", () => {
  it("is domain and pool always, permissions if asked for, but not on the creator", () => {
    for (const inheritPerms of [false, true]) {
      const m = userMachine();
      const { kernel: k } = m;
      const domain = new MemDomain(k);
      domain.init();
      const heap = new KHeap(k, { base: 0x6_0000, size: 0x800 });
      const sem = new Sem(k, 0, 1);
      const late = new Sem(k, 0, 1);
      let child: Thread | null = null;
      const parent = m.thread("parent", 5, function* () {
        domain.addThread(k.current);
        k.current.heapAssign(heap);
        child = m.worker("child", 6, 1, { user: true, inheritPerms });
        k.accessGrant(late, k.current);
        yield* k.sleep(K_MSEC(1));
      });
      k.accessGrant(sem, parent);
      m.run(500);
      const made = child as Thread | null;
      expect([made?.domain, made?.heap]).toEqual([null, heap]);
      const second = m.worker("other", 6, 1, { user: true });
      expect([second.domain, second.heap]).toEqual([k.defaultDomain, k.boot.heap]);
      m.run();
    }
  });
});

describe("names of threads", () => {
  it("asked for and set by a user thread", () => {
    const m = userMachine();
    const { kernel: k } = m;
    const stranger = m.worker("stranger", 9, 1);
    const sem = new Sem(k, 0, 1);
    const results: unknown[] = [];
    const own = { address: MINE, text: "renamed" };
    const caller = user(m, "caller", () =>
      plain(() => {
        results.push(
          k.threadNameSet(null, own),
          k.threadNameSet(k.current, { address: OTHERS, text: "x" }),
          // The end of the text is beyond what may be read; one cut off before that is fine.
          k.threadNameSet(k.current, { address: MINE + 0xffe, text: "abc" }),
          k.threadNameSet(k.current, { address: OURS + 0xfff - 31, text: "a".repeat(99) }),
          k.threadNameSet(k.current, null),
          k.threadNameSet(sem, own),
          k.threadNameSet(stranger, own),
          k.threadNameSet(12, own),
          k.threadNameCopy(stranger, 99, MINE),
          k.threadNameCopy(stranger, 99, OURS),
          k.threadNameCopy(stranger, 8, MINE),
          k.threadNameCopy(sem, 99, MINE),
          k.threadNameCopy(null, 99, MINE),
          k.threadNameCopy(new Thread(k), 99, MINE),
        );
      }),
    );
    k.accessGrant(sem, caller);
    m.run();
    expect(results).toEqual([
      0,
      -EFAULT,
      -EFAULT,
      0,
      -EFAULT,
      -EINVAL,
      -EINVAL,
      -EINVAL,
      "stranger",
      -EFAULT,
      -ENOSPC,
      -EINVAL,
      -EINVAL,
      -EINVAL,
    ]);
    expect(caller.name).toBe("a".repeat(31));
  });
});
