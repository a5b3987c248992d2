/**
 * A low-pass whose errors are as small as they can be at once: bands relative to the filter's own rate. An
 * interpolator sums an image from each lobe of its stop band; errors that fall keep the sum small.
 */
export interface EquirippleSpec {
  /** Taps, an even number. */
  readonly length: number;
  /** End of the pass band. */
  readonly pass: number;
  /** Start of the stop band. */
  readonly stop: number;
  /** How much smaller the error is where the stop band begins than in the pass band; it falls by 1/f from there. */
  readonly stopWeight: number;
}

/** Points of the grid for each extremum. */
const DENSITY = 8;
const MAX_ROUNDS = 60;
/** The extrema are level when the largest is over the smallest by this share at most. */
const LEVEL = 1e-7;

/** What the exchange works on: the response divided by cos(w/2), in x = cos(w), at the points of both bands. */
interface Grid {
  readonly x: Float64Array;
  readonly wanted: Float64Array;
  readonly weight: Float64Array;
  /** First point of the stop band. */
  readonly stopAt: number;
}

function makeGrid({ length, pass, stop, stopWeight }: EquirippleSpec): Grid {
  const extrema = length / 2 + 1;
  const step = 0.5 / (DENSITY * extrema);
  const inPass = Math.max(2, Math.ceil(pass / step));
  const inStop = Math.max(2, Math.ceil((0.5 - stop) / step));
  const points = inPass + inStop;
  const grid: Grid = {
    x: new Float64Array(points),
    wanted: new Float64Array(points),
    weight: new Float64Array(points),
    stopAt: inPass,
  };
  for (let i = 0; i < points; i++) {
    const passing = i < inPass;
    // An even filter is zero at half of the rate whatever its taps: the grid ends before.
    const frequency = passing
      ? (pass * i) / (inPass - 1)
      : stop + ((0.5 - stop) * (i - inPass)) / (inStop - 0.5);
    const scale = Math.cos(Math.PI * frequency);
    grid.x[i] = Math.cos(2 * Math.PI * frequency);
    grid.wanted[i] = passing ? 1 / scale : 0;
    grid.weight[i] = (passing ? 1 : (stopWeight * frequency) / stop) * scale;
  }
  return grid;
}

/** The polynomial in x through the extrema less the level error, by its values there. */
interface Interpolant {
  readonly nodes: Float64Array;
  readonly factors: Float64Array;
  readonly values: Float64Array;
}

/** 1 / product of (x_k - x_j), all scaled alike: logarithms keep hundreds of factors in range. */
function barycentricFactors(nodes: Float64Array): Float64Array {
  const count = nodes.length;
  const logs = new Float64Array(count);
  const signs = new Float64Array(count);
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    let product = 1;
    let log = 0;
    let sign = 1;
    for (let j = 0; j < count; j++) {
      if (j === k) continue;
      product *= 2 * ((nodes[k] as number) - (nodes[j] as number));
      const magnitude = Math.abs(product);
      if (magnitude < 1e-100 || magnitude > 1e100) {
        log += Math.log(magnitude);
        if (product < 0) sign = -sign;
        product = 1;
      }
    }
    logs[k] = log + Math.log(Math.abs(product));
    signs[k] = product < 0 ? -sign : sign;
    least = Math.min(least, logs[k] as number);
  }
  return logs.map((log, k) => (signs[k] as number) * Math.exp(least - log));
}

/** Solves for the level error on the extrema, alternating in sign. @returns the polynomial and the error */
function interpolate(grid: Grid, extrema: Int32Array): { polynomial: Interpolant; error: number } {
  const nodes = Float64Array.from(extrema, (at) => grid.x[at] as number);
  const factors = barycentricFactors(nodes);
  let numerator = 0;
  let denominator = 0;
  extrema.forEach((at, k) => {
    const factor = factors[k] as number;
    numerator += factor * (grid.wanted[at] as number);
    denominator += (factor * (k % 2 === 0 ? 1 : -1)) / (grid.weight[at] as number);
  });
  const error = numerator / denominator;
  const values = Float64Array.from(extrema, (at, k) => {
    const sign = k % 2 === 0 ? 1 : -1;
    return (grid.wanted[at] as number) - (sign * error) / (grid.weight[at] as number);
  });
  return { polynomial: { nodes, factors, values }, error };
}

