import { K_FOREVER, Mutex, ObjType, type ThreadBody } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { formatViolation, type Violation } from "../src/index.js";
import { CELL, BLOCK, cellOf, type Side, ordered, mutexes, pooled } from "./support/catalogue.js";
import { CheckedMachine } from "./support/checked-machine.js";
import { memoryRows } from "./support/memory-rows.js";
import { orderRows } from "./support/order-rows.js";

const rows = { ...memoryRows, ...orderRows };

function expectSide(side: Violation["second"] | null, expected: Side | null): void {
  if (expected === null) {
    expect(side).toBeNull();
    return;
  }
  const [operation, thread, core, mode] = expected;
  if (operation === "*") expect(side?.operation).not.toBe("");
  else expect(side?.operation).toBe(operation);
  if (thread !== "*") expect(side?.thread).toBe(thread);
  if (core === -2) expect(side?.core).toBeGreaterThanOrEqual(-1);
  else expect(side?.core).toBe(core);
  if (mode !== "*") expect(side?.mode).toBe(mode);
  expect(side?.time).toBeGreaterThanOrEqual(0);
}

describe("the report of", () => {
  it.each(Object.entries(rows))("%s is one, and has all its parts", (_name, row) => {
    const { starvationCycles = 0 } = row;
    const m = new CheckedMachine(row.cpus ?? 1, { starvationCycles });
    row.program(m);
    expect(m.run(row.finish ?? true)).toEqual([row.rule]);
    const [violation] = m.checks.violations as [Violation];
    if (row.object === "*") expect(violation.object).not.toBe("");
    else expect(violation.object).toBe(row.object);
    if (row.field === "*") expect(violation.field).not.toBe("");
    else expect(violation.field).toBe(row.field);
    if (row.address === -1) expect(violation.address).toBeGreaterThan(0);
    else expect(violation.address).toBe(row.address);
    expectSide(violation.first, row.first);
    expectSide(violation.second, row.second);
    // The place in the code of whoever ran: this file, or the kernel for what a thread's end does.
    expect(violation.second.stack.length).toBeGreaterThan(0);
    if (violation.first !== null && row.first !== null) {
      expect(violation.first.stack.length).toBeGreaterThan(0);
      expect(violation.second.time).toBeGreaterThanOrEqual(violation.first.time);
    }
    const text = formatViolation(violation);
    expect(text).toContain(`${row.rule}: ${violation.object}`);
    expect(text).toContain(`0x${violation.address.toString(16)}`);
    expect(text).toContain(`by ${violation.second.thread} (${violation.second.mode}, core`);
  });

  it("every rule that the README lists is here", () => {
    const listed = new Set(Object.values(rows).map(({ rule }) => rule));
    expect(listed.size).toBe(3 + 2 + 4 + 7 + 5);
  });
});

describe("no report comes of", () => {
  const near: Readonly<Record<string, (m: CheckedMachine) => void>> = {
    "a block that is freed and handed out again": (m) => {
      m.on(0, "a", 5, function* () {
        for (let i = 0; i < 3; i++) {
          m.checks.allocated(BLOCK, 64);
          const inside = m.checks.watch({ value: 0 }, { name: "inside", address: BLOCK });
          inside.value = i;
          yield* m.kernel.yield();
          m.checks.freed(BLOCK);
        }
      });
    },
    "an object outside the block that is freed": (m) => {
      m.on(0, "a", 5, function* () {
        m.checks.allocated(BLOCK, 64);
        const outside = m.checks.watch({ value: 0 }, { name: "outside", address: BLOCK + 64 });
        m.checks.freed(BLOCK);
        yield* m.kernel.yield();
        outside.value = 1;
      });
    },
    "memory that another core's cache held before it was handed out": (m) => {
      const old = m.checks.watch({ value: 0 }, { name: "old", address: CELL, cached: true });
      let young = old;
      ordered(
        m,
        () => void (old.value = 1),
        () => {
          m.checks.free(old);
          young = m.checks.watch({ value: 0 }, { name: "young", address: CELL, cached: true });
          void young.value;
        },
      );
    },
    "a kernel object that is used and then freed": (m) =>
      pooled(m, function* () {
        const mutex = m.kernel.objectAlloc(ObjType.MUTEX) as Mutex;
        mutex.init();
        yield* mutex.lock(K_FOREVER);
        yield* mutex.unlock();
        m.kernel.objectFree(mutex);
        const next = m.kernel.objectAlloc(ObjType.MUTEX) as Mutex;
        next.init();
        yield* next.lock(K_FOREVER);
        yield* next.unlock();
      }),
    "a write after a read that a lock orders": (m) => {
      const cell = cellOf(m);
      const [lock] = mutexes(m);
      const under = (act: () => void) =>
        function* (): ThreadBody {
          yield* lock.lock(K_FOREVER);
          act();
          yield* lock.unlock();
        };
      m.on(
        0,
        "a",
        5,
        under(() => void cell.value),
      );
      m.on(
        1,
        "b",
        5,
        under(() => void (cell.value = 1)),
      );
    },
  };
  it.each(Object.entries(near))("%s", (_name, program) => {
    const m = new CheckedMachine(2);
    program(m);
    expect(m.run()).toEqual([]);
  });
});
