import { K_FOREVER, K_MSEC, KHeap, MemDomain, Mutex, Sem, type ThreadBody } from "@sof-ts/kernel";
import type { CheckedMachine } from "./checked-machine.js";

export interface Cell {
  value: number;
  other: number;
}
export const CELL = 0x2000;
export const BLOCK = 0x3000;
export const PAGE = 0x1000;

export function cellOf(m: CheckedMachine, cached = false): Cell {
  const place = { name: "cell", address: CELL, size: 8, cached };
  return m.checks.watch({ value: 0, other: 0 }, place);
}

/** One side of a report: what it did, who, where, how. */
export type Side = readonly [operation: string, thread: string, core: number, mode: string];

export interface Row {
  readonly rule: string;
  readonly object: string;
  readonly field: string;
  readonly address: number;
  readonly first: Side | null;
  readonly second: Side;
  /** Breaks the rule once. */
  readonly program: (m: CheckedMachine) => void;
  readonly cpus?: number;
  readonly starvationCycles?: number;
  /** Whether the machine's end is looked at as well. */
  readonly finish?: boolean;
}

/** Two threads on two CPUs, the second later than the first, with nothing but time between them. */
export function apart(m: CheckedMachine, first: () => void, second: () => void): void {
  m.on(0, "a", 5, function* () {
    yield* m.kernel.yield();
    first();
  });
  m.on(1, "b", 5, function* () {
    yield* m.kernel.sleep(K_MSEC(3));
    second();
  });
}

/** As {@link apart}, well ordered by a semaphore, so that only caches are between them. */
export function ordered(m: CheckedMachine, ...steps: readonly (() => void)[]): void {
  const turns = [new Sem(m.kernel, 1, 1, "turn 0"), new Sem(m.kernel, 0, 1, "turn 1")] as const;
  for (const core of [0, 1] as const) {
    m.on(core, core === 0 ? "a" : "b", 5, function* () {
      for (let i = core; i < steps.length; i += 2) {
        yield* turns[core].take(K_FOREVER);
        steps[i]?.();
        yield* turns[core === 0 ? 1 : 0].give();
      }
    });
  }
}

/** A thread in user mode whose domain has one page. */
export function user(m: CheckedMachine, attr: number, act: () => void): void {
  m.mayFault = true;
  const domain = new MemDomain(m.kernel, "domain");
  domain.init([{ start: 0x10 * PAGE, size: PAGE, attr }]);
  const thread = m.kernel.createThread({
    name: "a",
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
}

export function* nested(
  locks: readonly Mutex[],
  pause: () => Generator<number, unknown, number>,
): ThreadBody {
  for (const lock of locks) {
    yield* lock.lock(K_FOREVER);
    yield* pause();
  }
  for (const lock of [...locks].reverse()) yield* lock.unlock();
}

export function mutexes(m: CheckedMachine): readonly [Mutex, Mutex] {
  return [new Mutex(m.kernel, "lock 1"), new Mutex(m.kernel, "lock 2")];
}

/** A pool for dynamic kernel objects. */
export function pooled(m: CheckedMachine, act: () => Generator<number, unknown, number>): void {
  const heap = new KHeap(m.kernel, { base: 0x4000, size: 0x1000 }, "pool");
  const thread = m.on(0, "a", 5, function* () {
    yield* m.kernel.yield();
    yield* act();
  });
  thread.heapAssign(heap);
}

/** Mode of threads that are not in user mode. */
export const S = "supervisor";
