import { readFileSync } from "node:fs";
import { goldenInput, type GoldenRun, judge, readGoldenRuns, type Verdict } from "@sof-ts/golden";
import type { ModuleDriver } from "@sof-ts/module-api";
import { builtinModules } from "../src/index.js";
import { GoldenChain } from "./golden/chain.js";

/** Result of one recorded run. */
export interface GoldenRow {
  readonly case: string;
  readonly input: string;
  readonly result: string;
  readonly ok: boolean;
}

function play(run: GoldenRun, folder: string, drivers: ReadonlyMap<string, ModuleDriver>): Verdict {
  try {
    const outputs = new GoldenChain(run, drivers).play(goldenInput(run.input));
    const ours = outputs[run.output_index] ?? new Uint8Array();
    const recorded = readFileSync(`${folder}/${run.output_file}`);
    return judge(run, ours, recorded, run.input.channels);
  } catch (error) {
    return { ok: false, result: error instanceof Error ? error.message : String(error) };
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
    const output = run.output_index > 0 ? ` output ${run.output_index}` : "";
    rows.push({
      case: run.case,
      input: run.input.name + output,
      ...play(run, folder, drivers),
    });
  }
  return rows;
}
