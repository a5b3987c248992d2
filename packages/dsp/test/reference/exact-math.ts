import { fixed, fixedF, mulr, rnd, sat, sat32, wrap } from "./exact.js";

/** Mantissa in Q2.30 and exponent of `x` with `p` fraction bits. */
export function mantissa(x: bigint, p: number): { m: bigint; e: number } {
  let bit = 0;
  for (let rest = x; rest !== 0n && rest !== -1n; rest >>= 1n) bit++;
  const m = bit < 30 ? x << BigInt(30 - bit) : bit > 30 ? rnd(x, bit - 30) : x;
  return { m, e: bit - p };
}

const ROOT_HALF = fixedF(0.70710678118654752, 30);
const ROOT_TWO = fixedF(1.4142135623730950488, 30);

/** Horner in pairs: the polynomial shape that the logarithm and the reciprocal share. */
function quintic(m: bigint, [a5, a4, a3, a2, a1]: readonly bigint[]): bigint {
  const m2 = mulr(m, m, 30);
  const m4 = mulr(m2, m2, 30);
  const at = (value: bigint | undefined): bigint => value as bigint;
  return (
    mulr(mulr(at(a5), m, 30) + at(a4), m4, 30) +
    mulr(mulr(at(a3), m, 30) + at(a2), m2, 30) +
    mulr(at(a1), m, 30)
  );
}

const LOG = [
  1.131880283355712890625, -4.258677959442138671875, 6.81631565093994140625, -6.1185703277587890625,
  3.6505267620086669921875, -1.217894077301025390625,
].map((value) => fixedF(value, 26));
const LOG_TWO = fixedF(0.301029995663981195214, 26);

/** Decimal logarithm, Q6.26 to Q6.26. */
export function log10(x: bigint): bigint {
  let { m, e } = mantissa(x, 26);
  let half = 2n * BigInt(e);
  if (m > ROOT_HALF) {
    m = mulr(m, ROOT_HALF, 30);
    half += 1n;
  }
  return quintic(m, LOG) + (LOG[5] as bigint) + mulr(half, LOG_TWO, 1);
}

/** Linear Q6.26 to decibels Q11.21. */
export const lin2db = (x: bigint): bigint => (x <= 0n ? fixedF(-1000, 21) : mulr(20n, log10(x), 5));

/** Natural logarithm, Q6.26 to Q6.26. */
export const ln = (x: bigint): bigint =>
  x <= 0n ? fixedF(-30, 26) : mulr(fixedF(2.3025850929940457, 29), log10(x), 29);

const INVERSE = [
  -2.742647647857666015625, 14.01327800750732421875, -29.74465179443359375, 33.57208251953125,
  -21.25031280517578125, 7.152250766754150390625,
].map((value) => fixedF(value, 25));

/** Reciprocal of `x` (`px` fraction bits) with `py` fraction bits. */
export function inv(x: bigint, px: number, py: number): bigint {
  let { m, e } = mantissa(x, px);
  const small = (m < 0n ? -m : m) < ROOT_HALF;
  if (small) m = mulr(m, ROOT_TWO, 30);
  let v = quintic(m, INVERSE) + (INVERSE[5] as bigint);
  if (small) v = mulr(v, ROOT_TWO, 30);
  const p = e + 25;
  return p > py ? rnd(v, p - py) : p < py ? sat32(v << BigInt(py - p)) : v;
}

const ASIN_LOW = [
  0.1181826665997505187988281, 4.0224377065896987915039062e-2, 0.1721895635128021240234375,
  0.99977016448974609375,
];
const ASIN_HIGH = [
  14.12774658203125, -30.1692714691162109375, 21.4760608673095703125, -3.894591808319091796875,
];

