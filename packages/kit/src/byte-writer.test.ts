import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter, InputError } from "./index.js";

describe("ByteWriter", () => {
  it("keeps what was written when it outgrows its capacity at any place", () => {
    for (let capacity = 1; capacity < 40; capacity++) {
      const bytes = new ByteWriter(capacity)
        .u8(0x11)
        .u16(0x2233)
        .u32(0x4455_6677)
        .i32(-2)
        .u64(0x8899_aabb_ccdd_eeffn)
        .bytes(Uint8Array.of(1, 2, 3))
        .zeros(2)
        .u32(5)
        .finish();
      const reader = new ByteReader(bytes, "test");
      expect([reader.u8(), reader.u16(), reader.u32(), reader.i32(), reader.u64()]).toEqual([
        0x11,
        0x2233,
        0x4455_6677,
        -2,
        0x8899_aabb_ccdd_eeffn,
      ]);
      expect([...reader.take(5), reader.u32()]).toEqual([1, 2, 3, 0, 0, 5]);
      expect(reader.remaining).toBe(0);
    }
  });
});

describe("ByteReader", () => {
  it("names source, offset and need when bytes are missing", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), "a file", 100);
    reader.u16();
    expect(() => reader.u32("count")).toThrow(
      new InputError("truncated: count needs 4 bytes, 1 left", { source: "a file", offset: 102 }),
    );
  });
});
