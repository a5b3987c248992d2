import { InputError } from "@sof-ts/kit";

/** The words of an IPC4 audio format that a topology gives (`struct ipc4_audio_format`). */
export interface AudioFormatWords {
  /** Frames a second. */
  readonly rate: number;
  /** Bits of a sample's container. */
  readonly bitDepth: number;
  /** A nibble for each channel, from the lowest; 0xf is none. */
  readonly chMap: number;
  /** `enum ipc4_channel_config`. */
  readonly chCfg: number;
  /** 0 interleaved, 1 a block for each channel. */
  readonly interleaving: number;
  /** Channels in bits 7:0, valid bits in 15:8, sample type in 23:16. */
  readonly fmtCfg: number;
}

/** An audio format with the parts of `fmtCfg` beside it. */
export interface AudioFormat extends AudioFormatWords {
  readonly channels: number;
  readonly validBits: number;
  /** 0 MSB-aligned integer, 1 LSB-aligned integer, 2 signed, 3 unsigned, 4 float, 5 A-law, 6 mu-law. */
  readonly sampleType: number;
}

/** @returns the format with `fmtCfg` taken apart */
export function makeAudioFormat(words: AudioFormatWords): AudioFormat {
  return {
    ...words,
    channels: words.fmtCfg & 0xff,
    validBits: (words.fmtCfg >>> 8) & 0xff,
    sampleType: (words.fmtCfg >>> 16) & 0xff,
  };
}

/** Container bits, valid bits and sample type of a sample format, by its ALSA name. */
const sampleFormats = {
  U8: [8, 8, 3],
  S16_LE: [16, 16, 1],
  S24_LE: [32, 24, 1],
  S24_3LE: [24, 24, 1],
  S32_LE: [32, 32, 1],
  FLOAT_LE: [32, 32, 4],
  A_LAW: [8, 8, 5],
  MU_LAW: [8, 8, 6],
} as const;

/** Sample formats that a module's pin can have, by their ALSA names. */
export type SampleFormatName = keyof typeof sampleFormats;

/** Channel map and `ch_cfg` by channel count, as the topologies of the field label them. */
const channelLayouts: readonly (readonly [number, number])[] = [
  [0xfffffff0, 0],
  [0xffffff10, 1],
  [0xfffff210, 2],
  [0xffff3210, 4],
  [0xfff43210, 7],
  [0xff543210, 8],
  [0xf6543210, 12],
  [0x76543210, 12],
];

/** What to make an audio format of. */
export interface AudioFormatOptions {
  /** Hz; 48000 when left out. */
  readonly rate?: number;
  /** 1..8; 2 when left out. */
  readonly channels?: number;
  readonly chMap?: number;
  readonly chCfg?: number;
  /** Overrides the sample type that follows from the name, for MSB-aligned 24-bit samples. */
  readonly sampleType?: number;
}

/**
 * Makes the audio format of a pin, labelled as topologies label it: 24 bits lie in 32, 4 channels are
 * called 3.1, 8 are 7.1.
 *
 * @throws InputError for a channel count outside 1..8
 */
export function audioFormat(name: SampleFormatName, options: AudioFormatOptions = {}): AudioFormat {
  const { rate = 48000, channels = 2 } = options;
  const [bitDepth, validBits, sampleType] = sampleFormats[name];
  const layout = channelLayouts[channels - 1];
  if (layout === undefined) {
    throw new InputError(`an audio format of ${channels} channels`, {
      remedy: "Use 1 to 8 channels",
    });
  }
  return makeAudioFormat({
    rate,
    bitDepth,
    chMap: options.chMap ?? layout[0],
    chCfg: options.chCfg ?? layout[1],
    interleaving: 0,
    fmtCfg: channels | (validBits << 8) | ((options.sampleType ?? sampleType) << 16),
  });
}

/**
 * Bytes of one period of a stream, as topology sources compute `ibs` and `obs`: rates that are not whole
 * kilohertz are rounded up.
 */
export function periodBytes(format: AudioFormat, periodMs = 1): number {
  return Math.ceil(format.rate / 1000) * periodMs * format.channels * (format.bitDepth / 8);
}

/** @returns a format as a person reads it: rate, channels, valid bits in container bits */
export function formatText(format: AudioFormat): string {
  const integer =
    format.sampleType === 0 ? "MSB" : format.sampleType === 1 ? "" : `type ${format.sampleType}`;
  return [
    `${format.rate} Hz`,
    `${format.channels}ch`,
    `${format.validBits}/${format.bitDepth}`,
    integer,
  ]
    .filter((part) => part !== "")
    .join(" ");
}
