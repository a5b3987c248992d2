import { describe, expect, it } from "vitest";
import { type ImageCheck, imageChecks, readImage } from "@sof-ts/firmware-image";
import { changed, ELF, P, refusal } from "./refusal.js";
import { containerRefusals } from "./refusals-container.js";
import { BUILD_INFO, contents, elfChanged, elfRefusals } from "./refusals-elf.js";

const refusals = [...containerRefusals, ...elfRefusals];

describe("an image is refused", () => {
  it.each(refusals)("by check %s for %s", (check, _what, make, message, offset) => {
    const error = refusal(make());
    expect({ check: error.check, offset: error.offset, reason: error.reason }).toEqual({
      check,
      offset,
      reason: expect.stringContaining(message),
    });
    expect(error.message.startsWith(`image.bin, offset ${offset} (0x`)).toBe(true);
    expect(error.remedy?.length).toBeGreaterThan(5);
  });

  it("by every check but those of the signature", () => {
    const made = new Set(refusals.map(([check]) => check));
    const signatures = ["unsigned", "signature", "metadata-digest", "code-digest"];
    const keys = ["signing-key-unknown", "signing-key-retired"];
    const missing = Object.keys(imageChecks).filter((check) => !made.has(check as ImageCheck));
    expect(missing.sort()).toEqual([...signatures, ...keys].sort());
  });

  it("with a message of its own for each", () => {
    const reasons = refusals.map(([, , make]) => refusal(make()).message);
    expect(new Set(reasons).size).toBe(refusals.length);
  });

  it("with what the firmware answers: invalid parameter for a bad manifest, failure for bad code", () => {
    expect(refusal(changed((raw) => raw.u32(P + 0x2010, 9)))).toMatchObject({
      errno: -22,
      status: 1,
    });
    expect(refusal(elfChanged((raw) => raw.u8(4, 2)))).toMatchObject({ errno: -8, status: 6 });
  });

  it("by the first check that does not hold, from the outside in", () => {
    const bad = changed((raw) =>
      raw
        .u32(P + 0x2010, 9)
        .u8(ELF, 0)
        .u32(P + 0x2034, 0),
    );
    expect(refusal(bad).check).toBe("page-count");
    const inner = changed((raw) => raw.u8(ELF, 0).u32(P + 0x2034, 0));
    expect(refusal(inner).check).toBe("module-magic");
  });

  it("unless another module interface is accepted", () => {
    const other = elfChanged((raw) => raw.u32(contents(BUILD_INFO) + 4, 0x00400801));
    const image = readImage(other, "image.bin", { apiVersions: [0x00400801] });
    expect(image.units[0]?.apiVersion).toBe(0x00400801);
  });
});
