import { convertPcm, type PcmAudio } from "../wav/index.js";
import { amplitudes, findLag } from "./spectrum.js";
import {
  MAX_LATENCY_S,
  noisePattern,
  SETTLE_S,
  type Stimulus,
  type StimulusPlan,
} from "./stimulus.js";

/** Gain at a frequency. */
export interface ResponsePoint {
  readonly frequencyHz: number;
  /** The third-octave point that it stands for; null between them. */
  readonly nominalHz: number | null;
  readonly gainDb: number | null;
}

/**
 * What was measured of an output channel. Levels are dB relative to a full-scale sine, by its RMS (AES17);
 * null stands for minus infinity: digital silence.
 */
export interface ChannelMeasurement {
  readonly channel: number;
  /** Frames at the output's rate from the input to the output; null for a silent channel. */
  readonly latencyFrames: number | null;
  /** Level of 1 kHz at the output. */
  readonly levelDb: number | null;
  /** Gain at 1 kHz. */
  readonly gainDb: number | null;
  /** Everything between 20 Hz and 20 kHz that is not 1 kHz, relative to 1 kHz. */
  readonly thdnDb: number | null;
  /** Output while silence is played. */
  readonly noiseFloorDb: number | null;
  readonly response: readonly ResponsePoint[];
}

/** Takes the measurements out of what a path made of the stimulus. */
export function analyse(
  plan: StimulusPlan,
  stimulus: Stimulus,
  heard: PcmAudio,
): ChannelMeasurement[] {
  const samples = convertPcm(heard, "S32_LE").data;
  const words = new Int32Array(samples.slice().buffer);
  return Array.from({ length: heard.channels }, (_, channel) => {
    const signal = Float64Array.from(
      { length: heard.frames },
      (_unused, frame) => (words[frame * heard.channels + channel] as number) / 0x8000_0000,
    );
    return analyseChannel(plan, stimulus, signal, channel);
  });
}

function analyseChannel(
  plan: StimulusPlan,
  stimulus: Stimulus,
  signal: Float64Array,
  channel: number,
): ChannelMeasurement {
  const { outputRate, windowFrames, noiseFrames } = plan;
  const maxLag = Math.floor(MAX_LATENCY_S * outputRate);
  const cut = (seconds: number, frames: number): Float64Array => {
    const block = new Float64Array(frames);
    const first = Math.round(seconds * outputRate);
    block.set(signal.subarray(first, first + frames));
    return block;
  };
  const noise = cut(plan.noiseAt, noiseFrames + maxLag);
  const lag = findLag(noise, noisePattern(plan), maxLag);
  const settled = (seconds: number): Float64Array =>
    cut(seconds + SETTLE_S + (lag ?? 0) / outputRate, windowFrames);
  const tone = amplitudes(settled(plan.sineAt));
  const sweep = amplitudes(settled(plan.sweepAt));
  const level = tone[plan.sineBin] ?? 0;
  const residual = residualOf(tone, plan);
  return {
    channel,
    latencyFrames: lag,
    levelDb: decibels(level),
    gainDb: decibels(level / plan.amplitude),
    thdnDb: level === 0 ? null : decibels(residual / level),
    noiseFloorDb: decibels(Math.SQRT2 * rms(settled(plan.silenceAt))),
    response: plan.tones.map(({ frequencyHz, nominalHz, bin }) => ({
      frequencyHz,
      nominalHz,
      gainDb: decibels((sweep[bin] ?? 0) / stimulus.toneAmplitude),
    })),
  };
}

/** Amplitude of everything in the audible band but the tone itself. */
function residualOf(tone: Float64Array, plan: StimulusPlan): number {
  const binHz = plan.outputRate / plan.windowFrames;
  const last = Math.min(tone.length - 1, Math.floor(20_000 / binHz));
  let power = 0;
  for (let bin = Math.ceil(20 / binHz); bin <= last; bin++) {
    if (bin !== plan.sineBin) power += (tone[bin] as number) ** 2;
  }
  return Math.sqrt(power);
}

const rms = (block: Float64Array): number =>
  Math.sqrt(block.reduce((sum, value) => sum + value * value, 0) / block.length);

/** What a double's rounding leaves of a spectrum is nothing: -200 dB is below every format. */
const decibels = (ratio: number): number | null => (ratio < 1e-10 ? null : 20 * Math.log10(ratio));
