import { asrcDriver } from "../src/asrc/driver.js";
import { crossoverDriver } from "../src/crossover/driver.js";
import { drcDriver } from "../src/drc/driver.js";
import { multibandDrcDriver } from "../src/multiband-drc/driver.js";
import { srcDriver } from "../src/src/driver.js";
import { srcLiteDriver } from "../src/src-lite/driver.js";
import { tdfbDriver } from "../src/tdfb/driver.js";
import { control } from "../test/blobs.js";
import {
  Bench,
  concat,
  create,
  drain,
  feed,
  format,
  must,
  payload,
  ring,
  TestServices,
  words,
} from "../test/kit.js";
import {
  beamBlob,
  crossoverBlob,
  drcBlob,
  multibandBlob,
  pins,
  speaker,
} from "../test/processing-blobs.js";
import { decodeSamples, encodeSamples } from "../test/signals.js";
import { audioFrequencies, type Axis, type Plot, type Series, svgPlot } from "./svg-plot.js";

const RATE = 48000;
const PERIOD = 48;
const s32 = format("s32");

const decibels = (value: number) => 20 * Math.log10(Math.max(value, 1e-9));

const axis = (label: string, from: number, to: number, step: number): Axis => ({
  label,
  from,
  to,
  ticks: Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step),
});

/** Level of the tone of a period in a signal, relative to full scale. */
function level(samples: readonly number[], frequency: number): number {
  let re = 0;
  let im = 0;
  samples.forEach((sample, n) => {
    const angle = (2 * Math.PI * frequency * n) / RATE;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
  });
  return (2 * Math.hypot(re, im)) / samples.length / 2 ** 31;
}

/** What comes out at last for a steady tone, as levels in dB by the level that goes in. */
function compression(make: () => Bench, frequency: number): Series["points"] {
  return Array.from({ length: 21 }, (_, i): readonly [number, number] => {
    const input = -60 + 3 * i;
    const amplitude = 10 ** (input / 20) * (2 ** 31 - 1);
    const tone = Int32Array.from({ length: 2 * 4800 }, (_, k) =>
      Math.round(amplitude * Math.sin((2 * Math.PI * frequency * (k >> 1)) / RATE)),
    );
    const out = decodeSamples(make().run(encodeSamples(tone, "s32")), "s32");
    const left = Array.from(out.subarray(2 * 3600).filter((_, k) => k % 2 === 0));
    return [input, decibels(level(left, frequency))];
  });
}

function compressor(blob: Uint8Array, driver = drcDriver): () => Bench {
  return () => {
    const bench = new Bench(driver, payload(s32), s32);
    must(bench.configure(0, blob), "blob");
    must(bench.prepare(), "prepare");
    return bench;
  };
}

const levels = {
  x: axis("level in, dBFS", -60, 0, 10),
  y: axis("level out, dBFS", -60, 20, 20),
};

function drcPlot(): Plot {
  const unity = speaker.with(12, 1 << 24);
  const series = [
    { name: "speaker tuning", points: compression(compressor(drcBlob(speaker)), 1000) },
    { name: "without make-up gain", points: compression(compressor(drcBlob(unity)), 1000) },
  ];
  return { title: "drc: a tone of 1 kHz, settled", ...levels, series };
}

function multibandPlot(): Plot {
  const make = compressor(multibandBlob(speaker, 3, false), multibandDrcDriver);
  const series = [250, 4000].map((frequency) => ({
    name: `${frequency} Hz`,
    points: compression(make, frequency),
  }));
  return { title: "multiband_drc: tones, settled", ...levels, series };
}

/** Magnitude in dB of an impulse response at logarithmic frequencies of a 48 kHz stream. */
function magnitudes(response: readonly number[], gain: number): Series["points"] {
  return Array.from({ length: 121 }, (_, i): readonly [number, number] => {
    const frequency = 20 * 1000 ** (i / 120);
    return [frequency, decibels((level(response, frequency) * response.length * gain) / 2)];
  });
}

const IMPULSE = 2 ** 30;
const HALF = 2;

/** An impulse in the left channel, or in both. */
const impulse = (frames: number, right = IMPULSE) =>
  encodeSamples(
    Int32Array.from({ length: 2 * frames }, (_, i) => (i === 0 ? IMPULSE : i === 1 ? right : 0)),
    "s32",
  );

const leftOf = (bytes: Uint8Array) =>
  Array.from(decodeSamples(bytes, "s32").filter((_, i) => i % 2 === 0));

/** Butterworth of second order as a section's words: two of them in series make a Linkwitz-Riley filter. */
function butterworth(frequency: number, kind: "low" | "high"): number[] {
  const k = Math.tan((Math.PI * frequency) / RATE);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const b0 = (kind === "low" ? k * k : 1) * norm;
  const b1 = kind === "low" ? 2 * b0 : -2 * b0;
  const a1 = -2 * (k * k - 1) * norm;
  const a2 = -(1 - Math.SQRT2 * k + k * k) * norm;
  return [...[a2, a1, b0, b1, b0].map((value) => Math.round(value * 2 ** 30)), 0, 0x4000];
}

