import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { thrown, words, wordsOf } from "../../test/support.js";
import { decodeDmicBlob, encodeDmicBlob } from "./dmic-blob.js";
import {
  alhDaiIndex,
  decodeAlhBlob,
  decodeDmaConfig,
  dmaConfigTlv,
  encodeAlhBlob,
  findDmaConfig,
  ipcGatewayBlob,
} from "./gateway-blob.js";
import {
  alhGroupNode,
  alhNode,
  describeNodeId,
  dmicNode,
  hdaHostNode,
  hdaLinkNode,
  nodeDirection,
  packNodeId,
  sameNode,
  sspNode,
  unpackNodeId,
} from "./node-id.js";
import { decodeSspBlob, encodeSspBlob, sspClockControl } from "./ssp-blob.js";
import { encodeTlvs } from "./tlv.js";

const attributes = { lpBufferAlloc: false, allocFromRegFile: false };

describe("node ids", () => {
  it.each([
    ["host playback of tag 1", hdaHostNode("playback", 1), 0x0000],
    ["host capture of tag 3", hdaHostNode("capture", 3), 0x0102],
    ["HDA link out of tag 2", hdaLinkNode("playback", 2), 0x0801],
    ["HDA link in of tag 1", hdaLinkNode("capture", 1), 0x0900],
    ["SSP2 out", sspNode("playback", 2), 0x0c20],
    ["SSP2 in", sspNode("capture", 2), 0x0d20],
    ["DMIC 0", dmicNode(0), 0x0b00],
    ["ALH out of PDI 2", alhNode("playback", 2), 0x1002],
    ["ALH group 0 out", alhGroupNode("playback", 0), 0x1050],
    ["ALH group 7 in", alhGroupNode("capture", 7), 0x1157],
  ])("%s", (_name, nodeId, value) => {
    expect(nodeId).toBe(value);
  });

  it("come apart and together without loss", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (nodeId) => {
        expect(packNodeId(unpackNodeId(nodeId))).toBe(nodeId);
      }),
    );
    expect(unpackNodeId(0x0d21)).toEqual({ type: 13, vIndex: 0x21 });
    expect(() => packNodeId({ type: 32, vIndex: 0 })).toThrow("node 32:0");
  });

  it("play for even types and capture for odd ones, IPC gateways the other way round", () => {
    const directions = [0, 1, 8, 9, 11, 12, 13, 16, 17, 20, 21].map((type) =>
      nodeDirection(type << 8) === "playback" ? "P" : "C",
    );
    expect(directions.join("")).toBe("PCPCCPCPCCP");
  });

  it("compare without their reserved bits", () => {
    expect(sameNode(0x0000_0801, 0xabcd_e801)).toBe(true);
    expect(sameNode(0x0801, 0x0901)).toBe(false);
  });

  it.each([
    [0x0000, "HDA_HOST_OUTPUT stream 0 (tag 1)"],
    [0x0c20, "I2S_LINK_OUTPUT port 2"],
    [0x0d13, "I2S_LINK_INPUT port 1 slot group 3"],
    [0x0b01, "DMIC_LINK_INPUT 1"],
    [0x1002, "ALH_LINK_OUTPUT PDI 2"],
    [0x1152, "ALH_LINK_INPUT group 2"],
    [0x0501, "type 5 1"],
    [0xffff_ffff, "none"],
  ])("%i is described", (nodeId, text) => {
    expect(describeNodeId(nodeId)).toBe(text);
  });
});

describe("SoundWire gateway blob", () => {
  const blob = {
    attributes,
    mappings: [
      { alhId: 0x12, channelMask: 3 },
      { alhId: 0x22, channelMask: 12 },
    ],
  };

  it("is attributes, a count and the mappings", () => {
    const wire = encodeAlhBlob(blob);
    expect(wordsOf(wire)).toEqual([0, 2, 0x12, 3, 0x22, 12]);
    expect(decodeAlhBlob(wire)).toEqual(blob);
    const tail = words(0x1000, 0);
    expect(decodeAlhBlob(encodeAlhBlob({ ...blob, tail })).tail).toEqual(tail);
  });

  it("has sixteen mappings at most", () => {
    expect(thrown(() => decodeAlhBlob(words(0, 17)))).toMatchObject({ offset: 4 });
    expect(thrown(() => decodeAlhBlob(words(0, 1, 5)))).toBeInstanceOf(InputError);
  });

  it("leads to DAIs by the platform's rule", () => {
    expect(alhDaiIndex(0x12, 4, 0)).toBe(0x102);
    expect(alhDaiIndex(0x27, 0, 7)).toBe(0x20);
  });
});

