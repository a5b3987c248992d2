import { describe, expect, it } from "vitest";
import { moduleName, moduleNames, moduleUuid } from "./module-uuids.js";

describe("module registry", () => {
  it.each([
    ["copier", "9ba00c83-ca12-4a83-943c-1fa2e82f9dda"],
    ["gain", "61bca9a8-18d0-4a18-8e7b-2639219804b7"],
    ["mixin", "39656eb2-3b71-4049-8d3f-f92cd5c43c09"],
    ["mixout", "3c56505a-24d7-418f-bddc-c1f5a3ac2ae0"],
    ["src4", "e61bb28d-149a-4c1f-b709-46823ef5f5ae"],
    ["google_rtc_audio_processing", "b780a0a6-269f-466f-b477-23dfa05af758"],
  ])("knows %s both ways", (name, uuid) => {
    expect(moduleUuid(name)).toBe(uuid);
    expect(moduleName(uuid)).toBe(name);
  });

  it("has a name for each UUID and a UUID for each name", () => {
    expect(moduleNames.length).toBe(43);
    expect(moduleNames.map((name) => moduleName(moduleUuid(name)))).toEqual([...moduleNames]);
    expect(moduleNames).toEqual([...moduleNames].sort());
  });

  it("takes a UUID in any usual form", () => {
    expect(moduleUuid("61BCA9A8-18D0-4A18-8E7B2639219804B7")).toBe(
      "61bca9a8-18d0-4a18-8e7b-2639219804b7",
    );
    expect(moduleName("00000000-0000-0000-0000-000000000000")).toBeUndefined();
  });

  it("refuses a name that it does not know, with those that it does", () => {
    expect(() => moduleUuid("reverb")).toThrow(/no module is called "reverb".*aria, asrc4/);
    expect(() => moduleUuid("toString")).toThrow("no module is called");
  });
});
