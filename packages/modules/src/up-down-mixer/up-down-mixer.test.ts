import { describe, expect, it } from "vitest";
import { Bench, format, type FormatName, payload, words } from "../../test/kit.js";
import { decodeSamples, encodeSamples } from "../../test/signals.js";
import { upDownMixerDriver } from "./driver.js";

const Config = { MONO: 0, STEREO: 1, CH_5_1: 8, CH_7_1: 12 } as const;
const maps = {
  [Config.MONO]: 0xfffffff1,
  [Config.STEREO]: 0xffffff20,
  [Config.CH_5_1]: 0xff743210,
  [Config.CH_7_1]: 0x65743210,
};
const counts = { [Config.MONO]: 1, [Config.STEREO]: 2, [Config.CH_5_1]: 6, [Config.CH_7_1]: 8 };
type Arrangement = keyof typeof maps;

function mix(name: FormatName, from: Arrangement, to: Arrangement, frame: number[]): number[] {
  const input = format(name, counts[from], 48000, { chCfg: from, chMap: maps[from] });
  const output = format("s24", counts[to]);
  const init = payload(input, words(to, 0, 0, 0, 0, 0, 0, 0, 0, 0, maps[from]));
  const bench = new Bench(upDownMixerDriver, init, input, output);
  expect(bench.prepare()).toBe(0);
  const out = bench.run(encodeSamples(frame, name === "s16" ? "s16" : "s32"));
  return [...decodeSamples(out, "s24")];
}

/** Within what 16-bit coefficients lose of 24 bits: one half is 0.49997. */
const near = (value: number) => ({
  asymmetricMatch: (other: number) =>
    Math.abs(other - value) <= Math.max(1, Math.abs(value) * 4e-5),
});

describe("up/down mixer", () => {
  it("folds 5.1 into stereo", () => {
    const scale = 0x100000;
    // L C R Ls Rs LFE
    const frame = [1, 2, 3, 4, 5, 6].map((x) => x * 256 * scale);
    const left = (0.414 * 1 + 0.293 * 2 + 0.293 * 4) * scale;
    const right = (0.414 * 3 + 0.293 * 2 + 0.293 * 5) * scale;
    expect(mix("s32", Config.CH_5_1, Config.STEREO, frame)).toEqual([near(left), near(right)]);
  });

  it("folds stereo into mono by halves", () => {
    expect(mix("s32", Config.STEREO, Config.MONO, [1 << 30, 1 << 29])).toEqual([near(3 << 20)]);
    expect(mix("s32", Config.STEREO, Config.MONO, [0x7fffffff, 0x7fffffff])).toEqual([
      near(0x7fffff),
    ]);
  });

  it("spreads mono and stereo over the speakers, but not over center and LFE", () => {
    const full = 1 << 30;
    const one = near(1 << 22);
    expect(mix("s32", Config.MONO, Config.CH_5_1, [full])).toEqual([one, 0, one, one, one, 0]);
    const [l, r] = [near(1 << 22), near(1 << 20)];
    expect(mix("s32", Config.STEREO, Config.CH_5_1, [full, 1 << 28])).toEqual([l, 0, r, l, r, 0]);
    expect(mix("s32", Config.STEREO, Config.CH_7_1, [full, 1 << 28])).toEqual([
      l,
      0,
      r,
      l,
      r,
      0,
      l,
      r,
    ]);
  });

  it("takes 16-bit samples to 24 bits", () => {
    expect(mix("s16", Config.STEREO, Config.STEREO, [0x4000, -0x4000])).toEqual([
      near(0x3fff80),
      near(-0x3fff80),
    ]);
  });

  it("refuses arrangements that it cannot connect", () => {
    const input = format("s16", 2, 48000, { chCfg: Config.STEREO });
    const { services } = new Bench(
      upDownMixerDriver,
      payload(input, words(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
      input,
    );
    const to = (config: number) => payload(input, words(config, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(upDownMixerDriver.create(services, to(Config.CH_7_1))).toBe(-22);
    expect(upDownMixerDriver.create(services, to(4))).toBe(-22);
    expect(upDownMixerDriver.create(services, payload(input))).toBe(-22);
  });
});
