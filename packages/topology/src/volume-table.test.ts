import { describe, expect, it } from "vitest";
import { volumeDb, volumeQ31, volumeTable } from "./volume-table.js";

/** The scale of nearly every gain in the field. */
const usual = { minCentiDb: -9000, stepCentiDb: 200, mute: true };

describe("volumeQ31", () => {
  it.each([
    [45, 0x7fffffff],
    [44, 0x65ac0000],
    [43, 0x50c28000],
    [42, 0x40260000],
    [40, 0x28798000],
    [35, 0x0ccc0000],
    [30, 0x040c0000],
    [25, 0x01478000],
    [20, 0x00678000],
    [10, 0x000a0000],
    [1, 0x00010000],
    [0, 0],
  ])("gives what the driver sends for value %i", (index, wire) => {
    expect(volumeQ31(usual, index)).toBe(wire);
  });

  it("does not mute value 0 of a scale without mute", () => {
    // -90 dB is 2.07 of 65536, truncated to 2.
    expect(volumeQ31({ ...usual, mute: false }, 0)).toBe(0x10000);
  });

  it("saturates above 0 dB", () => {
    const loud = { minCentiDb: 0, stepCentiDb: 100, mute: false };
    expect(volumeTable(loud, 100).every((gain) => gain === 0x7fffffff)).toBe(true);
  });

  it("takes half decibels as one more factor", () => {
    const half = { minCentiDb: -100, stepCentiDb: 50, mute: false };
    // -1 dB: floor(2^32 / 73533) = 58408; half a decibel more: floor(58408 * 69419 / 65536) = 61868.
    expect(volumeQ31(half, 0)).toBe(58408 * 32768);
    expect(volumeQ31(half, 1)).toBe(61868 * 32768);
    expect(volumeQ31(half, 2)).toBe(0x7fffffff);
  });

  it("is silent far below the smallest step of the wire", () => {
    expect(volumeQ31({ minCentiDb: -20000, stepCentiDb: 100, mute: false }, 0)).toBe(0);
  });

  it("rises with every value", () => {
    const table = volumeTable(usual, 45);
    expect(table.length).toBe(46);
    expect(table.slice(1).every((gain, i) => gain >= (table[i] as number))).toBe(true);
  });
});

describe("volumeDb", () => {
  it("shows the scale as a mixer does", () => {
    expect([0, 1, 45].map((index) => volumeDb(usual, index))).toEqual([-Infinity, -88, 0]);
  });
});
