import { Random } from "@sof-ts/kit";
import { convertSamples, type PcmAudio, type SampleLayout, sineOfTurns } from "../wav/index.js";

/** A tone of the sweep. */
export interface Tone {
  readonly frequencyHz: number;
  /** Whole periods in the analysis window, which is the bin of its spectrum. */
  readonly bin: number;
  /** The third-octave point that it stands for; null between them. */
  readonly nominalHz: number | null;
}

/** When each part of the stimulus begins, seconds, and what it holds. */
export interface StimulusPlan {
  readonly inputRate: number;
  readonly outputRate: number;
  /** Peak of every part, as a fraction of full scale. */
  readonly amplitude: number;
  /** Frames of an analysis window on the output side, a power of two. */
  readonly windowFrames: number;
  /** Frames of output that the latency's noise takes. */
  readonly noiseFrames: number;
  readonly noiseAt: number;
  readonly sineAt: number;
  readonly sineBin: number;
  readonly sweepAt: number;
  readonly tones: readonly Tone[];
  readonly silenceAt: number;
  readonly end: number;
}

/** Time for filters to reach their steady state before each analysis, s. */
export const SETTLE_S = 0.5;
/** Longest latency that is found, s, and what follows each window for it. */
export const MAX_LATENCY_S = 0.3;
/** Length of an analysis window, about; a power of two of frames makes it exact. */
const WINDOW_S = 1.365;
/** Tones per decade; every fourth is a third-octave point. */
const TONES_PER_DECADE = 40;
const SINE_HZ = 1000;
/** The sweep ends below the lower Nyquist frequency by this factor. */
const TOP_OF_BAND = 0.95;

/**
 * Plans what is played to measure a path: noise while gains ramp, noise whose delay is found, 1 kHz, a
 * periodic sweep, silence. All tones have whole periods in an analysis window at the output's rate, so that
 * no window function and no leakage come in, also where the path changes the rate.
 */
export function planStimulus(
  inputRate: number,
  outputRate: number,
  levelDb: number,
  rampSeconds: number,
): StimulusPlan {
  const windowFrames = 2 ** Math.round(Math.log2(WINDOW_S * outputRate));
  const windowS = windowFrames / outputRate;
  const noiseFrames = windowFrames / 4;
  const noiseAt = rampSeconds;
  const part = SETTLE_S + windowS + MAX_LATENCY_S;
  const sineAt = noiseAt + noiseFrames / outputRate;
  const sweepAt = sineAt + part;
  const silenceAt = sweepAt + part;
  return {
    inputRate,
    outputRate,
    amplitude: 10 ** (levelDb / 20),
    windowFrames,
    noiseFrames,
    noiseAt,
    sineAt,
    sineBin: Math.round(SINE_HZ * windowS),
    sweepAt,
    tones: tonesOf(windowS, (TOP_OF_BAND * Math.min(inputRate, outputRate)) / 2),
    silenceAt,
    end: silenceAt + part,
  };
}

function tonesOf(windowS: number, topHz: number): Tone[] {
  const tones: Tone[] = [];
  for (let n = -68; n <= 52; n++) {
    const wantedHz = 1000 * 10 ** (n / TONES_PER_DECADE);
    const bin = Math.round(wantedHz * windowS);
    const frequencyHz = bin / windowS;
    if (frequencyHz > topHz) break;
    const nominalHz = n % 4 === 0 ? nominal(wantedHz) : null;
    // Low tones are closer together than bins; a third-octave point stays.
    if (tones.at(-1)?.bin !== bin) tones.push({ frequencyHz, bin, nominalHz });
    else if (nominalHz !== null) tones[tones.length - 1] = { frequencyHz, bin, nominalHz };
  }
  return tones;
}

/** IEC 61260's names of the third-octave points. */
const mantissas = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8] as const;

function nominal(frequencyHz: number): number {
  const step = Math.round(10 * Math.log10(frequencyHz));
  const decade = Math.floor(step / 10);
  const mantissa = mantissas[step - 10 * decade] ?? 1;
  return Math.round(mantissa * 10 ** decade * 100) / 100;
}

/** Amplitude of each tone of the sweep, as a fraction of full scale, and one period as it is played. */
export interface Sweep {
  readonly toneAmplitude: number;
  readonly samples: Float64Array;
}

