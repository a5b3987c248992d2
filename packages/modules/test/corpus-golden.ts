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

/** Most that another design of the interpolation filter may make of a difference: its transition band. */
const DESIGN_DIFFERENCE_DB = -50;

/**
 * Tells how far an output is from a recording of a converter whose interpolation words are its own.
 *
 * @returns power of the difference relative to the recording, in dB, or why it cannot be compared
 */
function distance(run: GoldenRun, ours: Uint8Array, recorded: Uint8Array): number | string {
  const narrow = run.input.bits === 16;
  const read = (bytes: Uint8Array, i: number) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return narrow ? view.getInt16(i * 2, true) : view.getInt32(i * 4, true);
  };
  const samples = run.valid_frames * run.input.channels;
  if (ours.length < samples * (narrow ? 2 : 4)) return `${ours.length} bytes are too few`;
  let difference = 0;
  let power = 0;
  for (let i = 0; i < samples; i++) {
    const want = read(recorded, i);
    difference += (read(ours, i) - want) ** 2;
    power += want ** 2;
  }
  return difference === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(difference / power);
}

/** The recordings hold nothing that tells the words, so ours are another design: close, not equal. */
const ownDesign = (run: GoldenRun) => run.modules.some(({ type }) => type === "asrc4");

function judge(run: GoldenRun, ours: Uint8Array, recorded: Uint8Array): string {
  if (!ownDesign(run)) return firstDifference(run, ours, recorded) ?? "equal";
  const apart = distance(run, ours, recorded);
  if (typeof apart === "string") return apart;
  const close = apart < DESIGN_DIFFERENCE_DB;
  return close ? `equal but for ${apart.toFixed(0)} dB` : `${apart.toFixed(1)} dB apart`;
}

function play(run: GoldenRun, folder: string, drivers: ReadonlyMap<string, ModuleDriver>): string {
  try {
    const outputs = new GoldenChain(run, drivers).play(goldenInput(run.input));
    const ours = outputs[run.output_index] ?? new Uint8Array();
    const recorded = readFileSync(`${folder}/${run.output_file}`);
    return judge(run, ours, recorded);
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
    rows.push({
      case: run.case,
      input: run.input.name + output,
      result,
      ok: result.startsWith("equal"),
    });
  }
  return rows;
}
