import { SECTION_WORDS } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";
import { runnable } from "../common/biquad-words.js";

/** Largest blob of a crossover. */
export const CROSSOVER_BLOB_LIMIT = 1024;
/** Most bands, and sinks. */
export const CROSSOVER_MAX_BANDS = 4;

const HEADER_BYTES = 40;
const ASSIGN_OFFSET = 24;
const SECTION_BYTES = SECTION_WORDS * 4;

/** What a crossover's blob says (SOF's `struct sof_crossover_config`). */
export interface CrossoverConfig {
  /** 2..4 */
  readonly bands: number;
  /** By band: index of the output pin that takes it. */
  readonly assignment: readonly number[];
  /** LP0, HP0 and, for more than two bands, LP1, HP1, LP2, HP2; 7 words each. */
  readonly sections: Int32Array;
}

/** Sections that a split into so many bands needs. */
const sectionsFor = (bands: number): number => (bands === 2 ? 2 : 6);

/**
 * @param pins indices of the output pins
 * @returns what a blob says, or -EINVAL when its sizes are wrong or its bands do not go to just as many pins
 */
export function parseCrossoverBlob(
  blob: Uint8Array,
  pins: readonly number[],
): CrossoverConfig | number {
  if (blob.length < HEADER_BYTES || blob.length > CROSSOVER_BLOB_LIMIT) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const bands = view.getUint32(4, true);
  if (view.getUint32(0, true) !== blob.length || bands < 2 || bands > CROSSOVER_MAX_BANDS)
    return -EINVAL;
  const words = sectionsFor(bands) * SECTION_WORDS;
  if (blob.length < HEADER_BYTES + sectionsFor(bands) * SECTION_BYTES) return -EINVAL;
  const assignment = Array.from({ length: bands }, (_, band) =>
    view.getUint32(ASSIGN_OFFSET + band * 4, true),
  );
  const taken = new Set(pins.map((pin) => assignment.indexOf(pin)).filter((band) => band >= 0));
  if (taken.size !== bands) return -EINVAL;
  const sections = Int32Array.from({ length: words }, (_, i) =>
    view.getInt32(HEADER_BYTES + i * 4, true),
  );
  return runnable(sections) ? { bands, assignment, sections } : -EINVAL;
}
