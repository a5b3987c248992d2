import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { crc, encodeSamples, integerFormats, noise, quantize } from "../../test/signals.js";
import { gainDriver } from "./driver.js";

const ALL = 0xffffffff;
const ms = (value: number) => value * 10_000;

function volume(channel: number, target: number, curve: number, durationMs: number): Uint8Array {
  return words(channel, target, curve, 0, ms(durationMs), 0);
}

function gain(
  fmt: (typeof integerFormats)[number],
  target: number,
  curve: number,
  durationMs = 20,
) {
  const stream = format(fmt);
  const bench = new Bench(
    gainDriver,
    payload(stream, volume(ALL, target, curve, durationMs)),
    stream,
  );
  expect(bench.prepare()).toBe(0);
  return bench;
}

const checks: readonly [string, number, number, readonly [string, string, string]][] = [
  ["linear", 0x7fffffff, 2, ["c32649a4", "fc958b82", "af89ddd5"]],
  ["windows fade", 0x40000000, 1, ["d3fbe47a", "7d0dab0d", "ff108f4c"]],
  ["none", 0x12345678, 0, ["8c4dc95f", "b9d782c4", "24d751f4"]],
  ["linear with zero crossing", 0x7fffffff, 4, ["d8e62d17", "09f4a971", "95bce82d"]],
];

describe("gain", () => {
  it.each(checks)("is exact with a ramp that is %s", (_name, target, curve, sums) => {
    integerFormats.forEach((fmt, index) => {
      const bench = gain(fmt, target, curve);
      const input = encodeSamples(quantize(noise(960), fmt), fmt);
      expect(`${fmt} ${crc(bench.run(input))}`).toBe(`${fmt} ${sums[index]}`);
    });
  });
});
