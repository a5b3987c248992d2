import { ByteReader, InputError, InvariantError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { lostBits, thrown } from "../test/support.js";
import {
  array,
  bits,
  bytes,
  flag,
  i16,
  i32,
  nested,
  reserved,
  reservedBits,
  text,
  u16,
  u32,
  u64,
  u8,
  uuid,
} from "./fields.js";
import { struct } from "./struct.js";

const inner = struct("inner", 4, { low: u16(0), high: i16(2) });

const everything = struct("everything", 76, {
  byte: u8(0),
  pair: u16(1),
  hole: reserved(3, 1),
  word: u32(4),
  signed: i32(8),
  wide: u64(12),
  enabled: flag(20, 0),
  level: bits(20, 1, 12),
  spare: reservedBits(20, 13, 3),
  rest: bits(20, 16, 16),
  blob: bytes(24, 5),
  pad: reserved(29, 3),
  child: nested(32, inner),
  children: array(36, 2, inner),
  words: array(44, 2, u32),
  name: text(52, 8),
  id: uuid(60),
});

const sample = {
  byte: 0x12,
  pair: 0x3456,
  word: 0xfedc_ba98,
  signed: -2,
  wide: 0x0102_0304_0506_0708n,
  enabled: true,
  level: 0xabc,
  rest: 0xffff,
  blob: Uint8Array.of(1, 2, 3, 4, 5),
  child: { low: 1, high: -1 },
  children: [
    { low: 2, high: 3 },
    { low: 4, high: -32768 },
  ],
  words: [0, 0xffff_ffff],
  name: "PEAKVOL",
  id: "8a171323-94a3-4e1d-afe9-fe5dbaa4c393",
};

describe("struct", () => {
  it("writes each field little-endian at its offset", () => {
    const wire = everything.encode(sample);
    expect([...wire.subarray(0, 24)]).toEqual([
      0x12, 0x56, 0x34, 0, 0x98, 0xba, 0xdc, 0xfe, 0xfe, 0xff, 0xff, 0xff, 8, 7, 6, 5, 4, 3, 2, 1,
      0x79, 0x15, 0xff, 0xff,
    ]);
    expect([...wire.subarray(24, 52)]).toEqual([
      1, 2, 3, 4, 5, 0, 0, 0, 1, 0, 0xff, 0xff, 2, 0, 3, 0, 4, 0, 0, 0x80, 0, 0, 0, 0, 0xff, 0xff,
      0xff, 0xff,
    ]);
    expect([...wire.subarray(52)]).toEqual([
      0x50, 0x45, 0x41, 0x4b, 0x56, 0x4f, 0x4c, 0, 0x23, 0x13, 0x17, 0x8a, 0xa3, 0x94, 0x1d, 0x4e,
      0xaf, 0xe9, 0xfe, 0x5d, 0xba, 0xa4, 0xc3, 0x93,
    ]);
  });

  it("reads what it wrote", () => {
    expect(everything.decode(everything.encode(sample))).toEqual(sample);
  });

  it("keeps every byte, the reserved ones too", () => {
    expect(lostBits(everything)).toBeUndefined();
  });

  it("leaves reserved fields out of the value when they are zero", () => {
    const wire = everything.encode(sample);
    expect(Object.keys(everything.decode(wire))).not.toContain("spare");
    wire[21] = (wire[21] as number) | 0xa0;
    wire[3] = 7;
    const value = everything.decode(wire);
    expect(value.spare).toBe(5);
    expect(value.hole).toEqual(Uint8Array.of(7));
  });

  it("writes in place and clears what was there", () => {
    const out = new Uint8Array(8).fill(0xee);
    inner.encodeInto({ low: 0x0102, high: 0 }, out, 2);
    expect([...out]).toEqual([0xee, 0xee, 2, 1, 0, 0, 0xee, 0xee]);
  });

  it("tells where each field is", () => {
    expect(everything.offsets).toMatchObject({
      word: 4,
      level: 20,
      rest: 22,
      children: 36,
      id: 60,
    });
  });

  it("hands out copies, not views of the bytes that it read", () => {
    const wire = everything.encode(sample);
    const value = everything.decode(wire);
    wire.fill(0);
    expect(value.blob).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  it("refuses short input with the structure's name and the offset", () => {
    const error = thrown(() => inner.decode(new Uint8Array(7), 4));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ source: "inner", offset: 4 });
    expect(String(error)).toContain("needs 4 bytes, 3 left");
  });

  it("refuses short input of a reader with the reader's source and offset", () => {
    const reader = new ByteReader(new Uint8Array(6), "reply payload", 100);
    expect(inner.read(reader)).toEqual({ low: 0, high: 0 });
    const error = thrown(() => inner.read(reader));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ source: "reply payload", offset: 104 });
  });
});

describe("struct tables", () => {
  const define = (size: number, layout: Parameters<typeof struct>[2]) => () =>
    struct("wrong", size, layout);

  it.each([
    ["overlap", define(4, { a: u16(0), b: u16(1), c: u8(3) }), /b overlaps a at byte 1/],
    ["leave a byte out", define(4, { a: u16(0), b: u8(3) }), /bit 0 of byte 2/],
    ["leave a bit out", define(1, { a: bits(0, 0, 3), b: bits(0, 4, 4) }), /bit 3 of byte 0/],
    ["reach outside", define(3, { a: u32(0) }), /outside of 3 bytes/],
    ["cross a word", define(8, { a: bits(0, 30, 4), b: u32(4) }), /crosses a 32-bit word/],
  ])("must not %s", (_what, load, message) => {
    expect(load).toThrow(InvariantError);
    expect(load).toThrow(message);
  });

  it.each([
    ["too large", { low: 65536, high: 0 }],
    ["negative", { low: -1, high: 0 }],
    ["fractional", { low: 0.5, high: 0 }],
    ["too small", { low: 0, high: -32769 }],
  ])("take no value that is %s for its field", (_what, value) => {
    expect(() => inner.encode(value)).toThrow(/inner\.(low|high): .* is not an integer in/);
  });

  it("take no value without one of its fields", () => {
    expect(() => inner.encode({ low: 1 } as never)).toThrow("inner.high: undefined is not");
  });
});
