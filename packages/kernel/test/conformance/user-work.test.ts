/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import {
  K_FOREVER,
  K_MSEC,
  KHeap,
  ObjType,
  P4wq,
  P4wqWork,
  Sem,
  type Thread,
  UserWork,
  UserWorkQueue,
} from "../../src/index.js";
import { row } from "./support/harness.js";

const ENOMEM = 12;
const EBUSY = 16;

describe("user work", () => {
  row(
    "T218",
    "a user thread starts a queue and its items use what the worker was granted",
    ({ machine }) => {
      const m = machine();
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 10, "result");
      const queue = new UserWorkQueue(k, "user queue");
      k.objectMark(queue.queue, true);
      const heap = new KHeap(k, { base: 0x4_0000, size: 0x2000 });
      k.boot.heapAssign(heap);
      const object = k.objectAlloc(ObjType.THREAD) as Thread;
      const starter = m.thread(
        "starter",
        1,
        function* () {
          queue.start({ name: "worker", priority: 2 }, object);
          k.accessGrant(sem, object);
          for (let i = 0; i < 3; i++) {
            const work = new UserWork(function* () {
              expect(k.isUserContext()).toBe(true);
              expect(k.current.name).toBe("worker");
              yield* sem.give();
            });
            expect(yield* queue.submit(work)).toBe(0);
          }
          for (let i = 0; i < 3; i++) expect(yield* sem.take(K_MSEC(100))).toBe(0);
          m.log.push("done");
        },
        { user: true },
      );
      k.threadAccessGrant(starter, queue.queue, object, sem);
      m.run();
      expect(m.fatals.map((fatal) => fatal.message)).toEqual([]);
      expect(m.log).toEqual(["done"]);
    },
  );

  row("T220", "an item that no memory was left for is not pending", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k, self) {
        self.heapAssign(new KHeap(k, { base: 0x4_0000, size: 128 }));
        const queue = new UserWorkQueue(k);
        queue.start({ priority: 5 });
        // The worker does not run yet, so each item needs a node.
        let rc = 0;
        let last = new UserWork(() => undefined);
        for (let i = 0; i < 100 && rc === 0; i++) {
          last = new UserWork(() => undefined);
          rc = yield* queue.submit(last);
        }
        expect(rc).toBe(-ENOMEM);
        expect(last.pending).toBe(false);
        yield* k.sleep(K_MSEC(5));
        expect(yield* queue.submit(last)).toBe(0);
        expect(yield* queue.submit(new UserWork(() => undefined))).toBe(0);
      },
      { priority: -1 },
    );
  });

  row("T221", "fresh items are taken, pending ones are not, in order", ({ machine }) => {
    const m = machine();
    m.main(
      function* (k, self) {
        self.heapAssign(new KHeap(k, { base: 0x4_0000, size: 0x1000 }));
        const queue = new UserWorkQueue(k);
        queue.start({ priority: 5 });
        const handler = (): void => void m.log.push("first");
        const first = new UserWork(handler);
        expect([first.handler, first.pending]).toEqual([handler, false]);
        const second = new UserWork(() => void m.log.push("second"));
        expect(yield* queue.submit(first)).toBe(0);
        expect(yield* queue.submit(first)).toBe(-EBUSY);
        expect(yield* queue.submit(second)).toBe(0);
        yield* k.sleep(K_MSEC(1));
        expect(m.log).toEqual(["first", "second"]);
        expect(yield* queue.submit(first)).toBe(0);
      },
      { priority: -1 },
    );
  });
});

describe("p4wq", () => {
  row(
    "T223",
    "as many items run as there are CPUs, and more only if they are better",
    ({ machine }) => {
      const m = machine({ cpus: 2 });
      m.main(
        function* (k) {
          const queue = new P4wq(k, { threads: 6 });
          yield* k.sleep(K_MSEC(1));
          const busy = (name: string, priority: number): P4wqWork =>
            new P4wqWork(
              k,
              function* () {
                m.log.push(name);
                yield* k.sleep(K_MSEC(100));
              },
              { priority },
            );
          for (const name of ["a", "b", "c"]) yield* queue.submit(busy(name, 4));
          yield* k.sleep(K_MSEC(10));
          expect(m.log).toEqual(["a", "b"]);
          expect(queue.lengths).toEqual({ queued: 1, active: 2 });
          for (const name of ["d", "e"]) yield* queue.submit(busy(name, 3));
          yield* k.sleep(K_MSEC(10));
          expect(m.log).toEqual(["a", "b", "d", "e"]);
          yield* k.sleep(K_MSEC(200));
          expect(m.log).toEqual(["a", "b", "d", "e", "c"]);
        },
        { priority: -1 },
      );
    },
  );

  row("T224", "a handler submits its own item again", ({ machine }) => {
    const m = machine({ cpus: 2 });
    m.main(
      function* (k) {
        const queue = new P4wq(k, { threads: 3 });
        yield* k.sleep(K_MSEC(1));
        let runs = 0;
        const cancels: boolean[] = [];
        const work: P4wqWork = new P4wqWork(
          k,
          function* (own) {
            cancels.push(queue.cancel(own));
            if (++runs === 1) yield* queue.submit(own);
          },
          { priority: 4, sync: true },
        );
        yield* queue.submit(work);
        expect(yield* queue.wait(work, K_FOREVER)).toBe(0);
        expect(runs).toBe(2);
        expect(cancels).toEqual([false, false]);
        expect(queue.lengths).toEqual({ queued: 0, active: 0 });
      },
      { priority: -1 },
    );
  });
});
