import { describe, expect, it } from "vitest";
import { createToneKernels } from "./index.js";
import { kernelMemory } from "../test/memory.js";

const { sin32 } = createToneKernels(kernelMemory());

describe("CORDIC sine", () => {
  it("has the published values", () => {
    expect(sin32(421657428)).toBe(2147483647);
    expect(sin32(281104952)).toBe(1859775402);
  });

  it("is the sine to 28 bits, odd, over two turns", () => {
    for (let i = -500; i <= 500; i++) {
      const angle = Math.round((i / 500) * 2 * Math.PI * 2 ** 28 * 0.9999);
      const ideal = Math.sin(angle / 2 ** 28) * 2 ** 31;
      expect(Math.abs(sin32(angle) - ideal)).toBeLessThan(32);
    }
  });
});
