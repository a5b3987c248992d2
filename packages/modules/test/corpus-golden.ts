import { readFileSync } from "node:fs";
import type { ModuleDriver } from "@sof-ts/module-api";
import { builtinModules } from "../src/index.js";
import { GoldenChain } from "./golden/chain.js";
import { goldenInput, type GoldenRun, readGoldenRuns } from "./golden/manifest.js";

/** Result of one recorded run. */
export interface GoldenRow {
  readonly case: string;
  readonly input: string;
  readonly result: string;
  readonly ok: boolean;
}

/** 24-bit outputs were sign-extended when they were recorded. */
function firstDifference(run: GoldenRun, ours: Uint8Array, recorded: Uint8Array): string | null {
  const { bits, channels } = run.input;
  const container = bits === 16 ? 2 : 4;
  const view = (bytes: Uint8Array) =>
    bits === 16
      ? new Int16Array(bytes.slice().buffer, 0, bytes.length >> 1)
      : new Int32Array(bytes.slice().buffer, 0, bytes.length >> 2);
  const samples = run.valid_frames * channels;
  if (ours.length < samples * container) {
    return `${ours.length / container / channels} frames of ${run.valid_frames}`;
  }
  const got = view(ours);
  const want = view(recorded);
  for (let i = 0; i < samples; i++) {
    const sample = bits === 24 ? ((got[i] as number) << 8) >> 8 : (got[i] as number);
    if (sample !== want[i]) {
      return `frame ${Math.floor(i / channels)} channel ${i % channels}: ${sample}, not ${want[i]}`;
    }
  }
  return null;
}

function play(run: GoldenRun, folder: string, drivers: ReadonlyMap<string, ModuleDriver>): string {
  try {
    const outputs = new GoldenChain(run, drivers).play(goldenInput(run.input));
    const ours = outputs[run.output_index] ?? new Uint8Array();
    const recorded = readFileSync(`${folder}/${run.output_file}`);
    return firstDifference(run, ours, recorded) ?? "equal";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Plays every recorded run whose modules are here through the modules themselves, with 1 ms periods and the
 * recorded controls, and compares all valid frames bit for bit.
 *
 * @param sharedDir folder that holds `golden/`
 * @returns a row for each run; runs with a module that is not here are left out
 */
export function corpusGolden(sharedDir: string): GoldenRow[] {
  const folder = `${sharedDir}/golden`;
  const drivers = new Map(builtinModules.map((driver) => [driver.manifest.uuid, driver]));
  const rows: GoldenRow[] = [];
  for (const run of readGoldenRuns(folder)) {
    const missing = run.modules.some(({ type, uuid }) => type !== "copier" && !drivers.has(uuid));
    if (missing) continue;
    const result = play(run, folder, drivers);
    const output = run.output_index > 0 ? ` output ${run.output_index}` : "";
    rows.push({ case: run.case, input: run.input.name + output, result, ok: result === "equal" });
  }
  return rows;
}
