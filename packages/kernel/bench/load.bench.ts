import { K_MSEC, Sem, SWITCH, Timer } from "../src/index.js";
import { type Bench, finish, machine } from "./support/machine.js";

/** 100 periodic timers of 1 to 10 ms: one expiry an iteration. */
function hundredTimers(iterations: number): void {
  const k = machine();
  let left = iterations;
  const timers: Timer[] = [];
  for (let i = 0; i < 100; i++) {
    const timer = new Timer(k, () => {
      if (--left === 0) for (const each of timers) each.stopNow();
    });
    timers.push(timer);
    timer.startNow(K_MSEC(1 + (i % 10)), K_MSEC(1 + (i % 10)));
  }
  finish(k);
}

/** 1000 threads on 4 CPUs pass tokens round in rings of ten: 1000 takes an iteration. */
function thousandThreads(iterations: number): void {
  const k = machine(4, { userspace: false });
  for (let ring = 0; ring < 100; ring++) {
    const sems = Array.from({ length: 10 }, (_, i) => new Sem(k, i === 0 ? 1 : 0, 1));
    for (let i = 0; i < 10; i++) {
      const mine = sems[i] as Sem;
      const next = sems[(i + 1) % 10] as Sem;
      k.createThread({
        priority: ring % 10,
        *entry() {
          for (let round = 0; round < iterations; round++) {
            if (mine.takeNow(Number.POSITIVE_INFINITY) === SWITCH) yield SWITCH;
            if (k.charge(100) === SWITCH) yield SWITCH;
            if (next.giveNow() === SWITCH) yield SWITCH;
          }
        },
      });
    }
  }
  finish(k);
}

export const benches: readonly Bench[] = [
  { name: "expiry with 100 timers", unit: "expiry", run: hundredTimers },
  { name: "1000 threads on 4 cpus", unit: "take", perIteration: 1000, run: thousandThreads },
];
