/** Configuration blobs of the sizes that the tuning of SOF's benchmark topologies has. */

const words = (values: readonly number[]): Uint8Array =>
  new Uint8Array(Int32Array.from(values).buffer);
const halves = (values: readonly number[]): Uint8Array =>
  new Uint8Array(Int16Array.from(values).buffer);

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const sized = (body: readonly number[]): Uint8Array => words([(body.length + 1) * 4, ...body]);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** Butterworth of second order at 48 kHz: a2, a1, b2, b1, b0 in Q2.30, no shift, gain 1. */
function section(frequency: number, kind: "low" | "high"): readonly number[] {
  const k = Math.tan((Math.PI * frequency) / 48_000);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const b0 = (kind === "low" ? k * k : 1) * norm;
  const b1 = kind === "low" ? 2 * b0 : -2 * b0;
  const a1 = 2 * (1 - k * k) * norm;
  const a2 = -(1 - Math.SQRT2 * k + k * k) * norm;
  return [...[a2, a1, b0, b1, b0].map((value) => Math.round(value * 2 ** 30)), 0, 0x4000];
}

/** One response of three sections in series for both channels, or for none. */
export function iirBlob(bypass: boolean): Uint8Array {
  const sections = [section(60, "high"), section(8000, "low"), section(12_000, "low")];
  const assign = bypass ? [-1, -1] : [0, 0];
  return sized([2, 1, ...zeros(4), ...assign, 3, 3, ...zeros(4), ...sections.flat()]);
}

function lowPassTaps(count: number): number[] {
  return Array.from({ length: count }, (_, k) => {
    const t = (k - (count - 1) / 2) / 4;
    const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * k) / (count - 1));
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return Math.round((32_767 * sinc * window) / 4);
  });
}

/** One response of `taps` taps for both channels, or for none. */
export function firBlob(taps: number, bypass: boolean): Uint8Array {
  const assign = bypass ? [-1, -1] : [0, 0];
  const body = halves([2, 1, ...zeros(8), ...assign, taps, 0, ...zeros(8), ...lowPassTaps(taps)]);
  return concat(words([body.length + 4]), body);
}

/** A compressor for speakers. */
const compressor: readonly number[] = [
  1, -503316480, 335544320, 167772160, 6442451, 33954698, 107374182, 12228399, 1969176, -2080224,
  5305422, 137666458, 81276115, 7456540, -8947849, 2062296, 5, 4423680, 294359, 2477728, 622039,
  46513,
];

export function drcBlob(enabled: boolean): Uint8Array {
  return sized([...zeros(4), ...compressor.with(0, enabled ? 1 : 0)]);
}

export function crossoverBlob(): Uint8Array {
  const sections = [section(2000, "low"), section(2000, "high")];
  return sized([2, ...zeros(4), 0, 1, 0, 0, ...sections.flat()]);
}

/** Three bands with emphasis and de-emphasis. */
export function multibandBlob(): Uint8Array {
  const emphasis = [section(40, "high"), section(16_000, "low")];
  const split = (frequency: number) => [section(frequency, "low"), section(frequency, "high")];
  const sections = [...emphasis, ...emphasis, ...split(300), ...split(3000), ...split(3000)];
  const bands = [compressor, compressor, compressor];
  return sized([3, 1, ...zeros(8), ...sections.flat(), ...bands.flat()]);
}

/** The same pole for all channels: R = 0.98. */
export const dcBlockBlob = (): Uint8Array => words(Array.from({ length: 8 }, () => 0x3eb851ec));

/** A beam of four filters of `taps` taps for stereo, one angle; four of 4 taps for when it is off. */
export function beamBlob(taps: number): Uint8Array {
  const filter = (count: number) => halves([count, 0, ...zeros(8), ...lowPassTaps(count)]);
  const filters = [taps, taps, taps, taps, 4, 4, 4, 4].map(filter);
  const lists = halves([0, 1, 0, 1, 1, 1, 2, 2, ...zeros(4), 1, 1, 2, 2]);
  const angle = halves([0, 0, 0, 0]);
  const header = halves([4, 2, 1, 0, 1, 1, 0, 15, -90, 0, 0, 0]);
  const body = concat(header, ...filters, lists, angle);
  return concat(words([body.length + 4]), body);
}

/** Both channels are the mean of both, Q6.10. */
export const selectorBlob = (): Uint8Array =>
  concat(Uint8Array.of(2, 2, 1, 1), halves([512, 512, ...zeros(6), 512, 512, ...zeros(54)]));

/** Half, in Q9.23. */
export const levelBlob = (): Uint8Array => words([0x0040_0000]);