function crossoverPlot(): Plot {
  const services = new TestServices();
  const module = create(crossoverDriver, services, pins(s32, 1, 3));
  const source = ring(services.heap, PERIOD * 8);
  const sinks = [0, 1, 2].map(() => ring(services.heap, PERIOD * 8));
  for (const sink of sinks) sink.consumerActive = true;
  const [bass, treble] = [300, 3000];
  const upper = [butterworth(treble, "low"), butterworth(treble, "high")];
  const blob = crossoverBlob(3, [
    butterworth(bass, "low"),
    butterworth(bass, "high"),
    ...upper,
    ...upper,
  ]);
  must(module.setConfiguration?.(0, "single", blob.length, blob) ?? -1, "blob");
  must(module.prepare([source], sinks), "prepare");
  const parts = sinks.map(() => [] as Uint8Array[]);
  const input = impulse(4800);
  for (let at = 0; at < input.length; at += PERIOD * 8) {
    feed(source, input.subarray(at, at + PERIOD * 8));
    must(module.process([source], sinks), "process");
    sinks.forEach((sink, i) => parts[i]?.push(drain(sink)));
  }
  // The sink that was bound first has the highest band.
  const responses = parts.map((each) => leftOf(concat(...each))).reverse();
  const series = ["low", "middle", "high"].map((name, band) => ({
    name,
    points: magnitudes(responses[band] as number[], HALF),
  }));
  return {
    title: "crossover: Linkwitz-Riley filters at 300 Hz and 3 kHz",
    x: audioFrequencies,
    y: axis("gain in dB", -80, 20, 20),
    series,
  };
}

/** Delay and sum of two microphones, as a fixed beam has it: gain by the angle of the sound. */
function beamPlot(): Plot {
  const APART = 0.14;
  const SPEED = 343;
  const forward = beamBlob(
    [0x4000, 0, 0, 0],
    [0x4000, 0, 0, 0],
    [0x4000, 0, 0, 0],
    [0x4000, 0, 0, 0],
  );
  const series = [1000, 2000, 3000].map((frequency): Series => {
    const points = Array.from({ length: 61 }, (_, i): readonly [number, number] => {
      const angle = -90 + 3 * i;
      const late = (APART * Math.sin((angle * Math.PI) / 180) * RATE) / SPEED;
      const bench = new Bench(tdfbDriver, pins(s32, 1, 1), s32);
      must(bench.configure(0, forward), "blob");
      must(bench.configure(200, control(0, 1)), "beam");
      must(bench.prepare(), "prepare");
      const sound = Int32Array.from({ length: 2 * 480 }, (_, k) => {
        const at = (k >> 1) - (k % 2) * late;
        return Math.round(2 ** 29 * Math.sin((2 * Math.PI * frequency * at) / RATE));
      });
      const out = leftOf(bench.run(encodeSamples(sound, "s32")));
      return [angle, decibels(level(out, frequency) * 4)];
    });
    return { name: `${frequency} Hz`, points };
  });
  return {
    title: "tdfb: sum of two microphones 14 cm apart",
    x: axis("angle of the sound in degrees", -90, 90, 30),
    y: axis("gain in dB", -40, 10, 10),
    series,
  };
}

/** Response up to the rate that comes out, with the images of what went in. */
function conversionPlot(
  title: string,
  from: readonly number[],
  make: (rate: number) => Bench,
): Plot {
  const series = from.map((rate): Series => {
    const factor = RATE / rate;
    const bench = make(rate);
    must(bench.prepare(), "prepare");
    const response = leftOf(bench.run(impulse(1200), Math.floor(rate / 1000)));
    const points = Array.from({ length: 241 }, (_, i): readonly [number, number] => {
      const frequency = 100 * i;
      return [frequency / 1000, decibels((level(response, frequency) * response.length) / factor)];
    });
    return { name: `from ${rate / 1000} kHz`, points };
  });
  return {
    title,
    x: axis("frequency in kHz", 0, 24, 4),
    y: axis("gain in dB", -120, 20, 20),
    series,
  };
}

function converter(driver: typeof srcDriver, ...tail: number[]): (rate: number) => Bench {
  return (rate) => {
    const input = format("s32", 2, rate);
    return new Bench(driver, payload(input, words(RATE, ...tail)), input, s32);
  };
}

/** Dynamics, beamformer and rate converters, drawn by the modules themselves. */
export const processingPlots: readonly { readonly folder: string; make(): string }[] = [
  {
    folder: "asrc",
    make: () =>
      svgPlot(conversionPlot("asrc: to 48 kHz", [8000, 16000, 24000], converter(asrcDriver, 1))),
  },
  { folder: "crossover", make: () => svgPlot(crossoverPlot()) },
  { folder: "drc", make: () => svgPlot(drcPlot()) },
  { folder: "multiband-drc", make: () => svgPlot(multibandPlot()) },
  {
    folder: "src",
    make: () =>
      svgPlot(conversionPlot("src: to 48 kHz", [8000, 16000, 24000], converter(srcDriver))),
  },
  {
    folder: "src-lite",
    make: () => svgPlot(conversionPlot("src_lite: to 48 kHz", [32000], converter(srcLiteDriver))),
  },
  { folder: "tdfb", make: () => svgPlot(beamPlot()) },
];
