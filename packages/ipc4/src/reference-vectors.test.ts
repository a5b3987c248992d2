import { describe, expect, it } from "vitest";
import { hex } from "../test/support.js";
import * as ipc4 from "./index.js";

/**
 * Words and bytes of the protocol as they are on the wire: what a peer of another make sends and expects.
 * All of them in one place, each both written and read.
 */

const link = { moduleId: 4, instanceId: 0, dstModuleId: 6, dstInstanceId: 0 } as const;
const queues = { dstQueue: 0, srcQueue: 0 } as const;
const set = { kind: "set-pipeline-state", multiPipeline: false, syncStopStart: false } as const;

const requests: readonly (readonly [string, ipc4.Ipc4Message, number, number])[] = [
  [
    "CREATE_PIPELINE id 1, 2 pages, priority 0, core 0",
    {
      kind: "create-pipeline",
      memPages: 2,
      priority: 0,
      pipelineId: 1,
      lowPower: false,
      attributes: 0,
      coreId: 0,
      hasPayload: false,
    },
    0x1101_0002,
    0,
  ],
  ["DELETE_PIPELINE id 1", { kind: "delete-pipeline", pipelineId: 1 }, 0x1201_0000, 0],
  ["SET_PIPELINE_STATE id 1 RUNNING", { ...set, state: 4, pipelineId: 1 }, 0x1301_0004, 0],
  [
    "SET_PIPELINE_STATE of many PAUSED",
    { ...set, state: 3, pipelineId: 0, multiPipeline: true },
    0x1300_0003,
    1,
  ],
  [
    "SET_PIPELINE_STATE of many RUNNING",
    { ...set, state: 4, pipelineId: 0, multiPipeline: true },
    0x1300_0004,
    1,
  ],
  [
    "INIT_INSTANCE module 4 instance 0, 21 words, pipeline 1, LL",
    {
      kind: "init-instance",
      moduleId: 4,
      instanceId: 0,
      paramBlockWords: 21,
      pipelineId: 1,
      coreId: 0,
      procDomain: 0,
      extendedInit: false,
    },
    0x4000_0004,
    0x0001_0015,
  ],
  ["BIND 4:0 to 6:0", { kind: "bind", ...link, ...queues }, 0x4500_0004, 0x0000_0006],
  ["UNBIND 4:0 from 6:0", { kind: "unbind", ...link, ...queues }, 0x4600_0004, 0x0000_0006],
  [
    "LARGE_CONFIG_GET of FW_CONFIG",
    {
      kind: "large-config-get",
      moduleId: 0,
      instanceId: 0,
      dataOffSize: 4096,
      paramId: 7,
      finalBlock: false,
      initBlock: true,
    },
    0x4300_0000,
    0x2070_1000,
  ],
  [
    "LARGE_CONFIG_SET module 6 parameter 0, 24 bytes in one block",
    {
      kind: "large-config-set",
      moduleId: 6,
      instanceId: 0,
      dataOffSize: 24,
      paramId: 0,
      finalBlock: true,
      initBlock: true,
    },
    0x4400_0006,
    0x3000_0018,
  ],
  ["SET_DX", { kind: "set-dx", moduleId: 0, instanceId: 0 }, 0x4700_0000, 0],
  [
    "CHAIN_DMA start of playback host 0 to link 1, S16, 768 bytes",
    {
      kind: "chain-dma",
      hostDmaId: 0,
      linkDmaId: 1,
      allocate: true,
      enable: true,
      scs: true,
      fifoSize: 768,
    },
    0x0e07_0100,
    0x0000_0300,
  ],
];

describe("words on the wire", () => {
  it.each(requests)("%s", (_name, message, primary, extension) => {
    expect(ipc4.encodeRequest(message)).toEqual({ primary, extension });
    expect(ipc4.decodeRequest(primary, extension)).toEqual(message);
  });

  it("FW_READY", () => {
    const ready = { kind: "fw-ready", librariesRestored: false } as const;
    expect(ipc4.encodeNotification(ready)).toEqual({ primary: 0x1b08_0000, extension: 0 });
    expect(ipc4.decodeNotification(0x1b08_0000, 0)).toEqual(ready);
  });

  it.each([
    ["CREATE_PIPELINE", { primary: 0x1101_0002, extension: 0x0010_0001 }, 0x3100_0000],
    ["SET_PIPELINE_STATE RESET of pipeline 5", { primary: 0x1305_0002, extension: 0 }, 0x3300_0000],
  ])("success of %s echoes the extension", (_name, request, primary) => {
    const reply = { primary, extension: request.extension };
    expect(ipc4.replyWords(request, 0)).toEqual(reply);
    expect(ipc4.encodeReply(ipc4.decodeReply(reply.primary, reply.extension))).toEqual(reply);
  });

  it("10000 bytes for parameter 5 of module 9 in three fragments", () => {
    const payload = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
    const target = { moduleId: 9, instanceId: 0, paramId: 5 };
    const fragments = ipc4.splitLargeConfig(target, payload);
    expect(fragments.map(({ words }) => words)).toEqual([
      { primary: 0x4400_0009, extension: 0x2050_2710 },
      { primary: 0x4400_0009, extension: 0x0050_1000 },
      { primary: 0x4400_0009, extension: 0x1050_2000 },
    ]);
    expect(fragments.map(({ payload: part }) => part)).toEqual([
      payload.slice(0, 4096),
      payload.slice(4096, 8192),
      payload.slice(8192),
    ]);
  });
});

