import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateSignal, type Signal, sineOfTurns } from "./index.js";

const mono = { rate: 48000, channels: 1, layout: "S32_LE" } as const;
const samplesOf = (signal: Signal, frames: number) => [
  ...new Int32Array(generateSignal([signal], mono, frames).data.buffer),
];
const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

describe("sineOfTurns", () => {
  it("is the sine, to 1e-11", () => {
    for (let i = 0; i < 1000; i++) {
      expect(Math.abs(sineOfTurns(i / 1000) - Math.sin((2 * Math.PI * i) / 1000))).toBeLessThan(
        1e-11,
      );
    }
  });
});

describe("generateSignal", () => {
  it("makes a sine of the frequency it is asked for", () => {
    const sine = samplesOf({ kind: "sine", frequencyHz: 12000, amplitude: 0.5 }, 8);
    expect(sine).toEqual([0, 0x40000000, 0, -0x40000000, 0, 0x40000000, 0, -0x40000000]);
  });

  it("sweeps a chirp from its first frequency to its last", () => {
    const chirp = samplesOf({ kind: "chirp", fromHz: 100, toHz: 2000, amplitude: 1 }, 48000);
    const crossings = (from: number, to: number) =>
      chirp
        .slice(from, to)
        .filter((value, i) => i > 0 && value >= 0 !== (chirp[from + i - 1] as number) >= 0).length;
    // A sine of f Hz crosses zero 2 f times a second; these are tenths of a second.
    expect(crossings(0, 4800)).toBeGreaterThanOrEqual(36);
    expect(crossings(0, 4800)).toBeLessThanOrEqual(42);
    expect(crossings(43200, 48000)).toBeGreaterThanOrEqual(376);
    expect(crossings(43200, 48000)).toBeLessThanOrEqual(386);
  });

  it("makes square waves that switch at whole frames", () => {
    const square = samplesOf({ kind: "square", frequencyHz: 12000, amplitude: 1 }, 6);
    expect(square).toEqual([
      0x7fffffff, 0x7fffffff, -0x80000000, -0x80000000, 0x7fffffff, 0x7fffffff,
    ]);
  });

  it("makes one impulse, and silence", () => {
    expect(samplesOf({ kind: "impulse", atFrame: 2, amplitude: 0.5 }, 4)).toEqual([
      0, 0, 0x40000000, 0,
    ]);
    expect(samplesOf({ kind: "silence" }, 2)).toEqual([0, 0]);
  });

  it("makes noise that depends on the seed and the channel alone", () => {
    const noise = (seed: number) =>
      generateSignal([{ kind: "noise", seed, amplitude: 0.25 }], { ...mono, channels: 2 }, 1000)
        .data;
    expect(noise(1)).toEqual(noise(1));
    expect(noise(1)).not.toEqual(noise(2));
    const samples = new Int32Array(noise(1).buffer);
    const [left, right] = [
      samples.filter((_, i) => i % 2 === 0),
      samples.filter((_, i) => i % 2 === 1),
    ];
    expect(left).not.toEqual(right);
    expect(Math.max(...samples.map(Math.abs))).toBeLessThanOrEqual(0x20000000);
    expect(Math.max(...samples)).toBeGreaterThan(0x1f000000);
    expect(Math.abs(samples.reduce((sum, value) => sum + value, 0) / samples.length)).toBeLessThan(
      0x2000000,
    );
  });

  it("gives each channel its signal and the rest the last one", () => {
    const signals: Signal[] = [
      { kind: "impulse", atFrame: 0, amplitude: 0.5 },
      { kind: "impulse", atFrame: 1, amplitude: 0.5 },
    ];
    const audio = generateSignal(signals, { rate: 48000, channels: 3, layout: "S16_LE" }, 2);
    expect([...new Int16Array(audio.data.buffer)]).toEqual([0x4000, 0, 0, 0, 0x4000, 0x4000]);
    expect(audio).toMatchObject({ rate: 48000, channels: 3, frames: 2, layout: "S16_LE" });
  });

  it("makes the same bits on every machine", () => {
    const signals: Signal[] = [
      { kind: "sine", frequencyHz: 997, amplitude: 0.9 },
      { kind: "chirp", fromHz: 20, toHz: 20000, amplitude: 0.9 },
      { kind: "noise", seed: 7, amplitude: 0.9 },
    ];
    const audio = generateSignal(signals, { rate: 48000, channels: 3, layout: "S24_4LE" }, 4800);
    expect(sha256(audio.data)).toBe(
      "94cc224c419c348292cd8d085fdb9eec995ffd4b90e7128a6ca4d058a15d3e64",
    );
  });
});
