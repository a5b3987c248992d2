import type { AudioStream } from "@sof-ts/module-api";
import { IsolatedModule, IsolatedProgram, meterModule } from "../src/index.js";
import * as gain from "../test/generated/adjustable-gain.js";
import * as hostile from "../test/generated/hostile.js";
import { binaryOf, Rings, services, words } from "../test/kit.js";

const options = { maxSources: 1, maxSinks: 1, processFuel: 1_000_000, controlFuel: 1_000_000 };
const gainBinary = binaryOf(gain);
const gainProgram = IsolatedProgram.load(gainBinary, "gain");
const hostileProgram = IsolatedProgram.load(binaryOf(hostile), "hostile");

function create(program: IsolatedProgram, payload: Uint8Array): IsolatedModule {
  const made = IsolatedModule.create(program, services, payload, options);
  if (typeof made === "number") throw new Error(`create returned ${made}`);
  return made;
}

/** Periods of `frames` stereo frames through a module that copies them: the border, both ways. */
function border(frames: number): (iterations: number) => void {
  const module = create(gainProgram, words(256));
  module.setProcessingMode(1);
  const rings = new Rings();
  const bytes = 8 * frames;
  const [source, sink] = [rings.ring(Math.max(16, 2 * bytes)), rings.ring(Math.max(16, 2 * bytes))];
  const sources: readonly AudioStream[] = [source];
  const sinks: readonly AudioStream[] = [sink];
  module.prepare(sources, sinks);
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      source.produce(bytes);
      if (module.process(sources, sinks) !== 0) throw new Error("the module fails");
      sink.consume(bytes);
    }
  };
}

export const benches = [
  { name: "isolated call without data", run: border(0) },
  ...[48, 96, 192, 480].map((frames) => ({
    name: `isolated copy of ${frames} frames`,
    run: border(frames),
    realTimeMs: frames / 48,
  })),
  {
    name: "meter a module of 9 KB",
    run: (iterations: number) => {
      for (let i = 0; i < iterations; i++) meterModule(gainBinary, "gain");
    },
  },
  {
    name: "make and end an instance",
    run: (iterations: number) => {
      for (let i = 0; i < iterations; i++) create(hostileProgram, words(0, 0, 0, 9)).free();
    },
  },
  {
    name: "make an instance that faults",
    run: (iterations: number) => {
      for (let i = 0; i < iterations; i++) {
        IsolatedModule.create(hostileProgram, services, words(6, 0, 0, 0), options);
      }
    },
  },
];
