import { describe, expect, it } from "vitest";
import { type CopierClues, GatewayNumbers, guessRole } from "./copier-role.js";

const clues = (known: Partial<CopierClues>): CopierClues => ({
  name: undefined,
  size: 84,
  feeds: false,
  isFed: false,
  first: false,
  direction: undefined,
  ...known,
});

describe("guessRole", () => {
  it.each([
    ["the first module of a pipeline", { first: true }, "host playback"],
    ["a later one", {}, "hda playback"],
    ["an SSP's configuration", { size: 164 }, "ssp playback"],
    ["two SoundWire endpoints", { size: 216, first: true }, "alh capture"],
    ["a name", { name: "copier.SSP.8.1" }, "ssp playback"],
    [
      "a host's name, fed by another module",
      { name: "copier.host.3.1", isFed: true },
      "host capture",
    ],
    ["a link that feeds another module", { name: "copier.HDA.6.1", feeds: true }, "hda capture"],
    ["a direction in the name", { name: "alh-copier.SDW1-Capture.0" }, "alh capture"],
    ["microphones", { name: "copier.DMIC.14.1" }, "dmic capture"],
    ["a trigger", { name: "copier.host.1.1", direction: "capture" as const }, "host capture"],
    ["a name between modules", { name: "copier.module.8.2", feeds: true }, "none capture"],
  ])("knows a copier by %s", (_what, known, role) => {
    const { end, direction } = guessRole(clues(known));
    expect(`${end} ${direction}`).toBe(role);
  });
});

describe("GatewayNumbers", () => {
  it("counts streams of each kind, behind those of the log", () => {
    const numbers = new GatewayNumbers();
    const host = (direction: "playback" | "capture") =>
      numbers.make({ end: "host", direction }, 84, 768).nodeId;
    numbers.take(0x0002);
    expect([host("playback"), host("capture"), host("playback")]).toEqual([3, 0x100, 4]);
    expect(numbers.make({ end: "hda", direction: "playback" }, 84, 768).nodeId).toBe(0x800);
    expect(numbers.make({ end: "none", direction: "playback" }, 84, 768)).toMatchObject({
      nodeId: 0xffff_ffff,
      dmaBufferSize: 0,
    });
  });

  it("lists two endpoints where there is room for a group's configuration", () => {
    const { nodeId, configData } = new GatewayNumbers().make(
      { end: "alh", direction: "playback" },
      216,
      768,
    );
    expect(nodeId).toBe(0x1050);
    expect(configData.length).toBe(136);
    expect([...new Uint32Array(configData.buffer, 0, 6)]).toEqual([0, 2, 0, 3, 1, 3]);
  });
});
