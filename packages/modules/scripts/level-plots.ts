import { igoNrDriver } from "../src/igo-nr/driver.js";
import { selectorDriver } from "../src/selector/driver.js";
import { upDownMixerDriver } from "../src/up-down-mixer/driver.js";
import { selectorRecord } from "../test/blobs.js";
import { Bench, encodeFormat, format, must, payload, words } from "../test/kit.js";
import { Mixer } from "../test/mixer.js";
import { decodeSamples, encodeSamples } from "../test/signals.js";
import { type Axis, type Plot, type Series, svgPlot } from "./svg-plot.js";

const FULL = 0x7fff_ffff;
const s32 = format("s32");

const fullScale = (label: string): Axis => ({
  label,
  from: -1.1,
  to: 1.1,
  ticks: [-1, -0.5, 0, 0.5, 1],
});
const inAndOut = { x: fullScale("input"), y: fullScale("output") };

/** Levels from one end of the range to the other. */
const steps = Array.from({ length: 193 }, (_, i) => Math.min(1, i / 96 - 1));
const sample = (level: number): number => Math.round(level * FULL);

function mixinPlot(): Plot {
  const series = [1024, 512].map((gain): Series => {
    const points = steps.map((level): readonly [number, number] => {
      const mixer = new Mixer("s32", 1);
      const input = mixer.inputs[0] as (typeof mixer.inputs)[number];
      const mode = words(1, 0, 0, 0, 0, gain);
      must(input.module.setConfiguration?.(1, "single", mode.length, mode) ?? -1, "gain");
      mixer.feed(0, [sample(level), 0]);
      mixer.mix(0);
      return [level, (mixer.out()[0] as number) / FULL];
    });
    return { name: `gain ${gain}`, points };
  });
  return { title: "mixin: the first of a mix", ...inAndOut, series };
}

function mixoutPlot(): Plot {
  const series = [0, 0.5, -0.5].map((other): Series => {
    const points = steps.map((level): readonly [number, number] => {
      const mixer = new Mixer("s32", 2);
      mixer.feed(0, [sample(level), 0]);
      mixer.feed(1, [sample(other), 0]);
      mixer.mix(0, 1);
      return [level, (mixer.out()[0] as number) / FULL];
    });
    return { name: `with ${other} beside`, points };
  });
  return { title: "mixout: the sum of two streams", ...inAndOut, series };
}

function selectorPlot(): Plot {
  const bench = new Bench(selectorDriver, payload(s32, encodeFormat(s32)), s32);
  const rows = [
    [1024, 1024],
    [-512, 0],
  ];
  must(bench.configure(0, selectorRecord(2, 2, rows)), "matrix");
  must(bench.prepare(), "prepare");
  const frames = steps.flatMap((level) => [sample(level), sample(level)]);
  const out = decodeSamples(bench.run(encodeSamples(frames, "s32")), "s32");
  const series = ["out 0 = in 0 + in 1", "out 1 = -0.5 in 0"].map((name, channel) => ({
    name,
    points: steps.map((level, i) => [level, (out[2 * i + channel] as number) / FULL] as const),
  }));
  return { title: "selector: the same signal in both channels", ...inAndOut, series };
}

const FROM_5_1 = { chCfg: 8, chMap: 0xff74_3210 };
const TO_STEREO = 1;

function mixerPlot(): Plot {
  const input = format("s32", 6, 48_000, FROM_5_1);
  const output = format("s24", 2);
  const init = payload(input, words(TO_STEREO, 0, 0, 0, 0, 0, 0, 0, 0, 0, FROM_5_1.chMap));
  const roles = ["L", "C", "R", "left surround"];
  const series = roles.map((name, channel): Series => {
    const bench = new Bench(upDownMixerDriver, init, input, output);
    must(bench.prepare(), "prepare");
    const frames = steps.flatMap((level) =>
      Array.from({ length: 6 }, (_, ch) => (ch === channel ? sample(level) : 0)),
    );
    const out = decodeSamples(bench.run(encodeSamples(frames, "s32")), "s24");
    return {
      name: `${name} alone`,
      points: steps.map((level, i) => [level, (out[2 * i] as number) / 0x7f_ffff] as const),
    };
  });
  return { title: "up_down_mixer: 5.1 to stereo, the left output", ...inAndOut, series };
}

function noiseReductionPlot(): Plot {
  const ACTIVE = 0;
  const bench = new Bench(igoNrDriver, payload(s32), s32, s32, 1000);
  must(bench.configure(0, words(...Array.from({ length: 16 }, () => 0), ACTIVE)), "config");
  must(bench.prepare(), "prepare");
  const levels = Array.from({ length: 480 }, (_, i) => (i - 240) * 0x400);
  const out = decodeSamples(
    bench.run(
      encodeSamples(
        levels.flatMap((x) => [x, x]),
        "s32",
      ),
      480,
    ),
    "s32",
  );
  const series = ["active channel", "other channels"].map((name, channel) => ({
    name,
    points: levels.map((x, i) => [x / 65_536, (out[2 * i + channel] as number) / 65_536] as const),
  }));
  const near = (label: string): Axis => ({ label, from: -4, to: 4, ticks: [-4, -2, 0, 2, 4] });
  return {
    title: "igo_nr, switched off: one channel goes through 16 bits",
    x: near("input, steps of 16 bits"),
    y: near("output, steps of 16 bits"),
    series,
  };
}

/** Modules whose output is a function of the input's value, drawn by the modules themselves. */
export const levelPlots: readonly { readonly folder: string; make(): string }[] = [
  { folder: "igo-nr", make: () => svgPlot(noiseReductionPlot()) },
  { folder: "mixin", make: () => svgPlot(mixinPlot()) },
  { folder: "mixout", make: () => svgPlot(mixoutPlot()) },
  { folder: "selector", make: () => svgPlot(selectorPlot()) },
  { folder: "up-down-mixer", make: () => svgPlot(mixerPlot()) },
];
