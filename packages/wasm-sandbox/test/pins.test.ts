import { describe, expect, it } from "vitest";
import { assemble, type FunctionText, I32, moduleWith, s32 } from "./assembler.js";
import { alive, make, Rings } from "./kit.js";

const EINVAL = -22;
const EFAULT = -14;
const OFFERED = { maxSources: 1, maxSinks: 1 };
const taking = (pins: number, ...more: readonly FunctionText[]): Uint8Array =>
  assemble({
    functions: moduleWith(
      { name: "sof_module_pins", results: [I32], code: [0x41, ...s32(pins)] },
      ...more,
    ),
  });

describe("a module's sources and sinks", () => {
  it("are as many as it says, whatever the host takes for granted", () => {
    const rings = new Rings();
    const streams = Array.from({ length: 9 }, () => rings.ring(384));
    const { module } = alive(taking((8 << 16) | 3), undefined, OFFERED);
    expect(module.prepare(streams.slice(0, 8), streams.slice(0, 3))).toBe(0);
    expect(module.process(streams.slice(0, 8), streams.slice(0, 3))).toBe(0);
    expect(module.prepare(streams, streams.slice(0, 3))).toBe(EINVAL);
    expect(module.prepare(streams.slice(0, 8), streams.slice(0, 4))).toBe(EINVAL);
    expect(alive(taking(1), undefined, OFFERED).module.prepare([streams[0]!], [])).toBe(EINVAL);
  });

  it("are told to it in the context, so that it finds the descriptors of all", () => {
    // get_param(offset): the word of the context at that offset.
    const binary = taking(
      (5 << 16) | 4,
      {
        name: "sof_module_alloc",
        params: [I32, I32],
        results: [I32],
        code: [0x41, ...s32(0xd000)],
      },
      {
        name: "sof_module_get_param",
        params: [I32],
        results: [I32],
        code: [0x20, 0, 0x28, 2, 0x80, 0xa0, 0x03],
      },
    );
    const { module } = alive(binary, undefined, OFFERED);
    expect([module.getConfigParam(28), module.getConfigParam(32)]).toEqual([5, 4]);
    const sources = module.getConfigParam(36);
    expect(module.getConfigParam(40) - sources).toBe(5 * 48);
  });

  it("are refused beyond eight, and with what the module refuses itself", () => {
    for (const [pins, result, reasons] of [
      [9 << 16, EFAULT, ["bad-result"]],
      [9, EFAULT, ["bad-result"]],
      [0x7fff_ffff, EFAULT, ["bad-result"]],
      [-22, EINVAL, []],
      [-5000, EFAULT, ["bad-result"]],
    ] as const) {
      const made = make(taking(pins), undefined, OFFERED);
      expect([made.result, made.faults.map(({ reason }) => reason)]).toEqual([result, reasons]);
    }
  });
});
