import { describe, expect, it } from "vitest";
import {
  makeTopology,
  parseTopology,
  readTopology,
  validateTopology,
  writeTopology,
} from "../src/index.js";
import { machineShapes, wholeMachine } from "./whole-machines.js";

describe.each(Object.entries(machineShapes))("the topology of: %s", (name, shape) => {
  const file = wholeMachine(shape).file();
  const bytes = writeTopology(file);

  it("has nothing wrong, and a size as shipped ones have", () => {
    expect(validateTopology(makeTopology(file))).toEqual([]);
    expect(bytes.length).toBeGreaterThan(8_000);
    expect(bytes.length).toBeLessThan(100_000);
  });

  it("comes back byte for byte", () => {
    expect(writeTopology(readTopology(bytes, name))).toEqual(bytes);
    expect(parseTopology(bytes, name).pcms).toHaveLength(
      2 * shape.outputs + 2 * shape.microphones + shape.hdmi + (shape.bluetooth ? 1 : 0),
    );
  });
});
