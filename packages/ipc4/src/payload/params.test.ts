import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, thrown, words, wordsOf } from "../../test/support.js";
import {
  abiVersion,
  decodeAbiBlob,
  encodeAbiBlob,
  formatAbiVersion,
  SOF_ABI_VERSION,
} from "./abi-header.js";
import {
  applyNotificationMask,
  decodeDmaControl,
  decodeIpcGatewayData,
  dxState,
  encodeDmaControl,
  encodeIpcGatewayData,
  logLevelOf,
  logState,
  registerKcps,
  systemTime,
} from "./base-fw-params.js";
import {
  controlHeader,
  decodeBytesControl,
  decodeChannelControl,
  encodeBytesControl,
  encodeChannelControl,
} from "./control.js";
import { decodeArray, decodeCounted, encodeArray, encodeCounted, encodeWords } from "./lists.js";
import { decodeMixinModes, encodeMixinModes } from "./mixer.js";
import {
  decodeKpbFastModeModules,
  packProbePointId,
  probePoint,
  selectorCoefs,
  unpackProbePointId,
} from "./module-params.js";
import { decodeTlvs, encodeTlvs } from "./tlv.js";
import { packVendorParamId, unpackVendorParamId, vendorParamHeader } from "./vendor-param.js";
import { gainQ16, volumeGainQ16, wireVolume } from "./volume.js";

describe("control payloads", () => {
  it("of a switch list channels and values", () => {
    const wire = hex(`00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      00 00 00 00 01 00 00 00 01 00 00 00 01 00 00 00`);
    const control = {
      id: 0,
      values: [
        { channel: 0, value: 1 },
        { channel: 1, value: 1 },
      ],
    };
    expect(encodeChannelControl(control)).toEqual(wire);
    expect(decodeChannelControl(wire)).toEqual(control);
    expect(controlHeader.decode(wire)).toEqual({ id: 0, numElems: 2 });
  });

  it("of bytes count bytes", () => {
    const control = { id: 3, data: Uint8Array.of(9, 8, 7), reserved: new Uint8Array(16).fill(1) };
    const wire = encodeBytesControl(control);
    expect([...wire.subarray(0, 4), wire.length]).toEqual([3, 0, 3, 0, 23]);
    expect(decodeBytesControl(wire)).toEqual(control);
    expect(() => encodeBytesControl({ id: 0, data: new Uint8Array(65536) })).toThrow("65536 bytes");
  });

  it("are refused when entries are missing", () => {
    const wire = encodeChannelControl({ id: 0, values: [{ channel: 0, value: 1 }] });
    expect(thrown(() => decodeChannelControl(wire.subarray(0, 27)))).toMatchObject({ offset: 20 });
    const data = encodeBytesControl({ id: 0, data: new Uint8Array(4) });
    expect(thrown(() => decodeBytesControl(data.subarray(0, 23)))).toMatchObject({ offset: 20 });
    expect(thrown(() => decodeBytesControl(data.subarray(0, 19)))).toBeInstanceOf(InputError);
  });
});

describe("binary controls with their ABI header", () => {
  it("start with SOF4 and state id and size", () => {
    const blob = encodeAbiBlob({ type: 7 }, Uint8Array.of(1, 2, 3));
    expect(String.fromCharCode(...blob.subarray(0, 4))).toBe("SOF4");
    expect(wordsOf(blob.subarray(4, 16))).toEqual([7, 3, 0x0301_d001]);
    expect(decodeAbiBlob(blob)).toEqual({
      header: { magic: 0x3446_4f53, type: 7, size: 3, abi: 0x0301_d001 },
      data: Uint8Array.of(1, 2, 3),
    });
    expect(formatAbiVersion(SOF_ABI_VERSION)).toBe("3.29.1");
    expect(abiVersion(5, 3, 0)).toBe(0x0500_3000);
  });

  it("are refused with another magic or too little data", () => {
    const blob = encodeAbiBlob({ type: 7 }, Uint8Array.of(1, 2, 3));
    expect(thrown(() => decodeAbiBlob(blob.subarray(0, 34)))).toMatchObject({ offset: 32 });
    blob[0] = 0;
    expect(String(thrown(() => decodeAbiBlob(blob)))).toContain("magic 0x34464f00");
  });
});

