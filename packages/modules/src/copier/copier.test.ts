import type { AudioFormat } from "@sof-ts/ipc4";
import type { AudioStream } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import {
  concat,
  create,
  drain,
  encodeFormat,
  feed,
  format,
  frameBytes,
  payload,
  ring,
  type TestGateway,
  TestServices,
  words,
} from "../../test/kit.js";
import { decodeSamples, encodeSamples, type IntegerFormat } from "../../test/signals.js";
import { copierDriver } from "./driver.js";

const NONE = 0xffffffff;
const HOST_PLAYBACK = 0x0000;
const HOST_CAPTURE = 0x0103;
const HDA_LINK_OUT = 0x0801;
const DMIC = 0x0b00;

/** Init payload: out format, features, node, DMA bytes, config words. */
function init(
  input: AudioFormat,
  output: AudioFormat,
  node = NONE,
  config: number[] = [0],
  features = 0,
): Uint8Array {
  return payload(
    input,
    encodeFormat(output),
    words(features, node, 4 * 48 * frameBytes(output), config.length, ...config),
  );
}

interface Setup {
  readonly input: AudioFormat;
  readonly output?: AudioFormat;
  readonly node?: number;
  readonly config?: number[];
  readonly features?: number;
  readonly sinks?: number;
}

function rig({ input, output = input, node, config, features, sinks = 1 }: Setup) {
  const services = new TestServices();
  const module = create(copierDriver, services, init(input, output, node, config, features));
  const source = ring(services.heap, 192 * frameBytes(input));
  const outputs = Array.from({ length: sinks }, () =>
    ring(services.heap, 192 * frameBytes(output)),
  );
  const [gateway] = services.gateways as [TestGateway];
  for (const sink of outputs) sink.consumerActive = true;
  const set = (paramId: number, data: Uint8Array) =>
    module.setConfiguration?.(paramId, "single", data.length, data);
  return { services, module, source, outputs, sink: outputs[0] as AudioStream, gateway, set };
}

const samples = (stream: AudioStream, name: IntegerFormat) => [
  ...decodeSamples(drain(stream), name),
];

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

