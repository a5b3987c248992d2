import type { AudioFormat } from "@sof-ts/ipc4";
import type { AudioStream } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { HOST_PLAYBACK, NONE, rig, samples } from "../../test/copier-rig.js";
import {
  concat,
  encodeFormat,
  feed,
  format,
  payload,
  TestServices,
  words,
} from "../../test/kit.js";
import { encodeSamples } from "../../test/signals.js";
import { copierDriver } from "./driver.js";

describe("copier between modules", () => {
  it("converts the documented values", () => {
    const { module, source, sink } = rig({ input: format("s32"), output: format("s16") });
    expect(module.prepare([source], [sink])).toBe(0);
    feed(source, encodeSamples([0x7fffffff, -0x80000000, 32767, 32768, -32768, -32769], "s32"));
    module.process([source], [sink]);
    expect(samples(sink, "s16")).toEqual([32767, -32768, 0, 1, 0, -1]);
    const narrow = rig({ input: format("s24", 1), output: format("s16", 1) });
    narrow.module.prepare([narrow.source], [narrow.sink]);
    feed(narrow.source, encodeSamples([127, 128, -128, -129, 0x7fffff], "s24"));
    narrow.module.process([narrow.source], [narrow.sink]);
    expect(samples(narrow.sink, "s16")).toEqual([0, 1, 0, -1, 32767]);
  });

  it("does not align 24 bits to the left away from a gateway", () => {
    const msb = format("s24", 1, 48000, { sampleType: 0 });
    const { module, source, sink } = rig({ input: msb, output: format("s32", 1) });
    module.prepare([source], [sink]);
    feed(source, encodeSamples([1, -1], "s24"));
    module.process([source], [sink]);
    expect(samples(sink, "s32")).toEqual([256, -256]);
  });

  it("feeds every active sink by its own format, and takes what the last one took", () => {
    const input = format("s32");
    const { module, source, outputs, set } = rig({ input, sinks: 3 });
    const [a, b, c] = outputs as [AudioStream, AudioStream, AudioStream];
    const s16 = format("s16");
    expect(set(2, concat(words(1), encodeFormat(input), encodeFormat(s16)))).toBe(0);
    expect(set(2, concat(words(2), encodeFormat(input), encodeFormat(format("s32", 1))))).toBe(0);
    outputs.forEach((stream, queueId) => {
      expect(module.bind?.({ side: "source", queueId, stream, peer: null })).toBe(0);
    });
    expect(module.prepare([source], outputs)).toBe(0);
    expect(outputs.map((stream) => stream.frameBytes)).toEqual([8, 4, 4]);
    b.consumerActive = false;
    feed(source, encodeSamples([65536, 131072, -65536, 0], "s32"));
    module.process([source], outputs);
    expect([samples(a, "s32"), b.available, samples(c, "s32")]).toEqual([
      [65536, 131072, -65536, 0],
      0,
      [65536, -65536],
    ]);
    b.consumerActive = true;
    feed(source, encodeSamples([65536, 131072], "s32"));
    module.process([source], outputs);
    expect(samples(b, "s16")).toEqual([1, 2]);
    expect(source.available).toBe(0);
  });

  it.each([
    ["drops what an earlier sink has no room for", 0, 6],
    ["takes no more than the last sink has room for", 1, 1],
  ])("%s", (_what, full, taken) => {
    const input = format("s32", 1);
    const { module, source, outputs, set } = rig({ input, sinks: 2 });
    expect(set(2, concat(words(1), encodeFormat(input), encodeFormat(input)))).toBe(0);
    outputs.forEach((stream, queueId) => {
      expect(module.bind?.({ side: "source", queueId, stream, peer: null })).toBe(0);
    });
    expect(module.prepare([source], outputs)).toBe(0);
    const tight = outputs[full] as AudioStream;
    tight.produce(tight.free - tight.frameBytes);
    feed(source, encodeSamples([1, 2, 3, 4, 5, 6], "s32"));
    const [before, rooms] = [source.available, outputs.map(({ free }) => free)];
    module.process([source], outputs);
    const frames = (bytes: number): number => bytes / source.frameBytes;
    expect(frames(before - source.available)).toBe(taken);
    const given = outputs.map(({ free }, i) => frames((rooms[i] as number) - free));
    expect(given).toEqual(full === 0 ? [1, 6] : [6, 1]);
  });

  it("takes nothing while no sink is active", () => {
    const { module, source, sink } = rig({ input: format("s32") });
    module.prepare([source], [sink]);
    sink.consumerActive = false;
    feed(source, encodeSamples([1, 2], "s32"));
    module.process([source], [sink]);
    expect([source.available, sink.available]).toEqual([8, 0]);
  });

  it("refuses a pin that has no format, a fifth pin and a source format that is not its own", () => {
    const input = format("s32");
    const { module, sink, set } = rig({ input });
    const bind = (queueId: number) =>
      module.bind?.({ side: "source", queueId, stream: sink, peer: null });
    expect(bind(1)).toBe(-22);
    expect(bind(4)).toBe(-22);
    const sinkFormat = (pin: number, from: AudioFormat, to: AudioFormat) =>
      set(2, concat(words(pin), encodeFormat(from), encodeFormat(to)));
    expect(sinkFormat(4, input, input)).toBe(-22);
    expect(sinkFormat(1, format("s16"), input)).toBe(-22);
    expect(sinkFormat(1, input, format("s32", 2, 48000, { depth: 64, validBitDepth: 64 }))).toBe(
      -22,
    );
    expect(sinkFormat(1, input, input)).toBe(0);
    expect(bind(1)).toBe(0);
  });

  it("fails to prepare formats without a conversion", () => {
    const { module, source, sink } = rig({ input: format("float"), output: format("s32", 4) });
    expect(module.prepare([source], [sink])).toBe(-22);
  });

  it("refuses gateway configurations longer than the payload, and unknown gateways", () => {
    const services = new TestServices();
    const fmt = format("s32");
    const tail = (...rest: number[]) => payload(fmt, encodeFormat(fmt), words(...rest));
    expect(copierDriver.create(services, tail(0, NONE, 0, 2, 0))).toBe(-22);
    expect(copierDriver.create(services, tail(0, NONE, 0, 0xffffffff, 0))).toBe(-22);
    expect(copierDriver.create(services, tail(0, NONE, 0, 1))).toBe(-22);
    expect(typeof copierDriver.create(services, tail(0, NONE, 0, 0, 0))).toBe("object");
    expect(copierDriver.create(services, tail(0, 0x0500, 0, 1, 0))).toBe(-22);
    expect(copierDriver.create(services, tail(0, 16, 0, 1, 0))).toBe(-22);
    services.pipelineId = 0xff;
    expect(copierDriver.create(services, tail(0, HOST_PLAYBACK, 0, 1, 0))).toBe(-22);
  });
});
