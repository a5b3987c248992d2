import { describe, expect, it } from "vitest";
import { unloadStatus } from "../status.js";
import { librariesOfUnload } from "./library.js";

describe("a request to unload", () => {
  it("names libraries by their modules", () => {
    const ids = Uint8Array.of(0x00, 0x10, 0x01, 0x10, 0x05, 0xf0);
    expect(librariesOfUnload(3, ids)).toEqual([1, 15]);
    expect(librariesOfUnload(0x300 | 1, ids)).toEqual([1]);
    expect(librariesOfUnload(0, ids)).toBe(-22);
    expect(librariesOfUnload(4, ids)).toBe(-22);
    expect(librariesOfUnload(1, Uint8Array.of(4, 0))).toBe(-22);
  });

  it("is answered with why a library stays", () => {
    expect([0, -22, -16, -2, -12].map(unloadStatus)).toEqual([0, 1, 4, 9, 6]);
  });
});