/** The value of the polynomial at x. */
function evaluate({ nodes, factors, values }: Interpolant, x: number): number {
  let numerator = 0;
  let denominator = 0;
  for (let k = 0; k < nodes.length; k++) {
    const distance = x - (nodes[k] as number);
    if (distance === 0) return values[k] as number;
    const share = (factors[k] as number) / distance;
    numerator += share * (values[k] as number);
    denominator += share;
  }
  return numerator / denominator;
}

/** Places where the weighted error is largest between two changes of its sign, one of each stretch. */
function peaks(errors: Float64Array, stopAt: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < errors.length; i++) {
    const error = errors[i] as number;
    const first = i === 0 || i === stopAt;
    const last = i === errors.length - 1 || i === stopAt - 1;
    const before = first ? Number.NEGATIVE_INFINITY : (errors[i - 1] as number) * Math.sign(error);
    const after = last ? Number.NEGATIVE_INFINITY : (errors[i + 1] as number) * Math.sign(error);
    if (Math.abs(error) < before || Math.abs(error) <= after) continue;
    const latest = found.at(-1);
    const sameSign = latest !== undefined && (errors[latest] as number) * error > 0;
    if (!sameSign) found.push(i);
    else if (Math.abs(error) > Math.abs(errors[latest] as number)) found[found.length - 1] = i;
  }
  return found;
}

/** Drops the smaller end until as many extrema are left as the exchange wants. */
function trim(found: number[], errors: Float64Array, count: number): Int32Array {
  const size = (index: number) => Math.abs(errors[found.at(index) as number] as number);
  while (found.length > count) {
    if (size(0) < size(-1)) found.shift();
    else found.pop();
  }
  if (found.length < count) throw new Error(`${found.length} extrema where ${count} are wanted`);
  return Int32Array.from(found);
}

/**
 * Designs a low-pass by the Remez exchange (Parks and McClellan): of all symmetric filters of that length the
 * one whose largest weighted error is smallest.
 *
 * @returns the taps; a constant passes unchanged but for the ripple
 */
export function equiripple(spec: EquirippleSpec): Float64Array {
  const grid = makeGrid(spec);
  const count = spec.length / 2 + 1;
  const points = grid.x.length;
  let extrema: Int32Array = Int32Array.from({ length: count }, (_, k) =>
    Math.round((k * (points - 1)) / (count - 1)),
  );
  let { polynomial, error } = interpolate(grid, extrema);
  const errors = new Float64Array(points);
  for (let round = 0; ; round++) {
    if (round === MAX_ROUNDS) throw new Error(`no level error after ${round} rounds`);
    let largest = 0;
    for (let i = 0; i < points; i++) {
      const value = evaluate(polynomial, grid.x[i] as number);
      errors[i] = (grid.weight[i] as number) * ((grid.wanted[i] as number) - value);
      largest = Math.max(largest, Math.abs(errors[i] as number));
    }
    if (largest <= Math.abs(error) * (1 + LEVEL)) return tapsOf(polynomial, spec.length);
    extrema = trim(peaks(errors, grid.stopAt), errors, count);
    ({ polynomial, error } = interpolate(grid, extrema));
  }
}

/** Taps from the response at as many frequencies. */
function tapsOf(polynomial: Interpolant, length: number): Float64Array {
  const half = length / 2;
  const middle = (length - 1) / 2;
  const response = Float64Array.from({ length: half }, (_, k) => {
    const angle = (2 * Math.PI * k) / length;
    return Math.cos(angle / 2) * evaluate(polynomial, Math.cos(angle));
  });
  const taps = new Float64Array(length);
  for (let n = 0; n < half; n++) {
    let sum = response[0] as number;
    for (let k = 1; k < half; k++) {
      sum += 2 * (response[k] as number) * Math.cos((2 * Math.PI * k * (n - middle)) / length);
    }
    taps[n] = sum / length;
    taps[length - 1 - n] = taps[n] as number;
  }
  return taps;
}
