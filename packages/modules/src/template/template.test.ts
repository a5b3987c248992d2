import { describe, expect, it } from "vitest";
import { Bench, format, payload, words } from "../../test/kit.js";
import { decodeSamples, encodeSamples } from "../../test/signals.js";
import { templateDriver } from "./driver.js";

const control = (id: number, ...values: number[]) =>
  words(
    id | (values.length << 16),
    0,
    0,
    0,
    0,
    ...values.flatMap((value, channel) => [channel, value]),
  );

function bench(name: "s16" | "s24" | "s32", channels = 3) {
  const stream = format(name, channels);
  const made = new Bench(templateDriver, payload(stream), stream);
  expect(made.prepare()).toBe(0);
  return made;
}

describe("template", () => {
  it.each(["s16", "s24", "s32"] as const)(
    "reverses the channels of %s while its switch is on",
    (name) => {
      const template = bench(name);
      const container = name === "s16" ? "s16" : "s32";
      const input = encodeSamples([1, 2, 3, 4, 5, 6], container);
      expect([...decodeSamples(template.run(input), container)]).toEqual([1, 2, 3, 4, 5, 6]);
      expect(template.configure(200, control(0, 1))).toBe(0);
      expect([...decodeSamples(template.run(input), container)]).toEqual([3, 2, 1, 6, 5, 4]);
      expect(template.configure(200, control(0, 0))).toBe(0);
      expect([...decodeSamples(template.run(input), container)]).toEqual([1, 2, 3, 4, 5, 6]);
    },
  );

  it.each([1, 2, 4, 8])("reverses %d channels", (channels) => {
    const template = bench("s32", channels);
    template.configure(200, control(0, 1));
    const input = Array.from({ length: channels * 5 }, (_, i) => i);
    const expected = input.map(
      (i) => Math.floor(i / channels) * channels + channels - 1 - (i % channels),
    );
    expect([...decodeSamples(template.run(encodeSamples(input, "s32")), "s32")]).toEqual(expected);
  });

  it("refuses other controls, ids and counts", () => {
    const template = bench("s32");
    expect(template.configure(201, control(0, 1))).toBe(-22);
    expect(template.configure(200, control(1, 1))).toBe(-22);
    expect(template.configure(200, control(0, 1, 1))).toBe(-22);
    expect(template.configure(200, control(0, 1).subarray(0, 24))).toBe(-22);
  });

  it("wants one source and one sink", () => {
    const { module, source, sink } = bench("s32");
    expect(module.prepare([source, source], [sink])).toBe(-22);
    expect(module.prepare([source], [])).toBe(-22);
  });
});
