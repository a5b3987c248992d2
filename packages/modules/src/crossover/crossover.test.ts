import { encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import type { AudioModule, AudioStream } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import {
  baseConfig,
  concat,
  create,
  drain,
  feed,
  format,
  frameBytes,
  ring,
  TestServices,
  words,
} from "../../test/kit.js";
import { crc, encodeSamples, type IntegerFormat, noise, quantize } from "../../test/signals.js";
import { crossoverDriver } from "./driver.js";

const EINVAL = -22;
const ENODATA = -61;

const low = [-771751936, 1811939328, 8388608, 16777216, 8388608, 0, 16384];
const high = [-771751936, 1811939328, 914358272, -1828716544, 914358272, 0, 16384];
const lowest = [-973078528, 2030043136, 4194304, 8388608, 4194304, 0, 16384];
const highest = [-973078528, 2030043136, 1019215872, -2038431744, 1019215872, 0, 16384];
const sections = [low, high, lowest, highest, low, high];

function blobOf(bands: number, assignment = [0, 1, 2, 3], count = bands === 2 ? 2 : 6): Uint8Array {
  const pins = [0, 1, 2, 3].map((band) => (band < bands ? (assignment[band] ?? 0) : 0));
  const body = [bands, 0, 0, 0, 0, ...pins, ...sections.slice(0, count).flat()];
  return words(4 * body.length + 4, ...body);
}

function must(ret: number): void {
  if (ret !== 0) throw new Error(`refused: ${ret}`);
}

/** A crossover with sinks that are bound in the order of its pins. */
class Split {
  readonly services = new TestServices();
  readonly module: AudioModule;
  readonly source: AudioStream;
  readonly sinks: AudioStream[];

  constructor(fmt: IntegerFormat, bands: number, blob: Uint8Array | null, ringFrames = 192) {
    const audioFmt = format(fmt);
    const pin = (pinIndex: number) => ({ pinIndex, obs: 384, audioFmt });
    const init = encodeBaseModuleCfgExt({
      base: baseConfig(audioFmt),
      inputPins: [{ pinIndex: 0, ibs: 384, audioFmt }],
      outputPins: Array.from({ length: bands }, (_, i) => pin(i)),
    });
    this.module = create(crossoverDriver, this.services, init);
    const stream = (frames: number) => ring(this.services.heap, frames * frameBytes(audioFmt));
    this.source = stream(ringFrames);
    this.sinks = Array.from({ length: bands }, () => stream(ringFrames + 7));
    for (const sink of this.sinks) sink.consumerActive = true;
    must(blob === null ? 0 : this.configure(blob));
    must(this.module.prepare([this.source], this.sinks));
  }

  configure(blob: Uint8Array): number {
    return this.module.setConfiguration?.(0, "single", blob.length, blob) ?? EINVAL;
  }

  run(input: Uint8Array, frames = 48): Uint8Array[] {
    const parts = this.sinks.map(() => [] as Uint8Array[]);
    const bytes = frames * this.source.frameBytes;
    for (let at = 0; at < input.length; at += bytes) {
      feed(this.source, input.subarray(at, at + bytes));
      must(this.module.process([this.source], this.sinks));
      this.sinks.forEach((sink, i) => parts[i]?.push(drain(sink)));
    }
    return parts.map((each) => concat(...each));
  }
}

const input = (fmt: IntegerFormat) => encodeSamples(quantize(noise(960), fmt), fmt);

describe("crossover", () => {
  it.each([
    ["s16", 2, ["3c85e8f4", "fa506df2"]],
    ["s24", 2, ["eeccf419", "bcbb495f"]],
    ["s32", 2, ["dd85b061", "764875fb"]],
    ["s16", 3, ["ded28433", "05d1c7ed", "1b484b2e"]],
    ["s24", 3, ["f0fbdcb2", "4cf79ea9", "78328a69"]],
    ["s32", 3, ["b0a63ea3", "5e4bed38", "0df2f952"]],
    ["s16", 4, ["2589196d", "6175145a", "7454d7a4", "1daa33ec"]],
    ["s24", 4, ["81516581", "bb103b31", "16d53cc9", "3f2dfdf9"]],
    ["s32", 4, ["2a4df28a", "0de5392e", "e5103121", "923b28b1"]],
  ] as const)(
    "splits %s into %i bands exactly, the last one to the sink bound first",
    (fmt, bands, sums) => {
      const out = new Split(fmt, bands, blobOf(bands)).run(input(fmt));
      expect(out.map(crc).reverse()).toEqual(sums);
    },
  );

  it("sends the bands where the blob assigns them", () => {
    const out = new Split("s32", 2, blobOf(2, [1, 0])).run(input("s32"));
    expect(out.map(crc)).toEqual(["dd85b061", "764875fb"]);
  });

  it("leaves a sink that does not run out: other bands move up in 32 bits, stay in 16", () => {
    const without = (fmt: IntegerFormat) => {
      const split = new Split(fmt, 3, blobOf(3));
      const [, middle] = split.sinks;
      if (middle !== undefined) middle.consumerActive = false;
      return split.run(input(fmt)).map(crc).reverse();
    };
    expect(without("s16")).toEqual(["ded28433", "00000000", "1b484b2e"]);
    expect(without("s32")).toEqual(["b0a63ea3", "00000000", "5e4bed38"]);
  });

  it("copies to every active sink without a blob", () => {
    expect(new Split("s32", 2, null).run(input("s32"))).toEqual([input("s32"), input("s32")]);
  });

  it("says that there is no data when no frame can be moved, and takes none", () => {
    const split = new Split("s32", 2, blobOf(2));
    expect(split.module.process([split.source], split.sinks)).toBe(ENODATA);
    feed(split.source, input("s32").subarray(0, 384));
    for (const sink of split.sinks) sink.consumerActive = false;
    expect(split.module.process([split.source], split.sinks)).toBe(ENODATA);
    expect(split.source.available).toBe(384);
  });

  it("moves as many frames as the fullest sink has room for", () => {
    const split = new Split("s32", 2, blobOf(2));
    feed(split.source, input("s32").subarray(0, 384));
    split.sinks[1]?.produce(split.sinks[1].size - 80);
    expect(split.module.process([split.source], split.sinks)).toBe(0);
    expect(split.source.available).toBe(384 - 80);
  });

  it("handles frames that lie across the end of its rings", () => {
    const whole = new Split("s32", 2, blobOf(2)).run(input("s32"));
    const split = new Split("s32", 2, blobOf(2));
    const streams = [split.source, ...split.sinks];
    // Start half a frame off, so that every wrap cuts a frame.
    for (const stream of streams) {
      stream.produce(stream.size - 4);
      stream.consume(stream.size - 4);
    }
    expect(split.run(input("s32"))).toEqual(whole);
  });

  it("refuses wrong blobs and keeps the old one", () => {
    const split = new Split("s32", 2, blobOf(2));
    const bad = blobOf(2);
    new DataView(bad.buffer).setInt32(40 + 20, -14, true);
    for (const blob of [
      blobOf(3),
      blobOf(2, [0, 0]),
      blobOf(2, [0, 2]),
      blobOf(2, [0, 1], 1),
      bad,
    ]) {
      expect(split.configure(blob)).toBe(EINVAL);
    }
    expect(split.configure(blobOf(2).subarray(0, 36))).toBe(EINVAL);
    expect(split.run(input("s32")).map(crc)).toEqual(["764875fb", "dd85b061"]);
  });

  it("starts over with a blob that comes while it runs", () => {
    const split = new Split("s32", 2, blobOf(2, [1, 0]));
    split.run(input("s32"));
    expect(split.configure(blobOf(2))).toBe(0);
    expect(split.run(input("s32")).map(crc)).toEqual(["764875fb", "dd85b061"]);
  });

  it("needs one input pin and at most four output pins", () => {
    const audioFmt = format("s32");
    const init = (inputs: number, outputs: number) =>
      encodeBaseModuleCfgExt({
        base: baseConfig(audioFmt),
        inputPins: Array.from({ length: inputs }, (_, pinIndex) => ({
          pinIndex,
          ibs: 1,
          audioFmt,
        })),
        outputPins: Array.from({ length: outputs }, (_, pinIndex) => ({
          pinIndex,
          obs: 1,
          audioFmt,
        })),
      });
    const services = new TestServices();
    expect(crossoverDriver.create(services, init(2, 2))).toBe(EINVAL);
    expect(crossoverDriver.create(services, init(1, 5))).toBe(EINVAL);
    expect(crossoverDriver.create(services, init(0, 2))).toBe(EINVAL);
  });
});