/** The whole stimulus in the input's format, the same on all channels. */
export interface Stimulus {
  readonly audio: PcmAudio;
  readonly toneAmplitude: number;
}

/** Makes the audio of a plan. The same plan gives the same bits everywhere. */
export function makeStimulus(plan: StimulusPlan, channels: number, layout: SampleLayout): Stimulus {
  const { inputRate: rate, amplitude, sineAt, sweepAt, silenceAt } = plan;
  const frames = Math.ceil(plan.end * rate);
  const mono = new Float64Array(frames);
  const frameAt = (seconds: number): number => Math.round(seconds * rate);
  mono.set(noise(plan, 0, frameAt(sineAt), rate));
  const windowS = plan.windowFrames / plan.outputRate;
  for (let i = frameAt(sineAt); i < frameAt(sweepAt); i++) {
    const turns = (plan.sineBin * i) / (windowS * rate);
    mono[i] = amplitude * sineOfTurns(turns - Math.floor(turns));
  }
  const sweep = makeSweep(plan, frameAt(silenceAt) - frameAt(sweepAt));
  mono.set(sweep.samples, frameAt(sweepAt));
  const samples = new Int32Array(frames * channels);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.round((mono[Math.floor(i / channels)] as number) * 0x8000_0000);
    samples[i] = Math.max(-0x8000_0000, Math.min(0x7fff_ffff, value));
  }
  const data = convertSamples(new Uint8Array(samples.buffer), "S32_LE", layout);
  return {
    audio: { rate, channels, layout, frames, data },
    toneAmplitude: sweep.toneAmplitude,
  };
}

/** The noise of the plan as the output should have it, for the search of its delay. */
export function noisePattern(plan: StimulusPlan): Float64Array {
  const first = Math.round(plan.noiseAt * plan.outputRate);
  return noise(plan, first, plan.noiseFrames, plan.outputRate);
}

/**
 * Noise as a function of time: random values at the lower of the two rates with straight lines between them,
 * so that both sides of a rate converter can say what it is at their own frames.
 */
function noise(plan: StimulusPlan, firstFrame: number, frames: number, rate: number): Float64Array {
  const knotRate = Math.min(plan.inputRate, plan.outputRate);
  const random = new Random(1);
  const knots = Float64Array.from(
    { length: Math.ceil(plan.sineAt * knotRate) + 2 },
    () => (plan.amplitude * (random.u32() | 0)) / 0x8000_0000,
  );
  return Float64Array.from({ length: frames }, (_, i) => {
    const at = ((firstFrame + i) * knotRate) / rate;
    const index = Math.floor(at);
    const from = knots[index] ?? 0;
    return from + ((knots[index + 1] ?? 0) - from) * (at - index);
  });
}

/**
 * A sweep that repeats with the analysis window: tones of equal amplitude whose phases let each have its turn,
 * the low ones first, which keeps the peak low (Schroeder's phases for tones that are not evenly spaced).
 */
function makeSweep(plan: StimulusPlan, frames: number): Sweep {
  const windowS = plan.windowFrames / plan.outputRate;
  const { tones, inputRate } = plan;
  const samples = new Float64Array(frames);
  let phaseTurns = 0;
  let beforeHz = 0;
  for (const [index, { frequencyHz, bin }] of tones.entries()) {
    phaseTurns -= (windowS * index * (frequencyHz - beforeHz)) / tones.length;
    beforeHz = frequencyHz;
    const step = bin / (windowS * inputRate);
    const cos = sine(step + 0.25);
    const sin = sine(step);
    // A rotation per frame is exact to 1e-11 over a sweep's length and much faster than a sine per frame.
    let re = sine(phaseTurns + 0.25);
    let im = sine(phaseTurns);
    for (let i = 0; i < frames; i++) {
      samples[i] = (samples[i] as number) + im;
      [re, im] = [re * cos - im * sin, re * sin + im * cos];
    }
  }
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const toneAmplitude = plan.amplitude / peak;
  return { toneAmplitude, samples: samples.map((value) => value * toneAmplitude) };
}

const sine = (turns: number): number => sineOfTurns(turns - Math.floor(turns));
