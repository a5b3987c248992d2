import { describe, expect, it } from "vitest";
import { BusError, field, Register, RegisterFile, reserved } from "./index.js";

describe("a register", () => {
  it("is refused unless each of its 32 bits is claimed exactly once", () => {
    expect(() => new Register("A", 0, [field("x", 31, 1, "rw")])).toThrow(
      "bits 0x1 are not claimed",
    );
    expect(() => new Register("A", 0, [field("x", 31, 0, "rw"), reserved(4)])).toThrow("overlaps");
    expect(() => new Register("A", 0, [field("x", 32, 0, "rw")])).toThrow("outside 31..0");
    expect(() => new Register("A", 2, [field("x", 31, 0, "rw")])).toThrow("not a multiple of 4");
    expect(
      new Register("A", 0, [field("x", 31, 16, "rw"), field("y", 15, 0, "ro")]).resetValue,
    ).toBe(0);
  });

  it("gives each kind of field its access rules", () => {
    const file = new RegisterFile("dut", 0x10);
    const seen: number[] = [];
    const register = file.define(
      "MIX",
      4,
      [
        field("rw", 31, 24, "rw", 0x12),
        field("ro", 23, 16, "ro", 0x34),
        field("w1c", 15, 8, "w1c", 0xff),
        field("wo", 7, 4, "wo"),
        field("w1s", 3, 3, "w1s"),
        field("w0c", 2, 1, "w0c", 0x3),
        reserved(0),
      ],
      { onWrite: (_register, written) => seen.push(written) },
    );
    expect(file.read32(4)).toBe(0x1234_ff06);
    file.write32(4, 0xab56_0ffb);
    expect(file.read32(4)).toBe(0xab34_f00a);
    file.write32(4, 0xab00_0000);
    expect(file.read32(4)).toBe(0xab34_f008);
    expect(seen).toEqual([0xab56_0ffb, 0xab00_0000]);
    register.value = 0xffff_ffff;
    expect(file.read32(4)).toBe(0xffff_ff0e);
    file.reset();
    expect(file.read32(4)).toBe(0x1234_ff06);
  });

  it("answers only at its own aligned offset", () => {
    const file = new RegisterFile("dut", 0x10);
    file.define("A", 8, [field("x", 31, 0, "rw")]);
    const fault = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        if (error instanceof BusError) return [error.fault, error.access, error.offset];
      }
      return null;
    };
    expect(fault(() => file.read32(4))).toEqual(["unmapped", "read", 4]);
    expect(fault(() => file.write32(9, 0))).toEqual(["unaligned", "write", 9]);
    expect(fault(() => file.read32(0x10))).toEqual(["unmapped", "read", 0x10]);
    expect(fault(() => file.write32(8, 1))).toBeNull();
    expect(() => file.define("B", 8, [field("x", 31, 0, "rw")])).toThrow("two registers");
  });
});
