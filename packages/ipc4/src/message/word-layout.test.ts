import { InvariantError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { extension, extensionFlag, primary, primaryFlag, wordLayout } from "./word-layout.js";

describe("word tables", () => {
  it.each([
    ["overlap", { a: primary(0, 4), b: primary(3, 2) }, "t.b: overlaps another field"],
    ["take fixed bits", { a: primaryFlag(24) }, "t.a: overlaps another field"],
    ["leave their word", { a: extension(30, 3) }, "t.a: outside of its word"],
    ["take no bit", { a: extension(3, 0) }, "t.a: outside of its word"],
  ])("must not %s", (_what, fields, message) => {
    const load = () => wordLayout("t", 0x0100_0000, 0x7f00_0000, fields);
    expect(load).toThrow(InvariantError);
    expect(load).toThrow(message);
  });

  it("may fill whole words", () => {
    const layout = wordLayout("t", 0x0100_0000, 0xff00_0000, {
      low: primary(0, 24),
      all: extension(0, 31),
      top: extensionFlag(31),
    });
    const words = { primary: 0x01ab_cdef, extension: 0xffff_fffe };
    const value = layout.decode(words);
    expect(value).toEqual({ kind: "t", low: 0xab_cdef, all: 0x7fff_fffe, top: true });
    expect(layout.encode(value)).toEqual(words);
  });
});
