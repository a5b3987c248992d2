import { EINVAL } from "@sof-ts/kit";
import type { FragmentPosition } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { concat, drain, feed, frameBytes, ring, TestHeap, TestServices } from "./kit.js";
import { Rig, SIGNAL_FRAMES } from "./rig.js";
import { encodeSamples, noise, quantize } from "./signals.js";
import type { Setting, Subject } from "./subject.js";

function signal({ input, signalFrames = SIGNAL_FRAMES }: Subject): Uint8Array {
  const format = input.validBitDepth === 16 ? "s16" : input.validBitDepth === 24 ? "s24" : "s32";
  return encodeSamples(quantize(noise(signalFrames * input.channelsCount), format), format);
}

/** The one suite that every driver has to pass. */
export function conformance(subject: Subject): void {
  const block = subject.blockFrames ?? 48;
  const input = signal(subject);
  const fresh = (ringFrames?: number) => {
    const rig = new Rig(subject, ringFrames);
    rig.prepare();
    return rig;
  };

  describe(`${subject.name}`, () => {
    it("refuses every payload that is cut short, and takes longer ones or refuses them", () => {
      const required = subject.requiredBytes ?? subject.payload.length;
      for (let length = 0; length < required; length++) {
        const services = new TestServices();
        expect(subject.driver.create(services, subject.payload.subarray(0, length))).toBeLessThan(
          0,
        );
        expect(services.heap.live.size).toBe(0);
      }
      const longer = subject.driver.create(
        new TestServices(),
        concat(subject.payload, new Uint8Array(64).fill(0xff)),
      );
      if (typeof longer === "number") expect(longer).toBe(-EINVAL);
    });

    it("makes sound", () => {
      const rig = fresh();
      const out = subject.generator ? generate(rig) : rig.run(input, block);
      expect(out.length).toBeGreaterThan(0);
      expect(out.some((byte) => byte !== 0)).toBe(true);
    });

    it("moves nothing before it is prepared", () => {
      const rig = new Rig(subject);
      feed(rig.source, input.subarray(0, 8));
      rig.process();
      expect([rig.source.available, rig.sink.available]).toEqual([8, 0]);
    });

    it("gives back all its memory, whatever it was doing", () => {
      for (const steps of [
        [],
        ["prepare"],
        ["prepare", "run"],
        ["prepare", "run", "reset"],
        ["prepare", "prepare"],
      ]) {
        const rig = new Rig(subject);
        for (const step of steps) {
          if (step === "prepare") rig.prepare();
          if (step === "run") rig.run(input, block);
          if (step === "reset") expect(rig.module.reset()).toBe(0);
        }
        rig.module.free();
        expect([...rig.services.heap.live.keys()].sort()).toEqual(
          [rig.source.start, rig.sink.start].sort(),
        );
      }
    });

    it("survives memory running out at any allocation", () => {
      for (let budget = 0; budget < 8; budget++) {
        const heap = new TestHeap();
        const source = ring(heap, 0x1000);
        const sink = ring(heap, 0x1000);
        heap.budget = budget;
        const module = subject.driver.create(new TestServices(heap), subject.payload);
        if (typeof module === "number") {
          expect(module).toBe(-12);
          expect(heap.live.size).toBe(2);
          continue;
        }
        const ret = module.prepare([source], [sink]);
        expect([0, -12, -EINVAL]).toContain(ret);
        module.free();
        expect(heap.live.size).toBe(2);
      }
    });

    it("allocates nothing while it processes", () => {
      const rig = fresh();
      const { heap } = rig.services;
      const before = heap.allocations;
      const change = subject.change;
      rig.run(input, block, (frame) => {
        if (change !== undefined && frame === 2 * block) {
          rig.set(change);
        }
      });
      expect(heap.allocations).toBe(before);
    });

    it("answers every order of calls, and streams afterwards as if new", () => {
      const expected = fresh().run(input, block);
      const calls: readonly ((rig: Rig) => unknown)[] = [
        (rig) => rig.module.reset(),
        (rig) => rig.module.prepare([rig.source], [rig.sink]),
        (rig) => {
          // Before a prepare this may fail, but not throw.
          feed(rig.source, input.subarray(0, rig.source.frameBytes * block));
          rig.process();
          drain(rig.sink);
        },
        (rig) => rig.module.trigger?.("start"),
        (rig) => rig.module.trigger?.("pause"),
        (rig) => rig.module.trigger?.("release"),
        (rig) => rig.module.trigger?.("stop"),
      ];
      for (const first of calls) {
        for (const second of calls) {
          const rig = new Rig(subject);
          rig.prepare();
          first(rig);
          second(rig);
          rig.module.reset();
          rig.source.reset();
          rig.sink.reset();
          if (subject.forgetsByReset) for (const setting of subject.setup ?? []) rig.set(setting);
          rig.prepare();
          rig.module.trigger?.("start");
          expect(same(rig.run(input, block), expected)).toBe(true);
        }
      }
    });

    it("keeps apart from another instance on the same memory", () => {
      const alone = fresh().run(input, block);
      const services = new TestServices();
      const one = new Rig(subject, undefined, services);
      const two = new Rig(subject, undefined, new TestServices(services.heap));
      one.prepare();
      two.prepare();
      const other = input.slice().reverse();
      const out = one.run(input, block, (frame) => {
        feed(
          two.source,
          other.subarray(frame * two.source.frameBytes, (frame + block) * two.source.frameBytes),
        );
        two.process();
        drain(two.sink);
      });
      expect(same(out, alone)).toBe(true);
    });

    if (!subject.generator) streaming(subject, block, input, fresh);
    if (subject.change !== undefined) changing(subject, subject.change, block, input, fresh);
    if (subject.refused !== undefined) refusing(subject.refused, block, input, fresh);
  });
}

