import { K_FOREVER, K_MSEC, MemAttr, MemDomain, Sem } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { CheckedMachine } from "./support/checked-machine.js";

const PAGE = 0x1000;

/** A user thread whose domain grants one page, and objects inside and outside of it. */
function userMachine(attr: number) {
  const m = new CheckedMachine();
  const domain = new MemDomain(m.kernel, "domain");
  domain.init([{ start: 0x10 * PAGE, size: PAGE, attr }]);
  const inside = m.checks.watch({ value: 0 }, { name: "inside", address: 0x10 * PAGE });
  const outside = m.checks.watch({ value: 0 }, { name: "outside", address: 0x20 * PAGE });
  const user = (act: () => void): void => {
    const thread = m.kernel.createThread({
      name: "user",
      priority: 5,
      user: true,
      delay: K_FOREVER,
      *entry() {
        yield* m.kernel.yield();
        act();
      },
    });
    domain.addThread(thread);
    thread.startNow();
  };
  return { m, inside, outside, user };
}

describe("privilege", () => {
  it("is broken by a user write outside the domain", () => {
    const { m, outside, user } = userMachine(MemAttr.P_RW_U_RW);
    user(() => void (outside.value = 1));
    expect(m.run()).toEqual(["privilege: user-write"]);
    expect(m.checks.violations[0]).toMatchObject({
      object: "outside",
      field: "value",
      address: 0x20 * PAGE,
      second: { thread: "user", mode: "user", core: 0, operation: "write" },
    });
  });

  it("is broken by a user read outside the domain", () => {
    const { m, outside, user } = userMachine(MemAttr.P_RW_U_RW);
    user(() => void outside.value);
    expect(m.run()).toEqual(["privilege: user-read"]);
  });

  it("is broken by a user write to a read-only partition", () => {
    const { m, inside, user } = userMachine(MemAttr.P_RW_U_RO);
    user(() => void (inside.value = 1));
    expect(m.run()).toEqual(["privilege: user-write"]);
  });

  it("is broken by a call on an object without permission, which the kernel refuses", () => {
    const { m, user } = userMachine(MemAttr.P_RW_U_RW);
    m.mayFault = true;
    const sem = new Sem(m.kernel, 0, 1, "sem");
    user(() => void sem.giveNow());
    expect(m.run()).toEqual(["privilege: refused-call"]);
    expect(m.checks.violations[0]).toMatchObject({ object: "sem", second: { thread: "user" } });
  });

  it("is broken by an operation for supervisors", () => {
    const { m, user } = userMachine(MemAttr.P_RW_U_RW);
    m.mayFault = true;
    user(() => void m.kernel.irqLock());
    expect(m.run()).toEqual(["privilege: supervisor-only"]);
  });

  it("is kept inside the domain, and by supervisors everywhere", () => {
    const { m, inside, outside, user } = userMachine(MemAttr.P_RW_U_RW);
    const call = m.kernel.defineSyscall("touch", {
      run: () => (outside.value = 1),
    });
    user(() => {
      inside.value = inside.value + 1;
      call();
    });
    m.on(0, "supervisor", 9, function* () {
      yield* m.kernel.sleep(K_MSEC(3));
    });
    expect(m.run()).toEqual([]);
  });

  it("is kept by a read of a read-only partition", () => {
    const { m, inside, user } = userMachine(MemAttr.P_RW_U_RO);
    user(() => void inside.value);
    expect(m.run()).toEqual([]);
  });
});

describe("lifetime", () => {
  it("is over at a read after the free", () => {
    const m = new CheckedMachine();
    const object = m.checks.watch({ value: 0 }, { name: "object", address: 0x1000 });
    m.on(0, "thread", 5, function* () {
      m.checks.free(object);
      yield* m.kernel.yield();
      void object.value;
    });
    expect(m.run()).toEqual(["lifetime: use-after-free"]);
    expect(m.checks.violations[0]).toMatchObject({
      first: { operation: "free" },
      second: { operation: "read" },
    });
  });

  it("is over at a second free", () => {
    const m = new CheckedMachine();
    const object = m.checks.watch({ value: 0 }, { name: "object" });
    m.on(0, "thread", 5, function* () {
      m.checks.free(object);
      yield* m.kernel.yield();
      m.checks.free(object);
    });
    expect(m.run()).toEqual(["lifetime: double-free"]);
  });

  it("begins anew with an object at the same address", () => {
    const m = new CheckedMachine();
    const old = m.checks.watch({ value: 0 }, { name: "old", address: 0x1000 });
    m.on(0, "thread", 5, function* () {
      old.value = 1;
      m.checks.free(old);
      const young = m.checks.watch({ value: 0 }, { name: "young", address: 0x1000 });
      yield* m.kernel.yield();
      young.value = 1;
      m.checks.free(young);
    });
    expect(m.run()).toEqual([]);
  });
});

