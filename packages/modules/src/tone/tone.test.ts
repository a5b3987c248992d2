import { encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import { baseConfig, Bench, feed, drain, format, payload } from "../../test/kit.js";
import { decodeSamples, encodeSamples } from "../../test/signals.js";
import { toneDriver } from "./driver.js";
import { phaseStep } from "./tone.js";

describe("tone", () => {
  it("generates 997 Hz at a tenth of full scale in every channel", () => {
    const stream = format("s32");
    const made = new Bench(toneDriver, payload(stream), stream);
    expect(made.prepare()).toBe(0);
    const samples: number[] = [];
    for (let period = 0; period < 2; period++) {
      made.process();
      samples.push(...decodeSamples(drain(made.sink), "s32"));
    }
    const left = samples.filter((_, i) => i % 2 === 0);
    expect(left).toHaveLength(96);
    expect(left.slice(0, 6)).toEqual([0, 27946678, 55418043, 81946861, 107081935, 130395765]);
    expect([left[12], left[48]]).toEqual([214745981, -4047429]);
    expect(samples.filter((_, i) => i % 2 === 1)).toEqual(left);
  });

  it("steps the phase by the rate", () => {
    expect(phaseStep(48000)).toBe(35032711);
    expect(phaseStep(12345)).toBeNull();
  });

  it("starts at phase zero after every prepare", () => {
    const stream = format("s32", 1);
    const made = new Bench(toneDriver, payload(stream), stream);
    const run = () => {
      made.prepare();
      made.process();
      return [...drain(made.sink)];
    };
    const first = run();
    made.module.reset();
    expect(run()).toEqual(first);
  });

  it("passes its source on while one is bound to its input pin", () => {
    const stream = format("s32", 1);
    const base = baseConfig(stream);
    const pin = { pinIndex: 0, audioFmt: stream };
    const init = encodeBaseModuleCfgExt({
      base,
      inputPins: [{ ...pin, ibs: base.ibs }],
      outputPins: [{ ...pin, obs: base.obs }],
    });
    const made = new Bench(toneDriver, init, stream);
    made.prepare();
    made.process();
    expect(drain(made.sink)).toEqual(new Uint8Array(48 * 4));
    const link = { side: "sink", queueId: 0, stream: made.source, peer: null } as const;
    made.module.bind?.(link);
    const input = encodeSamples([1, 2, 3], "s32");
    feed(made.source, input);
    made.process();
    expect(drain(made.sink)).toEqual(input);
    made.module.unbind?.(link);
    made.process();
    expect(drain(made.sink)).toEqual(new Uint8Array(48 * 4));
  });

  it("refuses rates without a tone and containers other than 32 bits", () => {
    const { services } = new Bench(toneDriver, payload(format("s32")), format("s32"));
    expect(toneDriver.create(services, payload(format("s32", 2, 12000)))).toBe(-22);
    expect(toneDriver.create(services, payload(format("s16")))).toBe(-22);
  });
});
