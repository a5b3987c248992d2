import { K_FOREVER, K_MSEC, Mutex, Sem, SWITCH, Timer } from "../src/index.js";
import { type Bench, finish, machine } from "./support/machine.js";

/** Two equal threads yield to each other: one switch an iteration. */
function yieldSwitch(iterations: number): void {
  const k = machine();
  const half = iterations / 2;
  for (let t = 0; t < 2; t++) {
    k.createThread({
      priority: 1,
      *entry() {
        for (let i = 0; i < half; i++) if (k.yieldNow() === SWITCH) yield SWITCH;
      },
    });
  }
  finish(k);
}

/** Two threads wake each other through semaphores: one switch an iteration. */
function semPingPong(iterations: number, user: boolean): void {
  const k = machine();
  const ping = new Sem(k, 0, 1);
  const pong = new Sem(k, 0, 1);
  const half = iterations / 2;
  const a = k.createThread({
    priority: 1,
    user,
    *entry() {
      for (let i = 0; i < half; i++) {
        if (ping.giveNow() === SWITCH) yield SWITCH;
        if (pong.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
      }
    },
  });
  const b = k.createThread({
    priority: 1,
    user,
    *entry() {
      for (let i = 0; i < half; i++) {
        if (ping.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
        if (pong.giveNow() === SWITCH) yield SWITCH;
      }
    },
  });
  k.threadAccessGrant(a, ping, pong);
  k.threadAccessGrant(b, ping, pong);
  finish(k);
}

/** A thread that always waits for the mutex which another holds: one hand-over an iteration. */
function mutexHandOver(iterations: number): void {
  const k = machine();
  const mutex = new Mutex(k);
  const half = iterations / 2;
  for (let t = 0; t < 2; t++) {
    k.createThread({
      priority: 1,
      *entry() {
        for (let i = 0; i < half; i++) {
          if (mutex.lockNow(K_FOREVER) === SWITCH) yield SWITCH;
          if (k.yieldNow() === SWITCH) yield SWITCH;
          if (mutex.unlockNow() === SWITCH) yield SWITCH;
        }
      },
    });
  }
  finish(k);
}

/** A 1 ms tick as the audio scheduler has it: timer, interrupt, semaphore, switch, lock, unlock, sleep. */
function audioTick(iterations: number, cpus: number): void {
  const k = machine(cpus);
  const sem = new Sem(k, 0, 10);
  const lock = new Mutex(k);
  const timer = new Timer(k, () => void sem.giveNow());
  k.createThread({
    priority: -16,
    *entry() {
      if (timer.startNow(K_MSEC(1), K_MSEC(1)) === SWITCH) yield SWITCH;
      for (let i = 0; i < iterations; i++) {
        if (sem.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
        if (lock.lockNow(K_FOREVER) === SWITCH) yield SWITCH;
        if (lock.unlockNow() === SWITCH) yield SWITCH;
      }
      if (timer.stopNow() === SWITCH) yield SWITCH;
    },
  });
  finish(k);
}

export const benches: readonly Bench[] = [
  { name: "yield between two threads", unit: "switch", run: yieldSwitch },
  { name: "semaphore ping-pong", unit: "switch", run: (n) => semPingPong(n, false) },
  { name: "semaphore ping-pong, user mode", unit: "switch", run: (n) => semPingPong(n, true) },
  { name: "contended mutex", unit: "hand-over", run: mutexHandOver },
  { name: "empty audio tick on 1 cpu", unit: "tick", run: (n) => audioTick(n, 1) },
  { name: "empty audio tick on 4 cpus", unit: "tick", run: (n) => audioTick(n, 4) },
];
