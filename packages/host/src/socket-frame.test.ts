import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader, type SocketFrame } from "./socket-frame.js";

const frames = fc.array(
  fc.record({
    type: fc.nat(0xffff),
    sequence: fc.nat(0xffff_ffff),
    body: fc.uint8Array({ maxLength: 40 }),
  }),
  { maxLength: 6 },
);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Reads a stream that comes in pieces of these lengths, over and over. */
function readInPieces(bytes: Uint8Array, lengths: readonly number[]): SocketFrame[] {
  const reader = new FrameReader("test");
  const found: SocketFrame[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    found.push(...reader.push(bytes.subarray(at, at + length)));
    at += length;
  }
  expect(reader.isInside).toBe(false);
  return found;
}

describe("frames", () => {
  it("have length, type, zero and sequence in front of the body, little-endian", () => {
    const bytes = encodeFrame({ type: 0x8007, sequence: 0x0102_0304, body: Uint8Array.of(9, 8) });
    expect([...bytes]).toEqual([10, 0, 0, 0, 7, 0x80, 0, 0, 4, 3, 2, 1, 9, 8]);
  });

  it("come out as they went in, however the stream is cut", () => {
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (list, cuts) => {
          const bytes = joined(list.map((frame) => encodeFrame(frame)));
          expect(readInPieces(bytes, cuts)).toEqual(list);
        },
      ),
    );
  });

  it.each([
    ["too short", [7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], /a message of 7 bytes/],
    ["too long", [9, 0, 0x10, 0, 1, 0, 0, 0, 0, 0, 0, 0], /a message of 1048585 bytes/],
    [
      "marked where nothing is",
      [8, 0, 0, 0, 1, 0, 5, 0, 0, 0, 0, 0],
      /offset 6.*reserved field of 5/,
    ],
  ])("are refused when they are %s", (_what, bytes, error) => {
    expect(() => [...new FrameReader("peer").push(Uint8Array.from(bytes))]).toThrow(error);
  });

  it("may stop anywhere, which shows", () => {
    const reader = new FrameReader("peer");
    expect([...reader.push(Uint8Array.of(10, 0, 0))]).toEqual([]);
    expect(reader.isInside).toBe(true);
  });

  it("tell where in the stream the fault is", () => {
    const reader = new FrameReader("peer");
    expect([
      ...reader.push(encodeFrame({ type: 1, sequence: 0, body: new Uint8Array(4) })),
    ]).toHaveLength(1);
    expect(() => [...reader.push(new Uint8Array(12))]).toThrow(/peer, offset 16/);
  });
});