describe("IPC gateway blob", () => {
  it("is five words", () => {
    const blob = {
      attributes: { lpBufferAlloc: true, allocFromRegFile: false },
      bufferSize: 4096,
      notifyHigh: false,
      notifyLow: true,
      thresholdHigh: 3072,
      thresholdLow: 1024,
    };
    expect(wordsOf(ipcGatewayBlob.encode(blob))).toEqual([1, 4096, 2, 3072, 1024]);
  });
});

describe("DMA configuration", () => {
  const config = {
    dmaMethod: 1,
    preAllocatedByHost: 1,
    dmaChannelId: 5,
    streamId: 6,
    deviceCount: 2,
    devices: Array.from({ length: 16 }, (_, i) => ({
      deviceAddress: i < 2 ? i + 1 : 0,
      channelMask: i < 2 ? 3 : 0,
    })),
    privateConfig: words(0xaa, 0xbb),
  };
  const tlv = dmaConfigTlv(config);

  it("is 148 bytes and the private ones", () => {
    expect(tlv.type).toBe(0x1000);
    expect(tlv.value).toHaveLength(156);
    expect(wordsOf(tlv.value.subarray(0, 24))).toEqual([0x0101, 5, 6, 2, 1, 3]);
    expect(decodeDmaConfig(tlv.value)).toEqual(config);
  });

  it("is found at the end of a blob that does not state its length", () => {
    const link = words(0, 0x1000, 8, 0x1000, 4, 7);
    const blob = Uint8Array.of(...link, ...encodeTlvs([tlv]));
    expect(findDmaConfig(blob)).toEqual({ config, offset: link.length });
    expect(findDmaConfig(Uint8Array.of(...blob, 0, 0, 0, 0))).toBeUndefined();
    expect(findDmaConfig(link)).toBeUndefined();
    expect(findDmaConfig(new Uint8Array(2))).toBeUndefined();
  });

  it("claims sixteen devices at most and all its private bytes", () => {
    const wire = tlv.value.slice();
    wire[12] = 17;
    expect(thrown(() => decodeDmaConfig(wire))).toMatchObject({ offset: 12 });
    expect(thrown(() => decodeDmaConfig(tlv.value.subarray(0, 152)))).toMatchObject({
      offset: 148,
    });
  });
});

describe("SSP gateway blob", () => {
  const tdmTsGroup = [1, 2, 3, 4, 5, 6, 7, 8];
  const registers = {
    ssc0: 11,
    ssc1: 12,
    sscto: 13,
    sspsp: 14,
    sstsa: 15,
    ssrsa: 16,
    ssc2: 17,
    sspsp2: 18,
    ssc3: 19,
    ssioc: 20,
    mdivc: 21,
    mdivr: 22,
  };

  it("without a version has registers behind the time slots", () => {
    const tail = words(0x0001_0005, 0x0001_0003);
    const blob = { version: "unversioned", attributes, tdmTsGroup, registers, tail } as const;
    const wire = encodeSspBlob(blob);
    expect(wordsOf(wire)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 0x0001_0005,
      0x0001_0003,
    ]);
    expect(decodeSspBlob(wire)).toEqual(blob);
    expect(sspClockControl.decode(tail)).toEqual({
      clockWarmUpMs: 5,
      masterClock: true,
      warmUpOverride: false,
      clockStopDelayMs: 3,
      keepRunning: true,
      stopOverride: false,
    });
  });

  it.each([0xee00_0105, 0xee00_0200, 0xee00_0300] as const)(
    "of version %i has a size",
    (version) => {
      const blob = { version, attributes, size: 100, tdmTsGroup, tail: words(9) };
      const wire = encodeSspBlob(blob);
      expect(wordsOf(wire)).toEqual([0, version, 100, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(decodeSspBlob(wire)).toEqual(blob);
    },
  );

  it("is refused when it is short", () => {
    expect(thrown(() => decodeSspBlob(words(0, 1, 2, 3)))).toMatchObject({
      source: "SSP gateway blob",
      offset: 4,
    });
  });
});

describe("microphone gateway blob", () => {
  const blob = {
    attributes,
    tsGroup: [0xffff_3210, 1, 2, 3],
    silenceMs: 10,
    fadeInMs: 200,
    channelMask: 0b101,
    clockSource: 3,
    outControl: [0x11, 0x22],
    pdmMask: 1,
    pdm: words(1, 2, 3),
  };

  it("has an OUTCONTROL word for each channel of its mask", () => {
    const wire = encodeDmicBlob(blob);
    expect(wordsOf(wire)).toEqual([
      0, 0xffff_3210, 1, 2, 3, 0x00c8_000a, 0x0305, 0x11, 0x22, 1, 1, 2, 3,
    ]);
    expect(decodeDmicBlob(wire)).toEqual(blob);
  });

  it("is refused when it ends before its registers", () => {
    const wire = encodeDmicBlob(blob);
    expect(thrown(() => decodeDmicBlob(wire.subarray(0, 34)))).toMatchObject({ offset: 32 });
  });
});
