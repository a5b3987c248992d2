import { type PcmAudio, sampleLayouts } from "../wav/index.js";

/** Level of one channel in dB relative to full scale. */
export interface ChannelLevel {
  readonly peakDb: number;
  readonly rmsDb: number;
}

const FLOOR_DB = -120;

/** Peak and RMS level of each channel over the whole of `audio`; silence reads -120 dB. */
export function levels(audio: PcmAudio): ChannelLevel[] {
  const { channels, frames } = audio;
  const peaks = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const read = reader(audio);
  for (let i = 0; i < frames * channels; i++) {
    const value = Math.abs(read(i));
    const channel = i % channels;
    if (value > (peaks[channel] as number)) peaks[channel] = value;
    squares[channel] = (squares[channel] as number) + value * value;
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

/** A function that gives sample `i` in -1..1. */
function reader({ data, layout }: PcmAudio): (index: number) => number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const { bytes, bits } = sampleLayouts[layout];
  const scale = 1 / 2 ** (bits - 1);
  switch (layout) {
    case "FLOAT":
      return (i) => view.getFloat32(i * bytes, true);
    case "S16_LE":
      return (i) => view.getInt16(i * bytes, true) * scale;
    case "S24_3LE":
      return (i) =>
        ((view.getUint16(i * bytes, true) | (view.getInt8(i * bytes + 2) << 16)) as number) * scale;
    case "S24_4LE":
      return (i) => ((view.getInt32(i * bytes, true) << 8) >> 8) * scale;
    case "S24_4LE_MSB":
      return (i) => (view.getInt32(i * bytes, true) >> 8) * scale;
    case "S32_LE":
      return (i) => view.getInt32(i * bytes, true) * scale;
  }
}
