import type { AudioFormat } from "@sof-ts/ipc4";
import type { ModuleDriver } from "@sof-ts/module-api";
import {
  ariaDriver,
  copierDriver,
  dcBlockDriver,
  eqFirDriver,
  eqIirDriver,
  gainDriver,
  levelMultiplierDriver,
  peakVolumeDriver,
  selectorDriver,
  templateDriver,
  toneDriver,
} from "../src/index.js";
import {
  control,
  firBlob,
  iirBlob,
  lowPass,
  type SectionWords,
  selectorRecord,
  volume,
} from "../test/blobs.js";
import { Bench, concat, encodeFormat, format, must, payload, words } from "../test/kit.js";
import { mixPairDriver } from "../test/mix-pair.js";
import { noise } from "../test/signals.js";
import type { Setting } from "@sof-ts/module-conformance";

const FRAMES = 48;
const ALL = 0xffffffff;
const NO_GATEWAY = 0xffffffff;

interface Case {
  readonly name: string;
  readonly driver: ModuleDriver;
  readonly payload: Uint8Array;
  readonly input: AudioFormat;
  readonly output?: AudioFormat;
  readonly settings?: readonly Setting[];
}

/** One period of 48 stereo frames through a module between two rings of two periods. */
function bench({ name, driver, payload: init, input, output = input, settings = [] }: Case) {
  const rig = new Bench(driver, init, input, output, 2 * FRAMES);
  for (const [paramId, data] of settings) must(rig.configure(paramId, data), name);
  must(rig.prepare(), name);
  const { module, source, sink } = rig;
  source.memory.i32.set(
    noise(source.size >> 2).map((x) => x >> 3),
    source.start >> 2,
  );
  const sources = [source];
  const sinks = [sink];
  const bytes = FRAMES * source.frameBytes;
  const run = (iterations: number) => {
    for (let i = 0; i < iterations; i++) {
      if (source.available === 0) source.produce(bytes);
      module.process(sources, sinks);
      sink.consume(sink.available);
    }
  };
  // Ramps are over after 30 periods.
  run(30);
  return { name, run, unit: "period", realTimeMs: 1 };
}

const s16 = format("s16");
const s24 = format("s24");
const s32 = format("s32");
const plain: SectionWords = [...lowPass.slice(0, 5), 0, 0x4000] as unknown as SectionWords;
const copierTo = (out: AudioFormat) => concat(encodeFormat(out), words(0, NO_GATEWAY, 0, 0, 0));
const taps = (length: number) => Array.from({ length }, (_, k) => Math.round(12000 / (1 + k)));
const R = 0x3eb851ec;

export const benches = [
  bench({
    name: "copier s32",
    driver: copierDriver,
    payload: payload(s32, copierTo(s32)),
    input: s32,
  }),
  bench({
    name: "copier s16 to s32",
    driver: copierDriver,
    payload: payload(s16, copierTo(s32)),
    input: s16,
    output: s32,
  }),
  bench({
    name: "copier s32 to s24",
    driver: copierDriver,
    payload: payload(s32, copierTo(s24)),
    input: s32,
    output: s24,
  }),
  bench({
    name: "gain s32 at 0 dB",
    driver: gainDriver,
    payload: payload(s32, volume(ALL, 0x7fffffff, 0, 0)),
    input: s32,
  }),
  bench({
    name: "gain s32 at -6 dB",
    driver: gainDriver,
    payload: payload(s32, volume(ALL, 0x40000000, 0, 0)),
    input: s32,
  }),
  bench({
    name: "gain s16 at -6 dB",
    driver: gainDriver,
    payload: payload(s16, volume(ALL, 0x40000000, 0, 0)),
    input: s16,
  }),
  bench({
    name: "gain s32, endless ramp",
    driver: gainDriver,
    payload: payload(s32, volume(ALL, 0x40000000, 2, 400000)),
    input: s32,
  }),
  bench({
    name: "peak volume s32 at -6 dB",
    driver: peakVolumeDriver,
    payload: payload(s32, volume(ALL, 0x40000000, 0, 0)),
    input: s32,
  }),
  bench({ name: "mixin and mixout s32", driver: mixPairDriver, payload: payload(s32), input: s32 }),
  bench({
    name: "eq_iir s32, 2 sections",
    driver: eqIirDriver,
    payload: payload(s32),
    input: s32,
    settings: [[0, iirBlob([0, 0], { inSeries: 2, sections: [plain, lowPass] })]],
  }),
  bench({
    name: "eq_iir s16, 2 sections",
    driver: eqIirDriver,
    payload: payload(s16),
    input: s16,
    settings: [[0, iirBlob([0, 0], { inSeries: 2, sections: [plain, lowPass] })]],
  }),
  bench({
    name: "eq_iir s32, 6 sections",
    driver: eqIirDriver,
    payload: payload(s32),
    input: s32,
    settings: [
      [0, iirBlob([0, 0], { inSeries: 6, sections: [plain, plain, plain, plain, plain, lowPass] })],
    ],
  }),
  bench({
    name: "eq_fir s32, 64 taps",
    driver: eqFirDriver,
    payload: payload(s32),
    input: s32,
    settings: [[0, firBlob([0, 0], { taps: taps(64), shift: 0 })]],
  }),
  bench({
    name: "eq_fir s32, 192 taps",
    driver: eqFirDriver,
    payload: payload(s32),
    input: s32,
    settings: [[0, firBlob([0, 0], { taps: taps(192), shift: 0 })]],
  }),
  bench({
    name: "eq_fir s16, 192 taps",
    driver: eqFirDriver,
    payload: payload(s16),
    input: s16,
    settings: [[0, firBlob([0, 0], { taps: taps(192), shift: 0 })]],
  }),
  bench({
    name: "dcblock s32",
    driver: dcBlockDriver,
    payload: payload(s32),
    input: s32,
    settings: [[0, words(R, R, R, R, R, R, R, R)]],
  }),
  bench({
    name: "level multiplier s32",
    driver: levelMultiplierDriver,
    payload: payload(s32),
    input: s32,
    settings: [[0, words(0x00c00000)]],
  }),
  bench({
    name: "selector s32, 2 to 2",
    driver: selectorDriver,
    payload: payload(s32, encodeFormat(s32)),
    input: s32,
    settings: [
      [
        0,
        selectorRecord(2, 2, [
          [700, 300],
          [300, 700],
        ]),
      ],
    ],
  }),
  bench({
    name: "template s32, reversed",
    driver: templateDriver,
    payload: payload(s32),
    input: s32,
    settings: [[200, control(0, 1)]],
  }),
  bench({ name: "aria s24", driver: ariaDriver, payload: payload(s24, words(2)), input: s24 }),
  bench({ name: "tone s32", driver: toneDriver, payload: payload(s32), input: s32 }),
];
