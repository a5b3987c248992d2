import { Random } from "@sof-ts/kit";
import {
  type ConformanceCase,
  ConformanceFailure,
  Rig,
  SIGNAL_FRAMES,
} from "@sof-ts/module-conformance";
import type { FragmentPosition } from "@sof-ts/module-api";
import { defaultIsolation, type IsolatedModule } from "@sof-ts/wasm-sandbox";
import type { IsolatedSubject } from "./isolated-subject.js";

/** Frames of a period that its cost is stated for. */
const PERIOD_FRAMES = 48;

/** What an isolated module must do besides what every module must. */
export function isolationCases(isolated: IsolatedSubject): readonly ConformanceCase[] {
  return [
    {
      name: "asks for no more memory while it processes",
      run: () => steadyMemory(isolated),
    },
    { name: "uses a fraction of the fuel of a period", run: () => fuel(isolated) },
    { name: "answers whatever configuration it is sent", run: () => anyConfiguration(isolated) },
  ];
}

function prepared(isolated: IsolatedSubject): { rig: Rig; module: IsolatedModule } {
  const rig = new Rig(isolated.subject);
  rig.prepare();
  return { rig, module: isolated.instances.at(-1) as IsolatedModule };
}

const silence = (rig: Rig, frames: number): Uint8Array =>
  new Uint8Array(frames * rig.source.frameBytes);

function steadyMemory(isolated: IsolatedSubject): void {
  const { rig, module } = prepared(isolated);
  const period = isolated.subject.blockFrames ?? PERIOD_FRAMES;
  rig.run(silence(rig, 10 * period), period);
  const before = module.memoryBytes;
  rig.run(silence(rig, 1000 * period), period);
  const more = module.memoryBytes - before;
  if (more !== 0) throw new ConformanceFailure(`it grows by ${more} bytes in 1000 periods`);
}

/** Noise is what most modules have most to do with. */
function fuel(isolated: IsolatedSubject): void {
  const most = mostFuel(isolated);
  const limit = defaultIsolation.processFuel / 4;
  if (most <= limit) return;
  throw new ConformanceFailure(`a period uses ${most} units of fuel, over a quarter of its budget`);
}

/** Fuel of the dearest period of noise. */
export function mostFuel(isolated: IsolatedSubject): number {
  const { rig, module } = prepared(isolated);
  const random = new Random(1);
  const period = isolated.subject.blockFrames ?? PERIOD_FRAMES;
  const bytes = silence(rig, SIGNAL_FRAMES).map(() => random.below(256));
  let most = 0;
  rig.run(bytes, period, () => {
    most = Math.max(most, module.cost.cycles);
  });
  return Math.max(most, module.cost.cycles);
}

const positions: readonly FragmentPosition[] = ["first", "middle", "last", "single"];
const ROUNDS = 300;

/** Any answer will do; a fault will not: one wrong message must not end a stream. */
function anyConfiguration(isolated: IsolatedSubject): void {
  const { rig, module } = prepared(isolated);
  const random = new Random(7);
  const out = new Uint8Array(64);
  for (let round = 0; round < ROUNDS; round++) {
    const id = random.below(4) === 0 ? random.below(256) : (random.below(3) * 200) % 255;
    const bytes = new Uint8Array(random.below(64)).map(() => random.below(256));
    const position = positions[random.below(4)] ?? "single";
    const size = random.below(3) === 0 ? random.below(1 << 30) : bytes.length;
    module.setConfiguration(id, position, size, bytes);
    module.getConfiguration(id, out.subarray(0, random.below(64)));
    module.setConfigParam(id, random.below(1 << 30));
    module.getConfigParam(id);
    if (round % 20 === 0) rig.run(silence(rig, PERIOD_FRAMES), PERIOD_FRAMES);
  }
}
