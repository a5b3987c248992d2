import { readFileSync } from "node:fs";
import { goldenInput, type GoldenRun, judge, readGoldenRuns, type Verdict } from "@sof-ts/golden";
import { builtinModules } from "@sof-ts/modules";
import { playGolden } from "./golden/play.js";

/** Result of one recorded run. */
export interface GoldenRow {
  readonly case: string;
  readonly input: string;
  readonly result: string;
  readonly ok: boolean;
  readonly skipped?: string;
}

/**
 * Plays every recorded run through topology, host driver, IPC, scheduler, DMA and modules, and compares all
 * valid frames bit for bit.
 *
 * @param sharedDir folder that holds `golden/`
 */
export function corpusGoldenFirmware(sharedDir: string): GoldenRow[] {
  const folder = `${sharedDir}/golden`;
  const runs = readGoldenRuns(folder);
  const known = new Set(builtinModules.map(({ manifest }) => manifest.uuid));
  return runs.map((run) => {
    const output = run.output_index > 0 ? ` output ${run.output_index}` : "";
    const row = { case: run.case, input: run.input.name + output };
    const missing = run.modules.filter(({ uuid }) => !known.has(uuid)).map(({ type }) => type);
    if (missing.length > 0) {
      return {
        ...row,
        result: `needs ${missing.join(", ")}`,
        ok: true,
        skipped: `no implementation of ${missing.join(", ")}`,
      };
    }
    return { ...row, ...compare(run, folder) };
  });
}

function compare(run: GoldenRun, folder: string): Verdict {
  try {
    const ours = playGolden(run, goldenInput(run.input));
    const recorded = readFileSync(`${folder}/${run.output_file}`);
    return judge(run, ours, recorded, run.output_format.channels);
  } catch (error) {
    return { ok: false, result: error instanceof Error ? error.message : String(error) };
  }
}
