import { describe, expect, it } from "vitest";
import { Bench, concat, format, payload, words } from "../../test/kit.js";
import {
  crc,
  decodeSamples,
  encodeSamples,
  integerFormats,
  noise,
  quantize,
} from "../../test/signals.js";
import { eqFirDriver } from "./driver.js";

function halves(...values: number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(values).buffer);
}

interface Response {
  readonly taps: readonly number[];
  readonly shift: number;
}

function blob(assign: number[], ...responses: Response[]): Uint8Array {
  const body = concat(
    halves(assign.length, responses.length, 0, 0, 0, 0, 0, 0, 0, 0, ...assign),
    ...responses.map(({ taps, shift }) =>
      halves(taps.length, shift, 0, 0, 0, 0, 0, 0, 0, 0, ...taps),
    ),
  );
  return concat(words(body.length + 4), body);
}

const taps = [0x2000, 0x4000, -0x1000, 0x0800];

describe("eq_fir", () => {
  it("filters exactly", () => {
    const sums = { s16: "9cf62bf6", s24: "6236016f", s32: "d282c8c0" };
    for (const fmt of integerFormats) {
      const stream = format(fmt);
      const bench = new Bench(eqFirDriver, payload(stream), stream);
      expect(bench.configure(0, blob([0, 1], { taps, shift: 0 }, { taps, shift: -1 }))).toBe(0);
      expect(bench.prepare()).toBe(0);
      const out = bench.run(encodeSamples(quantize(noise(960), fmt), fmt));
      if (fmt === "s32") {
        expect([...decodeSamples(out, fmt).subarray(0, 4)]).toEqual([
          253892187, 793002733, -24531691, 952247101,
        ]);
      }
      expect(`${fmt} ${crc(out)}`).toBe(`${fmt} ${sums[fmt]}`);
    }
  });
});