describe("host playback copier", () => {
  const msb24 = format("s24", 2, 48000, { sampleType: 0 });

  it("opens its gateway with period and configuration, and drives it through its life", () => {
    const { module, gateway, sink, services } = rig({
      input: format("s16"),
      output: format("s32"),
      node: HOST_PLAYBACK,
      config: [7, 8],
    });
    expect(gateway.request).toMatchObject({
      nodeId: 0,
      direction: "playback",
      periodBytes: 192,
      dmaBufferBytes: 1536,
    });
    expect(gateway.request.config).toEqual(words(7, 8));
    module.prepare([], [sink]);
    for (const command of [
      "pre-start",
      "start",
      "pause",
      "pre-release",
      "release",
      "stop",
    ] as const) {
      expect(module.trigger?.(command)).toBe(0);
    }
    module.reset();
    module.free();
    expect(gateway.log).toEqual([
      "prepare 2x0",
      "start",
      "pause",
      "release",
      "stop",
      "reset",
      "free",
    ]);
    expect(module.direction).toBe("playback");
    expect(services.heap.live.has(sink.start)).toBe(true);
  });

  it("moves one period a tick, left-aligned 24 bits to the right, and tells the DMA", () => {
    const { module, gateway, sink } = rig({
      input: msb24,
      output: format("s24"),
      node: HOST_PLAYBACK,
    });
    module.prepare([], [sink]);
    feed(
      gateway.stream,
      encodeSamples(
        Array.from({ length: 200 }, (_, i) => (i - 100) << 8),
        "s32",
      ),
    );
    module.process([], [sink]);
    expect(samples(sink, "s24")).toEqual(Array.from({ length: 96 }, (_, i) => i - 100));
    expect([gateway.reloaded, gateway.stream.available]).toEqual([384, 800 - 384]);
  });

  it("moves all there is in fast mode", () => {
    const { module, gateway, sink } = rig({
      input: format("s32"),
      node: HOST_PLAYBACK,
      features: 1,
    });
    module.prepare([], [sink]);
    feed(gateway.stream, new Uint8Array(100 * 8));
    module.process([], [sink]);
    expect(sink.available).toBe(800);
  });

  it("keeps pace with the active sink that has least room", () => {
    const input = format("s32");
    const { module, gateway, outputs, set } = rig({ input, node: HOST_PLAYBACK, sinks: 2 });
    set(2, concat(words(1), encodeFormat(input), encodeFormat(input)));
    outputs.forEach((stream, queueId) =>
      module.bind?.({ side: "source", queueId, stream, peer: null }),
    );
    module.prepare([], outputs);
    const [a, b] = outputs as [AudioStream, AudioStream];
    feed(b, new Uint8Array(b.size - 80));
    feed(gateway.stream, new Uint8Array(384));
    module.process([], outputs);
    expect([a.available, b.free, gateway.stream.available]).toEqual([80, 0, 304]);
    b.consumerActive = false;
    module.process([], outputs);
    expect([a.available, gateway.stream.available]).toEqual([384, 0]);
  });

  it("shifts what it produces by the attenuation, as unsigned words", () => {
    const { module, gateway, sink, set } = rig({ input: format("s32"), node: HOST_PLAYBACK });
    expect(set(6, words(32))).toBe(-22);
    expect(set(6, words(4))).toBe(0);
    module.prepare([], [sink]);
    feed(gateway.stream, encodeSamples([-16, 16], "s32"));
    module.process([], [sink]);
    expect(samples(sink, "s32")).toEqual([0x0fffffff, 1]);
    const short = rig({ input: format("s16"), node: HOST_PLAYBACK });
    expect(short.set(6, words(4))).toBe(-22);
  });

  it("reports an underrun once an episode and goes on", () => {
    const { module, gateway, sink, services } = rig({ input: format("s32"), node: HOST_PLAYBACK });
    module.prepare([], [sink]);
    const xruns = () => services.log.filter((line) => line.startsWith("xrun"));
    gateway.statusResult = -32;
    feed(gateway.stream, new Uint8Array(80));
    expect(module.process([], [sink])).toBe(0);
    expect(module.process([], [sink])).toBe(0);
    expect([xruns(), sink.available]).toEqual([["xrun playback"], 80]);
    gateway.statusResult = 0;
    module.process([], [sink]);
    gateway.statusResult = -32;
    module.process([], [sink]);
    expect(xruns()).toHaveLength(2);
    gateway.statusResult = -5;
    expect(module.process([], [sink])).toBe(-5);
    gateway.statusResult = 0;
    gateway.reloadResult = -5;
    feed(gateway.stream, new Uint8Array(80));
    expect(module.process([], [sink])).toBe(-5);
  });

  it("writes where its stream starts and ends on the link", () => {
    const { module, services } = rig({ input: format("s32"), node: 3 });
    const all = 0xffff_ffff_ffff_ffffn;
    const position = { bytes: 1000n, latencyPeriods: 3, periodBytes: 384 };
    services.log.length = 0;
    module.trigger?.("start");
    Object.assign(services, { linkPosition: () => position });
    module.trigger?.("start");
    position.bytes = 5000n;
    module.trigger?.("pause");
    position.bytes = 9000n;
    module.trigger?.("release");
    module.reset();
    expect(services.log).toEqual([
      "pipeline 3 0 0",
      "pipeline 3 2152 0",
      "pipeline 3 2152 5000",
      `pipeline 3 ${2152 + 9000 - 5000 + 1152} 0`,
      `pipeline 3 ${all} ${all}`,
    ]);
  });

  it("has no link to read", () => {
    const { module, set } = rig({ input: format("s32"), node: HOST_PLAYBACK });
    expect(module.getConfiguration?.(4, new Uint8Array(16))).toBe(-22);
    expect(set(7, words(0x10))).toBe(-22);
  });
});

