import { readFileSync } from "node:fs";
import { InputError, Random } from "@sof-ts/kit";
import { format, noise, payload, Rig, words } from "@sof-ts/module-conformance";
import { IsolatedModule, IsolatedProgram, type ModuleFault } from "@sof-ts/wasm-sandbox";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AudioModule } from "@sof-ts/module-api";
import { builtExample, removeScratch } from "./example-projects.js";

/** More of them in continuous integration. */
const COUNT = Number(process.env["SOF_TS_FUZZ_CODE"] ?? 500);
const options = { maxSources: 1, maxSinks: 1, processFuel: 200_000, controlFuel: 200_000 };
const binaries: Uint8Array[] = [];
const input = format("s32");
const music = new Uint8Array(noise(4 * 96).buffer);

beforeAll(async () => {
  for (const name of ["soft-limiter", "stereo-widener"]) {
    const [unit] = (await builtExample(name)).units;
    binaries.push(new Uint8Array(readFileSync(unit?.wasmFile ?? "")));
  }
}, 60_000);
afterAll(removeScratch);

/** Where the code section's contents begin: most of what a module is. */
function codeStart(bytes: Uint8Array): number {
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (id === 10) return at;
    at += size;
  }
  return 8;
}

/** Bits flipped and bytes swapped for others of the file, nearly always in the code. */
function mutant(original: Uint8Array, random: Random): Uint8Array {
  const bytes = original.slice();
  const from = random.below(8) === 0 ? 0 : codeStart(bytes);
  for (let i = random.between(1, 4); i > 0; i--) {
    const at = from + random.below(bytes.length - from);
    bytes[at] =
      random.below(2) === 0
        ? (bytes[at] as number) ^ (1 << random.below(8))
        : (bytes[random.below(bytes.length)] as number);
  }
  return bytes;
}

type Fate = "not loaded" | "not made" | "not prepared" | "ended" | "played";

/** Loads code, makes an instance, plays, configures and frees it. */
function live(binary: Uint8Array, faults: ModuleFault[]): Fate {
  let program: IsolatedProgram;
  try {
    program = IsolatedProgram.load(binary, "mutant.wasm");
  } catch (error) {
    if (error instanceof InputError) return "not loaded";
    throw error;
  }
  const report = (fault: ModuleFault): void => void faults.push(fault);
  const create: (...args: [never, Uint8Array]) => AudioModule | number = (services, init) =>
    IsolatedModule.create(program, services, init, { ...options, report });
  const manifest = { name: "MUTANT", uuid: "", initConfig: "base", maxInstances: 1 } as const;
  const driver = { manifest: { ...manifest, domain: "LL", configs: [] } as const, create };
  let rig: Rig;
  try {
    rig = new Rig({ name: "mutant", driver: driver as never, payload: payload(input), input });
  } catch {
    return "not made";
  }
  try {
    rig.prepare();
  } catch {
    rig.module.free();
    return "not prepared";
  }
  try {
    rig.run(music, 48);
  } catch {
    // What process answers is the firmware's to handle.
  }
  rig.set([0, words(0x1000_0000, 1000, 80_000)]);
  rig.module.reset();
  rig.module.free();
  return faults.length > 0 ? "ended" : "played";
}

it(
  "code with bits flipped harms nobody but itself",
  () => {
    const random = new Random(20_240_501);
    const fates = new Map<Fate, number>();
    const reasons = new Set<string>();
    for (let i = 0; i < COUNT; i++) {
      const faults: ModuleFault[] = [];
      const fate = live(mutant(binaries[i % 2] as Uint8Array, random), faults);
      fates.set(fate, (fates.get(fate) ?? 0) + 1);
      // One fault ends an instance: there is no second.
      expect(faults.length).toBeLessThan(2);
      for (const { reason } of faults) reasons.add(reason);
    }
    expect([...fates.values()].reduce((sum, count) => sum + count)).toBe(COUNT);
    // The mutants get everywhere.
    expect(fates.size).toBeGreaterThan(3);
    expect(fates.get("played")).toBeGreaterThan(COUNT / 20);
    expect(reasons.size).toBeGreaterThan(2);
  },
  60_000 + 20 * COUNT,
);
