import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { thrown, words, wordsOf } from "../../test/support.js";
import { debugSlotOffset, debugSlotTable, logSlotType } from "./debug-slots.js";
import {
  decodeFwConfig,
  decodeHwConfig,
  encodeFwConfig,
  encodeHwConfig,
  fwConfigNumber,
  fwConfigTypeName,
  fwConfigValue,
} from "./fw-config.js";
import {
  fwRegisters,
  fwStatus,
  llpGpdmaOffset,
  llpSndwOffset,
  peakVolumeRegistersOffset,
  pipelineRegistersOffset,
} from "./fw-registers.js";
import {
  decodeMemoryState,
  decodePipelineList,
  decodePowerState,
  decodeSchedulersInfo,
  encodeMemoryState,
  encodePipelineList,
  encodePowerState,
  encodeSchedulersInfo,
  libraryInfo,
  perfItem,
} from "./info-lists.js";
import { decodeCounted, encodeCounted } from "./lists.js";
import { moduleInfo } from "./manifest.js";
import {
  controlEventId,
  controlParamOfEvent,
  decodeModuleNotification,
  encodeModuleNotification,
  mixerUnderrun,
  processDataError,
  resourceEvent,
  resourceEventName,
  resourceTypeName,
} from "./notification-payloads.js";
import { encodeTlvs } from "./tlv.js";

describe("firmware configuration", () => {
  const items = [
    { kind: "version", type: 0, version: { major: 2, minor: 13, hotfix: 0, build: 1 } },
    fwConfigNumber(9, 32),
    fwConfigNumber(2, 38_400_000),
    {
      kind: "scheduler",
      type: 18,
      scheduler: {
        sysTickMultiplier: 1,
        sysTickDivider: 1,
        sysTickSource: 0,
        sysTickCfgLength: 0,
        sysTickCfg: 0,
      },
    },
    fwConfigNumber(2, 0x1_0000),
    { kind: "codecs", type: 35, codecs: [{ codec: 5, direction: 1 }] },
    { kind: "bytes", type: 200, value: Uint8Array.of(1, 2, 3) },
  ] as const;

  it("is a list of TLVs in the firmware's order", () => {
    const wire = encodeFwConfig(items);
    expect(wordsOf(wire)).toEqual([
      0, 8, 0x000d_0002, 0x0001_0000, 9, 4, 32, 2, 4, 38_400_000, 18, 20, 1, 1, 0, 0, 0, 2, 4,
      0x1_0000, 35, 16, 0, 8, 1, 0x0105, 200, 3, 0x0003_0201,
    ]);
    expect(decodeFwConfig(wire)).toEqual(items);
  });

  it("means the last number where a type comes twice", () => {
    expect(fwConfigValue(items, 2)).toBe(0x1_0000);
    expect(fwConfigValue(items, 9)).toBe(32);
    expect(fwConfigValue(items, 29)).toBeUndefined();
    expect([fwConfigTypeName(17), fwConfigTypeName(99)]).toEqual(["MAX_LIBS_COUNT", "99"]);
  });

  it("keeps any list of TLVs", () => {
    const tlv = fc.record({
      type: fc.oneof(fc.constantFrom(0, 18, 35), fc.integer({ min: 0, max: 40 })),
      value: fc.oneof(fc.uint8Array({ maxLength: 24 }), fc.constant(new Uint8Array(8))),
    });
    fc.assert(
      fc.property(fc.array(tlv, { maxLength: 5 }), (tlvs) => {
        const wire = encodeTlvs(tlvs);
        expect(encodeFwConfig(decodeFwConfig(wire))).toEqual(wire);
        expect(encodeHwConfig(decodeHwConfig(wire))).toEqual(wire);
      }),
    );
  });

  it("names the element that is cut", () => {
    const error = thrown(() => decodeFwConfig(words(9, 4, 32, 10, 4)));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ source: "FW_CONFIG", offset: 12 });
  });
});

describe("hardware configuration", () => {
  it("lists the I2S controllers by their addresses", () => {
    const items = [
      { kind: "number", type: 1, value: 5 },
      { kind: "i2s", type: 4, version: 0x4_0000, bases: [0x2800, 0x3800] },
    ] as const;
    expect(wordsOf(encodeHwConfig(items))).toEqual([1, 4, 5, 4, 16, 0x4_0000, 2, 0x2800, 0x3800]);
    expect(decodeHwConfig(encodeHwConfig(items))).toEqual(items);
    const odd = encodeTlvs([{ type: 4, value: words(0x4_0000, 3, 1) }]);
    expect(decodeHwConfig(odd)).toEqual([{ kind: "bytes", type: 4, value: words(0x4_0000, 3, 1) }]);
  });
});

