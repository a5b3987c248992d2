import { describe, expect, it } from "vitest";
import { lostBits, hex } from "../test/support.js";
import { audioFormat, channelMapEntry, positionChannelMap } from "./audio-format.js";

const stereo = {
  samplingFrequency: 48000,
  chMap: 0xffff_ff10,
  chCfg: 1,
  interleavingStyle: 0,
  channelsCount: 2,
};

describe("audioFormat", () => {
  it("is 24 bytes", () => {
    expect(audioFormat.size).toBe(24);
  });

  it("writes 48 kHz stereo, 32 of 32 bits, most significant first", () => {
    const value = { ...stereo, depth: 32, validBitDepth: 32, sampleType: 0 };
    const wire = hex("80 bb 00 00 20 00 00 00 10 ff ff ff 01 00 00 00 00 00 00 00 02 20 00 00");
    expect(audioFormat.encode(value)).toEqual(wire);
    expect(audioFormat.decode(wire)).toEqual(value);
  });

  it("writes 48 kHz stereo, 16 of 16 bits, least significant first", () => {
    const value = { ...stereo, depth: 16, validBitDepth: 16, sampleType: 1 };
    const wire = hex("80 bb 00 00 10 00 00 00 10 ff ff ff 01 00 00 00 00 00 00 00 02 10 01 00");
    expect(audioFormat.encode(value)).toEqual(wire);
    expect(audioFormat.decode(wire)).toEqual(value);
  });

  it("keeps any 24 bytes", () => {
    expect(lostBits(audioFormat)).toBeUndefined();
  });
});

describe("channel maps", () => {
  it.each([
    [1, 0xffff_fff0],
    [2, 0xffff_ff10],
    [3, 0xffff_f210],
    [4, 0xffff_3210],
    [5, 0xfff4_3210],
    [6, 0xff54_3210],
    [8, 0x7654_3210],
    [0, 0xffff_ffff],
  ])("number %i channels by position", (channels, chMap) => {
    expect(positionChannelMap(channels)).toBe(chMap);
  });

  it("are read a nibble at a time", () => {
    expect([0, 1, 2, 7].map((channel) => channelMapEntry(0xffff_ff20, channel))).toEqual([
      0, 2, 15, 15,
    ]);
    expect(channelMapEntry(0x7654_3210, 7)).toBe(7);
  });
});
