import { EventQueue } from "@sof-ts/kit";
import { type FatalInfo, Kernel, KHeap, Mutex, ObjFlag, type Thread } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { PipelinePositions } from "../src/index.js";

const MS = 400_000;

/** Two cores with a table of three places, made by a kernel thread before any user thread is there. */
function machine(userMode: boolean) {
  const faults: FatalInfo[] = [];
  const kernel = new Kernel({
    cpus: 2,
    cyclesPerSecond: 400e6,
    ticksPerSecond: 15_000,
    events: new EventQueue(),
    onFatal: (info) => {
      faults.push(info);
      return "abort-thread";
    },
  });
  kernel.startCpu(1);
  const made: PipelinePositions[] = [];
  const boot = kernel.createThread({
    name: "boot",
    priority: 0,
    delay: Number.POSITIVE_INFINITY,
    *entry() {
      const table = PipelinePositions.create({ kernel, places: 3, address: 0, userMode });
      if (table !== null) made.push(table);
      yield* kernel.sleep(MS);
    },
  });
  boot.heapAssign(new KHeap(kernel, { base: 0x4000_0000, size: 0x1000 }, "objects"));
  boot.startNow();
  kernel.run(0.1 * MS);
  const [positions] = made;
  if (positions === undefined) throw new Error("no table");
  const lock = [...kernel.objects].find(({ name }) => name === "pipeline_posn");
  if (!(lock instanceof Mutex)) throw new Error("no lock");
  /** A thread as IPC threads are. */
  const ipc = (body: () => Generator<number, void, number>, cpu = 0, granted = true): Thread => {
    const thread = kernel.createThread({
      name: granted ? "ipc" : "stranger",
      priority: 1,
      user: userMode,
      delay: Number.POSITIVE_INFINITY,
      entry: body,
    });
    thread.cpuPin(cpu);
    if (granted) positions.grantAccess(thread);
    thread.startNow();
    return thread;
  };
  return { kernel, faults, positions, lock, ipc };
}

describe.each([
  ["user LL", true],
  ["kernel LL", false],
] as const)("the table of pipeline positions in %s", (_name, userMode) => {
  it(`has a ${userMode ? "dynamic" : "static"} mutex, which user threads have to be granted`, () => {
    const m = machine(userMode);
    expect((m.lock.flags & ObjFlag.DYNAMIC) !== 0).toBe(userMode);
    const places: number[] = [];
    for (const granted of [true, false]) {
      m.ipc(
        function* () {
          places.push(yield* m.positions.take());
        },
        0,
        granted,
      );
    }
    m.kernel.run(MS);
    expect(places).toEqual(userMode ? [0] : [0, 1]);
    expect(m.faults.map(({ thread }) => thread.name)).toEqual(userMode ? ["stranger"] : []);
  });

  it("gives each pipeline a place of its own, and says when there is none", () => {
    const m = machine(userMode);
    const log: number[] = [];
    m.ipc(function* () {
      for (let i = 0; i < 4; i++) log.push(yield* m.positions.take());
      const position = m.positions.at(1);
      if (position !== null) position.hostBytes = 77;
      yield* m.positions.giveBack(1);
      log.push(m.positions.taken, yield* m.positions.take());
      // A new pipeline does not begin where the one before it ended.
      log.push(m.positions.at(1)?.hostBytes ?? -1);
    });
    m.kernel.run(MS);
    expect(log).toEqual([0, 1, 2, -28, 2, 1, 0]);
    expect(m.positions.at(3)).toBeNull();
    expect(m.faults).toEqual([]);
  });

  it.each(["take", "give back"] as const)(
    "is whole while another core has it: %s waits",
    (what) => {
      const m = machine(userMode);
      const log: string[] = [];
      m.ipc(function* () {
        yield* m.lock.lock(Number.POSITIVE_INFINITY);
        yield* m.kernel.busy(0.5 * MS);
        log.push("let go");
        yield* m.lock.unlock();
      });
      m.ipc(function* () {
        yield* m.kernel.busy(0.1 * MS);
        if (what === "take") yield* m.positions.take();
        else yield* m.positions.giveBack(0);
        log.push(what);
      }, 1);
      m.kernel.run(2 * MS);
      expect(log).toEqual(["let go", what]);
      expect(m.faults).toEqual([]);
    },
  );
});
