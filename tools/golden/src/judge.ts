import type { GoldenRun } from "./run.js";
import { goldenSamples } from "./signal.js";

/** Outcome of a comparison. */
export interface Verdict {
  readonly ok: boolean;
  /** For the table: equal, or where and how not. */
  readonly result: string;
}

/** Most that another design of an interpolation filter may make of a difference: its transition band. */
const DESIGN_DIFFERENCE_DB = -50;

/**
 * Compares an output with its recording over the run's valid frames: bit for bit, or by the power of the
 * difference where the filter is a design of its own.
 *
 * @param channels of the output
 */
export function judge(
  run: GoldenRun,
  ours: Uint8Array,
  recorded: Uint8Array,
  channels: number,
): Verdict {
  const { bits } = run.input;
  const got = goldenSamples(ours, bits);
  const want = goldenSamples(recorded, bits);
  const count = run.valid_frames * channels;
  if (got.length < count) {
    const frames = Math.floor(got.length / channels);
    return { ok: false, result: `${frames} frames of ${run.valid_frames}` };
  }
  // 24-bit samples were sign-extended when they were recorded.
  if (bits === 24) for (let i = 0; i < count; i++) got[i] = ((got[i] as number) << 8) >> 8;
  const at = firstDifference(got, want, count);
  if (at < 0) return { ok: true, result: "equal" };
  if (run.modules.some(({ type }) => type === "asrc4")) {
    const apart = distanceDb(got, want, count);
    if (apart < DESIGN_DIFFERENCE_DB)
      return { ok: true, result: `equal but for ${apart.toFixed(0)} dB` };
    return { ok: false, result: `${apart.toFixed(1)} dB apart` };
  }
  const place = `frame ${Math.floor(at / channels)} channel ${at % channels}`;
  return { ok: false, result: `${place}: ${got[at]}, not ${want[at]}` };
}

type Samples = Int16Array | Int32Array;

function firstDifference(got: Samples, want: Samples, count: number): number {
  for (let i = 0; i < count; i++) if (got[i] !== want[i]) return i;
  return -1;
}

/** Power of the difference relative to the recording, in dB. */
function distanceDb(got: Samples, want: Samples, count: number): number {
  let difference = 0;
  let power = 0;
  for (let i = 0; i < count; i++) {
    const sample = want[i] as number;
    difference += ((got[i] as number) - sample) ** 2;
    power += sample ** 2;
  }
  return 10 * Math.log10(difference / power);
}