function streaming(
  subject: Subject,
  block: number,
  input: Uint8Array,
  fresh: (ringFrames?: number) => Rig,
): void {
  it("does nothing with an empty source, and nothing is lost by it", () => {
    const rig = fresh();
    const expected = fresh().run(input, block);
    const idle = () => {
      rig.process();
      rig.process();
      expect(rig.sink.available).toBe(0);
    };
    idle();
    expect(same(rig.run(input, block, idle), expected)).toBe(true);
  });

  it("waits while the sink is full, and nothing is lost by it", () => {
    const expected = fresh().run(input, block);
    const rig = fresh();
    feed(rig.source, input);
    for (let i = 0; i < 100; i++) rig.process();
    // The sink holds twice the input: all there is has come through.
    const out = drain(rig.sink);
    if (!subject.blockDependent) expect(same(out, expected.subarray(0, out.length))).toBe(true);
    const small = fresh(2 * block);
    const parts: Uint8Array[] = [];
    const step = block * small.source.frameBytes;
    for (let at = 0; at < input.length;) {
      while (small.source.free >= step && at < input.length) {
        feed(small.source, input.subarray(at, at + step));
        at += step;
      }
      // Twice as often as there is room.
      small.process();
      small.process();
      small.process();
      if (small.sink.available > 0)
        parts.push(
          drain(small.sink, Math.min(small.sink.available, block * small.sink.frameBytes)),
        );
    }
    for (let left = -1; left !== small.source.available + small.sink.available;) {
      left = small.source.available + small.sink.available;
      small.process();
      parts.push(drain(small.sink));
    }
    const all = concat(...parts);
    if (subject.blockDependent) expect(all.length).toBe(expected.length);
    else expect(same(all, expected)).toBe(true);
  });

  if (!subject.blockDependent) splitting(subject, block, input, fresh);
}

