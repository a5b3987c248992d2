import type { AudioStream } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import {
  DMIC,
  HDA_LINK_OUT,
  HOST_CAPTURE,
  HOST_PLAYBACK,
  rig,
  samples,
} from "../../test/copier-rig.js";
import { concat, encodeFormat, feed, format, words } from "../../test/kit.js";
import { encodeSamples } from "../../test/signals.js";

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
