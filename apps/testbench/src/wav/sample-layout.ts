import { InputError } from "@sof-ts/kit";

/** How one sample lies in memory. Samples are little-endian, channels interleaved. */
interface LayoutFacts {
  /** Bytes of one sample of one channel. */
  readonly bytes: number;
  /** Significant bits; for `FLOAT` the precision of its mantissa with the sign. */
  readonly bits: number;
}

/**
 * The sample layouts of files and of the DSP, by the firmware's names (SOF's `enum sof_ipc_frame`):
 * `S24_3LE` is 24 bits packed in 3 bytes, `S24_4LE` 24 bits right-aligned in 4 (ALSA calls it `S24_LE`),
 * `S24_4LE_MSB` 24 bits left-aligned in 4 (a WAV file's 24 in 32), `FLOAT` IEEE single precision.
 */
export const sampleLayouts = {
  S16_LE: { bytes: 2, bits: 16 },
  S24_3LE: { bytes: 3, bits: 24 },
  S24_4LE: { bytes: 4, bits: 24 },
  S24_4LE_MSB: { bytes: 4, bits: 24 },
  S32_LE: { bytes: 4, bits: 32 },
  FLOAT: { bytes: 4, bits: 24 },
} as const satisfies Readonly<Record<string, LayoutFacts>>;

export type SampleLayout = keyof typeof sampleLayouts;

/** ALSA's names where they differ from the firmware's. */
const aliases: Readonly<Record<string, SampleLayout>> = { S24_LE: "S24_4LE", FLOAT_LE: "FLOAT" };

/**
 * Reads the name of a layout as `aplay -f` and the reference testbench's `-b` write it, in any case.
 *
 * @throws InputError that lists the names
 */
export function parseSampleLayout(text: string): SampleLayout {
  const name = text.toUpperCase();
  const layout = aliases[name] ?? name;
  if (Object.hasOwn(sampleLayouts, layout)) return layout as SampleLayout;
  const names = [...Object.keys(sampleLayouts), ...Object.keys(aliases)].join(", ");
  throw new InputError(`"${text}" is not a sample format`, { remedy: `Use one of ${names}` });
}

/** @returns whether every value of `from` has one of its own in `to` */
export function isLossless(from: SampleLayout, to: SampleLayout): boolean {
  if (from === to) return true;
  return from !== "FLOAT" && sampleLayouts[from].bits <= sampleLayouts[to].bits;
}
