import { Random } from "@sof-ts/kit";
import type { ModuleFault } from "@sof-ts/wasm-sandbox";
import { describe, expect, it } from "vitest";
import { sourceHash as hashOfSources } from "../scripts/limiter.js";
import { sourceHash } from "./generated/limiter.js";
import { DirectLimiter, limiterDriver, streams } from "./limiter.js";
import { Machine } from "./machine.js";

const ENODEV = 19;
const EINVAL = 22;
const ETIMEDOUT = 116;
const PERIOD = 96;

/** A period of noise, loud in the middle of every 20. */
function noise(random: Random, period: number): Int32Array {
  const loud = period % 20 > 8 && period % 20 < 12 ? 0 : 3;
  return Int32Array.from({ length: PERIOD }, () => (random.u32() | 0) >> loud);
}

describe("the generated limiter", () => {
  it("is made from the source that is checked in", () => {
    expect(sourceHash, "run pnpm --filter @sof-ts/userspace-proxy generate").toBe(hashOfSources());
  });
});

describe("a sandboxed module behind the proxy", () => {
  it("plays as it would in the firmware's own memory, while its controls go through the worker", () => {
    const m = new Machine({ cpus: 2 });
    const own = streams();
    const isolated = streams();
    const direct = new DirectLimiter();
    direct.prepare();
    const loads = new Set<number>();
    m.ipc(1, function* () {
      const handle = yield* m.made(1, limiterDriver().create);
      expect(handle.direct).not.toBeNull();
      expect(yield* handle.prepare([isolated.source], [isolated.sink])).toBe(0);
      const random = new Random(5);
      for (let period = 0; period < 200; period++) {
        if (period === 60) {
          expect(yield* handle.setConfigParam(0, 0x1000_0000)).toBe(0);
          expect(direct.setConfigParam(0, 0x1000_0000)).toBe(0);
          expect(yield* handle.getConfigParam(0)).toBe(0x1000_0000);
          expect(yield* handle.setConfigParam(0, 0)).toBe(-EINVAL);
        }
        const samples = noise(random, period);
        for (const { memory, source, sink } of [own, isolated]) {
          memory.i32.set(samples, source.writePtr >> 2);
          source.produce(4 * PERIOD);
          const module = memory === own.memory ? direct : handle.direct;
          expect(module?.process([source], [sink])).toBe(0);
        }
        loads.add(handle.cost?.cycles as number);
        const [got, wanted] = [isolated, own].map(({ memory, sink }) =>
          memory.u8.subarray(sink.readPtr, sink.readPtr + 4 * PERIOD),
        ) as [Uint8Array, Uint8Array];
        expect(Buffer.compare(got, wanted)).toBe(0);
        for (const { sink } of [own, isolated]) sink.consume(4 * PERIOD);
      }
      yield* handle.free();
    });
    m.run();
    expect(m.fatals).toEqual([]);
    // Fuel of a period: the same work but for divisions.
    expect(Math.min(...loads)).toBeGreaterThan(20 * 48);
    expect(Math.max(...loads)).toBeLessThan(300 * 48);
    m.expectClean();
  });

  it("is charged the fuel of each operation in machine time", () => {
    const m = new Machine();
    const { source, sink } = streams();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, limiterDriver().create);
      const start = m.kernel.now;
      yield* handle.prepare([source], [sink]);
      const { lastOperationCycles } = handle.instance;
      expect(lastOperationCycles).toBeGreaterThan(10);
      expect(m.kernel.now - start).toBeGreaterThan(lastOperationCycles as number);
      yield* handle.free();
    });
    m.run();
  });

  it("that its caller gave up on is over for its periods too, and says so to both", () => {
    const faults: ModuleFault[] = [];
    const m = new Machine();
    const { source, sink } = streams();
    m.ipc(0, function* () {
      const driver = limiterDriver({ report: (fault) => faults.push(fault) });
      const handle = yield* m.made(0, driver.create);
      yield* handle.prepare([source], [sink]);
      // A module that takes 6 ms for its reset.
      Object.defineProperty(handle.instance, "lastOperationCycles", {
        get: () => 2_400_000,
        set() {},
      });
      expect(yield* handle.reset()).toBe(-ETIMEDOUT);
      source.produce(4 * PERIOD);
      expect(handle.direct?.process([source], [sink])).toBe(-ENODEV);
      expect(sink.available).toBe(0);
      yield* handle.free();
    });
    m.run();
    expect(faults).toMatchObject([
      { reason: "time-out", operation: "reset", detail: "no answer in time" },
    ]);
    expect(m.lost).toMatchObject([{ operation: "reset", error: -ETIMEDOUT }]);
    m.expectClean();
  });

  it("plays on while others on its core end by faults of their own", () => {
    const m = new Machine();
    const good = streams();
    const bad = streams();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, limiterDriver().create);
      // No fuel for a whole period.
      const starved = yield* m.made(0, limiterDriver({ processFuel: 500 }).create);
      expect(yield* handle.prepare([good.source], [good.sink])).toBe(0);
      expect(yield* starved.prepare([bad.source], [bad.sink])).toBe(0);
      for (let period = 0; period < 10; period++) {
        for (const { source, memory } of [good, bad]) {
          memory.i32.fill(period + 1, source.writePtr >> 2, (source.writePtr >> 2) + PERIOD);
          source.produce(Math.min(source.free, 4 * PERIOD));
        }
        expect(starved.process([bad.source], [bad.sink])).toBe(period === 0 ? -14 : -ENODEV);
        expect(handle.process([good.source], [good.sink])).toBe(0);
        const from = good.sink.readPtr >> 2;
        const got = [...good.memory.i32.subarray(from, from + PERIOD)];
        expect(got).toEqual(Array(PERIOD).fill(period + 1));
        good.sink.consume(4 * PERIOD);
      }
      expect(yield* starved.reset()).toBe(-ENODEV);
      yield* starved.free();
      yield* handle.free();
    });
    m.run();
    m.expectClean();
  });

  it("refuses a driver's payload as a direct module's driver does", () => {
    const m = new Machine();
    m.ipc(0, function* () {
      const E2BIG = 7;
      expect(yield* m.create(0, limiterDriver().create, { payload: new Uint8Array(5000) })).toBe(
        -E2BIG,
      );
    });
    m.run();
    m.expectClean();
  });
});
