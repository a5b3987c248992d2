import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VendorArray } from "../container/records.js";
import { readPinFormats } from "./pin-formats.js";
import { Tuples } from "./tuples.js";

type Pairs = [token: number, value: number][];

const words = (pairs: Pairs): VendorArray => ({
  type: "word",
  elements: pairs.map(([token, value]) => ({ token, value })),
});

/** An input set of `rate` Hz, stereo, 32 bits. */
const inputSet = (rate: number, more: Pairs = []): Pairs => [
  [1970, rate / 125],
  [1908, 1],
  [1907, 0x12002],
  [1906, 0],
  [1905, 1],
  [1904, 0xffffff10],
  [1903, 2],
  [1900, rate],
  [1901, 32],
  [1902, 32],
  ...more,
];
const outputSet = (rate: number): Pairs => [
  [1930, rate],
  [1931, 16],
  [1934, 0xfffffff0],
  [1935, 0],
  [1936, 0],
  [1937, 0x11001],
  [1971, rate / 500],
];

const rates = (tuples: Tuples) =>
  readPinFormats(tuples, "input").sets.map(({ format }) => format.rate);

describe("readPinFormats", () => {
  it("takes a set apart by the words that the driver uses", () => {
    const tuples = new Tuples([
      words([
        [415, 1],
        [416, 1],
      ]),
      words(inputSet(48000)),
      words(outputSet(8000)),
    ]);
    expect(readPinFormats(tuples, "input")).toEqual({
      declared: 1,
      found: 1,
      sets: [
        {
          pin: 0,
          bufferBytes: 384,
          format: {
            rate: 48000,
            bitDepth: 32,
            chMap: 0xffffff10,
            chCfg: 1,
            interleaving: 0,
            fmtCfg: 0x12002,
            channels: 2,
            validBits: 32,
            sampleType: 1,
          },
        },
      ],
    });
    expect(readPinFormats(tuples, "output").sets[0]).toMatchObject({
      bufferBytes: 16,
      format: { rate: 8000, bitDepth: 16, channels: 1, validBits: 16, sampleType: 1 },
    });
  });

  it("uses the first sets of the file and ignores those beyond the declared number", () => {
    const tuples = new Tuples([
      words([[415, 2]]),
      words(inputSet(48000)),
      words(inputSet(96000)),
      words(inputSet(8000)),
      words(inputSet(16000)),
    ]);
    expect(rates(tuples)).toEqual([48000, 96000]);
    expect(readPinFormats(tuples, "input")).toMatchObject({ declared: 2, found: 4 });
  });

  it("leaves sets zero that are declared and not there", () => {
    const tuples = new Tuples([words([[415, 3]]), words(inputSet(48000)), words(inputSet(16000))]);
    expect(rates(tuples)).toEqual([48000, 16000, 0]);
    expect(readPinFormats(tuples, "input")).toMatchObject({ declared: 3, found: 2 });
    expect(readPinFormats(tuples, "input").sets[2]?.format.fmtCfg).toBe(0);
  });

  it("has no sets where none is declared, however many there are", () => {
    expect(rates(new Tuples([words(inputSet(48000))]))).toEqual([]);
  });

  it("reads an input and an output set out of one array", () => {
    const tuples = new Tuples([
      words([[415, 1], [416, 1], ...inputSet(48000), ...outputSet(16000)]),
    ]);
    expect(rates(tuples)).toEqual([48000]);
    expect(readPinFormats(tuples, "output").sets[0]?.format.rate).toBe(16000);
  });

  it("trusts fmt_cfg where the labels beside it say otherwise", () => {
    const set = inputSet(48000).map(([token, value]): [number, number] =>
      token === 1903 ? [1903, 7] : token === 1908 ? [1908, 0] : [token, value],
    );
    const tuples = new Tuples([words([[415, 1]]), words(set)]);
    expect(readPinFormats(tuples, "input").sets[0]?.format).toMatchObject({
      channels: 2,
      sampleType: 1,
    });
  });

  it("takes pin 0 for a set without pin index", () => {
    const tuples = new Tuples([
      words([[415, 2]]),
      words(inputSet(48000, [[1909, 0]])),
      words(inputSet(16000, [[1909, 1]])),
    ]);
    expect(readPinFormats(tuples, "input").sets.map(({ pin }) => pin)).toEqual([0, 1]);
    const without = new Tuples([words([[415, 1]]), words(inputSet(48000))]);
    expect(readPinFormats(without, "input").sets[0]?.pin).toBe(0);
  });

  it("does not depend on the order of elements in an array nor of arrays of other tokens", () => {
    const expected = readPinFormats(
      new Tuples([words([[415, 2]]), words(inputSet(48000)), words(inputSet(16000))]),
      "input",
    );
    fc.assert(
      fc.property(
        fc.shuffledSubarray(inputSet(48000), { minLength: 10 }),
        fc.shuffledSubarray(inputSet(16000), { minLength: 10 }),
        fc.nat(2),
        (first, second, place) => {
          const arrays = [words(first), words(second)];
          arrays.splice(place, 0, words([[415, 2]]));
          expect(readPinFormats(new Tuples(arrays), "input")).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is not led to allocate by a number that no file declares", () => {
    const tuples = new Tuples([words([[415, 0xffffffff]])]);
    const formats = readPinFormats(tuples, "input");
    expect(formats.declared).toBe(0xffffffff);
    expect(formats.sets.length).toBe(256);
  });
});
