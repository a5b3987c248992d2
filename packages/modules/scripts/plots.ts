import { eqFirDriver } from "../src/eq-fir/driver.js";
import { eqIirDriver } from "../src/eq-iir/driver.js";
import { dcBlockDriver } from "../src/dcblock/driver.js";
import { gainDriver } from "../src/gain/driver.js";
import { ariaDriver } from "../src/aria/driver.js";
import { copierDriver } from "../src/copier/driver.js";
import { levelMultiplierDriver } from "../src/level-multiplier/driver.js";
import { firBlob, iirBlob, lowPass, type SectionWords, volume } from "../test/blobs.js";
import { Bench, concat, encodeFormat, format, must, payload, words } from "../test/kit.js";
import { decodeSamples, encodeSamples } from "../test/signals.js";
import { magnitude, respond } from "./measure.js";
import { levelPlots } from "./level-plots.js";
import { processingPlots } from "./processing-plots.js";
import { audioFrequencies, type Plot, type Series, svgPlot } from "./svg-plot.js";
import { timePlots } from "./time-plots.js";

const s16 = format("s16");
const s24 = format("s24");
const s32 = format("s32");
const ALL = 0xffffffff;
const FULL = 0x7fffffff;

function prepared(bench: Bench): Bench {
  must(bench.prepare(), "prepare");
  return bench;
}

function configured(bench: Bench, data: Uint8Array): Bench {
  must(bench.configure(0, data), "configuration");
  return prepared(bench);
}

const db = (from: number, to: number, step: number) => ({
  label: "gain in dB",
  from,
  to,
  ticks: Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step),
});

/** High-pass of second order at 40 Hz (Butterworth), in Q2.30. */
const highPass: SectionWords = [
  -0x3f8720b4, 0x7f86ae23, 0x3fc373b6, -0x7f86e76c, 0x3fc373b6, 0, 0x4000,
];

function iirPlot(): Plot {
  const filter = (...sections: SectionWords[]) =>
    configured(
      new Bench(eqIirDriver, payload(s32), s32),
      iirBlob([0, 0], { inSeries: sections.length, sections }),
    );
  return {
    title: "eq_iir: two example responses",
    x: audioFrequencies,
    y: db(-40, 40, 20),
    series: [
      { name: "high-pass at 40 Hz", points: magnitude(filter(highPass), 9600) },
      { name: "low-pass at 2 kHz", points: magnitude(filter(lowPass), 2400) },
    ],
  };
}

function firPlot(): Plot {
  // A windowed sinc: low-pass at 6 kHz, 64 taps.
  const taps = Array.from({ length: 64 }, (_, k) => {
    const t = (k - 31.5) / 4;
    const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * k) / 63);
    return Math.round((32767 * Math.sin(Math.PI * t) * window) / (Math.PI * t) / 4);
  });
  const bench = configured(
    new Bench(eqFirDriver, payload(s32), s32),
    firBlob([0, 0], { taps, shift: 0 }),
  );
  return {
    title: "eq_fir: 64 taps, low-pass at 6 kHz",
    x: audioFrequencies,
    y: db(-80, 20, 20),
    series: [{ name: "windowed sinc", points: magnitude(bench, 960) }],
  };
}

function dcPlot(): Plot {
  const series = [0.98, 0.998].map((r): Series => {
    const word = Math.round(r * 2 ** 30);
    const bench = configured(
      new Bench(dcBlockDriver, payload(s32), s32),
      words(...Array.from({ length: 8 }, () => word)),
    );
    return { name: `R = ${r}`, points: magnitude(bench, 9600) };
  });
  return { title: "dcblock", x: audioFrequencies, y: db(-40, 10, 10), series };
}

function gainPlot(): Plot {
  const curves: readonly (readonly [string, number])[] = [
    ["windows fade", 1],
    ["linear", 2],
  ];
  const series = curves.map(([name, curve]): Series => {
    const init = payload(s32, volume(ALL, FULL, curve, 20));
    const out = respond(
      prepared(new Bench(gainDriver, init, s32)),
      Array.from({ length: 1200 }, () => FULL),
    );
    return { name, points: out.map((y, frame) => [frame / 48, y / FULL] as const) };
  });
  return {
    title: "gain: fade-in of 20 ms",
    x: { label: "time in ms", from: 0, to: 25, ticks: [0, 5, 10, 15, 20, 25] },
    y: { label: "volume", from: 0, to: 1.1, ticks: [0, 0.25, 0.5, 0.75, 1] },
    series,
  };
}

