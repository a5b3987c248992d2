/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import {
  FatalReason,
  K_FOREVER,
  K_MSEC,
  MemAttr,
  MemDomain,
  type MemPartition,
  ObjType,
  Sem,
  SWITCH,
  Thread,
  ThreadStack,
} from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const EFAULT = 14;
const EINVAL = 22;
const EXCEPTION = 0;
const OOPS = 3;

const data: MemPartition = { start: 0x10_0000, size: 0x1000, attr: MemAttr.P_RW_U_RW };
const constants: MemPartition = { start: 0x10_1000, size: 0x1000, attr: MemAttr.P_RO_U_RO };
const text: MemPartition = { start: 0x10_2000, size: 0x1000, attr: MemAttr.P_RX_U_RX };
const kernelData: MemPartition = { start: 0x10_3000, size: 0x1000, attr: MemAttr.P_RW_U_NA };

/** A user thread that runs `body` in a domain with data, constants, text and kernel data. */
function user(
  m: Machine,
  body: () => Generator<number, void, number>,
  options: { readonly stack?: ThreadStack; readonly domain?: MemDomain } = {},
): Thread {
  let { domain } = options;
  if (domain === undefined) {
    domain = new MemDomain(m.kernel);
    expect(domain.init([data, constants, text, kernelData])).toBe(0);
  }
  const thread = m.thread("user", 1, body, {
    user: true,
    ...(options.stack === undefined ? {} : { stack: options.stack }),
  });
  domain.addThread(thread);
  return thread;
}

/** Makes one access in a user thread each; which of them came back, and why the others did not. */
function accesses(m: Machine, list: readonly (readonly [number, boolean])[]): string {
  let result = "";
  for (const [address, write] of list) {
    const before = m.fatals.length;
    let came = false;
    user(m, function* () {
      m.kernel.checkAccess(address, 4, write);
      came = true;
      yield* m.kernel.yield();
    });
    m.run();
    const [fatal] = m.fatals.slice(before);
    result += came ? "+" : fatal?.reason === EXCEPTION ? "-" : "?";
  }
  return result;
}

describe("user mode memory", () => {
  row("T301", "kernel memory is out of reach, text and constants are read-only", ({ machine }) => {
    const m = machine();
    const list = [
      [data.start, false],
      [data.start, true],
      [0xa000_0000, false],
      [0xa000_0000, true],
      [kernelData.start, false],
      [kernelData.start, true],
      [constants.start, false],
      [constants.start, true],
      [text.start, false],
      [text.start, true],
    ] as const;
    expect(accesses(m, list)).toBe("++----+-+-");
  });

  row("T302", "the privileged stack and another thread's stack are out of reach", ({ machine }) => {
    const m = machine();
    const own = new ThreadStack(m.kernel, 0x80_0000, 0x1000);
    const other = new ThreadStack(m.kernel, 0x80_2000, 0x1000);
    const privileged = 0x80_1000;
    m.thread(
      "other",
      5,
      function* () {
        yield* m.kernel.sleep(K_FOREVER);
      },
      { stack: other, user: true },
    );
    const reached: number[] = [];
    for (const address of [own.address + 0xff0, privileged, other.address]) {
      const stack = new ThreadStack(m.kernel, own.address, own.size);
      user(
        m,
        function* () {
          m.kernel.checkAccess(address, 4, true);
          reached.push(address);
          yield* m.kernel.yield();
        },
        { stack },
      );
    }
    m.run();
    expect(reached).toEqual([own.address + 0xff0]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([EXCEPTION, EXCEPTION]);
  });

  row(
    "T310",
    "after a move to another domain the old one's memory is out of reach",
    ({ machine }) => {
      const m = machine();
      const { kernel: k } = m;
      const first = new MemDomain(k);
      const second = new MemDomain(k);
      expect(first.init([data])).toBe(0);
      expect(second.init([constants])).toBe(0);
      const thread = user(
        m,
        function* () {
          k.checkAccess(data.start, 4, true);
          m.log.push("wrote");
          yield* k.sleep(K_MSEC(10));
          k.checkAccess(data.start, 4, true);
          m.log.push("wrote again");
        },
        { domain: first },
      );
      m.thread("mover", 0, function* () {
        yield* k.sleep(K_MSEC(5));
        second.addThread(thread);
      });
      m.run();
      expect(m.log).toEqual(["wrote"]);
      expect(m.fatals.map((fatal) => fatal.reason)).toEqual([EXCEPTION]);
    },
  );

  row("T311", "a thread put into a domain uses it after its drop to user mode", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k, self) {
        const domain = new MemDomain(k);
        expect(domain.init([data])).toBe(0);
        domain.addThread(self);
        yield* k.userModeEnter(function* () {
          k.checkAccess(data.start, 4, true);
          m.log.push("wrote");
          yield* k.yield();
        });
      },
      {},
      true,
    );
    expect(m.log).toEqual(["wrote"]);
    expect(m.fatals).toEqual([]);
  });

  row("T313", "changes of a domain are seen by a thread that is switched to", ({ machine }) => {
    const m = machine();
    const domain = new MemDomain(m.kernel);
    expect(domain.init([constants])).toBe(0);
    const attempt = (): boolean => {
      let came = false;
      user(
        m,
        function* () {
          yield* m.kernel.sleep(K_MSEC(1));
          m.kernel.checkAccess(data.start, 4, true);
          came = true;
        },
        { domain },
      );
      m.run();
      return came;
    };
    expect(attempt()).toBe(false);
    expect(domain.addPartition(data)).toBe(0);
    expect(attempt()).toBe(true);
    expect(domain.removePartition(data)).toBe(0);
    expect(attempt()).toBe(false);
  });

  row(
    "T319",
    "a thread sees nothing that an earlier one on its object left behind",
    ({ machine }) => {
      const m = machine();
      const object = new Thread(m.kernel, "object");
      const seen: unknown[] = [];
      m.main(function* () {
        for (const secret of ["first", "second"]) {
          const thread = m.thread(
            "user",
            1,
            function* (self) {
              seen.push(self.customData);
              self.customData = secret;
              yield* m.kernel.yield();
            },
            { object, user: true },
          );
          yield* thread.join(K_FOREVER);
        }
      });
      expect(seen).toEqual([null, null]);
    },
  );

  row("T320", "a thread on a kernel stack does not get to user mode", ({ machine }) => {
    const m = machine();
    const stack = new ThreadStack(m.kernel, 0x80_0000, 0x1000, false);
    const thread = m.thread(
      "kernel only",
      1,
      function* () {
        expect(m.kernel.isUserContext()).toBe(false);
        m.log.push("in kernel mode");
        yield* m.kernel.userModeEnter(function* () {
          m.log.push("in user mode");
          yield* m.kernel.yield();
        });
      },
      { stack },
    );
    m.run();
    expect(m.log).toEqual(["in kernel mode"]);
    expect(thread.dead).toBe(true);
  });
});

