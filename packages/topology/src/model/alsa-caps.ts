/** Sample formats of ALSA by bit (`SNDRV_PCM_FORMAT_*`); the gaps are formats of no interest to topologies. */
const formatBits = {
  S8: 0,
  U8: 1,
  S16_LE: 2,
  S16_BE: 3,
  S24_LE: 6,
  S24_BE: 7,
  S32_LE: 10,
  S32_BE: 11,
  FLOAT_LE: 14,
  FLOAT_BE: 15,
  FLOAT64_LE: 16,
  IEC958_SUBFRAME_LE: 18,
  MU_LAW: 20,
  A_LAW: 21,
  S20_LE: 25,
  S24_3LE: 32,
  S20_3LE: 36,
} as const;

/** A sample format that a PCM can offer; `BIT_n` for a bit without a name here. */
export type FormatName = keyof typeof formatBits | `BIT_${number}`;

const formatByBit = new Map<number, FormatName>(
  Object.entries(formatBits).map(([name, bit]) => [bit, name as FormatName]),
);

/** @returns the names of the formats in a mask, lowest bit first */
export function formatNames(mask: bigint): FormatName[] {
  const names: FormatName[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if (((mask >> BigInt(bit)) & 1n) === 1n) names.push(formatByBit.get(bit) ?? `BIT_${bit}`);
  }
  return names;
}

/** @returns the mask of formats given by name */
export function formatMask(names: readonly FormatName[]): bigint {
  let mask = 0n;
  for (const name of names) {
    const bit =
      name in formatBits ? formatBits[name as keyof typeof formatBits] : Number(name.slice(4));
    mask |= 1n << BigInt(bit);
  }
  return mask;
}

/** Rates of ALSA by bit (`SNDRV_PCM_RATE_*`), Hz. */
const rateByBit = [
  5512, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000, 352800,
  384000, 705600, 768000, 12000, 24000, 128000,
];
const RATE_CONTINUOUS_BIT = 30;

/** @returns the rates in a mask, ascending, and whether it has the continuous bit */
export function rateList(mask: number): { rates: number[]; continuous: boolean } {
  const rates = rateByBit.filter((_, bit) => ((mask >>> bit) & 1) === 1).sort((a, b) => a - b);
  return { rates, continuous: ((mask >>> RATE_CONTINUOUS_BIT) & 1) === 1 };
}

/** @returns the mask of `rates`, or undefined when one of them has no bit */
export function rateMask(rates: readonly number[]): number | undefined {
  let mask = 0;
  for (const rate of rates) {
    const bit = rateByBit.indexOf(rate);
    if (bit < 0) return undefined;
    mask |= 1 << bit;
  }
  return mask >>> 0;
}
