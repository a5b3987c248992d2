import { describe, expect, it } from "vitest";
import {
  K_FOREVER,
  K_MSEC,
  type KernelChecker,
  type KernelTrace,
  Mutex,
  Sem,
  Spinlock,
  type Thread,
  Timer,
  zeroCosts,
} from "../src/index.js";
import { TestMachine } from "./support/machine.js";

/** A checker that writes down what it is told. */
function notes(): { readonly list: string[]; readonly checker: KernelChecker } {
  const list: string[] = [];
  const name = (object: object): string =>
    "name" in object && typeof object.name === "string" ? object.name : object.constructor.name;
  const checker: KernelChecker = {
    acquire: (object, actor) => void list.push(`${actor.name} acquires ${name(object)}`),
    release: (object, actor) => void list.push(`${actor.name} releases ${name(object)}`),
    threadStart: (parent, child) => void list.push(`${parent.name} starts ${child.name}`),
    threadJoin: (waiter, ended) => void list.push(`${waiter.name} joins ${ended.name}`),
    raise: (actor, cpu, irq) => void list.push(`${actor.name} raises ${irq} of CPU ${cpu.id}`),
    interrupt: (thread: Thread, entering) =>
      void list.push(`handler ${entering ? "on" : "off"} ${thread.name}`),
  };
  return { list, checker };
}

describe("a checker", () => {
  it("sees every release before the acquire that it makes possible", () => {
    const { list, checker } = notes();
    const m = new TestMachine({ checker });
    const { kernel: k } = m;
    const mutex = new Mutex(k, "mutex");
    const sem = new Sem(k, 0, 1, "sem");
    const timer = new Timer(k, () => void sem.giveNow(), null, "timer");
    const waiter = m.thread("waiter", 1, function* () {
      yield* sem.take(K_FOREVER);
      yield* mutex.lock(K_FOREVER);
      yield* mutex.unlock();
    });
    m.thread("main", 2, function* () {
      yield* timer.start(K_MSEC(1), 0);
      yield* mutex.lock(K_FOREVER);
      yield* k.sleep(K_MSEC(5));
      yield* mutex.unlock();
      yield* waiter.join(K_FOREVER);
    });
    m.run();
    expect(list).toEqual([
      "boot starts waiter",
      "boot starts main",
      "main releases timer",
      "main acquires mutex",
      "handler on idle 0",
      "idle 0 acquires timer",
      "idle 0 releases sem",
      "waiter acquires sem",
      "handler off idle 0",
      "handler on idle 0",
      "handler off idle 0",
      "main releases mutex",
      "waiter acquires mutex",
      "waiter releases mutex",
      "main joins waiter",
    ]);
  });

  it("sees masks and spinlocks, and a release for each acquire", () => {
    const { list, checker } = notes();
    const m = new TestMachine({ checker, cpus: 2 });
    const { kernel: k } = m;
    const lock = new Spinlock(k, "lock");
    m.thread("thread", 1, function* () {
      const outer = k.irqLock();
      const inner = lock.lock();
      lock.unlock(inner);
      k.irqUnlock(outer);
      yield* k.yield();
    });
    m.run();
    expect(list.filter((line) => line.startsWith("thread"))).toEqual([
      "thread acquires Cpu",
      "thread acquires Kernel",
      "thread acquires Cpu",
      "thread acquires lock",
      "thread releases lock",
      "thread releases Cpu",
      "thread releases Kernel",
      "thread releases Cpu",
    ]);
  });
});

describe("a trace listener", () => {
  it("hears what happens, with time and CPU, and changes nothing", () => {
    const run = (trace: KernelTrace | null): readonly [string[], number] => {
      const m = new TestMachine({ trace, costs: { ...zeroCosts, semGive: 5, contextSwitch: 10 } });
      const { kernel: k } = m;
      const sem = new Sem(k, 0, 1, "sem");
      const user = m.thread(
        "user",
        3,
        function* () {
          yield* sem.give();
          m.say("gave");
        },
        { user: true },
      );
      k.accessGrant(sem, user);
      m.thread("taker", 1, function* () {
        yield* sem.take(K_FOREVER);
        m.say("took");
      });
      m.run();
      return [m.log, k.counters.switches];
    };
    const heard: string[] = [];
    const result = run({
      threadCreate: (time, cpu, thread) => void heard.push(`${time} ${cpu} create ${thread.name}`),
      threadSwitch: (time, cpu, from, to) =>
        void heard.push(`${time} ${cpu} ${from.name} > ${to.name}`),
      ready: (time, cpu, thread) => void heard.push(`${time} ${cpu} ready ${thread.name}`),
      pend: (time, cpu, thread, object) =>
        void heard.push(`${time} ${cpu} ${thread.name} on ${object?.name}`),
      syscall: (time, cpu, thread, name) =>
        void heard.push(`${time} ${cpu} ${thread.name} calls ${name}`),
      semGive: (time, cpu, thread, object) =>
        void heard.push(`${time} ${cpu} ${thread.name} gives ${object.name}`),
      semTake: (time, cpu, thread, object) =>
        void heard.push(`${time} ${cpu} ${thread.name} takes ${object.name}`),
      threadEnd: (time, cpu, thread) => void heard.push(`${time} ${cpu} end ${thread.name}`),
    });
    expect(heard).toEqual([
      "0 -1 create user",
      "0 -1 ready user",
      "0 -1 create taker",
      "0 -1 ready taker",
      "0 0 idle 0 > taker",
      "10 0 taker on sem",
      "10 0 taker > user",
      "20 0 user calls k_sem_give",
      "20 0 user gives sem",
      "20 0 ready taker",
      "20 0 taker takes sem",
      "25 0 user > taker",
      "35 0 end taker",
      "35 0 taker > user",
      "45 0 end user",
      "45 0 user > idle 0",
    ]);
    expect(result).toEqual(run(null));
    expect(result[0]).toEqual(["took 35", "gave 45"]);
  });
});
