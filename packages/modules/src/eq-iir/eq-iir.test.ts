import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import {
  crc,
  decodeSamples,
  encodeSamples,
  integerFormats,
  noise,
  quantize,
} from "../../test/signals.js";
import { eqIirDriver } from "./driver.js";

const S = [-0x2e000000, 0x6c000000, 0x00100000, 0x00200000, 0x00100000, -3, 0x4000];
const zeros = [0, 0, 0, 0];

/** A blob with a size that is right. */
function blob(assign: number[], ...responses: number[][]): Uint8Array {
  const body = [assign.length, responses.length, ...zeros, ...assign, ...responses.flat()];
  return words((body.length + 1) * 4, ...body);
}
const response = (inSeries: number, ...sections: number[][]) => [
  sections.length,
  inSeries,
  ...zeros,
  ...sections.flat(),
];

describe("eq_iir", () => {
  it("filters sections in series and in parallel exactly", () => {
    const sums = { s16: "456b00a2", s24: "249a4b8a", s32: "c18d03b8" };
    for (const fmt of integerFormats) {
      const stream = format(fmt);
      const bench = new Bench(eqIirDriver, payload(stream), stream);
      expect(bench.configure(0, blob([0, 1], response(2, S, S), response(1, S, S)))).toBe(0);
      expect(bench.prepare()).toBe(0);
      const out = bench.run(encodeSamples(quantize(noise(960), fmt), fmt));
      if (fmt === "s32")
        expect([...decodeSamples(out, fmt).subarray(0, 4)]).toEqual([
          61984, 24781328, 327176, 71576208,
        ]);
      expect(`${fmt} ${crc(out)}`).toBe(`${fmt} ${sums[fmt]}`);
    }
  });

  it("answers an impulse exactly", () => {
    const stream = format("s32");
    const bench = new Bench(eqIirDriver, payload(stream), stream);
    bench.configure(0, blob([0], response(1, S)));
    bench.prepare();
    const input = new Int32Array(16);
    input[0] = 0x40000000;
    const out = decodeSamples(bench.run(encodeSamples(input, "s32")), "s32");
    expect([...out].filter((_, i) => i % 2 === 0)).toEqual([
      8388608, 30932992, 54558720, 69834752, 78632064, 82497880, 82698376, 80258160,
    ]);
  });
});
