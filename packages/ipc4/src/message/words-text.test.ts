import { describe, expect, it } from "vitest";
import { formatWords, parseWords } from "./words-text.js";

describe("words as text", () => {
  it("are written as logs show them", () => {
    expect(formatWords({ primary: 0x1100_0005, extension: 0 })).toBe("0x11000005|0x0");
  });

  it("are read in any case", () => {
    expect(parseWords(" 0xC5020002|0x1000003 ")).toEqual({
      primary: 0xc502_0002,
      extension: 0x0100_0003,
    });
  });

  it.each(["", "0x1", "0x1|", "0x123456789|0x0", "1|2", "0x1|0x2|0x3"])("are not %j", (text) => {
    expect(parseWords(text)).toBeUndefined();
  });
});