function splitting(
  subject: Subject,
  block: number,
  input: Uint8Array,
  fresh: (ringFrames?: number) => Rig,
): void {
  it("gives the same samples for blocks of 1 frame to 4 periods", () => {
    const expected = fresh().run(input, block);
    for (const frames of [1, 2, 3, 7, 16, 47, 49, 96, 192]) {
      const out = fresh().run(input, frames);
      // A module that moves frames in pairs or more may keep the last ones.
      expect(out.length).toBeGreaterThan(
        expected.length - 4 * frameBytes(subject.output ?? subject.input) - 1,
      );
      expect(`blocks of ${frames}: ${same(out, expected.subarray(0, out.length))}`).toBe(
        `blocks of ${frames}: true`,
      );
    }
  });

  it("gives the same samples wherever the rings wrap", () => {
    const expected = fresh().run(input, block);
    for (const ringFrames of [block, block + 1, 2 * block + 7]) {
      const out = fresh(Math.max(ringFrames, 49)).run(input, Math.min(block, 48));
      expect(`rings of ${ringFrames}: ${same(out, expected.subarray(0, out.length))}`).toBe(
        `rings of ${ringFrames}: true`,
      );
      expect(out.length).toBeGreaterThan(
        expected.length - 4 * frameBytes(subject.output ?? subject.input) - 1,
      );
    }
  });
}

function changing(
  subject: Subject,
  change: Setting,
  block: number,
  input: Uint8Array,
  fresh: () => Rig,
): void {
  it("takes a configuration at the border of a block", () => {
    const at = 4 * block;
    const rig = fresh();
    const before = fresh().run(input, block);
    const out = rig.run(input, block, (frame) => {
      if (frame === at) expect(rig.set(change)).toBe(0);
    });
    const border = Math.min(at * rig.sink.frameBytes, out.length);
    expect(same(out.subarray(0, border), before.subarray(0, border))).toBe(true);
    expect(same(out, before)).toBe(subject.latched === true);
    rig.module.reset();
    rig.source.reset();
    rig.sink.reset();
    rig.prepare();
    const later = same(rig.run(input, block), before);
    expect(later).toBe(subject.forgetsByReset === true && subject.setup === undefined);
  });

  it("takes a configuration in fragments as in one piece, or refuses fragments", () => {
    const [paramId, data] = change;
    const rig = fresh();
    const half = data.length >> 1;
    const set = rig.module.setConfiguration?.bind(rig.module);
    const first = set?.(paramId, "first", data.length, data.subarray(0, half)) ?? -1;
    const last = set?.(paramId, "last", half, data.subarray(half)) ?? -1;
    const taken = first === 0 && last === 0;
    expect(taken || (first < 0 && last < 0)).toBe(true);
    const whole = fresh();
    if (taken) whole.set(change);
    expect(same(rig.run(input, block), whole.run(input, block))).toBe(true);
  });
}

function refusing(
  refused: readonly Setting[],
  block: number,
  input: Uint8Array,
  fresh: () => Rig,
): void {
  it("refuses wrong configurations and keeps the one it has", () => {
    const expected = fresh().run(input, block);
    for (const setting of refused) {
      const rig = fresh();
      const out = rig.run(input, block, (frame) => {
        if (frame === 2 * block) expect(rig.set(setting)).toBeLessThan(0);
      });
      expect(same(out, expected)).toBe(true);
    }
  });

  it("refuses fragments without a start, gaps and too many bytes", () => {
    const rig = fresh();
    const [paramId] = refused[0] as Setting;
    const set = (...call: [FragmentPosition, number, Uint8Array]) =>
      rig.module.setConfiguration?.(paramId, ...call) ?? -1;
    expect(set("last", 4, new Uint8Array(4))).toBeLessThan(0);
    expect(set("middle", 4, new Uint8Array(4))).toBeLessThan(0);
    expect(set("single", 2 ** 20, new Uint8Array(64))).toBeLessThan(0);
    set("first", 64, new Uint8Array(32));
    expect(set("last", 32, new Uint8Array(64))).toBeLessThan(0);
  });
}

function generate(rig: Rig): Uint8Array {
  rig.process();
  rig.process();
  return drain(rig.sink);
}

/** Equality of long outputs without a comparison printed byte by byte. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.length).equals(
    Buffer.from(b.buffer, b.byteOffset, b.length),
  );
}
