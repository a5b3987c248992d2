// CORDIC sine, and a sine generator of constant amplitude.

/** atan(2^-i) in Q2.30. */
const angles = memory.data<i32>([
  843314857, 497837829, 263043837, 133525159, 67021687, 33543516, 16775851, 8388437, 4194283, 2097149, 1048576,
  524288, 262144, 131072, 65536, 32768, 16384, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1,
]);

const HALF_PI = 421657428; // Q4.28
const PI = 843314857;
const THREE_HALF_PI = 1264972285;
const TWO_PI = 1686629713;
/** Product of cos(atan(2^-i)) in Q2.30. */
const SCALE = 652032874;

/** Sine of an angle in Q4.28, Q1.31. */
export function sin32(angle: i32): i32 {
  const side = angle >= 0 ? 1 : -1;
  let sign = 1;
  const size = abs<i32>(angle);
  if (size > HALF_PI) {
    if (size <= THREE_HALF_PI) {
      angle -= side * PI;
      sign = -1;
    } else angle -= side * TWO_PI;
  }
  angle <<= 2;
  let x = SCALE;
  let y = 0;
  let xShifted = SCALE;
  let yShifted = 0;
  for (let i = 0; i < 31; i++) {
    const direction = angle >= 0 ? 1 : -1;
    angle -= direction * load<i32>(angles + (i << 2));
    x -= direction * yShifted;
    y += direction * xShifted;
    xShifted = x >> (i + 1);
    yShifted = y >> (i + 1);
  }
  const doubled = (<i64>(sign * y)) << 1;
  return <i32>min<i64>(max<i64>(doubled, i32.MIN_VALUE), i32.MAX_VALUE);
}

/**
 * Writes `frames` frames of interleaved 32-bit samples, all channels alike: (sin(w) * amplitude) >> 31. Returns
 * the phase after the last one.
 */
export function toneFrames(dst: usize, channels: i32, frames: i32, phase: i32, phaseStep: i32, amplitude: i32): i32 {
  for (; frames > 0; frames--) {
    const sample = <i32>((<i64>sin32(phase) * <i64>amplitude) >> 31);
    phase += phaseStep;
    if (phase > TWO_PI) phase -= TWO_PI;
    for (let c = 0; c < channels; c++) {
      store<i32>(dst, sample);
      dst += 4;
    }
  }
  return phase;
}
