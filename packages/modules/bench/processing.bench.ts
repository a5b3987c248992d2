import type { AudioFormat } from "@sof-ts/ipc4";
import type { AudioStream, ModuleDriver } from "@sof-ts/module-api";
import {
  asrcDriver,
  crossoverDriver,
  drcDriver,
  multibandDrcDriver,
  srcDriver,
  tdfbDriver,
} from "../src/index.js";
import { control } from "../test/blobs.js";
import {
  create,
  format,
  frameBytes,
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
  highSplit,
  multibandBlob,
  pins,
  speaker,
  threeBands,
} from "../test/processing-blobs.js";
import { noise } from "../test/signals.js";
import type { Setting } from "@sof-ts/module-conformance";

interface Case {
  readonly name: string;
  readonly driver: ModuleDriver;
  readonly payload: Uint8Array;
  readonly input: AudioFormat;
  readonly output?: AudioFormat;
  readonly sinks?: number;
  readonly settings?: readonly Setting[];
  /** Right shift of full-scale noise, or a sine of half of full scale. */
  readonly signal?: number | "sine";
}

/** One millisecond of stereo through a module; rates that are no multiple of 1 kHz bring 44, now and then 45. */
function bench(options: Case) {
  const { name, driver, payload: init, input, output = input, settings = [] } = options;
  const services = new TestServices();
  const module = create(driver, services, init);
  const perMs = input.samplingFrequency / 1000;
  const source = ring(services.heap, 4 * Math.ceil(perMs) * frameBytes(input));
  const sinks = Array.from({ length: options.sinks ?? 1 }, () =>
    ring(services.heap, 192 * frameBytes(output)),
  );
  for (const sink of sinks) sink.consumerActive = true;
  for (const [paramId, data] of settings) {
    must(module.setConfiguration?.(paramId, "single", data.length, data) ?? 0, name);
  }
  const sources = [source];
  must(module.prepare(sources, sinks), name);
  fill(source, options.signal ?? 3);
  let due = 0;
  const run = (iterations: number) => {
    for (let i = 0; i < iterations; i++) {
      due += perMs;
      const frames = Math.floor(due);
      due -= frames;
      source.produce(Math.min(frames * source.frameBytes, source.free));
      module.process(sources, sinks);
      for (let k = 0; k < sinks.length; k++) {
        const sink = sinks[k] as AudioStream;
        sink.consume(sink.available);
      }
    }
  };
  run(30);
  return { name, run, unit: "period", realTimeMs: 1 };
}

function fill(source: AudioStream, signal: number | "sine"): void {
  const samples =
    signal === "sine"
      ? Int32Array.from({ length: source.size >> 2 }, (_, i) =>
          Math.round(2 ** 30 * Math.sin((2 * Math.PI * (i >> 1)) / 48)),
        )
      : noise(source.size >> 2).map((x) => x >> signal);
  source.memory.i32.set(samples, source.start >> 2);
}

const s16 = format("s16");
const s32 = format("s32");
const taps = (length: number, first: number) =>
  Array.from({ length }, (_, k) => Math.round(first / (1 + k)));
const beam = (length: number) =>
  beamBlob(taps(length, 9000), taps(length, 5000), taps(length, -4000), taps(length, 8000));

const converter = (from: number, to: number, driver: ModuleDriver, ...tail: number[]) => ({
  driver,
  payload: payload(format("s32", 2, from), words(to, ...tail)),
  input: format("s32", 2, from),
  output: format("s32", 2, to),
});

const drc = {
  driver: drcDriver,
  payload: payload(s32),
  input: s32,
  settings: [[0, drcBlob(speaker)]] as const,
};

export const benches = [
  bench({ name: "drc s32, loud noise", ...drc, signal: 0 }),
  bench({ name: "drc s32, sine", ...drc, signal: "sine" }),
  bench({ name: "drc s32, quiet noise", ...drc, signal: 10 }),
  bench({ name: "drc s16, loud noise", ...drc, payload: payload(s16), input: s16, signal: 0 }),
  bench({
    name: "multiband_drc s32, 3 bands",
    driver: multibandDrcDriver,
    payload: payload(s32),
    input: s32,
    settings: [[0, multibandBlob(speaker, 3)]],
  }),
  bench({
    name: "crossover s32, 2 bands",
    driver: crossoverDriver,
    payload: pins(s32, 1, 2),
    input: s32,
    sinks: 2,
    settings: [[0, crossoverBlob(2, [highSplit.low, highSplit.high])]],
  }),
  bench({
    name: "crossover s32, 3 bands",
    driver: crossoverDriver,
    payload: pins(s32, 1, 3),
    input: s32,
    sinks: 3,
    settings: [[0, crossoverBlob(3, threeBands)]],
  }),
  ...[4, 64].map((length) =>
    bench({
      name: `tdfb s32, 4 filters of ${length} taps`,
      driver: tdfbDriver,
      payload: pins(s32, 1, 1),
      input: s32,
      settings: [
        [0, beam(length)],
        [200, control(0, 1)],
      ],
    }),
  ),
  ...[
    [16000, 48000],
    [44100, 48000],
    [96000, 48000],
    [48000, 44100],
    [192000, 48000],
  ].map(([from = 0, to = 0]) =>
    bench({ name: `src s32, ${from} to ${to} Hz`, ...converter(from, to, srcDriver) }),
  ),
  ...[
    [48000, 48000],
    [44100, 48000],
    [48000, 16000],
  ].map(([from = 0, to = 0]) =>
    bench({ name: `asrc s32, ${from} to ${to} Hz`, ...converter(from, to, asrcDriver, 1) }),
  ),
];
