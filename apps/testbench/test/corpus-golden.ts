import { readFileSync } from "node:fs";
import { builtinModules } from "@sof-ts/modules";
import { playGolden } from "./golden/play.js";
import type { GoldenRun } from "./golden/run.js";

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
  const runs = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8")) as GoldenRun[];
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
    const result = compare(run, folder);
    return { ...row, result, ok: result === "equal" };
  });
}

function compare(run: GoldenRun, folder: string): string {
  let ours: Uint8Array;
  try {
    ours = playGolden(run, goldenInput(run.input));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { bits } = run.input;
  const { channels } = run.output_format;
  const got = samples(ours, bits);
  const want = samples(readFileSync(`${folder}/${run.output_file}`), bits);
  const count = run.valid_frames * channels;
  if (got.length < count)
    return `${Math.floor(got.length / channels)} frames of ${run.valid_frames}`;
  for (let i = 0; i < count; i++) {
    // 24 bits were sign-extended when they were recorded.
    const sample = bits === 24 ? ((got[i] as number) << 8) >> 8 : (got[i] as number);
    if (sample !== want[i])
      return `frame ${Math.floor(i / channels)} channel ${i % channels}: ${sample}, not ${want[i]}`;
  }
  return "equal";
}

function samples(bytes: Uint8Array, bits: number): Int16Array | Int32Array {
  const copy = bytes.slice().buffer;
  return bits === 16
    ? new Int16Array(copy, 0, bytes.length >> 1)
    : new Int32Array(copy, 0, bytes.length >> 2);
}

/** The input that a run was recorded with. */
function goldenInput({ name, channels, rate, frames, bits }: GoldenRun["input"]): Uint8Array {
  const count = frames * channels;
  const out = bits === 16 ? new Int16Array(count) : new Int32Array(count);
  let noise = 12_345;
  for (let i = 0; i < count; i++) {
    const frame = Math.floor(i / channels);
    let sample = 0;
    if (name === "noise") {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) | 0;
      sample = noise >> 3;
    } else if (name === "square")
      sample = Math.floor((frame * 2000) / rate) % 2 === 0 ? 0x7fff_ffff : -0x8000_0000;
    else if (name === "impulse") sample = frame === 10 ? 0x4000_0000 : 0;
    else sample = -0x8000_0000 + Math.floor((frame * 0xffff_ffff) / (frames - 1));
    out[i] = sample >> (32 - bits);
  }
  return new Uint8Array(out.buffer);
}
