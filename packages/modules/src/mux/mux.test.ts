import { describe, expect, it } from "vitest";
import {
  create,
  drain,
  encodeFormat,
  feed,
  format,
  type FormatName,
  payload,
  ring,
  TestServices,
} from "../../test/kit.js";
import { decodeSamples, encodeSamples } from "../../test/signals.js";
import { demuxDriver, muxDriver } from "./driver.js";

function mux(
  name: FormatName,
  baseChannels: number,
  refChannels: number,
  outChannels = baseChannels + refChannels,
) {
  const services = new TestServices();
  const formats = [baseChannels, refChannels, outChannels].map((channels) =>
    format(name, channels),
  );
  const [base, reference, output] = formats as [
    (typeof formats)[0] & object,
    (typeof formats)[0] & object,
    (typeof formats)[0] & object,
  ];
  const module = create(
    muxDriver,
    services,
    payload(base, encodeFormat(reference), encodeFormat(output)),
  );
  const sources = [ring(services.heap, 0x300), ring(services.heap, 0x300)];
  const sink = ring(services.heap, 0x600);
  return { module, sources, sink, services };
}

describe("mux", () => {
  it.each(["s16", "s32"] as const)("puts the channels of two %s streams side by side", (name) => {
    const { module, sources, sink } = mux(name, 2, 1);
    const [base, reference] = sources as [typeof sink, typeof sink];
    // Bound in the other order: queue ids decide.
    module.bind?.({ side: "sink", queueId: 1, stream: base, peer: null });
    module.bind?.({ side: "sink", queueId: 0, stream: reference, peer: null });
    expect(module.prepare([base, reference], [sink])).toBe(0);
    base.producerActive = true;
    reference.producerActive = true;
    feed(base, encodeSamples([30, 31, 32], name));
    feed(reference, encodeSamples([10, 20, 11, 21], name));
    expect(module.process([base, reference], [sink])).toBe(0);
    expect([...decodeSamples(drain(sink), name)]).toEqual([10, 20, 30, 11, 21, 31]);
    expect([base.available, reference.available]).toEqual([name === "s16" ? 2 : 4, 0]);
  });

  it("goes on with one stream, the other's channels silent", () => {
    const { module, sources, sink } = mux("s32", 1, 1);
    const [base, reference] = sources as [typeof sink, typeof sink];
    module.prepare([base, reference], [sink]);
    sink.memory.u8.fill(0xaa, sink.start, sink.end);
    reference.producerActive = true;
    feed(base, encodeSamples([1, 2], "s32"));
    feed(reference, encodeSamples([7, 8], "s32"));
    module.process([base, reference], [sink]);
    expect([...decodeSamples(drain(sink), "s32")]).toEqual([0, 7, 0, 8]);
    expect(base.available).toBe(8);
  });

  it("does nothing while neither stream runs", () => {
    const { module, sources, sink } = mux("s32", 1, 1);
    module.prepare(sources, [sink]);
    feed(sources[0] as typeof sink, encodeSamples([1], "s32"));
    expect(module.process(sources, [sink])).toBe(0);
    expect(sink.available).toBe(0);
  });

  it("refuses channel counts that do not add up, other sizes and a third queue", () => {
    const wrong = mux("s32", 2, 1, 4);
    expect(wrong.module.prepare(wrong.sources, [wrong.sink])).toBe(-22);
    const many = mux("s32", 5, 4, 8);
    expect(many.module.prepare(many.sources, [many.sink])).toBe(-22);
    const { module, services, sink } = mux("s32", 1, 1);
    expect(module.bind?.({ side: "sink", queueId: 2, stream: sink, peer: null })).toBe(-22);
    const fmt = format("s32");
    expect(muxDriver.create(services, payload(fmt, encodeFormat(fmt)))).toBe(-22);
    expect(
      muxDriver.create(
        services,
        payload(fmt, encodeFormat(fmt), encodeFormat(fmt), new Uint8Array(4)),
      ),
    ).toBe(-22);
  });
});

describe("demux", () => {
  it("copies its source to its first sink and leaves the second silent", () => {
    const services = new TestServices();
    const fmt = format("s32");
    const module = create(
      demuxDriver,
      services,
      payload(fmt, encodeFormat(fmt), encodeFormat(format("s32", 3))),
    );
    const source = ring(services.heap, 0x200);
    const sinks = [ring(services.heap, 0x300), ring(services.heap, 0x300)];
    for (const sink of sinks) sink.consumerActive = true;
    expect(module.prepare([source], sinks)).toBe(0);
    feed(source, encodeSamples([1, 2, 3, 4], "s32"));
    expect(module.process([source], sinks)).toBe(0);
    const outputs = sinks.map((sink) => [...decodeSamples(drain(sink), "s32")]);
    expect(outputs).toEqual([
      [1, 2, 0, 3, 4, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
    expect(source.available).toBe(0);
  });
});
