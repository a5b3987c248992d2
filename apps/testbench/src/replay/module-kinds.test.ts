import { describe, expect, it } from "vitest";
import { studyLog } from "./log-study.js";
import { mapModules, moduleOfWidget, parseModuleMap } from "./module-kinds.js";

const mapped = (lines: readonly string[]): (readonly [number, string | null])[] =>
  [...mapModules(studyLog(lines.join("\n"), "log"), new Map()).values()].map(
    ({ logId, name }) => [logId, name] as const,
  );

describe("parseModuleMap", () => {
  it("takes names and ids, in decimal and hexadecimal", () => {
    expect([...parseModuleMap("4=copier, 0x10=drc,17=6,5=src-lite")]).toEqual([
      [4, 4],
      [16, 10],
      [17, 6],
      [5, 28],
    ]);
  });

  it.each(["", "copier", "4=", "4=reverb", "x=copier", "4=99", "70000=gain"])(
    "refuses %j and lists the modules",
    (text) => {
      expect(() => parseModuleMap(text)).toThrow(
        /does not map a module.*2 mixin, 3 mixout, 4 copier/,
      );
    },
  );
});

describe("moduleOfWidget", () => {
  it.each([
    ["copier.host.1.1", "COPIER"],
    ["host-copier.0.playback", "COPIER"],
    ["alh-copier.SDW1-Capture.0", "COPIER"],
    ["gain.2.1", "GAIN"],
    ["mixout.2.1", "MIXOUT"],
    ["eqiir.3.1", "EQIIR"],
    ["drc.3.1", "DRC"],
    ["multiband_drc.1", "MB_DRC"],
    ["reverb.1.1", undefined],
  ])("knows %s", (widget, module) => {
    expect(moduleOfWidget(widget)).toBe(module);
  });
});

describe("mapModules", () => {
  it("believes names before sizes", () => {
    expect(
      mapped([
        "[ 1.0] sof-audio-pci-intel-mtl 0000:00:1f.3: Create widget eqiir.2.1 instance 0 - pipe 2 - core 0",
        "[ 1.1] sof-audio-pci-intel-mtl 0000:00:1f.3: ipc tx      : 0x40000030|0x15: MOD_INIT_INSTANCE",
      ]),
    ).toEqual([[0x30, "EQIIR"]]);
  });

  it.each([
    [0x15, "COPIER"],
    [0x29, "COPIER"],
    [0x36, "COPIER"],
    [0x0b, "SRC"],
  ])("knows a module by 0x%s words of payload", (words, name) => {
    expect(mapped([`ipc tx       : 0x40000030|0x${words.toString(16)}`])).toEqual([[0x30, name]]);
  });

  it("knows a volume by its size and that it is set", () => {
    const init = "ipc tx       : 0x40000006|0x10";
    expect(mapped([init])).toEqual([[6, "GAIN"]]);
    expect(
      mapped(["ipc tx       : 0x40000009|0x10", "ipc tx       : 0x44000009|0x30000018"]),
    ).toEqual([[9, "GAIN"]]);
  });

  it("counts from the copier where that has another id", () => {
    expect(
      mapped([
        "ipc tx       : 0x40000005|0x15",
        "ipc tx       : 0x40000003|0xa",
        "ipc tx       : 0x40000004|0xa",
      ]),
    ).toEqual([
      [5, "COPIER"],
      [3, "MIXIN"],
      [4, "MIXOUT"],
    ]);
  });

  it("leaves a module alone that nothing tells of", () => {
    expect(mapped(["ipc tx       : 0x40000077|0x20"])).toEqual([[0x77, null]]);
  });
});
