// Fixed-point building blocks. Everything inlines; constant arguments prune branches at compile time.

/** Clamps a 64-bit value to 32 bits. The branch is predicted: real signals seldom saturate. */
// @ts-ignore: decorator
@inline
export function sat32(value: i64): i32 {
  const low = <i32>value;
  return <i64>low == value ? low : <i32>(value >> 63) ^ 0x7fffffff;
}

/** Round half up over `bits` (1..63), without overflow at the top. */
// @ts-ignore: decorator
@inline
export function rnd64(value: i64, bits: i64): i64 {
  return ((value >> (bits - 1)) + 1) >> 1;
}

// @ts-ignore: decorator
@inline
export function sx24(value: v128): v128 {
  return i32x4.shr_s(i32x4.shl(value, 8), 8);
}

/**
 * Sign-extends one 24-bit sample. The parameter's type matters: in an i64 context, `(load<i32>(p) << 8) >> 8`
 * would load and shift 64 bits.
 */
// @ts-ignore: decorator
@inline
export function extend24(value: i32): i32 {
  return (value << 8) >> 8;
}

/** Clamps four values to 24 bits. */
// @ts-ignore: decorator
@inline
export function sat24(value: v128): v128 {
  return i32x4.max_s(i32x4.min_s(value, i32x4.splat(0x7fffff)), i32x4.splat(-0x800000));
}

/** Clamps four values to 16 bits. */
// @ts-ignore: decorator
@inline
export function sat16(value: v128): v128 {
  return i32x4.max_s(i32x4.min_s(value, i32x4.splat(0x7fff)), i32x4.splat(-0x8000));
}

/** Round half up over `bits` (1..31), without overflow at the top. */
// @ts-ignore: decorator
@inline
export function rnd32(value: v128, bits: i32): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shr_s(value, bits - 1), i32x4.splat(1)), 1);
}

/** Sum of four pairs, saturated to 32 bits. */
// @ts-ignore: decorator
@inline
export function addSat32(a: v128, b: v128): v128 {
  const sum = i32x4.add(a, b);
  const overflow = i32x4.shr_s(v128.and(v128.xor(a, sum), v128.xor(b, sum)), 31);
  return v128.bitselect(v128.xor(i32x4.shr_s(a, 31), i32x4.splat(0x7fffffff)), sum, overflow);
}

/**
 * Low 32 bits of four products shifted right by `bits`, rounded half up when `round`. Exact wherever the
 * result fits 32 bits: bits above the result are dropped, so a logical shift does.
 */
// @ts-ignore: decorator
@inline
export function mulShift(a: v128, b: v128, bits: i32, round: bool): v128 {
  let low = i64x2.extmul_low_i32x4_s(a, b);
  let high = i64x2.extmul_high_i32x4_s(a, b);
  if (round) {
    const half = i64x2.splat((<i64>1) << (bits - 1));
    low = i64x2.add(low, half);
    high = i64x2.add(high, half);
  }
  if (bits == 32) return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  return v128.shuffle<i32>(i64x2.shr_u(low, bits), i64x2.shr_u(high, bits), 0, 2, 4, 6);
}