describe("user mode calls", () => {
  row("T304", "an object in user memory ends the caller", ({ machine }) => {
    const m = machine();
    user(m, function* () {
      m.kernel.syscall("k_sem_init", { address: data.start }, 0, 1);
      m.log.push("came back");
      yield* m.kernel.yield();
    });
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([OOPS]);
  });

  row("T305", "an object without permission ends the caller", ({ machine }) => {
    const m = machine();
    const sem = new Sem(m.kernel, 0, 1);
    user(m, function* () {
      sem.init(0, 1);
      m.log.push("came back");
      yield* m.kernel.yield();
    });
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.message)).toEqual([
      expect.stringContaining("without permission"),
    ]);
  });

  row("T307", "releasing an object without permission ends the caller", ({ machine }) => {
    const m = machine();
    const sem = new Sem(m.kernel, 0, 1);
    user(m, function* () {
      m.kernel.release(sem);
      m.log.push("came back");
      yield* m.kernel.yield();
    });
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([OOPS]);
  });

  row("T308", "an object that was released is out of reach", ({ machine }) => {
    const m = machine();
    const sem = new Sem(m.kernel, 0, 1);
    const thread = user(m, function* () {
      m.kernel.release(sem);
      m.log.push("released");
      yield* sem.take(K_FOREVER);
      m.log.push("took");
    });
    m.kernel.accessGrant(sem, thread);
    m.run();
    expect(m.log).toEqual(["released"]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([OOPS]);
  });

  row("T314", "a call that nobody implements ends the caller", ({ machine }) => {
    const m = machine();
    user(m, function* () {
      m.kernel.syscall("missing_syscall", 1, 2, 3);
      m.log.push("came back");
      yield* m.kernel.yield();
    });
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([OOPS]);
  });

  row(
    "T316",
    "recycling leaves the caller's permission and an initialised object",
    ({ machine }) => {
      const m = machine();
      m.main(function* (k, self) {
        k.objectRecycle({ address: 0x1000 });
        const sem = new Sem(k, 0, 1);
        k.objectMark(sem, false);
        sem.perms.fill(-1);
        k.objectRecycle(sem);
        const bits = [...sem.perms].flatMap((word) => [...(word >>> 0).toString(2)]);
        expect(bits.filter((bit) => bit === "1")).toHaveLength(1);
        expect((sem.perms[self.permIndex >> 5] as number) >>> (self.permIndex & 31)).toBe(1);
        expect(sem.initialised).toBe(true);
        expect(k.objectIsValid(sem, ObjType.SEM)).toBe(true);
        yield* k.yield();
      });
    },
  );

  row("T317", "a user thread can raise an oops and a stack check only", ({ machine }) => {
    const m = machine();
    const raised = [
      FatalReason.KERNEL_PANIC,
      FatalReason.KERNEL_OOPS,
      FatalReason.CPU_EXCEPTION,
      0x7fff_ffff,
      FatalReason.STACK_CHK_FAIL,
    ];
    for (const reason of raised) {
      user(m, function* () {
        yield* m.kernel.yield();
        m.kernel.except(reason);
      });
    }
    m.run();
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([OOPS, OOPS, OOPS, OOPS, 2]);
  });
});

