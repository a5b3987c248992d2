import { describe, expect, it } from "vitest";
import { encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import {
  baseConfig,
  Bench,
  concat,
  encodeFormat,
  format,
  type FormatName,
  payload,
} from "../../test/kit.js";
import { crc, decodeSamples, encodeSamples, noise, quantize } from "../../test/signals.js";
import { selectorDriver } from "./driver.js";

function record(inputs: number, outputs: number, rows: number[][]): Uint8Array {
  const coefs = new Int16Array(64);
  rows.forEach((row, o) => coefs.set(row, o * 8));
  return concat(Uint8Array.of(inputs, outputs, 0, 0), new Uint8Array(coefs.buffer));
}

function bench(name: FormatName, inputs: number, outputs: number) {
  const input = format(name, inputs);
  const output = format(name, outputs);
  return new Bench(selectorDriver, payload(input, encodeFormat(output)), input, output);
}

const rows = [
  [1024, 512, -256, 100],
  [0, 1024, 1024, 1024],
];

describe("selector", () => {
  it("makes two channels of four exactly", () => {
    const sums = { s16: "6dec989b", s24: "4ef5cc5b", s32: "8d50cabb" };
    for (const fmt of ["s16", "s24", "s32"] as const) {
      const made = bench(fmt, 4, 2);
      expect(made.configure(0, record(4, 2, rows))).toBe(0);
      expect(made.prepare()).toBe(0);
      const out = made.run(encodeSamples(quantize(noise(960), fmt), fmt));
      if (fmt === "s32")
        expect([...decodeSamples(out, fmt).subarray(0, 2)]).toEqual([2147483647, -1810775522]);
      expect(`${fmt} ${crc(out)}`).toBe(`${fmt} ${sums[fmt]}`);
    }
  });

  it("passes its input on while the used part of the matrix is the identity", () => {
    const made = bench("s32", 2, 2);
    made.prepare();
    const input = encodeSamples([0x7fffffff, -0x80000000, 5, -5], "s32");
    expect(made.run(input)).toEqual(input);
    made.configure(
      0,
      record(2, 2, [
        [0, 1024],
        [1024, 0],
      ]),
    );
    expect([...decodeSamples(made.run(input), "s32")]).toEqual([-0x80000000, 0x7fffffff, -5, 5]);
  });

  it("chooses the record for its channel counts, or the one for eight channels", () => {
    const swap = [
      [0, 1024],
      [1024, 0],
    ];
    const half = [[512], [0, 512]];
    const made = bench("s32", 2, 2);
    made.prepare();
    const input = encodeSamples([100, 200], "s32");
    made.configure(0, concat(record(4, 2, rows), record(2, 2, swap)));
    expect([...decodeSamples(made.run(input), "s32")]).toEqual([200, 100]);
    made.configure(0, concat(record(4, 2, rows), record(8, 8, half)));
    expect([...decodeSamples(made.run(input), "s32")]).toEqual([50, 100]);
    expect(made.configure(0, concat(record(4, 2, rows), record(1, 2, swap)))).toBe(-22);
    expect([...decodeSamples(made.run(input), "s32")]).toEqual([50, 100]);
  });

  it("takes its output format from an output pin too", () => {
    const input = format("s16", 4);
    const base = baseConfig(input);
    const pins = {
      base,
      inputPins: [{ pinIndex: 0, ibs: base.ibs, audioFmt: input }],
      outputPins: [{ pinIndex: 0, obs: base.obs, audioFmt: format("s16", 1) }],
    };
    const made = new Bench(selectorDriver, encodeBaseModuleCfgExt(pins), input, format("s16", 1));
    expect(made.configure(0, record(4, 1, [[0, 0, 1024]]))).toBe(0);
    expect(made.prepare()).toBe(0);
    expect(made.sink.channels).toBe(1);
    expect([...decodeSamples(made.run(encodeSamples([1, 2, 3, 4], "s16")), "s16")]).toEqual([3]);
  });

  it("refuses payloads and blobs of other sizes", () => {
    const { services } = bench("s32", 2, 2);
    expect(selectorDriver.create(services, payload(format("s32")))).toBe(-22);
    expect(selectorDriver.create(services, new Uint8Array(120))).toBe(-22);
    const made = bench("s32", 2, 2);
    expect(made.configure(0, new Uint8Array(131))).toBe(-22);
    expect(made.configure(0, new Uint8Array(132 * 9))).toBe(-22);
    expect(made.configure(1, record(2, 2, []))).toBe(-22);
    expect(made.module.setConfiguration?.(0, "first", 264, record(2, 2, []))).toBe(-22);
  });
});
