import { DRC_PARAM_WORDS, MULTIBAND_MAX_BANDS, SECTION_WORDS } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";
import { runnable } from "../common/biquad-words.js";
import { checkDrcParams, readDrcParams } from "../common/drc-params.js";

const HEADER_BYTES = 44;
const SECTION_BYTES = SECTION_WORDS * 4;
const DRC_BYTES = DRC_PARAM_WORDS * 4;
/** Two emphasis, two de-emphasis and six crossover sections. */
const SECTIONS_BYTES = 10 * SECTION_BYTES;
const MIN_BANDS = 2;

/** What a multiband compressor's blob says (SOF's `struct sof_multiband_drc_config`). */
export interface MultibandConfig {
  readonly emphasis: { readonly before: Int32Array; readonly after: Int32Array } | null;
  /** LP0, HP0, LP1, HP1, LP2, HP2; 7 words each. */
  readonly sections: Int32Array;
  /** 2..4 parameter sets. */
  readonly bands: readonly Int32Array[];
}

/** @returns bytes of a blob for so many bands */
const multibandBlobBytes = (bands: number): number =>
  HEADER_BYTES + SECTIONS_BYTES + bands * DRC_BYTES;

/** @returns what a blob says, or -EINVAL */
export function parseMultibandBlob(blob: Uint8Array): MultibandConfig | number {
  if (blob.length < HEADER_BYTES) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const bandCount = view.getUint32(4, true);
  // One band has no split function.
  if (bandCount < MIN_BANDS || bandCount > MULTIBAND_MAX_BANDS) return -EINVAL;
  if (blob.length !== multibandBlobBytes(bandCount) || view.getUint32(0, true) !== blob.length)
    return -EINVAL;
  const sectionWords = (first: number, count: number) =>
    Int32Array.from({ length: count * SECTION_WORDS }, (_, i) =>
      view.getInt32(HEADER_BYTES + first * SECTION_BYTES + i * 4, true),
    );
  const emphasis =
    view.getUint32(8, true) === 0
      ? null
      : { before: sectionWords(0, 2), after: sectionWords(2, 2) };
  const sections = sectionWords(4, 6);
  const used = bandCount === 2 ? sections.subarray(0, 2 * SECTION_WORDS) : sections;
  const filters = emphasis === null ? [used] : [used, emphasis.before, emphasis.after];
  if (!filters.every(runnable)) return -EINVAL;
  const bands = Array.from({ length: bandCount }, (_, band) =>
    readDrcParams(blob, HEADER_BYTES + SECTIONS_BYTES + band * DRC_BYTES),
  );
  return bands.some((params) => checkDrcParams(params) < 0)
    ? -EINVAL
    : { emphasis, sections, bands };
}
