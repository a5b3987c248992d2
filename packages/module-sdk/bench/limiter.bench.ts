import { readFileSync } from "node:fs";
import { compileAssemblyScript } from "../src/compile-assemblyscript.js";
import { format, noise, payload, Rig, type Subject } from "@sof-ts/module-conformance";
import type { AudioModule, AudioStream, ModuleServices } from "@sof-ts/module-api";
import { defaultIsolation, IsolatedModule, IsolatedProgram } from "@sof-ts/wasm-sandbox";

/** Bytes of a period of 48 stereo frames. */
const PERIOD = 384;
const input = format("s32");
const folder = (name: string): string => new URL(`../examples/${name}`, import.meta.url).pathname;

function subjectOf(
  name: string,
  create: (services: ModuleServices, init: Uint8Array) => AudioModule | number,
): Subject {
  const manifest = {
    name,
    uuid: "",
    initConfig: "base",
    maxInstances: 1,
    domain: "LL",
    configs: [],
  };
  return {
    name,
    driver: { manifest: manifest as never, create },
    payload: payload(input),
    input,
  };
}

function isolated(wasm: Uint8Array): Subject {
  const program = IsolatedProgram.load(wasm, "bench.wasm");
  return subjectOf("BENCH", (services, init) =>
    IsolatedModule.create(program, services, init, defaultIsolation),
  );
}

/** Moves a period and does nothing else: the direct call to compare with. */
class Direct implements AudioModule {
  prepare = () => 0;
  reset = () => 0;
  free = () => undefined;
  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source, sink] = [sources[0] as AudioStream, sinks[0] as AudioStream];
    const { available } = source;
    source.consume(available);
    sink.produce(available);
    return 0;
  }
}

/** Periods of noise, shifted right by `shift`, through a module; `bytes` of it in each. */
function periods(subject: Subject, shift: number, bytes: number): (iterations: number) => void {
  const rig = new Rig(subject, 96);
  rig.prepare();
  const { source, sink } = rig;
  noise(192).forEach((sample, i) => {
    source.memory.i32[(source.start >> 2) + i] = sample >> shift;
  });
  const sources = [source];
  const sinks = [sink];
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      source.produce(bytes);
      if (rig.module.process(sources, sinks) !== 0) throw new Error("the module fails");
      sink.consume(sink.available);
    }
  };
}

const limiterWasm = compileAssemblyScript(folder("soft-limiter"), "assembly/index.ts", []);
const widenerWasm = new Uint8Array(
  readFileSync(`${folder("stereo-widener")}/prebuilt/widener.wasm`),
);
const direct = subjectOf("DIRECT", () => new Direct());
const period = { realTimeMs: 1 };

export const benches = [
  { name: "direct call without data", run: periods(direct, 0, 0) },
  { name: "isolated call without data", run: periods(isolated(limiterWasm), 0, 0) },
  {
    name: "limiter below its threshold",
    run: periods(isolated(limiterWasm), 3, PERIOD),
    ...period,
  },
  { name: "limiter at work", run: periods(isolated(limiterWasm), 0, PERIOD), ...period },
  { name: "widener in C", run: periods(isolated(widenerWasm), 1, PERIOD), ...period },
];
