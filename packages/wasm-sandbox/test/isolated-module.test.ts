import { AudioStream } from "@sof-ts/module-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, I32, moduleWith, s32 } from "./assembler.js";
import { sourceHash, wasm } from "./generated/adjustable-gain.js";
import { alive, binaryOf, make, Rings, words } from "./kit.js";

const gain = binaryOf({ wasm });
const EINVAL = 22;
const ENOSYS = 88;
const E2BIG = 7;

/** A gain between two rings of `bytes`. */
function between(bytes = 768, value = 512) {
  const rings = new Rings();
  const made = alive(gain, words(value));
  const [source, sink] = [rings.ring(bytes), rings.ring(bytes)];
  expect(made.module.prepare([source], [sink])).toBe(0);
  return { ...made, rings, source, sink };
}

describe("an isolated module", () => {
  it("processes a period as it would in the firmware's own memory", () => {
    const { module, rings, source, sink } = between();
    rings.write(source, [1, -2, 0x7fffffff, -0x80000000]);
    expect(module.process([source], [sink])).toBe(0);
    expect(source.available).toBe(0);
    expect(rings.read(sink)).toEqual([2, -4, 0x7fffffff, -0x80000000]);
    expect(module.fault).toBeNull();
  });

  it("follows rings around their end, with any fill and any gap", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 40 }),
        (steps, frames) => {
          const { module, rings, source, sink } = between(8 * frames);
          let sent = 0;
          let seen = 0;
          for (const [offered, taken] of steps) {
            const room = Math.min(offered, source.freeFrames);
            rings.write(
              source,
              Array.from({ length: 2 * room }, () => ++sent),
            );
            const moved = Math.min(source.available, sink.free);
            const before = source.available;
            expect(module.process([source], [sink])).toBe(0);
            expect(source.available).toBe(before - moved);
            for (let i = 0; i < 2 * taken && sink.available > 0; i++) {
              expect(rings.memory.i32[sink.readPtr >> 2]).toBe(2 * ++seen);
              sink.consume(4);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("writes nothing outside the bytes it produces", () => {
    const { module, rings, source, sink } = between(64);
    rings.memory.u8.fill(0xaa, 0x20000, 0x20200);
    sink.produce(40);
    sink.consume(16);
    rings.write(source, [7, 7, 7, 7]);
    const before = rings.memory.u8.slice();
    expect(module.process([source], [sink])).toBe(0);
    for (let i = 0; i < 16; i++)
      before[sink.start + ((40 + i) % 64)] = words(14, 14, 14, 14)[i] as number;
    expect(Buffer.compare(rings.memory.u8, before)).toBe(0);
  });

  it("copies formats whose frames are no whole words", () => {
    // Copies BYTES from the source's block to the sink's, and claims as much.
    const word = (base: number, offset: number) => [0x23, base, 0x28, 2, offset];
    const copier = assemble({
      globals: [0, 0, 0xc000],
      functions: moduleWith(
        {
          name: "sof_module_alloc",
          params: [I32, I32],
          results: [I32],
          code: [0x23, 2, 0x23, 2, 0x41, ...s32(0x1000), 0x6a, 0x24, 2],
        },
        {
          name: "sof_module_init",
          params: [I32],
          results: [I32],
          // globals 0 and 1: the descriptors
          code: [0x20, 0, 0x28, 2, 36, 0x24, 0, 0x20, 0, 0x28, 2, 40, 0x24, 1, 0x41, 0],
        },
        {
          name: "sof_module_process",
          params: [I32, I32],
          results: [I32],
          code: [
            [...word(1, 0), ...word(0, 0), ...word(0, 4), 0xfc, 10, 0, 0],
            [0x23, 0, ...word(0, 4), 0x36, 2, 8],
            [0x23, 1, ...word(0, 4), 0x36, 2, 8, 0x41, 0],
          ].flat(),
        },
      ),
    });
    const { module } = alive(copier);
    const rings = new Rings();
    const S16_LE = 0;
    const format = { channels: 1, frameFmt: S16_LE };
    const [source, sink] = [rings.ring(26, format), rings.ring(26, format)];
    expect(module.prepare([source], [sink])).toBe(0);
    let next = 1;
    for (const samples of [5, 9, 3, 13, 1, 7]) {
      const sent = Array.from({ length: samples }, () => next++);
      for (const sample of sent) {
        rings.memory.i16[source.writePtr >> 1] = sample;
        source.produce(2);
      }
      expect(module.process([source], [sink])).toBe(0);
      const got = sent.map(() => {
        const sample = rings.memory.i16[sink.readPtr >> 1];
        sink.consume(2);
        return sample;
      });
      expect(got).toEqual(sent);
      expect([source.available, sink.available]).toEqual([0, 0]);
    }
  });

  it("takes a configuration in fragments and gives it back", () => {
    const { module, rings, source, sink } = between();
    const table = words(256, 1024);
    expect(module.setConfiguration(1, "first", 8, table.subarray(0, 3))).toBe(0);
    expect(module.setConfiguration(1, "middle", 3, table.subarray(3, 6))).toBe(0);
    expect(module.setConfiguration(1, "last", 6, table.subarray(6))).toBe(0);
    const out = new Uint8Array(64);
    expect(module.getConfiguration(1, out)).toBe(8);
    expect([...out.subarray(0, 8)]).toEqual([...table]);
    rings.write(source, [10, 10]);
    expect(module.process([source], [sink])).toBe(0);
    expect(rings.read(sink)).toEqual([10, 40]);
    expect(module.getConfiguration(1, new Uint8Array(4))).toBe(4);
    expect(module.setConfiguration(2, "single", 4, words(1))).toBe(-EINVAL);
  });

  it("refuses a fragment or a payload that no mailbox holds", () => {
    const { module } = between();
    expect(module.setConfiguration(1, "single", 5000, new Uint8Array(5000))).toBe(-E2BIG);
    expect(make(gain, new Uint8Array(4097)).result).toBe(-E2BIG);
    expect(module.fault).toBeNull();
  });

  it("has every other operation too", () => {
    const { module, rings, source, sink, lines } = between();
    const stream = new AudioStream(rings.memory, 0x30000, 64);
    expect(module.setConfigParam(0, 300)).toBe(0);
    expect(module.getConfigParam(0)).toBe(300);
    expect(module.setConfigParam(0, -1)).toBe(-EINVAL);
    expect(module.bind({ side: "source", queueId: 2, stream, peer: null })).toBe(0);
    expect(module.bind({ side: "sink", queueId: 1, stream, peer: null })).toBe(0);
    expect(module.getConfigParam(1)).toBe(0x402);
    expect(module.unbind({ side: "source", queueId: 2, stream, peer: null })).toBe(0);
    expect(module.getConfigParam(1)).toBe(2);
    for (const command of [
      "pre-start",
      "start",
      "pause",
      "pre-release",
      "release",
      "stop",
    ] as const) {
      expect(module.trigger(command)).toBe(0);
    }
    expect(module.getConfigParam(2)).toBe(0o12345);
    expect(module.setProcessingMode(1)).toBe(0);
    expect(module.getProcessingMode()).toBe(1);
    expect(module.setProcessingMode(2)).toBe(-EINVAL);
    rings.write(source, [5, 6]);
    expect(module.process([source], [sink])).toBe(0);
    expect(rings.read(sink)).toEqual([5, 6]);
    expect(module.reset()).toBe(0);
    module.free();
    module.free();
    expect(lines).toEqual(["module 288 instance 3 on core 2", "freed"]);
  });

  it("answers for operations that the module lacks as a direct module's handle does", () => {
    const { module } = alive(assemble({ functions: moduleWith() }));
    const stream = new AudioStream(new Rings().memory, 0x30000, 64);
    expect(module.setConfiguration(0, "single", 0, new Uint8Array(0))).toBe(-EINVAL);
    expect(module.getConfiguration(0, new Uint8Array(0))).toBe(-EINVAL);
    expect(module.setConfigParam(0, 0)).toBe(-ENOSYS);
    expect(module.getConfigParam(0)).toBe(-ENOSYS);
    expect(module.bind({ side: "sink", queueId: 0, stream, peer: null })).toBe(0);
    expect(module.unbind({ side: "sink", queueId: 0, stream, peer: null })).toBe(0);
    expect(module.trigger("start")).toBe(0);
    expect(module.setProcessingMode(0)).toBe(-ENOSYS);
    expect(module.getProcessingMode()).toBe(0);
  });

  it("hands the module's own refusals on and lives", () => {
    expect(make(gain, words(-1)).result).toBe(-EINVAL);
    const { module, rings } = between();
    const S16_LE = 0;
    expect(module.prepare([rings.ring(64, { frameFmt: S16_LE })], [rings.ring(64)])).toBe(-EINVAL);
    expect(module.prepare([rings.ring(64)], [])).toBe(-EINVAL);
    expect(module.fault).toBeNull();
  });

  it("has as many streams as its driver says", () => {
    const { module, rings } = between();
    const three = [rings.ring(64), rings.ring(64), rings.ring(64)];
    expect(module.prepare(three, [])).toBe(-EINVAL);
    expect(module.process(three, [])).toBe(-EINVAL);
    expect(module.process([], three)).toBe(-EINVAL);
    expect(module.fault).toBeNull();
  });

  it("takes a stream that was bound after the last prepare", () => {
    const { module, rings } = between(64);
    const [source, sink] = [rings.ring(128), rings.ring(128)];
    rings.write(source, [1, 2, 3, 4]);
    expect(module.process([source], [sink])).toBe(0);
    expect(rings.read(sink)).toEqual([2, 4, 6, 8]);
  });

  it("keeps working when its memory grows in the middle of an operation", () => {
    const { module, rings, source, sink } = between();
    const before = module.memoryBytes;
    for (let i = 0; i < 300; i++) {
      expect(module.setConfiguration(1, "single", 1024, new Uint8Array(1024).fill(1))).toBe(0);
    }
    expect(module.memoryBytes).toBeGreaterThanOrEqual(before);
    rings.write(source, [256, 512]);
    expect(module.process([source], [sink])).toBe(0);
    expect(rings.read(sink)).toEqual([0x01010101, 0x02020202]);
  });

  it("reports the fuel of a period as its cost, the same for the same work", () => {
    const costs = [1, 2].map(() => {
      const { module, rings, source, sink } = between();
      rings.write(
        source,
        Array.from({ length: 96 }, (_, i) => i),
      );
      module.process([source], [sink]);
      return module.cost.cycles;
    });
    expect(costs[0]).toBe(costs[1]);
    expect(costs[0]).toBeGreaterThan(96 * 5);
    expect(costs[0]).toBeLessThan(96 * 40);
  });

  it("shows what it logs on one printable line of at most 256 bytes", () => {
    const logger = assemble({
      imports: [{ module: "sof", name: "log", params: [I32, I32] }],
      functions: moduleWith({
        name: "sof_module_init",
        params: [I32],
        results: [I32],
        code: [0x41, 0, 0x41, ...s32(300), 0x10, 0, 0x41, 0],
      }),
      data: [{ offset: 0, bytes: [0x61, 0x0a, 0x1b, 0xc3, 0xa9] }],
    });
    const { lines } = alive(logger);
    expect(lines).toEqual([`a??é${"?".repeat(251)}`]);
  });

  it("shows at most 32 lines of an operation, however often it logs", () => {
    const logger = assemble({
      imports: [{ module: "sof", name: "log", params: [I32, I32] }],
      functions: moduleWith({
        name: "sof_module_reset",
        results: [I32],
        locals: [I32],
        // do log(0, 1) while (++local < 1000)
        code: [
          [0x03, 0x40, 0x41, 0, 0x41, 1, 0x10, 0],
          [0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, ...s32(1000), 0x48, 0x0d, 0, 0x0b, 0x41, 0],
        ].flat(),
      }),
    });
    const { module, lines } = alive(logger);
    expect(module.reset()).toBe(0);
    expect(lines.length).toBe(32);
    expect(module.reset()).toBe(0);
    expect(lines.length).toBe(64);
  });

  it("does not share anything with another instance of the same program", () => {
    const one = between(768, 256);
    const other = between(768, 512);
    one.module.setConfigParam(0, 1024);
    expect(other.module.getConfigParam(0)).toBe(512);
  });
});

describe("the generated test module", () => {
  it("names its source", () => expect(sourceHash).toMatch(/^[0-9a-f]{64}$/));
});
