import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameBytes } from "../../test/support.js";
import { LargeConfigReader, LargeConfigReassembler, splitLargeConfig } from "./large-config.js";

const EIO = 5;
const ENOMEM = 12;
const EBUSY = 16;
const EINVAL = 22;

const pattern = (length: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

describe("splitLargeConfig", () => {
  it("sends what fits the mailbox as one message", () => {
    const payload = pattern(24);
    const fragments = splitLargeConfig({ moduleId: 6, instanceId: 0, paramId: 0 }, payload);
    expect(fragments).toEqual([
      { words: { primary: 0x4400_0006, extension: 0x3000_0018 }, payload },
    ]);
    const whole = splitLargeConfig({ moduleId: 6, instanceId: 0, paramId: 0 }, pattern(4096));
    expect(whole.map(({ words }) => words.extension)).toEqual([0x3000_1000]);
  });

  it("states the total first, then offsets, and fills every message but the last", () => {
    const payload = pattern(10000);
    const fragments = splitLargeConfig({ moduleId: 9, instanceId: 2, paramId: 5 }, payload);
    expect(fragments.map(({ words }) => words)).toEqual([
      { primary: 0x4402_0009, extension: 0x2050_2710 },
      { primary: 0x4402_0009, extension: 0x0050_1000 },
      { primary: 0x4402_0009, extension: 0x1050_2000 },
    ]);
    expect(fragments.map((fragment) => fragment.payload.length)).toEqual([4096, 4096, 1808]);
  });

  it("sends nothing as one empty message", () => {
    const fragments = splitLargeConfig(
      { moduleId: 1, instanceId: 0, paramId: 2 },
      new Uint8Array(0),
    );
    expect(fragments.map(({ words }) => words.extension)).toEqual([0x3020_0000]);
  });

  it("takes less than a mebibyte", () => {
    const target = { moduleId: 1, instanceId: 0, paramId: 2 };
    expect(splitLargeConfig(target, new Uint8Array(0xf_ffff))).toHaveLength(256);
    expect(() => splitLargeConfig(target, new Uint8Array(0x10_0000))).toThrow("1048576 bytes");
  });
});

const positionOf = (extension: number) => ({
  initBlock: ((extension >>> 29) & 1) === 1,
  finalBlock: ((extension >>> 28) & 1) === 1,
  dataOffSize: extension & 0xf_ffff,
});

describe("LargeConfigReassembler", () => {
  it("puts together what splitLargeConfig took apart, whatever the mailbox", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(64, 1024, 4096));
    fc.assert(
      fc.property(sizes, ([length, mailboxBytes]) => {
        const payload = pattern(length);
        const target = { moduleId: 1, instanceId: 1, paramId: 9 };
        const reassembler = new LargeConfigReassembler(8192, mailboxBytes);
        const mailbox = new Uint8Array(mailboxBytes);
        for (const fragment of splitLargeConfig(target, payload, mailboxBytes)) {
          expect(reassembler.take()).toBeNull();
          mailbox.set(fragment.payload);
          const position = positionOf(fragment.words.extension);
          expect(reassembler.accept(position, mailbox)).toBe(0);
        }
        expect(sameBytes(reassembler.take() ?? new Uint8Array(0), payload)).toBe(true);
        expect(reassembler.take()).toBeNull();
        expect(reassembler.busy).toBe(false);
      }),
    );
  });

  const first = { initBlock: true, finalBlock: false, dataOffSize: 100 };
  const last = { initBlock: false, finalBlock: true, dataOffSize: 64 };
  const mailbox = new Uint8Array(64);

  it("is busy between the first block and the last", () => {
    const reassembler = new LargeConfigReassembler(200, 64);
    expect(reassembler.accept(first, mailbox)).toBe(0);
    expect(reassembler.accept(first, mailbox)).toBe(-EBUSY);
    expect(reassembler.busy).toBe(true);
    expect(reassembler.accept(last, mailbox)).toBe(0);
    expect(reassembler.take()).toHaveLength(100);
    expect(reassembler.accept(first, mailbox)).toBe(0);
    reassembler.abort();
    expect(reassembler.accept(last, mailbox)).toBe(-EIO);
  });

  it("refuses a total over its limit and stores nothing for a total of zero", () => {
    const reassembler = new LargeConfigReassembler(200, 64);
    expect(reassembler.accept({ ...first, dataOffSize: 201 }, mailbox)).toBe(-EINVAL);
    expect(reassembler.accept({ ...first, dataOffSize: 0 }, mailbox)).toBe(0);
    expect(reassembler.busy).toBe(false);
    expect(reassembler.take()).toBeNull();
  });

  it("refuses a later block without a first one", () => {
    const reassembler = new LargeConfigReassembler();
    expect(reassembler.accept(last, mailbox)).toBe(-EIO);
  });

  it.each([
    ["reaches past the total", { initBlock: false, finalBlock: false, dataOffSize: 64 }, mailbox],
    ["starts past the total", { initBlock: false, finalBlock: true, dataOffSize: 101 }, mailbox],
    ["is not all in the mailbox", last, mailbox.subarray(0, 35)],
  ])("ends the transfer at a fragment that %s", (_what, position, bytes) => {
    const reassembler = new LargeConfigReassembler(200, 64);
    expect(reassembler.accept(first, mailbox)).toBe(0);
    expect(reassembler.accept(position, bytes)).toBe(-EINVAL);
    expect(reassembler.busy).toBe(false);
    expect(reassembler.take()).toBeNull();
  });
});

