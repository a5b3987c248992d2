import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { words } from "../../test/support.js";
import { encodeBaseModuleCfgExt } from "../base-module-cfg.js";
import { encodeChannelControl } from "../payload/control.js";
import { encodeCopierConfig } from "../payload/copier.js";
import { memoryRequest } from "../payload/data-objects.js";
import { encodeExtendedInit } from "../payload/extended-init.js";
import { encodeGainConfig, gainEntry } from "../payload/gain.js";
import { asrcConfig, srcConfig } from "../payload/module-init.js";
import { resourceEvent } from "../payload/notification-payloads.js";
import { describe as describeWords } from "./describe.js";
import { guessInitPayload } from "./init-guess.js";

const audioFmt = {
  samplingFrequency: 48000,
  depth: 32,
  chMap: 0xffff_ff10,
  chCfg: 1,
  interleavingStyle: 0,
  channelsCount: 2,
  validBitDepth: 24,
  sampleType: 1,
};
const base = { cpc: 900, ibs: 384, obs: 384, isPages: 0, audioFmt };
const volume = {
  channelId: 0xffff_ffff,
  targetVolume: 0x7fff_ffff,
  curveType: 1,
  curveDuration: 200_000n,
};
const text = (primary: number, extension: number, payload?: Uint8Array) =>
  describeWords({ primary, extension }, payload);

