import fc from "fast-check";
import { describe, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { decodeSamples, encodeSamples, noise } from "../../test/signals.js";
import { ariaDriver } from "./driver.js";

const RING_FRAMES = 48;
const STATES = 10;

const rnd = (value: bigint, bits: number) => ((value >> BigInt(bits - 1)) + 1n) >> 1n;
const sat24 = (value: bigint) =>
  value < -0x80_0000n ? -0x80_0000n : value > 0x7f_ffffn ? 0x7f_ffffn : value;

/** The automatic level as its formulas say: a delay whose gain falls before a loud block comes out. */
class SlowAria {
  private ring: bigint[][];
  private gains: bigint[] = [];
  private state = 0;
  private attenuation = 0;

  constructor(channels: number, attenuation: number) {
    this.ring = Array.from({ length: RING_FRAMES }, () =>
      Array.from({ length: channels }, () => 0n),
    );
    this.set(attenuation);
  }

  set(attenuation: number): void {
    this.attenuation = Math.min(attenuation, 3);
    this.gains = Array.from({ length: STATES }, () => (1n << BigInt(31 - this.attenuation)) - 1n);
    this.state = 0;
  }

  block(frames: readonly (readonly bigint[])[]): bigint[][] {
    const old = this.ring.slice(0, frames.length);
    this.ring = [...this.ring.slice(frames.length), ...frames.map((frame) => [...frame])];
    const { attenuation, gains } = this;
    if (attenuation === 0) return old;
    const peak = frames
      .flat()
      .reduce((most, x) => ((x < 0n ? -x : x) > most ? (x < 0n ? -x : x) : most), 0n);
    let gain = (1n << BigInt(attenuation + 32)) - 1n;
    if (peak > 0x7f_ffffn >> BigInt(attenuation)) gain = (0x7f_ffffn << 32n) / peak;
    gains[(this.state + 1) % STATES] = gain >> BigInt(attenuation + 1);
    const least = (from: number) =>
      Array.from(
        { length: STATES - 1 },
        (_, i) => gains[(this.state + from + i) % STATES] as bigint,
      ).reduce((a, b) => (a < b ? a : b));
    const [begin, end] = [least(2), least(3)];
    const step = (end - begin) / BigInt(frames.length);
    this.state = (this.state + 1) % STATES;
    return old.map((frame, i) =>
      frame.map((x) => sat24(rnd(x * (begin + step * BigInt(i)), 31 - attenuation))),
    );
  }
}

describe("aria", () => {
  it("equals the exact formulas for any level, attenuation, change, channels and blocks", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.nat({ max: 5 }),
        fc.array(
          fc.record({
            frames: fc.integer({ min: 1, max: RING_FRAMES }),
            shift: fc.integer({ min: 8, max: 20 }),
            attenuation: fc.option(fc.nat({ max: 4 }), { freq: 6 }),
          }),
          { minLength: 2, maxLength: 30 },
        ),
        (channels, attenuation, blocks) => {
          const stream = format("s24", channels);
          const bench = new Bench(ariaDriver, payload(stream, words(attenuation)), stream);
          if (bench.prepare() !== 0) throw new Error("it is not prepared");
          const slow = new SlowAria(channels, attenuation);
          blocks.forEach(({ frames, shift, attenuation: next }, seed) => {
            if (next !== null) {
              bench.configure(1, words(next));
              slow.set(next);
            }
            const input = noise(frames * channels, seed + 1).map((x) => x >> shift);
            const found = decodeSamples(bench.run(encodeSamples(input, "s24"), frames), "s24");
            const wanted = slow.block(
              Array.from({ length: frames }, (_, i) =>
                Array.from(input.subarray(i * channels, (i + 1) * channels), BigInt),
              ),
            );
            const odd = wanted.flat().findIndex((value, i) => Number(value) !== found[i]);
            if (odd < 0 && found.length === frames * channels) return;
            throw new Error(`block ${seed}: ${found[odd]}, not ${wanted.flat()[odd]}`);
          });
        },
      ),
    );
  });
});
