/** `(a * b) >> bits`, rounded half up, for int32 factors and 16 <= `bits` <= 46: exact in doubles. */
export function mulRound(a: number, b: number, bits: number): number {
  const high = Math.floor(b / 65536);
  const low = b - high * 65536;
  const carry = Math.floor((a * low + 2 ** (bits - 1)) / 65536);
  return Math.floor((a * high + carry) / 2 ** (bits - 16));
}

/** Quotient rounded towards zero of a non-negative and a positive integer below 2^53. */
export function quotient(a: number, b: number): number {
  return (a - (a % b)) / b;
}

const Q30 = 2 ** 30;
/** 1/127 in Q30. */
const STEP = 8454660;
const SEGMENTS = 127;

const table = Int32Array.from({ length: SEGMENTS + 1 }, (_, i) =>
  Math.min(32767, Math.round(32768 * (i / SEGMENTS) ** 1.75)),
);

/**
 * The shape of the Windows fade: `v ** 1.75` for v of 0..1 in Q30, linear between 128 points of 15 bits.
 *
 * @returns Q30
 */
export function fadeShape(value: number): number {
  if (value <= 0) return 0;
  const segment = Math.floor((value * SEGMENTS) / Q30);
  if (segment >= SEGMENTS) return Q30;
  const at = table[segment] as number;
  const slope = ((table[segment + 1] as number) - at) * SEGMENTS;
  const beyond = (value - segment * STEP) * slope;
  return at * 32768 + Math.floor((Math.floor(beyond / 16384) + 1) / 2);
}