describe("the meaning of words", () => {
  it.each([
    [0x1101_0002, 0, "create pipeline 1: 2 pages, priority 0, core 0"],
    [0x1201_0000, 0, "delete pipeline 1"],
    [0x1301_0004, 0, "set pipeline 1 to RUNNING"],
    [0x1300_0009, 1, "set listed pipelines to 9"],
    [0x1400_0003, 0, "get state of pipeline 3"],
    [
      0x0e07_0100,
      0x300,
      "chain DMA host 0 and link 1: allocate, enable, 2-byte samples, FIFO 768 bytes",
    ],
    [0x1801_0002, 0, "load library 1 from DMA 2"],
    [0x1900_0002, 0, "prepare DMA 2 to load a library"],
    [0x4000_0004, 0x0001_0015, "create module 4 instance 0: pipeline 1, core 0, LL, 84 bytes"],
    [0x4000_0009, 0x10ff_000a, "create module 9 instance 0: no pipeline, core 0, DP, 40 bytes"],
    [0x4500_0004, 0x0804_0006, "bind module 4 instance 0 queue 1 to module 6 instance 4 queue 0"],
    [0x4600_0004, 0x0100_0006, "unbind module 4 instance 0 queue 0 to module 6 instance 0 queue 1"],
    [0x4201_0002, 0x0000_0005, "set small parameter 0 of module 2 instance 1: 5"],
    [0x4300_0000, 0x2070_1000, "get FW_CONFIG (7) of base firmware: first block of 4096 bytes"],
    [0x4400_0006, 0x3c80_0024, "set SWITCH (200) of module 6 instance 0: 36 bytes"],
    [0x4400_0009, 0x1050_2000, "set parameter 5 of module 9 instance 0: last block at 8192"],
    [0x4b02_0009, 0, "delete module 9 instance 2"],
    [0x4800_0000, 4, "set D0ix: prevent power gating"],
    [0x4700_0000, 0, "switch cores on and off"],
    [0x1b08_8000, 0, "firmware is ready, libraries restored"],
    [0x1b0a_0000, 1, "exception on core 1"],
    [0x1b06_2000, 0, "log of core 2 has new entries"],
    [0x1b04_0001, 99, "phrase 1 detected, score 99"],
    [0x1b0e_0000, 0, "GLB_NOTIFICATION|PROBE_DATA_AVAILABLE"],
    [0x6500_0009, 6, "reply to MOD_BIND: INVALID_RESOURCE_ID (9)"],
    [0x3300_0000, 0, "reply to GLB_SET_PIPELINE_STATE: success"],
    [0x6400_0008, 0, "reply to MOD_LARGE_CONFIG_SET: status 8"],
    [0x6300_0000, 0x3070_0050, "reply to MOD_LARGE_CONFIG_GET: success, 80 bytes"],
    [0x0500_0001, 2, "GLB_5: type 5, parameter 1, data 2"],
  ])("is told: %i|%i", (primary, extension, meaning) => {
    expect(text(primary, extension)).toBe(meaning);
  });

  it("is told for any words and bytes", () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(word, word, fc.uint8Array({ maxLength: 200 }), (primary, extension, payload) => {
        expect(text(primary, extension, payload).length).toBeGreaterThan(4);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what a payload holds", () => {
  const lines = (primary: number, extension: number, payload: Uint8Array) =>
    text(primary, extension, payload).split("\n").slice(1);

  it("is told: of pipelines", () => {
    expect(lines(0x1300_0004, 1, words(2, 5, 0))).toEqual(["  pipelines 5, 0"]);
    expect(lines(0x1300_0004, 1, words(9))).toEqual([
      "  payload is not readable: SET_PIPELINE_STATE payload, offset 0 (0x0): 9 times pipeline id " +
        "needs 36 bytes, 0 left",
      "  09 00 00 00",
    ]);
  });

  it("is told: of a copier", () => {
    const payload = encodeCopierConfig({
      base,
      outFmt: { ...audioFmt, validBitDepth: 32 },
      featureMask: 0,
      gateway: { nodeId: 0x801, dmaBufferSize: 768, configData: words(0) },
    });
    expect(lines(0x4000_0004, 0x15, payload)).toEqual([
      "  copier: in 48000 Hz, 2 channels, 24 bits in 32, map 0xffffff10; ibs 384, obs 384, cpc 900",
      "  out 48000 Hz, 2 channels, 32 bits, map 0xffffff10",
      "  gateway HDA_LINK_OUTPUT stream 1 (tag 2), DMA buffer 768 bytes, configuration 4 bytes",
    ]);
    expect(lines(0x4000_0004, 0x15, payload.subarray(0, 4))).toEqual([
      "  payload is cut: 4 of 84 bytes",
      "  84 03 00 00",
    ]);
  });

  it("is told: of gains", () => {
    const all = "  all channels: volume 0x7fffffff, curve 1 over 20 ms";
    expect(lines(0x4000_0006, 0x10, encodeGainConfig({ base, entries: [volume] }))[1]).toBe(all);
    expect(lines(0x4400_0006, 0x3000_0018, gainEntry.encode(volume))).toEqual([all]);
    const other = gainEntry.encode({ ...volume, channelId: 99 });
    expect(lines(0x4400_0006, 0x3000_0018, other)[0]).toBe(
      "  63 00 00 00 ff ff ff 7f 01 00 00 00 00 00 00 00",
    );
  });

  it("is told: of controls and parameters of the base firmware", () => {
    const control = encodeChannelControl({ id: 2, values: [{ channel: 1, value: 0 }] });
    expect(lines(0x4400_0006, 0x3c80_001c, control)).toEqual(["  control 2: channel 1 = 0"]);
    expect(lines(0x4400_0000, 0x3140_0008, words(5, 0))).toEqual(["  5 us"]);
    expect(lines(0x4700_0000, 0, words(3, 1))).toEqual(["  cores 0x3, on 0x1"]);
  });

  it("is told: of an extended init", () => {
    const data = memoryRequest.encode({ domainId: 0, stackBytes: 1, heapBytes: 2 });
    const payload = encodeExtendedInit({
      rtosDomain: false,
      gnaUsed: false,
      objects: [{ id: 1, data }],
      init: srcConfig.encode({ base, sinkRate: 44100 }),
    });
    const described = lines(0x4000_0007, 0x3000_0000 + payload.length / 4, payload);
    expect(described[0]).toBe("  object 1: 12 bytes");
    expect(described[1]).toMatch(/^ {2}src: in 48000 Hz/);
    expect(described[2]).toBe("  out 44100 Hz");
  });

  it("is told: of notifications", () => {
    const eventData = new Uint8Array(24);
    eventData.set([0xea, 0xff, 0xff, 0xff]);
    const failure = resourceEvent.encode({
      resourceType: 0,
      resourceId: 0x1_0006,
      eventType: 3,
      eventData,
    });
    expect(lines(0x1b05_0000, 0, failure)).toEqual([
      "  PROCESS_DATA_ERROR of MODULE_INSTANCE 0x10006: -EINVAL",
    ]);
    expect(lines(0x1b0c_0000, 0, words(0x0006_0002, 0xa15a_00c8, 0))).toEqual([
      "  module 6 instance 2, event 0xa15a00c8",
    ]);
  });

  it("is told: of many bytes, cut", () => {
    const described = lines(0x4400_0009, 0x2050_0200, new Uint8Array(300));
    expect(described).toHaveLength(9);
    expect(described[8]).toBe("  ... 172 more bytes");
  });
});

describe("guessInitPayload", () => {
  it.each([
    ["base", new Uint8Array(40)],
    ["gain", encodeGainConfig({ base, entries: [volume] })],
    [
      "gain",
      encodeGainConfig({ base, entries: [0, 1].map((channelId) => ({ ...volume, channelId })) }),
    ],
    ["src", srcConfig.encode({ base, sinkRate: 8000 })],
    ["asrc", asrcConfig.encode({ base, outFreq: 48000, mode: 1, disableJitterBuffer: false })],
    [
      "base-with-pins",
      encodeBaseModuleCfgExt({
        base,
        inputPins: [{ pinIndex: 0, ibs: 4, audioFmt }],
        outputPins: [],
      }),
    ],
    [
      "copier",
      encodeCopierConfig({
        base,
        outFmt: audioFmt,
        featureMask: 1,
        gateway: { nodeId: 0xffff_ffff, dmaBufferSize: 0, configData: words(0, 1, 2) },
      }),
    ],
    ["base-with-data", Uint8Array.of(...new Uint8Array(40), 1, 2, 3)],
  ] as const)("tells %s", (kind, payload) => {
    expect(guessInitPayload(payload)?.kind).toBe(kind);
  });

  it("says nothing about less than a base configuration", () => {
    expect(guessInitPayload(new Uint8Array(39))).toBeUndefined();
  });
});
