import type { AudioModule, AudioStream } from "@sof-ts/module-api";
import { DirectLimiter, limiterDriver, streams } from "../test/limiter.js";
import { services } from "../test/machine.js";

const PERIOD_BYTES = 384;

/** 1 ms periods of stereo S32 at 48 kHz through a module, with `level` as peak. */
function periods(module: AudioModule, level: number): (iterations: number) => void {
  const { memory, source, sink } = streams();
  const sources: readonly AudioStream[] = [source];
  const sinks: readonly AudioStream[] = [sink];
  if (module.prepare(sources, sinks) !== 0) throw new Error("the module does not prepare");
  for (let i = 0; i < source.size; i += 4) {
    memory.i32[(source.start + i) >> 2] = Math.round(level * Math.sin(i / 31));
  }
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      source.produce(PERIOD_BYTES);
      if (module.process(sources, sinks) !== 0) throw new Error("the module fails");
      sink.consume(PERIOD_BYTES);
    }
  };
}

function isolated(): AudioModule {
  const made = limiterDriver().create(services(0), new Uint8Array(0));
  if (typeof made === "number") throw new Error(`create returned ${made}`);
  return made;
}

/** Moves a period and does nothing else: what is left of a period is the border. */
const idle: AudioModule = {
  prepare: () => 0,
  process(sources, sinks) {
    (sources[0] as AudioStream).consume(PERIOD_BYTES);
    (sinks[0] as AudioStream).produce(PERIOD_BYTES);
    return 0;
  },
  reset: () => 0,
  free: () => {},
};

export const benches = [
  { name: "an empty period, direct", run: periods(idle, 0), realTimeMs: 1 },
  {
    name: "limiter below its threshold, direct",
    run: periods(new DirectLimiter(), 2 ** 28),
    realTimeMs: 1,
  },
  {
    name: "limiter below its threshold, isolated",
    run: periods(isolated(), 2 ** 28),
    realTimeMs: 1,
  },
  {
    name: "limiter at work, direct",
    run: periods(new DirectLimiter(), 2 ** 31 - 1),
    realTimeMs: 1,
  },
  { name: "limiter at work, isolated", run: periods(isolated(), 2 ** 31 - 1), realTimeMs: 1 },
];