describe("system calls of the firmware", () => {
  row("T322", "a user's string is copied, refused when too long or out of reach", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    const copy = k.defineSyscall("string_copy", {
      run: (source: { readonly address: number; readonly text: string }) =>
        k.userStringCopy(source, 8),
    });
    const results: (string | number)[] = [];
    user(m, function* () {
      results.push(copy({ address: data.start, text: "far too long" }));
      results.push(copy({ address: kernelData.start, text: "secret" }));
      results.push(copy({ address: data.start, text: "fits it" }));
      yield* k.yield();
    });
    m.run();
    expect(results).toEqual([EINVAL, EFAULT, "fits it"]);
  });

  row(
    "T323",
    "an implementation that copies a user's string tells good from bad",
    ({ machine }) => {
      const m = machine();
      const { kernel: k } = m;
      const compare = k.defineSyscall("string_alloc_copy", {
        run: (source: { readonly address: number; readonly text: string }) => {
          const own = k.userStringCopy(source, 16);
          if (typeof own === "number") return -1;
          return own === "this is a test" ? 0 : -2;
        },
      });
      const results: number[] = [];
      user(m, function* () {
        results.push(compare({ address: kernelData.start, text: "this is a test" }));
        results.push(compare({ address: data.start, text: "this is a test but too long" }));
        results.push(compare({ address: data.start, text: "another" }));
        results.push(compare({ address: data.start, text: "this is a test" }));
        yield* k.yield();
      });
      m.run();
      expect(results).toEqual([-1, -1, -2, 0]);
    },
  );

  row("T325", "wide and many arguments arrive unchanged", ({ machine }) => {
    const m = machine();
    const { kernel: k } = m;
    const wide = k.defineSyscall("arg64", { run: (value: bigint) => value });
    const many = k.defineSyscall("more_args", {
      verify: (...args: readonly number[]) => args.length === 7,
      run: (...args: readonly number[]) => args.join(" "),
    });
    user(m, function* () {
      expect(wide(0xffff_ffff_dead_beefn)).toBe(0xffff_ffff_dead_beefn);
      expect(many(1, 2, 3, 4, 5, 6, 7)).toBe("1 2 3 4 5 6 7");
      m.log.push("checked");
      yield* k.yield();
    });
    m.run();
    expect(m.log).toEqual(["checked"]);
    expect(m.fatals).toEqual([]);
  });

  row("T326", "threads that call on all CPUs keep their own context", ({ machine }) => {
    const m = machine({ cpus: 4 });
    const { kernel: k } = m;
    const blocking = k.defineBlockingSyscall("torture", {
      *run(own: number, ms: number) {
        expect(k.isUserContext()).toBe(false);
        const thread = k.current;
        yield* k.sleep(K_MSEC(ms));
        expect(k.current).toBe(thread);
        if (k.charge(777) === SWITCH) yield SWITCH;
        return own * 2;
      },
    });
    const plain = k.defineSyscall("plain", { run: () => k.current.name });
    for (let i = 0; i < 8; i++) {
      m.thread(
        `user ${i}`,
        1 + (i % 3),
        function* (self) {
          for (let round = 0; round < 20; round++) {
            expect(plain()).toBe(`user ${i}`);
            expect(yield* blocking(100 * i + round, 1 + ((i + round) % 4))).toBe(
              2 * (100 * i + round),
            );
            expect(k.isUserContext()).toBe(true);
            expect(k.current).toBe(self);
          }
          m.log.push(self.name);
        },
        { user: true },
      );
    }
    m.run();
    expect(m.log.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => `user ${i}`));
    expect(m.fatals).toEqual([]);
  });
});