/** Arcus sine divided by pi/2, Q2.30 to Q2.30. */
export function asin(x: bigint): bigint {
  const low = (x < 0n ? -x : x) <= ROOT_HALF;
  const qc = low ? 30 : 26;
  const [a7, a5, a3, a1] = (low ? ASIN_LOW : ASIN_HIGH).map((value) => fixedF(value, qc)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const v = low ? x : rnd(x, 4);
  const x2 = mulr(v, v, qc);
  const x4 = mulr(x2, x2, qc);
  const y = mulr(v, mulr(x4, mulr(a7, x2, qc) + a5, qc) + mulr(a3, x2, qc) + a1, qc);
  return mulr(y, fixedF(0.63661977236758134, 30), qc);
}

const EXP_EIGHTHS = [
  2147483648n,
  2433417774n,
  2757423586n,
  3124570271n,
  1302514674n,
  1475942488n,
  1672461947n,
  1895147668n,
];
const EXP_TERMS: readonly (readonly [bigint, bigint])[] = [
  [-10n, 715827883n],
  [-5n, 178956971n],
  [0n, 35791394n],
  [6n, 5965232n],
];
const u32 = (value: bigint): bigint => BigInt.asUintN(32, value);

/** The exponential of Q4.28 in Q12.20, for |x| < 8. */
export function expCore(x: bigint): bigint {
  const t = mulr(x, 1549082005n, 32);
  const e = rnd(t, 26);
  const y = u32((x << 3n) - e * 1488522236n);
  const a = Number((y >> 28n) & 7n);
  const b = y & 0x0fffffffn;
  const big = u32((b << 1n) | 4n);
  let p = (big * big) >> 32n;
  let s = big + (p >> 1n);
  let extra = 0n;
  for (const [limit, coefficient] of EXP_TERMS) {
    if (e < limit) break;
    p = (big * p) >> 32n;
    extra += (p * coefficient) >> 32n;
  }
  s = u32(s + extra + 1n);
  const eb = u32((1n << 31n) + (s >> 1n));
  let r = u32(((EXP_EIGHTHS[a] as bigint) * eb) >> 31n);
  const shift = 12n - e;
  if (shift > 0n) r += 1n << (shift - 1n);
  return u32(r) >> shift;
}

/** The exponential of Q5.27 in Q12.20. */
export function exp(x: bigint): bigint {
  if (x > 1023359037n) return (1n << 31n) - 1n;
  if (x < -(1n << 30n) || x > (1n << 30n) - 1n) {
    const half = expCore(x);
    return wrap(mulr(half, half, 18));
  }
  return sat32(expCore(sat32(x << 1n)) << 1n);
}

/** Decibels Q8.24 to linear Q12.20. */
export const db2lin = (d: bigint): bigint =>
  d > 1111097957n ? (1n << 31n) - 1n : exp(mulr(d, 15452387n, 24));

/** `x` Q6.26 to the power of `y` Q2.30, in Q12.20. */
export const pow = (x: bigint, y: bigint): bigint => (x <= 0n ? 0n : exp(mulr(y, ln(x), 29)));

const SINE = Array.from({ length: 513 }, (_, i) =>
  BigInt(Math.min(65535, Math.round(65536 * Math.sin((Math.PI / 2) * (i / 512))))),
);

function look(i: bigint): bigint {
  let j = Number(i & 1023n);
  if (j > 512) j = 1024 - j;
  const v = SINE[j] as bigint;
  return i > 1024n ? -v : v;
}

/** Sine by table with linear interpolation, Q4.28 radians to Q1.15. */
export function sin16(w: bigint): bigint {
  const t = (w * 341782638n) >> 17n;
  const i = t >> 31n;
  const f = t - (i << 31n);
  const y = look(i) + ((f * (look(i + 1n) - look(i))) >> 31n);
  return sat((y + 1n) >> 1n, 16);
}

/** sin(x * pi / 2), Q2.30 to Q1.31. */
export const drcSin = (x: bigint): bigint =>
  sin16(mulr(x, fixed(1.57079632679489661923, 30), 32)) << 16n;
