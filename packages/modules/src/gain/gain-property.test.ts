import fc from "fast-check";
import { describe, it } from "vitest";
import { control, volume } from "../../test/blobs.js";
import { Bench, format, payload } from "../../test/kit.js";
import { SlowGain } from "../../test/reference/slow-gain.js";
import { decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { gainDriver } from "./driver.js";

const ALL = 0xffff_ffff;
const formats = { 16: "s16", 24: "s24", 32: "s32" } as const;

const volumeArbitrary = fc.oneof(
  fc.integer({ min: 0, max: 0x7fff_ffff }),
  fc.constantFrom(0, 0x7fff_ffff, 0x4000_0000, 1),
);
const curveArbitrary = fc.constantFrom(0, 1, 2, 3, 4);
const msArbitrary = fc.constantFrom(0, 1, 5, 20, 31, 32, 50, 64, 128, 200);

/** What happens before a block: a volume for a channel or all, switches, or nothing. */
const eventArbitrary = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({
      channel: fc.option(fc.nat({ max: 7 })),
      target: volumeArbitrary,
      curve: curveArbitrary,
      ms: msArbitrary,
    }),
  },
  { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }) },
);

describe("gain", () => {
  it("equals the exact formulas for any curve, change, format, channels and blocks", () => {
    fc.assert(
      fc.property(
        fc.record({
          bits: fc.constantFrom(16 as const, 24 as const, 32 as const),
          channels: fc.integer({ min: 1, max: 8 }),
          rate: fc.constantFrom(16000, 44100, 48000, 96000),
          target: volumeArbitrary,
          curve: curveArbitrary,
          ms: msArbitrary,
          loudness: fc.nat({ max: 14 }),
          blocks: fc.array(fc.tuple(eventArbitrary, fc.integer({ min: 1, max: 24 })), {
            minLength: 2,
            maxLength: 12,
          }),
        }),
        ({ bits, channels, rate, target, curve, ms, loudness, blocks }) => {
          const name = formats[bits];
          const stream = format(name, channels, rate);
          const bench = new Bench(
            gainDriver,
            payload(stream, volume(ALL, target, curve, ms)),
            stream,
          );
          if (bench.prepare() !== 0) throw new Error("it is not prepared");
          const align = bench.source.frameAlign;
          const periodFrames = rate === 44100 ? 48 : rate / 1000;
          const slow = new SlowGain({ bits, channels, rate, periodFrames, align });
          slow.setVolume(null, target, curve, ms * 10_000);
          let seed = 1;
          for (const [event, units] of blocks) {
            if (Array.isArray(event)) {
              bench.configure(200, control(0, ...event.map(Number)));
              slow.setSwitch(event);
            } else if (event !== null) {
              const channel = event.channel === null ? null : event.channel % channels;
              bench.configure(0, volume(channel ?? ALL, event.target, event.curve, event.ms));
              slow.setVolume(channel, event.target, event.curve, event.ms * 10_000);
            }
            const frames = units * align;
            const input = quantize(noise(frames * channels, seed++), name).map(
              (x) => x >> loudness,
            );
            const found = decodeSamples(bench.run(encodeSamples(input, name), frames), name);
            const wanted = slow
              .block(
                Array.from({ length: frames }, (_, i) =>
                  Array.from(input.subarray(i * channels, (i + 1) * channels), BigInt),
                ),
              )
              .flat();
            const odd = wanted.findIndex((value, i) => Number(value) !== found[i]);
            if (odd >= 0 || found.length !== wanted.length) {
              const frame = Math.floor(odd / channels);
              throw new Error(`frame ${frame} is ${found[odd]}, not ${wanted[odd]}`);
            }
          }
        },
      ),
    );
  });
});
