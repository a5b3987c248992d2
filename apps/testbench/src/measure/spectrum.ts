import FFT from "fft.js";

/** Half spectrum of a real signal: bin `k` is `re[k] + i im[k]`. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * Amplitude spectrum of a block that holds whole periods: a sine of amplitude `a` on bin `k` reads `a` there.
 *
 * @param signal as many samples as a power of two
 * @returns `signal.length / 2 + 1` amplitudes; the first is the mean, with its sign lost
 */
export function amplitudes(signal: Float64Array): Float64Array {
  const { re, im } = transform(signal);
  const half = signal.length / 2;
  return Float64Array.from(re, (real, bin) => {
    const magnitude = Math.hypot(real, im[bin] as number) / signal.length;
    return bin === 0 || bin === half ? magnitude : 2 * magnitude;
  });
}

/**
 * Finds how much later `pattern` appears in `signal`, by the peak of their correlation.
 *
 * @param maxLag latest answer
 * @returns frames; null when the signal is silent
 */
export function findLag(
  signal: Float64Array,
  pattern: Float64Array,
  maxLag: number,
): number | null {
  const size = 2 ** Math.ceil(Math.log2(signal.length + pattern.length));
  const a = transform(padded(signal, size));
  const b = transform(padded(pattern, size));
  const fft = new FFT(size);
  const product = fft.createComplexArray() as number[];
  for (let bin = 0; bin <= size / 2; bin++) {
    const [ar, ai, br, bi] = [a.re[bin], a.im[bin], b.re[bin], b.im[bin]] as [
      number,
      number,
      number,
      number,
    ];
    product[2 * bin] = ar * br + ai * bi;
    product[2 * bin + 1] = ai * br - ar * bi;
  }
  fft.completeSpectrum(product);
  const correlation = fft.createComplexArray() as number[];
  fft.inverseTransform(correlation, product);
  let best = 0;
  let peak = 0;
  for (let lag = 0; lag <= maxLag; lag++) {
    // A path may turn the signal upside down.
    const value = Math.abs(correlation[2 * lag] ?? 0);
    if (value > peak) {
      peak = value;
      best = lag;
    }
  }
  return signal.some((sample) => sample !== 0) ? best : null;
}

function transform(signal: Float64Array): Spectrum {
  const fft = new FFT(signal.length);
  const out = fft.createComplexArray() as number[];
  fft.realTransform(out, signal);
  const bins = signal.length / 2 + 1;
  const re = Float64Array.from({ length: bins }, (_, bin) => out[2 * bin] as number);
  const im = Float64Array.from({ length: bins }, (_, bin) => out[2 * bin + 1] as number);
  return { re, im };
}

function padded(signal: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size);
  out.set(signal);
  return out;
}