describe("lists of what the firmware has", () => {
  it("modules are manifest entries with their id in front", () => {
    const info = {
      moduleId: 0x1004,
      stateFlags: 0,
      name: "COPIER",
      uuid: "9ba00c83-ca12-4a83-943c-1fa2e82f9dda",
      type: {
        loadType: 0,
        autoStart: false,
        domainLl: true,
        domainDp: false,
        libCode: false,
        initConfig: 0,
        coreType: 0,
        userMode: false,
        largeParam: false,
        stackOnBss: false,
      },
      hash: new Uint8Array(32),
      entryPoint: 0xa000_0000,
      cfgOffset: 1,
      cfgCount: 2,
      affinityMask: 0x1f,
      instanceMaxCount: 32,
      instanceBssSize: 4,
      segments: [1, 2, 3].map((flags) => ({ flags, vBaseAddr: 0, fileOffset: 0 })),
    };
    const wire = encodeCounted(moduleInfo, [info, info]);
    expect(wire).toHaveLength(4 + 2 * 116);
    expect(wordsOf(wire.subarray(0, 8))).toEqual([2, 0x1004]);
    expect([...wire.subarray(16, 20)]).toEqual([0x83, 0x0c, 0xa0, 0x9b]);
    expect(decodeCounted(moduleInfo, wire)).toEqual([info, info]);
  });

  it("schedulers hold tasks and tasks hold modules", () => {
    const schedulers = [
      {
        processingDomain: 0,
        coreId: 1,
        tasks: [
          { taskId: 5, moduleIds: [0x4, 0x1_0004] },
          { taskId: 6, moduleIds: [] },
        ],
      },
      { processingDomain: 1, coreId: 1, tasks: [] },
    ];
    const wire = encodeSchedulersInfo(schedulers);
    expect(wordsOf(wire)).toEqual([2, 0, 1, 2, 5, 2, 4, 0x1_0004, 6, 0, 1, 1, 0]);
    expect(decodeSchedulersInfo(wire)).toEqual(schedulers);
    expect(thrown(() => decodeSchedulersInfo(wire.subarray(0, 40)))).toBeInstanceOf(InputError);
    expect(thrown(() => decodeSchedulersInfo(words(0xffff_ffff)))).toMatchObject({ offset: 0 });
  });

  it("libraries have names of eight characters", () => {
    const info = {
      id: 1,
      name: "ADSPLIB",
      version: { major: 1, minor: 2, hotfix: 3, build: 4 },
      moduleCount: 7,
    };
    expect(libraryInfo.decode(libraryInfo.encode(info))).toEqual(info);
    expect(() => libraryInfo.encode({ ...info, name: "NINECHARS" })).toThrow("at most 8");
  });

  it("memories list the pages in use", () => {
    const states = [
      { type: 1, freePhysPages: 100, ebbState: [0xffff, 1], pageAlloc: [0xfff, 0x1234, 0xfff] },
      { type: 0, freePhysPages: 0, ebbState: [], pageAlloc: [] },
    ];
    expect(decodeMemoryState(encodeMemoryState(states))).toEqual(states);
    const cut = encodeTlvs([{ type: 1, value: words(1, 2, 3) }]);
    expect(thrown(() => decodeMemoryState(cut))).toMatchObject({
      source: "MEMORY_STATE_INFO TLV 1",
      offset: 4,
    });
  });

  it("power says which cores are on and how fast", () => {
    const wire = encodePowerState({ activeCoresMask: 5, coreKcps: [1000, 0, 2000] });
    expect(wordsOf(wire)).toEqual([0, 4, 5, 1, 12, 1000, 0, 2000]);
    expect(decodePowerState(wire)).toEqual({ activeCoresMask: 5, coreKcps: [1000, 0, 2000] });
    const unknown = { others: [{ type: 7, value: words(1) }] };
    expect(decodePowerState(words(7, 4, 1))).toEqual(unknown);
    expect(wordsOf(encodePowerState({ ...unknown, activeCoresMask: 1 }))).toEqual([
      0, 4, 1, 7, 4, 1,
    ]);
    expect(thrown(() => decodePowerState(words(0, 0)))).toBeInstanceOf(InputError);
  });

  it("pipelines are ids", () => {
    expect(wordsOf(encodePipelineList([2, 0]))).toEqual([2, 2, 0]);
    expect(decodePipelineList(words(2, 2, 0))).toEqual([2, 0]);
    expect(thrown(() => decodePipelineList(words(2, 2)))).toMatchObject({ offset: 0 });
  });

  it("performance items say when they are gone", () => {
    const item = { resourceId: 4, powerMode: 1, removed: 1, peakKcps: 10, averageKcps: 5 };
    expect(wordsOf(perfItem.encode(item))).toEqual([4, 0x8000_0001, 10, 5]);
  });
});