describe("bytes on the wire", () => {
  const format = { samplingFrequency: 48_000, chMap: 0xffff_ff10, chCfg: 1, interleavingStyle: 0 };
  it.each([
    [
      "48 kHz, 2 channels, 32 in 32 bits",
      { ...format, depth: 32, channelsCount: 2, validBitDepth: 32, sampleType: 0 },
      "80 BB 00 00 20 00 00 00 10 FF FF FF 01 00 00 00 00 00 00 00 02 20 00 00",
    ],
    [
      "48 kHz, 2 channels, 16 in 16 bits",
      { ...format, depth: 16, channelsCount: 2, validBitDepth: 16, sampleType: 1 },
      "80 BB 00 00 10 00 00 00 10 FF FF FF 01 00 00 00 00 00 00 00 02 10 01 00",
    ],
  ])("audio format %s", (_name, value, bytes) => {
    expect(ipc4.audioFormat.encode(value)).toEqual(hex(bytes));
    expect(ipc4.audioFormat.decode(hex(bytes))).toEqual(value);
  });

  it.each([
    ["host playback, tag 1", ipc4.hdaHostNode("playback", 1), 0x0000_0000],
    ["host capture, tag 3", ipc4.hdaHostNode("capture", 3), 0x0000_0102],
    ["HDA link out, tag 2", ipc4.hdaLinkNode("playback", 2), 0x0000_0801],
    ["SSP2 out", ipc4.sspNode("playback", 2), 0x0000_0c20],
    ["SSP2 in", ipc4.sspNode("capture", 2), 0x0000_0d20],
    ["DMIC 0", ipc4.dmicNode(0), 0x0000_0b00],
    ["ALH out, PDI 2", ipc4.alhNode("playback", 2), 0x0000_1002],
    ["ALH group 0 out", ipc4.alhGroupNode("playback", 0), 0x0000_1050],
  ])("node %s", (_name, node, value) => {
    expect(node).toBe(value);
    expect(ipc4.packNodeId(ipc4.unpackNodeId(value))).toBe(value);
  });

  it("0 dB on all channels of a gain", () => {
    const entry = {
      channelId: ipc4.ALL_CHANNELS,
      targetVolume: ipc4.VOLUME_UNITY,
      curveType: 0,
      curveDuration: 200_000n,
    };
    const bytes = hex("FF FF FF FF FF FF FF 7F 00 00 00 00 00 00 00 00 40 0D 03 00 00 00 00 00");
    expect(ipc4.gainEntry.encode(entry)).toEqual(bytes);
    expect(ipc4.gainEntry.decode(bytes)).toEqual(entry);
  });

  it.each([
    [-1, 0xe428, 0x7214_0000],
    [-6, 0x804c, 0x4026_0000],
    [-20, 0x1998, 0x0ccc_0000],
    [-50, 0x00cf, 0x0067_8000],
    [0, 0x1_0000, 0x7fff_ffff],
    [10, 0x3_2998, 0x7fff_ffff],
  ])("volume of %i dB", (decibels, gain, wire) => {
    const scale = { minHundredths: 100 * decibels, stepHundredths: 100, mute: false };
    expect(ipc4.volumeGainQ16(scale, 0)).toBe(gain);
    expect(ipc4.wireVolume(gain)).toBe(wire);
  });

  it("pipelines 1 and 0 of a SET_PIPELINE_STATE", () => {
    const bytes = hex("02 00 00 00 01 00 00 00 00 00 00 00");
    expect(ipc4.encodePipelineIds([1, 0])).toEqual(bytes);
    expect(ipc4.decodePipelineIds(bytes)).toEqual([1, 0]);
  });

  it("a switch with two channels on", () => {
    const control = { id: 0, values: [0, 1].map((channel) => ({ channel, value: 1 })) };
    const bytes = hex(`00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      00 00 00 00 01 00 00 00 01 00 00 00 01 00 00 00`);
    expect(ipc4.encodeChannelControl(control)).toEqual(bytes);
    expect(ipc4.decodeChannelControl(bytes)).toEqual(control);
  });
});