function ariaPlot(): Plot {
  // Soft, loud for 20 ms, soft: 1 kHz.
  const level = (frame: number) => (frame >= 1440 && frame < 2400 ? 0.9 : 0.1);
  const input = Array.from({ length: 4800 }, (_, n) =>
    Math.round(0x7fffff * level(n) * Math.sin((2 * Math.PI * n) / 48)),
  );
  const bench = prepared(new Bench(ariaDriver, payload(s24, words(2)), s24));
  const out = decodeSamples(
    bench.run(
      encodeSamples(
        input.flatMap((x) => [x, x]),
        "s24",
      ),
    ),
    "s24",
  );
  const peaks = (samples: ArrayLike<number>, step: number) =>
    Array.from({ length: 100 }, (_, period) => {
      let peak = 1;
      for (let n = 0; n < 48; n++)
        peak = Math.max(peak, Math.abs(samples[(period * 48 + n) * step] ?? 0));
      return [period, 20 * Math.log10(peak / 0x7fffff)] as const;
    });
  return {
    title: "aria with 2 bits of attenuation: a burst of 20 ms",
    x: { label: "time in ms", from: 0, to: 100, ticks: [0, 20, 40, 60, 80, 100] },
    y: { label: "peak in dBFS", from: -25, to: 5, ticks: [-20, -15, -10, -5, 0] },
    series: [
      { name: "input", points: peaks(input, 1) },
      { name: "output", points: peaks(out, 2) },
    ],
  };
}

function copierPlot(): Plot {
  const init = payload(s24, encodeFormat(s16), words(0, ALL, 0, 0, 0));
  const bench = prepared(new Bench(copierDriver, init, s24, s16));
  const input = Array.from({ length: 1280 }, (_, i) => i - 640);
  const out = decodeSamples(
    bench.run(concat(...input.map((x) => encodeSamples([x, x], "s24")))),
    "s16",
  );
  return {
    title: "copier: 24 to 16 bits rounds half up",
    x: { label: "24-bit sample", from: -640, to: 640, ticks: [-512, -256, 0, 256, 512] },
    y: { label: "16-bit sample", from: -3, to: 3, ticks: [-3, -2, -1, 0, 1, 2, 3] },
    series: [{ name: "output", points: input.map((x, i) => [x, out[2 * i] as number] as const) }],
  };
}

function levelPlot(): Plot {
  const gains: readonly (readonly [string, number])[] = [
    ["+10 dB", 3.1623],
    ["-10 dB", 0.31623],
  ];
  const steps = Array.from({ length: 201 }, (_, i) => Math.max(-1, Math.min(1, i / 100 - 1)));
  const series = gains.map(([name, gain]): Series => {
    const bench = prepared(new Bench(levelMultiplierDriver, payload(s32), s32));
    must(bench.configure(0, words(Math.round(gain * 2 ** 23))), "gain");
    const out = respond(
      bench,
      steps.map((x) => Math.round(x * FULL)),
    );
    return { name, points: steps.map((x, i) => [x, (out[i] as number) / FULL] as const) };
  });
  return {
    title: "level multiplier",
    x: { label: "input", from: -1, to: 1, ticks: [-1, -0.5, 0, 0.5, 1] },
    y: { label: "output", from: -1.1, to: 1.1, ticks: [-1, -0.5, 0, 0.5, 1] },
    series,
  };
}

/** What each module does, drawn by the module itself: folder of the module and SVG. */
export const plots: readonly { readonly folder: string; make(): string }[] = [
  { folder: "aria", make: () => svgPlot(ariaPlot()) },
  { folder: "copier", make: () => svgPlot(copierPlot()) },
  { folder: "dcblock", make: () => svgPlot(dcPlot()) },
  { folder: "eq-fir", make: () => svgPlot(firPlot()) },
  { folder: "eq-iir", make: () => svgPlot(iirPlot()) },
  { folder: "gain", make: () => svgPlot(gainPlot()) },
  { folder: "level-multiplier", make: () => svgPlot(levelPlot()) },
  ...levelPlots,
  ...processingPlots,
  ...timePlots,
];
