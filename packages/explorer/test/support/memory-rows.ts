import { K_FOREVER, MemAttr, Mutex, ObjType, Sem, Work, WorkQueue } from "@sof-ts/kernel";
import {
  CELL,
  BLOCK,
  PAGE,
  cellOf,
  type Row,
  apart,
  ordered,
  user,
  pooled,
  S,
} from "./catalogue.js";

/** Programs that break one rule of races, lifetimes or privilege, and what is reported of each. */
export const memoryRows: Readonly<Record<string, Row>> = {
  "races: write-after-write": {
    rule: "races: write-after-write",
    object: "cell",
    field: "other",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["write", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m);
      apart(
        m,
        () => void (cell.other = 1),
        () => void (cell.other = 2),
      );
    },
  },
  "races: read-after-write": {
    rule: "races: read-after-write",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["write", "a", 0, S],
    second: ["read", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m);
      apart(
        m,
        () => void (cell.value = 1),
        () => void cell.value,
      );
    },
  },
  "races: write-after-read": {
    rule: "races: write-after-read",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["read", "a", 0, S],
    second: ["write", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m);
      apart(
        m,
        () => void cell.value,
        () => void (cell.value = 1),
      );
    },
  },
  "lifetime: use-after-free of a watched object": {
    rule: "lifetime: use-after-free",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["free", "a", 0, S],
    second: ["write", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m);
      ordered(
        m,
        () => m.checks.free(cell),
        () => void (cell.value = 1),
      );
    },
  },
  "lifetime: use-after-free of an object in a block of a heap": {
    rule: "lifetime: use-after-free",
    object: "inside",
    field: "value",
    address: BLOCK + 16,
    first: ["free", "a", 0, S],
    second: ["read", "a", 0, S],
    program: (m) => {
      m.on(0, "a", 5, function* () {
        m.checks.allocated(BLOCK, 64);
        const inside = m.checks.watch({ value: 0 }, { name: "inside", address: BLOCK + 16 });
        m.checks.freed(BLOCK);
        yield* m.kernel.yield();
        void inside.value;
      });
    },
  },
  "lifetime: use-after-free of a kernel object": {
    rule: "lifetime: use-after-free",
    object: "mutex",
    field: "",
    address: -1,
    first: ["free", "a", 0, S],
    second: ["use", "a", 0, S],
    program: (m) =>
      pooled(m, function* () {
        const mutex = m.kernel.objectAlloc(ObjType.MUTEX) as Mutex;
        mutex.init();
        mutex.name = "mutex";
        m.kernel.objectFree(mutex);
        yield* mutex.lock(K_FOREVER);
        yield* mutex.unlock();
      }),
  },
  "lifetime: use-after-free of a work item": {
    rule: "lifetime: use-after-free",
    object: "work",
    field: "",
    address: 0,
    first: ["free", "a", 0, S],
    second: ["use", "a", 0, S],
    program: (m) => {
      const queue = new WorkQueue(m.kernel);
      const work = new Work(m.kernel, () => {}, "work");
      m.on(0, "a", 5, function* () {
        queue.start({ name: "queue", priority: 3 });
        yield* m.kernel.yield();
        m.checks.free(work);
        yield* work.submit(queue);
      });
    },
    finish: false,
  },
  "lifetime: double-free of a watched object": {
    rule: "lifetime: double-free",
    object: "cell",
    field: "",
    address: CELL,
    first: ["free", "a", 0, S],
    second: ["free", "b", 1, S],
    cpus: 2,
    program: (m) => {
      const cell = cellOf(m);
      ordered(
        m,
        () => m.checks.free(cell),
        () => m.checks.free(cell),
      );
    },
  },
  "lifetime: double-free of a block of a heap": {
    rule: "lifetime: double-free",
    object: "block 0x3000",
    field: "",
    address: BLOCK,
    first: ["free", "a", 0, S],
    second: ["free", "b", 1, S],
    cpus: 2,
    program: (m) => {
      m.checks.allocated(BLOCK, 64);
      ordered(
        m,
        () => m.checks.freed(BLOCK),
        () => m.checks.freed(BLOCK),
      );
    },
  },
  "privilege: user-read": {
    rule: "privilege: user-read",
    object: "cell",
    field: "value",
    address: CELL,
    first: ["allocate", "boot", -1, "host"],
    second: ["read", "a", 0, "user"],
    program: (m) => {
      const cell = cellOf(m);
      user(m, MemAttr.P_RW_U_RW, () => void cell.value);
    },
  },
  "privilege: user-write": {
    rule: "privilege: user-write",
    object: "granted",
    field: "value",
    address: 0x10 * PAGE,
    first: ["allocate", "boot", -1, "host"],
    second: ["write", "a", 0, "user"],
    program: (m) => {
      const granted = m.checks.watch({ value: 0 }, { name: "granted", address: 0x10 * PAGE });
      user(m, MemAttr.P_RW_U_RO, () => void (granted.value = 1));
    },
  },
  "privilege: refused-call": {
    rule: "privilege: refused-call",
    object: "sem",
    field: "*",
    address: 0,
    first: null,
    second: ["*", "a", 0, "user"],
    program: (m) => {
      const sem = new Sem(m.kernel, 0, 1, "sem");
      user(m, MemAttr.P_RW_U_RW, () => void sem.giveNow());
    },
  },
  "privilege: supervisor-only": {
    rule: "privilege: supervisor-only",
    object: "a",
    field: "*",
    address: 0,
    first: null,
    second: ["*", "a", 0, "user"],
    program: (m) => user(m, MemAttr.P_RW_U_RW, () => void m.kernel.irqLock()),
  },
};
