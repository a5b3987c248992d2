import { K_FOREVER, K_NO_WAIT, Mutex, Sem, SWITCH } from "../src/index.js";
import type { Kernel } from "../src/index.js";
import { type Bench, finish, machine } from "./support/machine.js";

function inThread(user: boolean, body: (k: Kernel) => Generator<number, void, number>): void {
  const k = machine();
  const thread = k.createThread({ priority: 1, user, entry: () => body(k) });
  for (const object of k.objects) k.accessGrant(object, thread);
  finish(k);
}

/** Half the iterations lock, half unlock. */
function uncontendedLock(iterations: number, user: boolean): void {
  const k = machine();
  const mutex = new Mutex(k);
  const half = iterations / 2;
  const thread = k.createThread({
    priority: 1,
    user,
    *entry() {
      for (let i = 0; i < half; i++) {
        if (mutex.lockNow(K_FOREVER) === SWITCH) yield SWITCH;
        if (mutex.unlockNow() === SWITCH) yield SWITCH;
      }
    },
  });
  k.accessGrant(mutex, thread);
  finish(k);
}

/** Half the iterations lock, half unlock, in the generator form. */
function generatorLock(iterations: number): void {
  const k = machine();
  const mutex = new Mutex(k);
  const half = iterations / 2;
  k.createThread({
    priority: 1,
    *entry() {
      for (let i = 0; i < half; i++) {
        yield* mutex.lock(K_FOREVER);
        yield* mutex.unlock();
      }
    },
  });
  finish(k);
}

/** Half the iterations give, half take. */
function uncontendedSem(iterations: number): void {
  const half = iterations / 2;
  inThread(false, function* (k) {
    const sem = new Sem(k, 0, 1);
    for (let i = 0; i < half; i++) {
      if (sem.giveNow() === SWITCH) yield SWITCH;
      if (sem.takeNow(K_NO_WAIT) === SWITCH) yield SWITCH;
    }
  });
}

export const benches: readonly Bench[] = [
  { name: "uncontended mutex", unit: "lock or unlock", run: (n) => uncontendedLock(n, false) },
  {
    name: "uncontended mutex, user mode",
    unit: "lock or unlock",
    run: (n) => uncontendedLock(n, true),
  },
  { name: "uncontended mutex, generator form", unit: "lock or unlock", run: generatorLock },
  { name: "uncontended semaphore", unit: "give or take", run: uncontendedSem },
];
