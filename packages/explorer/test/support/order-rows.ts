import { K_FOREVER, K_MSEC, Sem, Spinlock } from "@sof-ts/kernel";
import { CELL, cellOf, type Row, ordered, nested, mutexes, S } from "./catalogue.js";

/** Programs that break one rule of progress or coherence, and what is reported of each. */
export const orderRows: Readonly<Record<string, Row>> = {
  "progress: lock-order-inversion": {
    rule: "progress: lock-order-inversion",
    object: "lock 1",
    field: "lock 2",
    address: 0,
    first: ["lock", "a", 0, S],
    second: ["lock", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const [one, two] = mutexes(m);
      m.on(0, "a", 5, () => nested([one, two], () => m.kernel.yield()));
      m.on(1, "b", 5, function* () {
        yield* m.kernel.sleep(K_MSEC(3));
        yield* nested([two, one], () => m.kernel.yield());
      });
    },
  },
  "progress: deadlock": {
    rule: "progress: deadlock",
    object: "*",
    field: "",
    address: 0,
    first: ["wait", "*", -2, S],
    second: ["wait", "*", -2, S],
    cpus: 2,
    finish: false,
    program: (m) => {
      const [one, two] = mutexes(m);
      const pause = () => m.kernel.sleep(K_MSEC(2));
      m.on(0, "a", 5, () => nested([one, two], pause));
      m.on(1, "b", 5, () => nested([two, one], pause));
    },
  },
  "progress: wait-with-interrupts-masked": {
    rule: "progress: wait-with-interrupts-masked",
    object: "sem",
    field: "",
    address: 0,
    first: null,
    second: ["wait", "a", 0, S],
    program: (m) => {
      const sem = new Sem(m.kernel, 0, 1, "sem");
      m.on(0, "a", 5, function* () {
        const key = m.kernel.irqLock();
        yield* sem.take(K_MSEC(2));
        m.kernel.irqUnlock(key);
      });
    },
  },
  "progress: wait-with-spinlock": {
    rule: "progress: wait-with-spinlock",
    object: "spin",
    field: "",
    address: 0,
    first: ["lock", "a", 0, S],
    second: ["*", "a", 0, S],
    finish: false,
    program: (m) => {
      m.mayFault = true;
      const spin = new Spinlock(m.kernel, "spin");
      const sem = new Sem(m.kernel, 0, 1, "sem");
      m.on(0, "a", 5, function* () {
        spin.lock();
        yield* sem.take(K_FOREVER);
      });
    },
  },
  "progress: ended-with-lock": {
    rule: "progress: ended-with-lock",
    object: "lock 1",
    field: "",
    address: 0,
    first: ["lock", "a", 0, S],
    second: ["end", "a", 0, S],
    program: (m) => {
      const [one] = mutexes(m);
      m.on(0, "a", 5, function* () {
        yield* one.lock(K_FOREVER);
      });
    },
  },
  "progress: waits-for-ever": {
    rule: "progress: waits-for-ever",
    object: "a",
    field: "sem",
    address: 0,
    first: null,
    second: ["wait", "a", 0, S],
    program: (m) => {
      const sem = new Sem(m.kernel, 0, 1, "sem");
      m.on(0, "a", 5, function* () {
        yield* sem.take(K_FOREVER);
      });
    },
  },
  "progress: starved": {
    rule: "progress: starved",
    object: "a",
    field: "",
    address: 0,
    first: ["make ready", "*", -2, "*"],
    second: ["run", "*", -2, "*"],
    starvationCycles: 1000,
    program: (m) => {
      m.on(0, "greedy", 5, function* () {
        yield* m.kernel.busy(50_000);
      });
      m.on(0, "a", 9, function* () {
        yield* m.kernel.yield();
      });
    },
  },
  "coherence: missing-write-back": {
    rule: "coherence: missing-write-back",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["read", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m, true);
      ordered(
        m,
        () => void (cell.value = 1),
        () => void cell.value,
      );
    },
  },
  "coherence: stale-read": {
    rule: "coherence: stale-read",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["read", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m, true);
      const touch = (): void => void cell.value;
      ordered(
        m,
        touch,
        touch,
        () => {
          cell.value = 1;
          m.checks.writeBack(CELL, 4);
        },
        touch,
      );
    },
  },
  "coherence: discarded-write": {
    rule: "coherence: discarded-write",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["invalidate", "a", 0, S],
    program: (m) => {
      const cell = cellOf(m, true);
      m.on(0, "a", 5, function* () {
        yield* m.kernel.yield();
        cell.value = 1;
        m.checks.invalidate(CELL, 4);
      });
    },
  },
  "coherence: lost-write": {
    rule: "coherence: lost-write",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["write-back", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m, true);
      const name = { name: "neighbour", address: CELL + 32, cached: true };
      const neighbour = m.checks.watch({ value: 0 }, name);
      ordered(
        m,
        () => void (cell.value = 1),
        () => void (neighbour.value = 1),
        () => m.checks.writeBack(CELL, 4),
        () => m.checks.writeBack(CELL + 32, 4),
      );
    },
  },
  "coherence: uncached-over-dirty": {
    rule: "coherence: uncached-over-dirty",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["uncached write", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m, true);
      ordered(
        m,
        () => void (cell.value = 1),
        () => m.checks.uncached(CELL, 4, true),
      );
    },
  },
};
