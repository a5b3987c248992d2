import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lostBits, thrown, wordsOf } from "../test/support.js";
import {
  baseModuleCfg,
  baseModuleCfgExtSize,
  decodeBaseModuleCfgExt,
  encodeBaseModuleCfgExt,
  hasBaseModuleCfgExt,
  inputPinFormat,
  outputPinFormat,
} from "./base-module-cfg.js";

const audioFmt = {
  samplingFrequency: 48000,
  depth: 32,
  chMap: 0xffff_ff10,
  chCfg: 1,
  interleavingStyle: 0,
  channelsCount: 2,
  validBitDepth: 24,
  sampleType: 1,
};
const base = { cpc: 1000, ibs: 384, obs: 768, isPages: 3, audioFmt };

describe("baseModuleCfg", () => {
  it("is 40 bytes and pin formats are 32", () => {
    expect([baseModuleCfg.size, inputPinFormat.size, outputPinFormat.size]).toEqual([40, 32, 32]);
  });

  it("holds four words and the format of pin 0", () => {
    const wire = baseModuleCfg.encode(base);
    expect(wordsOf(wire)).toEqual([1000, 384, 768, 3, 48000, 32, 0xffff_ff10, 1, 0, 0x0001_1802]);
    expect(baseModuleCfg.decode(wire)).toEqual(base);
  });

  it("keeps any 40 bytes", () => {
    expect(lostBits(baseModuleCfg)).toBeUndefined();
  });
});

describe("base configuration with pin formats", () => {
  const value = {
    base,
    inputPins: [
      { pinIndex: 0, ibs: 384, audioFmt },
      { pinIndex: 1, ibs: 192, audioFmt },
    ],
    outputPins: [{ pinIndex: 0, obs: 768, audioFmt }],
  };

  it("takes 56 bytes and 32 for each pin", () => {
    expect(baseModuleCfgExtSize(2, 1)).toBe(152);
    const wire = encodeBaseModuleCfgExt(value);
    expect(wire.length).toBe(152);
    expect([...wire.subarray(40, 56)]).toEqual([2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...wire.subarray(88, 96)]).toEqual([1, 0, 0, 0, 192, 0, 0, 0]);
    expect([...wire.subarray(120, 128)]).toEqual([0, 0, 0, 0, 0, 3, 0, 0]);
  });

  it("comes back as it was, reserved bytes included", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 8 }),
        fc.uint8Array({ minLength: 56 + 512, maxLength: 56 + 512 }),
        (inputs, outputs, noise) => {
          const wire = noise.slice(0, baseModuleCfgExtSize(inputs, outputs));
          wire.set([inputs, 0, outputs, 0], 40);
          expect(encodeBaseModuleCfgExt(decodeBaseModuleCfgExt(wire))).toEqual(wire);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is recognised by its exact length only", () => {
    const wire = encodeBaseModuleCfgExt(value);
    expect(hasBaseModuleCfgExt(wire)).toBe(true);
    expect(hasBaseModuleCfgExt(wire.subarray(0, 151))).toBe(false);
    expect(hasBaseModuleCfgExt(new Uint8Array([...wire, 0]))).toBe(false);
    expect(hasBaseModuleCfgExt(wire.subarray(0, 40))).toBe(false);
  });

  it("names the offset at which bytes are missing or counts are wrong", () => {
    const wire = encodeBaseModuleCfgExt(value);
    const refuse = (payload: Uint8Array) =>
      thrown(() => decodeBaseModuleCfgExt(payload, "init payload"));
    expect(refuse(wire.subarray(0, 100))).toBeInstanceOf(InputError);
    expect(refuse(wire.subarray(0, 100))).toMatchObject({ source: "init payload", offset: 88 });
    wire[40] = 9;
    expect(refuse(wire)).toMatchObject({ reason: "9 input pins, at most 8", offset: 40 });
    wire[40] = 2;
    wire[43] = 1;
    expect(refuse(wire)).toMatchObject({ reason: "257 output pins, at most 8", offset: 42 });
  });

  it("cannot be written with more than eight pins a side", () => {
    const inputPins = Array.from({ length: 9 }, (_, pinIndex) => ({ pinIndex, ibs: 4, audioFmt }));
    expect(() => encodeBaseModuleCfgExt({ base, inputPins, outputPins: [] })).toThrow(
      "9 input pins",
    );
  });
});
