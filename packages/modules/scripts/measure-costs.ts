import { type AudioModule, type AudioStream } from "@sof-ts/module-api";
import { mixinDriver } from "../src/mixin/driver.js";
import { mixoutDriver } from "../src/mixout/driver.js";
import { create, drain, feed, frameBytes, ring, TestServices } from "../test/kit.js";
import { type CostCase, costCases, costedModules } from "./cost-cases.js";

/** Input and output bytes of a period, and the cycles of the dearest one. */
export type Cost = readonly [ibs: number, obs: number, cpc: number];

const PERIODS = 8;

/** A module that is ready to run, and the one whose cycles count where it needs another beside it. */
interface Running {
  readonly modules: readonly AudioModule[];
  readonly counted: AudioModule;
  readonly sources: readonly AudioStream[];
  readonly sinks: readonly AudioStream[];
}

/** @returns null where the module does not take the formats */
function start(test: CostCase): Running | null {
  const { driver, inputs, outputs, periodMs } = test;
  const services = new TestServices();
  const ringOf = (stream: CostCase["inputs"][number]) =>
    ring(
      services.heap,
      4 * Math.ceil((stream.samplingFrequency * periodMs) / 1000) * frameBytes(stream),
    );
  const sources = inputs.map(ringOf);
  const sinks = outputs.map(ringOf);
  for (const source of sources) source.producerActive = true;
  for (const sink of sinks) sink.consumerActive = true;
  if (driver === mixinDriver || driver === mixoutDriver)
    return startMixer(test, services, sources, sinks);
  const module = driver.create(services, test.payload);
  if (typeof module === "number") return null;
  sources.forEach((stream, queueId) =>
    module.bind?.({ side: "sink", queueId, stream, peer: null }),
  );
  sinks.forEach((stream, queueId) =>
    module.bind?.({ side: "source", queueId, stream, peer: null }),
  );
  for (const [paramId, data] of test.settings) {
    if ((module.setConfiguration?.(paramId, "single", data.length, data) ?? -1) < 0) return null;
  }
  if (module.prepare(sources, sinks) < 0) return null;
  return { modules: [module], counted: module, sources, sinks };
}

/** A mixin beside its mixout: neither runs alone. */
function startMixer(
  { driver, payload }: CostCase,
  services: TestServices,
  sources: readonly AudioStream[],
  sinks: readonly AudioStream[],
): Running {
  const mixin = create(mixinDriver, services, payload);
  const mixout = create(mixoutDriver, services, payload);
  const link = ring(services.heap, 64);
  link.producerActive = true;
  link.consumerActive = true;
  mixin.bind?.({ side: "source", queueId: 0, stream: link, peer: mixout });
  mixout.bind?.({ side: "sink", queueId: 0, stream: link, peer: mixin });
  mixout.prepare([link], sinks);
  mixin.prepare(sources, [link]);
  return {
    modules: [mixin, mixout],
    counted: driver === mixinDriver ? mixin : mixout,
    sources,
    sinks,
  };
}

/** @returns null where the module does not take the formats or makes nothing of them */
function measure(test: CostCase): Cost | null {
  const running = start(test);
  if (running === null) return null;
  const { modules, counted, sources, sinks } = running;
  let cpc = 0;
  let moved = 0;
  for (let period = 0; period < PERIODS; period++) {
    sources.forEach((source, i) => {
      const perMs = ((test.inputs[i]?.samplingFrequency ?? 0) * test.periodMs) / 1000;
      const frames = Math.floor((period + 1) * perMs) - Math.floor(period * perMs);
      feed(source, new Uint8Array(Math.min(frames * source.frameBytes, source.free)));
    });
    for (const module of modules) module.process(sources, sinks);
    cpc = Math.max(cpc, counted.cost?.cycles ?? 0);
    for (const sink of sinks) moved += drain(sink).length;
  }
  for (const module of modules) module.free();
  if (cpc === 0 || (sinks.length > 0 && moved === 0)) return null;
  const bytesOf = (stream: CostCase["inputs"][number] | undefined) =>
    stream === undefined
      ? null
      : Math.floor((stream.samplingFrequency * frameBytes(stream) * test.periodMs) / 1000);
  const ibs = bytesOf(test.inputs[0]);
  const obs = bytesOf(test.outputs[0]);
  return [ibs ?? obs ?? 0, obs ?? ibs ?? 0, cpc];
}

/** Costs of all modules by manifest name: for equal buffer sizes the dearest counts. */
export function measureCosts(): Record<string, Cost[]> {
  return Object.fromEntries(
    costedModules.map((driver) => {
      const bySizes = new Map<string, Cost>();
      for (const test of costCases(driver)) {
        const cost = measure(test);
        if (cost === null) continue;
        const key = `${cost[0]},${cost[1]}`;
        const before = bySizes.get(key);
        if (before === undefined || before[2] < cost[2]) bySizes.set(key, cost);
      }
      const costs = [...bySizes.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      return [driver.manifest.name, costs];
    }),
  );
}

/** The module that manifests take their costs from. */
export function generatedCosts(): string {
  const rows = Object.entries(measureCosts()).flatMap(([name, costs]) => [
    `  ${name}: [`,
    ...costs.map(([ibs, obs, cpc]) => `    [${ibs}, ${obs}, ${cpc}],`),
    "  ],",
  ]);
  return [
    "// Made by `pnpm costs` in packages/modules; do not edit.",
    "",
    "/** Input and output bytes of a period, and estimated cycles, by name in the manifest. */",
    "export const costs = {",
    ...rows,
    "} as const satisfies Readonly<",
    "  Record<string, readonly (readonly [ibs: number, obs: number, cpc: number])[]>",
    ">;",
    "",
  ].join("\n");
}
