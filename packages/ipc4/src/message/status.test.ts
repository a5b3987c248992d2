import { describe, expect, it } from "vitest";
import {
  bufferId,
  componentId,
  instanceOfComponent,
  libraryOf,
  manifestIndexOf,
  moduleId,
} from "./ids.js";
import { linuxErrnoOfStatus, statusName } from "./status.js";
import { isNotification, isReply, messageName, pipelineStateName } from "./types.js";

describe("statusName", () => {
  it.each([
    [0, "SUCCESS"],
    [9, "INVALID_RESOURCE_ID"],
    [104, "MOD_NOT_INITIALIZED"],
    [164, "PIPELINE_STATE_NOT_SET"],
    [3018, "INVALID_CHAIN_STATE_TRANSITION"],
    [8, "8"],
    [0xff_fffb, "-EIO"],
    [0xff_ffea, "-EINVAL"],
    [0xff_fc00, "-1024"],
  ])("%i is %s", (status, name) => {
    expect(statusName(status)).toBe(name);
  });
});

describe("linuxErrnoOfStatus", () => {
  it("gives what the driver returns", () => {
    const groups = new Map<number, number[]>();
    for (let status = 0; status <= 200; status++) {
      const errno = linuxErrnoOfStatus(status);
      groups.set(errno, [...(groups.get(errno) ?? []), status]);
    }
    expect(groups.get(0)).toEqual([0]);
    expect(groups.get(-95)).toEqual([2, 15]);
    expect(groups.get(-16)).toEqual([4, 150, 151]);
    expect(groups.get(-2)).toEqual([
      8, 11, 105, 106, 107, 108, 109, 114, 115, 160, 161, 162, 163, 165,
    ]);
    expect(groups.get(-22)).toHaveLength(201 - 1 - 2 - 3 - 14);
    expect(linuxErrnoOfStatus(3018)).toBe(-22);
  });
});

describe("names of messages", () => {
  it.each([
    [0x1100_0005, "GLB_CREATE_PIPELINE"],
    [0x3300_0007, "GLB_SET_PIPELINE_STATE"],
    [0x4500_0004, "MOD_BIND"],
    [0xc501_0002, "MOD_BIND"],
    [0x1b0a_0000, "GLB_NOTIFICATION|EXCEPTION_CAUGHT"],
    [0x1bff_0000, "GLB_NOTIFICATION|255"],
    [0x0500_0000, "GLB_5"],
    [0x4f00_0000, "MOD_15"],
  ])("word %i", (primary, name) => {
    expect(messageName(primary)).toBe(name);
  });

  it("tell replies and notifications", () => {
    expect([0x1b08_0000, 0x3b08_0000, 0x5b08_0000, 0x9b08_0000].map(isNotification)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([0x3100_0000, 0x1100_0000, 0xe500_0000].map(isReply)).toEqual([true, false, true]);
  });

  it("name pipeline states", () => {
    expect([2, 4, 9].map(pipelineStateName)).toEqual(["RESET", "RUNNING", "9"]);
  });
});

describe("ids", () => {
  it("join library and manifest index", () => {
    expect(moduleId(2, 5)).toBe(0x2005);
    expect([libraryOf(0x2005), manifestIndexOf(0x2005)]).toEqual([2, 5]);
  });

  it("name components and buffers as the firmware does", () => {
    expect(componentId(4, 255)).toBe(0x00ff_0004);
    expect(instanceOfComponent(0x0003_0004)).toBe(3);
    expect(bufferId(1, 2)).toBe(0x0002_0001);
  });
});