describe("parameters of the base firmware", () => {
  it("set the time in microseconds", () => {
    expect(systemTime.decode(hex("00 10 5e 5f 05 00 00 00"))).toEqual({ timeUs: 0x5_5f5e_1000n });
  });

  it("switch logs on by priorities", () => {
    const state = {
      agingTimerPeriodMs: 400,
      fifoFullTimerPeriodMs: 1000,
      enable: 1,
      logsPrioritiesMask: [0x1ef, ...Array.from({ length: 15 }, () => 0)],
    };
    expect(wordsOf(logState.encode(state)).slice(0, 5)).toEqual([400, 1000, 1, 0x1ef, 0]);
    expect([0x10, 0x1ef, 0x8, 0x4, 0x2, 0x1, 0].map(logLevelOf)).toEqual([
      "debug",
      "info",
      "info",
      "info",
      "warning",
      "error",
      "none",
    ]);
  });

  it("switch cores by masks and cycles by differences", () => {
    expect(wordsOf(dxState.encode({ coreMask: 3, dxMask: 1 }))).toEqual([3, 1]);
    expect(wordsOf(registerKcps.encode({ deltaKcps: -1000 }))).toEqual([0xffff_fc18]);
  });

  it("change the notification mask bit by bit", () => {
    const all = 0xffff_ffff;
    expect(applyNotificationMask(all, { ntfyMask: 0b11, enabledMask: 0b10 })).toBe(0xffff_fffe);
    expect(applyNotificationMask(0, { ntfyMask: 0b1001, enabledMask: 0b1100 })).toBe(0b1000);
    expect(applyNotificationMask(0b100, { ntfyMask: 0, enabledMask: 0 })).toBe(0b100);
  });

  it("carry registers of a DMA", () => {
    const control = { nodeId: 0xd20, data: words(1, 2) };
    expect(wordsOf(encodeDmaControl(control))).toEqual([0xd20, 2, 1, 2]);
    expect(decodeDmaControl(encodeDmaControl(control))).toEqual(control);
    expect(thrown(() => decodeDmaControl(words(0xd20, 3, 1, 2)))).toMatchObject({ offset: 8 });
  });

  it("carry data of an IPC gateway", () => {
    const value = { nodeIdOrSize: 0x1400, data: Uint8Array.of(1, 2, 3) };
    expect(encodeIpcGatewayData(value)).toEqual(Uint8Array.of(0, 0x14, 0, 0, 1, 2, 3));
    expect(decodeIpcGatewayData(encodeIpcGatewayData(value))).toEqual(value);
  });
});

describe("parameters of modules", () => {
  it("set a mixin's outputs", () => {
    const outputs = [
      {
        outputQueueId: 1,
        mixerMode: 1,
        outputChannelCount: 2,
        outputChannelMap: 0xffff_ff10,
        gain: 512,
      },
    ];
    expect(wordsOf(encodeMixinModes(outputs))).toEqual([1, 1, 1, 2, 0xffff_ff10, 512]);
    expect(decodeMixinModes(encodeMixinModes(outputs))).toEqual(outputs);
    expect(thrown(() => decodeMixinModes(words(0)))).toMatchObject({
      reason: "0 outputs, must be 1..3",
    });
    expect(thrown(() => decodeMixinModes(words(4)))).toBeInstanceOf(InputError);
    expect(thrown(() => decodeMixinModes(words(1, 2)))).toBeInstanceOf(InputError);
  });

  it("set a selector's matrix by sink and source", () => {
    const coefs: number[][] = Array.from({ length: 8 }, (_, sink) =>
      Array.from({ length: 8 }, (_, source) => (sink === source ? 1024 : 0)),
    );
    coefs[1] = [-1, 0, 0, 0, 0, 0, 0, 7];
    const wire = selectorCoefs.encode({
      sourceChannels: 8,
      sinkChannels: 2,
      sourceCfg: 12,
      sinkCfg: 1,
      coefs,
    });
    expect([...wire.subarray(0, 6)]).toEqual([8, 2, 12, 1, 0, 4]);
    expect([...wire.subarray(20, 22), ...wire.subarray(34, 36)]).toEqual([0xff, 0xff, 7, 0]);
    expect(selectorCoefs.decode(wire).coefs).toEqual(coefs);
  });

  it("list the modules that follow a key phrase buffer", () => {
    expect(decodeKpbFastModeModules(words(2, 0x1_0004, 0x6))).toEqual([0x1_0004, 6]);
    const many = words(17, ...Array.from({ length: 17 }, () => 1));
    expect(thrown(() => decodeKpbFastModeModules(many))).toBeInstanceOf(InputError);
  });

  it("name probe points by module, side and queue", () => {
    const id = { moduleId: 6, instanceId: 1, type: 1, index: 2 };
    expect(packProbePointId(id)).toBe(0x0901_0006);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (point) => {
        expect(packProbePointId(unpackProbePointId(point))).toBe(point);
      }),
    );
    const points = [{ pointId: 0x0901_0006, purpose: 0, streamTag: 3 }];
    expect(decodeArray(probePoint, encodeArray(probePoint, points))).toEqual(points);
    expect(decodeCounted(probePoint, encodeCounted(probePoint, points))).toEqual(points);
    expect(thrown(() => decodeArray(probePoint, new Uint8Array(13)))).toMatchObject({ offset: 12 });
  });
});

