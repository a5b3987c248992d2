import { convertSamples, type PcmAudio, sampleLayouts } from "../wav/index.js";

/** Level of one channel in dB relative to full scale. */
export interface ChannelLevel {
  readonly peakDb: number;
  readonly rmsDb: number;
}

const FLOOR_DB = -120;

/** Samples that are looked at together: few enough for a processor's cache. */
const BLOCK_SAMPLES = 1 << 14;

/** Peak and RMS level of each channel over the whole of `audio`; silence reads -120 dB. */
export function levels(audio: PcmAudio): ChannelLevel[] {
  const { channels, frames, layout, data } = audio;
  const peaks = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const blockBytes = Math.ceil(BLOCK_SAMPLES / channels) * channels * sampleLayouts[layout].bytes;
  for (let at = 0; at < data.length; at += blockBytes) {
    const { samples, scale } = numbers(data.subarray(at, at + blockBytes), layout);
    for (let channel = 0; channel < channels; channel++) {
      let least = 0;
      let most = 0;
      let sum = 0;
      for (let i = channel; i < samples.length; i += channels) {
        const value = samples[i] as number;
        if (value > most) most = value;
        else if (value < least) least = value;
        sum += value * value;
      }
      peaks[channel] = Math.max(peaks[channel] as number, most * scale, -least * scale);
      squares[channel] = (squares[channel] as number) + sum * scale * scale;
    }
  }
  const db = (value: number): number =>
    value <= 1e-6 ? FLOOR_DB : Math.max(FLOOR_DB, 20 * Math.log10(value));
  return Array.from(peaks, (peak, channel) => ({
    peakDb: db(peak),
    rmsDb: db(Math.sqrt((squares[channel] as number) / Math.max(1, frames))),
  }));
}

/** One line of bars, 3 dB a cell from -60 dB: `L ▕████████████░░░░░░░░▏ -8.0 dB peak, -11.2 dB RMS`. */
export function meterLine(label: string, channel: ChannelLevel): string {
  const cells = 20;
  const filled = Math.round(Math.min(cells, Math.max(0, (channel.peakDb + 60) / 3)));
  const bar = "█".repeat(filled) + "░".repeat(cells - filled);
  const number = (db: number): string => (db <= FLOOR_DB ? "-inf" : db.toFixed(1)).padStart(6);
  return `${label} ▕${bar}▏ ${number(channel.peakDb)} dB peak, ${number(channel.rmsDb)} dB RMS`;
}

/** Samples as numbers, and what full scale is in them. Floats may exceed it. */
function numbers(data: Uint8Array, layout: PcmAudio["layout"]) {
  const kind = layout === "FLOAT" ? "FLOAT" : "S32_LE";
  const bytes = convertSamples(data, layout, kind);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const count = aligned.length >> 2;
  return kind === "FLOAT"
    ? { samples: new Float32Array(aligned.buffer, aligned.byteOffset, count), scale: 1 }
    : { samples: new Int32Array(aligned.buffer, aligned.byteOffset, count), scale: 1 / 2 ** 31 };
}
