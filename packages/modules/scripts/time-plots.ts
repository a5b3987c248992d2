import { AudioMemory, type ModuleDriver } from "@sof-ts/module-api";
import { detectTestDriver } from "../src/detect-test/driver.js";
import { dtsDriver } from "../src/dts/driver.js";
import { googleRtcDriver } from "../src/google-rtc/driver.js";
import { kpbDriver } from "../src/kpb/driver.js";
import { muxDriver } from "../src/mux/driver.js";
import { rtnrDriver } from "../src/rtnr/driver.js";
import { smartAmpTestDriver } from "../src/smart-amp-test/driver.js";
import { templateDriver } from "../src/template/driver.js";
import { toneDriver } from "../src/tone/driver.js";
import { control } from "../test/blobs.js";
import {
  Bench,
  create,
  drain,
  encodeFormat,
  feed,
  format,
  must,
  payload,
  ring,
  TestHeap,
  TestServices,
  words,
} from "../test/kit.js";
import { pins } from "../test/processing-blobs.js";
import { decodeSamples, encodeSamples } from "../test/signals.js";
import { type Axis, type Plot, type Series, svgPlot } from "./svg-plot.js";

const FULL = 0x7fff_ffff;
const s32 = format("s32");

const time = (toMs: number, step: number): Axis => ({
  label: "time in ms",
  from: 0,
  to: toMs,
  ticks: Array.from({ length: toMs / step + 1 }, (_, i) => i * step),
});
const level = (to = 1): Axis => ({ label: "level", from: -to, to, ticks: [-to, 0, to] });

const points = (samples: ArrayLike<number>, channels: number, channel: number): Series["points"] =>
  Array.from(
    { length: Math.floor(samples.length / channels) },
    (_, i) => [i / 48, (samples[i * channels + channel] as number) / FULL] as const,
  );

/** A sine in the left channel and a slower one in the right, of so many milliseconds. */
const pair = (ms: number): number[] =>
  Array.from({ length: ms * 96 }, (_, i) =>
    Math.round(0.8 * FULL * Math.sin((2 * Math.PI * (i >> 1)) / (i % 2 === 0 ? 48 : 96))),
  );

function tonePlot(): Plot {
  const bench = new Bench(toneDriver, payload(s32), s32);
  must(bench.module.prepare([], [bench.sink]), "prepare");
  for (let period = 0; period < 4; period++) must(bench.module.process([], [bench.sink]), "tone");
  const out = decodeSamples(drain(bench.sink), "s32");
  return {
    title: "tone: 997 Hz at a tenth of full scale",
    x: time(4, 1),
    y: level(0.1),
    series: [{ name: "output", points: points(out, 2, 0) }],
  };
}

function templatePlot(): Plot {
  const bench = new Bench(templateDriver, payload(s32), s32);
  must(bench.prepare(), "prepare");
  must(bench.configure(200, control(0, 1)), "switch");
  const out = decodeSamples(bench.run(encodeSamples(pair(4), "s32")), "s32");
  const names = ["left output (right input)", "right output (left input)"];
  const series = names.map((name, channel) => ({ name, points: points(out, 2, channel) }));
  return { title: "template, switched on", x: time(4, 1), y: level(), series };
}

function muxPlot(): Plot {
  const services = new TestServices();
  const mono = format("s32", 1);
  const init = payload(mono, encodeFormat(mono), encodeFormat(s32));
  const module = create(muxDriver, services, init);
  const sources = [0, 1].map((queueId) => {
    const stream = ring(services.heap, 192 * 4);
    stream.producerActive = true;
    must(module.bind?.({ side: "sink", queueId, stream, peer: null }) ?? -1, "bind");
    return stream;
  });
  const sink = ring(services.heap, 192 * 8);
  sink.consumerActive = true;
  must(module.prepare(sources, [sink]), "prepare");
  const both = pair(4);
  sources.forEach((source, index) => {
    const samples = both.filter((_, i) => i % 2 === index);
    feed(source, encodeSamples(samples, "s32"));
  });
  must(module.process(sources, [sink]), "process");
  const out = decodeSamples(drain(sink), "s32");
  const series = ["channel 0 (queue 0)", "channel 1 (queue 1)"].map((name, channel) => ({
    name,
    points: points(out, 2, channel),
  }));
  return { title: "mux: two mono streams side by side", x: time(4, 1), y: level(), series };
}

/** A burst of 2 ms and what comes of it. */
function burst(
  title: string,
  driver: ModuleDriver,
  init: Uint8Array,
  config?: Uint8Array,
): () => string {
  return () => {
    const bench = new Bench(driver, init, s32);
    if (config !== undefined) must(bench.configure(0, config), "config");
    must(bench.prepare(), "prepare");
    const input = [...pair(2), ...Array.from({ length: 14 * 96 }, () => 0)];
    const out = decodeSamples(bench.run(encodeSamples(input, "s32")), "s32");
    const series = [
      { name: "input", points: points(input, 2, 0) },
      { name: "output", points: points(out, 2, 0) },
    ];
    return svgPlot({ title, x: time(16, 2), y: level(), series });
  };
}