type Step = (m: CheckedMachine, a: Cell, b: Cell) => void;
interface Cell {
  value: number;
}
const A = 0x1000;
const B = 0x1020;

/**
 * Runs steps on core 0, 1, 0, 1, ... one after the other, well ordered by semaphores, on two cells that share a
 * cache line.
 */
function handOver(...steps: readonly Step[]): CheckedMachine {
  const m = new CheckedMachine(2);
  const a = m.checks.watch({ value: 0 }, { name: "a", address: A, cached: true });
  const b = m.checks.watch({ value: 0 }, { name: "b", address: B, cached: true });
  const turns = [0, 1].map((core) => new Sem(m.kernel, core === 0 ? 1 : 0, 1, `turn ${core}`));
  for (const core of [0, 1]) {
    m.on(core, `core ${core}`, 5, function* () {
      for (let i = core; i < steps.length; i += 2) {
        yield* (turns[core] as Sem).take(K_FOREVER);
        (steps[i] as Step)(m, a, b);
        yield* (turns[1 - core] as Sem).give();
      }
    });
  }
  return m;
}

const write: Step = (_m, a) => void (a.value = 1);
const read: Step = (_m, a) => void a.value;
const writeBack =
  (act: Step): Step =>
  (m, a, b) => {
    act(m, a, b);
    m.checks.writeBack(A, 4);
  };
const invalidate =
  (act: Step): Step =>
  (m, a, b) => {
    m.checks.invalidate(A, 4);
    act(m, a, b);
  };

describe("coherence", () => {
  it("is broken by a read of what the writer has not written back", () => {
    const m = handOver(write, read);
    expect(m.run()).toEqual(["coherence: missing-write-back"]);
    expect(m.checks.violations[0]).toMatchObject({
      object: "a",
      field: "value",
      address: A,
      first: { operation: "write", thread: "core 0", core: 0 },
      second: { operation: "read", thread: "core 1", core: 1 },
    });
  });

  it("is broken by a read of a copy that the reader has not invalidated", () => {
    expect(handOver(read, read, writeBack(write), read).run()).toEqual(["coherence: stale-read"]);
  });

  it("is broken, too, when the stale value is the same by chance", () => {
    const same: Step = (_m, a) => void (a.value = 0);
    expect(handOver(read, read, writeBack(same), read).run()).toEqual(["coherence: stale-read"]);
  });

  it("is broken by an invalidate of what was just written", () => {
    expect(
      handOver((m, a) => {
        a.value = 1;
        m.checks.invalidate(A, 4);
      }).run(),
    ).toEqual(["coherence: discarded-write"]);
  });

  it("is broken by two cores that write to one line", () => {
    const other: Step = (_m, _a, b) => void (b.value = 1);
    const m = handOver(
      write,
      other,
      (m) => m.checks.writeBack(A, 4),
      (m) => m.checks.writeBack(B, 4),
    );
    expect(m.run()).toEqual(["coherence: lost-write"]);
  });

  it("is broken by an uncached write over a dirty line", () => {
    expect(handOver(write, (m) => m.checks.uncached(A, 4, true)).run()).toEqual([
      "coherence: uncached-over-dirty",
    ]);
  });

  it("is broken by an uncached read of what is only in a cache", () => {
    expect(handOver(write, (m) => m.checks.uncached(A, 4, false)).run()).toEqual([
      "coherence: missing-write-back",
    ]);
  });

  it("is kept by write-back and invalidate on both sides, to and fro", () => {
    const turn = invalidate(writeBack(write));
    expect(handOver(turn, turn, invalidate(read), turn, turn, invalidate(read)).run()).toEqual([]);
  });

  it("is kept by a first read after the write-back", () => {
    expect(handOver(writeBack(write), read, read).run()).toEqual([]);
  });

  it("is kept by a core that reads its own writes", () => {
    expect(handOver(write, () => undefined, read).run()).toEqual([]);
  });

  it("is kept by uncached accesses to a line that was written back", () => {
    const m = handOver(
      writeBack(write),
      (m) => m.checks.uncached(A, 4, false),
      () => undefined,
      (m) => m.checks.uncached(A, 4, true),
      invalidate(read),
    );
    expect(m.run()).toEqual([]);
  });

  it("is no concern of objects in uncached memory", () => {
    const m = new CheckedMachine(2);
    const sem = new Sem(m.kernel, 0, 1, "sem");
    const cell = m.checks.watch({ value: 0 }, { name: "cell", address: A });
    m.on(0, "writer", 5, function* () {
      cell.value = 1;
      yield* sem.give();
    });
    m.on(1, "reader", 5, function* () {
      yield* sem.take(K_FOREVER);
      void cell.value;
    });
    expect(m.run()).toEqual([]);
  });
});