describe("host capture copier", () => {
  it("fills the DMA ring in the host's format", () => {
    const { module, gateway, source } = rig({
      input: format("s24"),
      output: format("s24", 2, 48000, { sampleType: 0 }),
      node: HOST_CAPTURE,
    });
    module.prepare([source], []);
    feed(
      source,
      encodeSamples(
        Array.from({ length: 120 }, (_, i) => i),
        "s24",
      ),
    );
    module.process([source], []);
    expect(samples(gateway.stream, "s32")).toEqual(Array.from({ length: 96 }, (_, i) => i << 8));
    expect([gateway.reloaded, source.available]).toEqual([384, 96]);
  });

  it("never changes the format of the pin that the gateway has", () => {
    const input = format("s32");
    const { set } = rig({ input, node: HOST_CAPTURE });
    expect(set(2, concat(words(0), encodeFormat(input), encodeFormat(input)))).toBe(-22);
    expect(set(2, concat(words(1), encodeFormat(input), encodeFormat(input)))).toBe(0);
  });
});

describe("link copier", () => {
  it("plays to the link, remapped by its channel map", () => {
    const { module, gateway, source, set } = rig({ input: format("s32"), node: HDA_LINK_OUT });
    module.prepare([source], []);
    expect(set(7, words(0xffffff01))).toBe(0);
    feed(source, encodeSamples([1, 2, 3, 4], "s32"));
    module.process([source], []);
    expect(samples(gateway.stream, "s32")).toEqual([2, 1, 4, 3]);
    expect(set(7, words(0xffffffff))).toBe(0);
    feed(source, encodeSamples([5, 6], "s32"));
    module.process([source], []);
    expect(samples(gateway.stream, "s32")).toEqual([0, 0]);
  });

  it("reads the link's position while it runs", () => {
    const { module, gateway, source, services } = rig({ input: format("s32"), node: HDA_LINK_OUT });
    Object.assign(services, { wallClock: () => 0x1_0000_0002n });
    const out = new Uint8Array(24).fill(9);
    const read = (paramId: number) => module.getConfiguration?.(paramId, out);
    module.prepare([source], []);
    expect([read(4), ...out.subarray(0, 17)]).toEqual([16, ...new Uint8Array(16), 9]);
    module.trigger?.("start");
    gateway.totalBytes = 0x1234;
    expect(read(4)).toBe(16);
    expect(out.subarray(0, 16)).toEqual(words(0x1234, 0, 2, 1));
    expect(read(5)).toBe(24);
    expect(out).toEqual(words(0x1234, 0, 2, 1, 0, 0));
    expect(module.getConfiguration?.(4, new Uint8Array(8))).toBe(-22);
    expect(module.getConfiguration?.(3, out)).toBe(-22);
  });

  it("drops what it captures while nobody listens, so that the link does not overrun", () => {
    const { module, gateway, sink } = rig({ input: format("s32"), node: DMIC });
    module.prepare([], [sink]);
    sink.consumerActive = false;
    feed(gateway.stream, new Uint8Array(400));
    module.process([], [sink]);
    expect([gateway.stream.available, gateway.reloaded, sink.available]).toEqual([16, 384, 0]);
  });

  it("silences and fades in microphones as their blob says", () => {
    // 2 ms of silence, 8 ms of fade.
    const config = [0, 0, 0, 0, 0, (8 << 16) | 2];
    const { module, gateway, sink } = rig({ input: format("s32", 1), node: DMIC, config });
    module.prepare([], [sink]);
    const levels: number[] = [];
    for (let period = 0; period < 11; period++) {
      feed(
        gateway.stream,
        encodeSamples(
          Array.from({ length: 48 }, () => 1 << 20),
          "s32",
        ),
      );
      module.process([], [sink]);
      const [first, ...rest] = samples(sink, "s32");
      expect(new Set(rest)).toEqual(new Set([first]));
      levels.push(first as number);
    }
    expect(levels.slice(0, 3)).toEqual([0, 0, 0]);
    expect(levels[10]).toBe(1 << 20);
    // The square of a line, in tenths of a percent.
    expect(levels.slice(3, 10).map((level) => Math.round((level / (1 << 20)) * 1000))).toEqual([
      16, 63, 141, 250, 391, 563, 766,
    ]);
    expect(rig({ input: format("s32", 1), node: DMIC, config: [0] }).module).toBeDefined();
  });
});