const MS_FRAMES = 16;
const HEARD_MS = 200;
const DRAIN_MS = 100;
const LOUD = 0x7000;

/** How much the host has got by when: nothing, then what was said before the phrase, then what comes in. */
function bufferPlot(): Plot {
  const services = new TestServices(new TestHeap(new AudioMemory(0x10_0000)));
  const microphone = format("s16", 2, 16_000);
  const { heap } = services;
  const buffer = create(kpbDriver, services, payload(microphone));
  const detector = create(detectTestDriver, services, payload(microphone));
  const source = ring(heap, 4 * MS_FRAMES * 4);
  const toDetector = ring(heap, 4 * MS_FRAMES * 4);
  const toHost = ring(heap, 4 * MS_FRAMES * 4);
  toDetector.consumerActive = true;
  toHost.consumerActive = true;
  must(buffer.bind?.({ side: "source", queueId: 1, stream: toHost, peer: null }) ?? -1, "bind");
  const link = { stream: toDetector, queueId: 0 } as const;
  must(buffer.bind?.({ side: "source", peer: detector, ...link }) ?? -1, "bind");
  must(detector.bind?.({ side: "sink", peer: buffer, ...link }) ?? -1, "bind");
  const config = words(20, 0, 0, 0x6000, DRAIN_MS);
  must(detector.setConfiguration?.(2, "single", 20, config) ?? -1, "detector");
  must(buffer.prepare([source], [toDetector, toHost]), "prepare");
  must(detector.prepare([toDetector], []), "prepare");
  let got = 0;
  const delivered = Array.from({ length: 400 }, (_, ms): readonly [number, number] => {
    const frames = Int16Array.from({ length: 2 * MS_FRAMES }, () => (ms === HEARD_MS ? LOUD : 0));
    feed(source, new Uint8Array(frames.buffer));
    must(buffer.process([source], [toDetector, toHost]), "buffer");
    must(detector.process([toDetector], []), "detector");
    got += drain(toHost).length / (4 * MS_FRAMES);
    return [ms, got];
  });
  return {
    title: `kpb: the phrase at ${HEARD_MS} ms, ${DRAIN_MS} ms of history asked for`,
    x: time(400, 100),
    y: { label: "ms of sound", from: 0, to: 400, ticks: [0, 100, 200, 300, 400] },
    series: [
      { name: "from the microphones", points: delivered.map(([ms]) => [ms, ms] as const) },
      { name: "at the host", points: delivered },
    ],
  };
}

/** Frames until the detector hears a constant level, by the level over the threshold and the shift. */
function hearingPlot(): Plot {
  const mono = format("s16", 1, 16_000);
  const threshold = 0x1000;
  const heardAfter = (ratio: number, shift: number): number => {
    const bench = new Bench(detectTestDriver, payload(mono), mono);
    must(bench.configure(2, words(20, 0, shift, threshold, 0)), "detector");
    must(bench.module.prepare([bench.source], []), "prepare");
    const frame = new Uint8Array(Int16Array.of(Math.round(threshold * ratio)).buffer);
    let frames = 0;
    while (bench.services.phrases.length === 0) {
      feed(bench.source, frame);
      must(bench.module.process([bench.source], []), "process");
      frames++;
    }
    return frames;
  };
  const ratios = Array.from({ length: 100 }, (_, i) => 1.01 * 1.02 ** i);
  const series = [3, 4, 5].map((shift) => ({
    name: `activation shift ${shift}`,
    points: ratios.map((ratio) => [20 * Math.log10(ratio), heardAfter(ratio, shift) / 16] as const),
  }));
  return {
    title: "detect_test: time until a constant sound is heard",
    x: { label: "dB over the threshold", from: 0, to: 18, ticks: [0, 3, 6, 9, 12, 15, 18] },
    y: { label: "ms", from: 0, to: 10, ticks: [0, 2, 4, 6, 8, 10] },
    series,
  };
}

const rtnrConfig = words(32, 0, 0, 0, 0, 1, 48_000, 0);

/** What comes when, drawn by the modules themselves. */
export const timePlots: readonly { readonly folder: string; make(): string }[] = [
  { folder: "detect-test", make: () => svgPlot(hearingPlot()) },
  { folder: "dts", make: burst("dts: a wire", dtsDriver, payload(s32)) },
  {
    folder: "google-rtc",
    make: burst("google_rtc: a delay of one block", googleRtcDriver, pins(s32, 2, 1)),
  },
  { folder: "kpb", make: () => svgPlot(bufferPlot()) },
  { folder: "mux", make: () => svgPlot(muxPlot()) },
  { folder: "rtnr", make: burst("rtnr: a wire", rtnrDriver, payload(s32), rtnrConfig) },
  {
    folder: "smart-amp-test",
    make: burst("smart_amp_test: a wire", smartAmpTestDriver, pins(s32, 2, 1)),
  },
  { folder: "template", make: () => svgPlot(templatePlot()) },
  { folder: "tone", make: () => svgPlot(tonePlot()) },
];