describe("firmware registers", () => {
  it("have slots of their own for streams, meters and links", () => {
    expect([pipelineRegistersOffset(0), pipelineRegistersOffset(15)]).toEqual([0x40, 0x130]);
    expect([peakVolumeRegistersOffset(0), peakVolumeRegistersOffset(15)]).toEqual([0x140, 0x6e0]);
    expect([llpGpdmaOffset(0), llpGpdmaOffset(23)]).toEqual([0x740, 0x90c]);
    expect([llpSndwOffset(0), llpSndwOffset(14)]).toEqual([0x920, 0xa38]);
  });

  it("are read from a window in one go", () => {
    const window = new Uint8Array(0x1000);
    const view = new DataView(window.buffer);
    view.setUint32(0, 0xa000_0005, true);
    view.setUint32(0x1c, 1, true);
    view.setBigUint64(pipelineRegistersOffset(3), 0xffff_ffff_ffff_ffffn, true);
    view.setUint32(llpGpdmaOffset(2), 0xc20, true);
    view.setUint32(0xa4c + 4, 77, true);
    const registers = fwRegisters.decode(window);
    expect(registers.fsr).toEqual({ state: 5, waitState: 0, module: 2, running: true });
    expect(registers.abiVersion).toBe(1);
    expect(registers.pipelines[3]?.streamStartOffset).toBe(0xffff_ffff_ffff_ffffn);
    expect(registers.llpGpdma[2]?.nodeId).toBe(0xc20);
    expect(registers.llpEvad.llpLow).toBe(77);
  });

  it("tell boot stages", () => {
    const status = { state: 1, waitState: 5, module: 0, running: false };
    expect(wordsOf(fwStatus.encode(status))).toEqual([0x0500_0001]);
  });
});

describe("debug window", () => {
  it("has a descriptor for each slot but the first", () => {
    const slots = Array.from({ length: 15 }, (_, i) => ({
      resourceId: i,
      type: i === 0 ? logSlotType(0x474f_4c00, 2) : 0,
      vma: 0,
    }));
    const wire = debugSlotTable.encode({ slots });
    expect(wordsOf(wire.subarray(0, 12))).toEqual([0, 0x474f_4c02, 0]);
    expect(debugSlotOffset(15)).toBe(0xf000);
  });
});

describe("payloads of notifications", () => {
  it("of a module that failed carry the error", () => {
    const eventData = processDataError.encode({ errorCode: -61 });
    const event = { resourceType: 0, resourceId: 0x1_0006, eventType: 3, eventData };
    const wire = resourceEvent.encode(event);
    expect(wordsOf(wire).slice(0, 5)).toEqual([0, 0x1_0006, 3, 0, 0xffff_ffc3]);
    expect(resourceEvent.decode(wire)).toEqual(event);
    expect([resourceEventName(6), resourceTypeName(1), resourceEventName(99)]).toEqual([
      "GATEWAY_UNDERRUN_DETECTED",
      "PIPELINE",
      "99",
    ]);
  });

  it("of a starved mixer tell how much was mixed", () => {
    const data = { eosFlag: 0, dataMixed: 96, expectedDataMixed: 384 };
    expect(wordsOf(mixerUnderrun.encode(data)).slice(0, 3)).toEqual([0, 96, 384]);
  });

  it("of a module name instance before module", () => {
    const notification = {
      instanceId: 2,
      moduleId: 6,
      eventId: controlEventId(200),
      data: words(1, 2),
    };
    const wire = encodeModuleNotification(notification);
    expect(wordsOf(wire)).toEqual([0x0006_0002, 0xa15a_00c8, 8, 1, 2]);
    expect(decodeModuleNotification(wire)).toEqual(notification);
    expect(controlParamOfEvent(0xa15a_00ca)).toBe(202);
    expect(controlParamOfEvent(0xc0c0_0001)).toBeUndefined();
    expect(thrown(() => decodeModuleNotification(wire.subarray(0, 19)))).toMatchObject({
      source: "MODULE_NOTIFICATION payload",
      offset: 12,
    });
  });
});