describe("LargeConfigReader", () => {
  const target = { moduleId: 0, instanceId: 0, paramId: 7 };
  /** The firmware's answer: status, produced bytes (the total in the first block), final when it fits. */
  const answer = (extension: number, count: number, status = 0) => ({
    primary: 0x6300_0000 + status,
    extension: ((extension & 0xfff0_0000) | count | (count < 4096 ? 0x1000_0000 : 0)) >>> 0,
  });

  it("asks for its buffer's size first", () => {
    const reader = new LargeConfigReader(target, 4096);
    expect(reader.request()).toEqual({ primary: 0x4300_0000, extension: 0x2070_1000 });
    const mailbox = pattern(4096);
    expect(reader.accept(answer(0x2070_1000, 300), mailbox)).toBe(0);
    expect(reader.done).toBe(true);
    expect(sameBytes(reader.data, mailbox.subarray(0, 300))).toBe(true);
  });

  it("goes on by offsets until the total is there", () => {
    const payload = pattern(9000);
    const reader = new LargeConfigReader(target, 10_000);
    const extensions: number[] = [];
    const mailbox = new Uint8Array(4096);
    for (let offset = 0; !reader.done; offset += 4096) {
      const { extension } = reader.request();
      extensions.push(extension);
      const block = payload.subarray(offset, offset + 4096);
      mailbox.set(block);
      expect(reader.accept(answer(extension, offset === 0 ? 9000 : block.length), mailbox)).toBe(0);
    }
    expect(extensions).toEqual([0x2070_2710, 0x0070_1000, 0x0070_2000]);
    expect(sameBytes(reader.data, payload)).toBe(true);
    expect(() => reader.request()).toThrow("has been read");
  });

  it("hands on what went wrong", () => {
    const mailbox = new Uint8Array(4096);
    const reader = () => new LargeConfigReader(target, 100);
    expect(reader().accept(answer(0x2070_0064, 0, 9), mailbox)).toBe(9);
    expect(reader().accept(answer(0x2070_0064, 101), mailbox)).toBe(-ENOMEM);
    expect(reader().accept(answer(0x2070_0064, 50), mailbox.subarray(0, 49))).toBe(-EINVAL);
    expect(reader().accept({ primary: 0x3100_0000, extension: 0 }, mailbox)).toBe(-EINVAL);
  });
});
