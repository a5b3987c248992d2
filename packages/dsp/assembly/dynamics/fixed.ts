// Fixed-point arithmetic in 64 bits: the products of 32-bit values fit, so only stores narrow.

/** Product rounded half up to `n` fewer fraction bits. */
// @ts-ignore: decorator
@inline
export function mulr(a: i64, b: i64, n: i64): i64 {
  return (a * b + ((<i64>1) << (n - 1))) >> n;
}

/** Rounds half up to `n` fewer bits. */
// @ts-ignore: decorator
@inline
export function rnd(v: i64, n: i64): i64 {
  return (v + ((<i64>1) << (n - 1))) >> n;
}

/** As `rnd`, for sums that may lie within half a unit of the largest 64-bit value. */
// @ts-ignore: decorator
@inline
export function rndWide(v: i64, n: i64): i64 {
  return ((v >> (n - 1)) + 1) >> 1;
}

// @ts-ignore: decorator
@inline
export function sat32(v: i64): i64 {
  v = v > 0x7fffffff ? 0x7fffffff : v;
  return v < -0x80000000 ? -0x80000000 : v;
}

// @ts-ignore: decorator
@inline
export function sat24(v: i32): i32 {
  v = v > 0x7fffff ? 0x7fffff : v;
  return v < -0x800000 ? -0x800000 : v;
}

// @ts-ignore: decorator
@inline
export function sat16(v: i32): i32 {
  v = v > 0x7fff ? 0x7fff : v;
  return v < -0x8000 ? -0x8000 : v;
}

/** A left-aligned 32-bit value rounded and saturated to 16 bits; the sum cannot overflow after the first shift. */
// @ts-ignore: decorator
@inline
export function to16(v: i32): i32 {
  return sat16(((v >> 15) + 1) >> 1);
}

// @ts-ignore: decorator
@inline
export function to24(v: i32): i32 {
  return sat24(((v >> 7) + 1) >> 1);
}