describe("vendor parameters", () => {
  it("have an id and an instance", () => {
    expect(packVendorParamId({ param: 0x12, instance: 0xab_cdef })).toBe(0xabcd_ef12);
    expect(unpackVendorParamId(0xabcd_ef12)).toEqual({ param: 0x12, instance: 0xab_cdef });
    expect(wordsOf(vendorParamHeader.encode({ type: 0x112, length: 40 }))).toEqual([0x112, 40]);
  });
});

describe("TLV lists", () => {
  it("pad values to four bytes", () => {
    const tlvs = [
      { type: 1, value: Uint8Array.of(1) },
      { type: 2, value: new Uint8Array(0) },
      { type: 3, value: Uint8Array.of(1, 2, 3, 4) },
    ];
    const wire = encodeTlvs(tlvs);
    expect(wordsOf(wire)).toEqual([1, 1, 1, 2, 0, 3, 4, 0x0403_0201]);
    expect(decodeTlvs(wire)).toEqual(tlvs);
    expect(decodeTlvs(wire.subarray(0, 9))).toEqual(tlvs.slice(0, 1));
  });

  it("come back as they were", () => {
    const tlv = fc.record({
      type: fc.integer({ min: 0, max: 0xffff_ffff }),
      value: fc.uint8Array({ maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(tlv, { maxLength: 6 }), (tlvs) => {
        expect(decodeTlvs(encodeTlvs(tlvs))).toEqual(tlvs);
      }),
    );
  });

  it("name the element that is cut", () => {
    const error = thrown(() => decodeTlvs(words(1, 4, 0, 2, 5, 0), "FW_CONFIG"));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ source: "FW_CONFIG", offset: 12 });
    expect(thrown(() => decodeTlvs(words(1, 0, 2)))).toMatchObject({ offset: 12 });
  });

  it("hold words of 32 bits", () => {
    expect(() => encodeWords([1, -1])).toThrow("-1 is not an unsigned 32-bit word");
  });
});

describe("volumes", () => {
  it.each([
    [-1, 0xe428, 0x7214_0000],
    [-6, 0x804c, 0x4026_0000],
    [-20, 0x1998, 0x0ccc_0000],
    [-50, 0x00cf, 0x0067_8000],
    [0, 0x1_0000, 0x7fff_ffff],
    [10, 0x3_2998, 0x7fff_ffff],
  ])("of %i dB", (decibels, gain, wire) => {
    expect(gainQ16(decibels)).toBe(gain);
    expect(wireVolume(gain)).toBe(wire);
  });

  it("follow a control's scale", () => {
    const scale = { minHundredths: -5000, stepHundredths: 100, mute: true };
    expect(volumeGainQ16(scale, 0)).toBe(0);
    expect(volumeGainQ16({ ...scale, mute: false }, 0)).toBe(0x00cf);
    expect(volumeGainQ16(scale, 30)).toBe(0x1998);
    expect(volumeGainQ16(scale, 50)).toBe(0x1_0000);
    const halves = { minHundredths: -600, stepHundredths: 50, mute: false };
    expect(volumeGainQ16(halves, 1)).toBe(34790);
    expect(volumeGainQ16(halves, 12)).toBe(0x1_0000);
  });
});
