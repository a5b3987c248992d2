import type { AudioFormat } from "@sof-ts/ipc4";
import type { ModuleDriver } from "@sof-ts/module-api";
import type { Setting } from "@sof-ts/module-conformance";
import { builtinModules } from "../src/builtin-modules.js";
import { control, firBlob, iirBlob, lowPass, selectorRecord } from "../test/blobs.js";
import {
  concat,
  encodeFormat,
  format,
  type FormatName,
  payload as base,
  words,
} from "../test/kit.js";
import {
  beamBlob,
  crossoverBlob,
  drcBlob,
  multibandBlob,
  pins,
  speaker,
  threeBands,
} from "../test/processing-blobs.js";

/** One instance whose cost is measured: what it is made of, what it is configured with, what it connects. */
export interface CostCase {
  readonly driver: ModuleDriver;
  readonly payload: Uint8Array;
  readonly settings: readonly Setting[];
  readonly inputs: readonly AudioFormat[];
  readonly outputs: readonly AudioFormat[];
  /** Milliseconds that the host hands it at a time. */
  readonly periodMs: number;
}

/** How a driver is used, for one input format; what is left out is a stream in and the same out. */
interface Usage {
  readonly payload?: Uint8Array;
  readonly settings?: readonly Setting[];
  readonly inputs?: readonly AudioFormat[];
  readonly outputs?: readonly AudioFormat[];
  readonly periodMs?: number;
}

const NO_GATEWAY = 0xffff_ffff;
const taps = (count: number) => Array.from({ length: count }, (_, k) => 0x4000 >> (k >> 3));
const all = (channels: number) => Array.from({ length: channels }, () => 0);

const like = (stream: AudioFormat, name: FormatName, channels: number, rate: number) =>
  format(name, channels, rate, { sampleType: stream.sampleType });
const nameOf = ({ depth, validBitDepth }: AudioFormat): FormatName =>
  depth === 16 ? "s16" : validBitDepth === 24 ? "s24" : "s32";

/** The same samples with other channels or another rate. */
const varied = (stream: AudioFormat, channels: number, rate = stream.samplingFrequency) =>
  like(stream, nameOf(stream), channels, rate);

const converted = (stream: AudioFormat, rates: readonly number[], ...tail: number[]): Usage[] =>
  rates.map((rate) => ({
    payload: base(stream, words(rate, ...tail)),
    outputs: [varied(stream, stream.channelsCount, rate)],
  }));

/** Usual tuning of modules whose cost depends on it; the others need none. */
const usages: Readonly<Record<string, (stream: AudioFormat) => readonly Usage[]>> = {
  COPIER: (stream) => {
    const { channelsCount: channels, samplingFrequency: rate } = stream;
    return (["s16", "s24", "s32"] as const)
      .flatMap((name) => [channels, 2, 4].map((count) => like(stream, name, count, rate)))
      .map((output) => ({
        payload: base(stream, encodeFormat(output), words(0, NO_GATEWAY, 0, 0, 0)),
        outputs: [output],
      }));
  },
  EQIIR: ({ channelsCount }) => [
    {
      settings: [
        [
          0,
          iirBlob(all(channelsCount), {
            inSeries: 4,
            sections: [lowPass, lowPass, lowPass, lowPass],
          }),
        ],
      ],
    },
  ],
  EQFIR: ({ channelsCount }) => [
    {
      settings: [
        [
          0,
          firBlob(all(Math.max(2, channelsCount + (channelsCount % 2))), {
            taps: taps(128),
            shift: 1,
          }),
        ],
      ],
    },
  ],
  DRC: () => [{ settings: [[0, drcBlob(speaker)]] }],
  MB_DRC: () => [{ settings: [[0, multibandBlob(speaker, 3)]] }],
  XOVER: (stream) =>
    [2, 3].map((bands) => ({
      payload: pins(stream, 1, bands),
      settings: [[0, crossoverBlob(bands, bands === 2 ? threeBands.slice(0, 2) : threeBands)]],
      outputs: Array.from({ length: bands }, () => stream),
    })),
  TDFB: (stream) => [
    {
      payload: pins(stream, 1, 1),
      settings: [
        [0, beamBlob(taps(64), taps(64), taps(64), taps(64))],
        [200, control(0, 1)],
      ],
    },
  ],
  MICSEL: (stream) =>
    [1, 2, stream.channelsCount].map((channels) => ({
      payload: base(stream, encodeFormat(varied(stream, channels))),
      settings: [[0, selectorRecord(stream.channelsCount, channels, [[512, 512]])]],
      outputs: [varied(stream, channels)],
    })),
  LEVELMUL: () => [{ settings: [[0, words(0x0040_0000)]] }],
  TEMPLATE: () => [{ settings: [[200, control(0, 1)]] }],
  ARIA: (stream) => [{ payload: base(stream, words(2)) }],
  TONE: () => [{ inputs: [] }],
  MUX: (stream) => {
    if (2 * stream.channelsCount > 8) return [];
    const output = varied(stream, stream.channelsCount * 2);
    const tail = concat(encodeFormat(stream), encodeFormat(output));
    return [{ payload: base(stream, tail), inputs: [stream, stream], outputs: [output] }];
  },
  DEMUX: (stream) => [
    {
      payload: base(stream, concat(encodeFormat(stream), encodeFormat(stream))),
      outputs: [stream],
    },
  ],
  UPDWMIX: (stream) =>
    ([0, 1, 8] as const).map((config) => ({
      payload: base(stream, words(config, ...Array.from({ length: 10 }, () => 0))),
      outputs: [
        varied(like(stream, "s24", 1, stream.samplingFrequency), config === 8 ? 6 : config + 1),
      ],
    })),
  SRC: (stream) => converted(stream, [8000, 16000, 24000, 32000, 44100, 48000, 96000]),
  SRC_LITE: (stream) => converted(stream, [16000, 48000]),
  ASRC: (stream) => converted(stream, [8000, 16000, 32000, 44100, 48000, 96000], 1),
  RTC_AEC: (stream) => [{ payload: pins(stream, 2, 1), inputs: [stream, stream], periodMs: 10 }],
  IGO_NR: () => [
    {
      settings: [[0, words(...Array.from({ length: 16 }, () => 0), 0)]],
      periodMs: 10,
    },
  ],
  RTNR: ({ samplingFrequency }) => [
    { settings: [[0, words(32, 0, 0, 0, 0, 1, samplingFrequency, 0)]] },
  ],
  SMATEST: (stream) => [{ payload: pins(stream, 2, 1), inputs: [stream, stream] }],
  KDTEST: () => [{ outputs: [] }],
};

const CHANNELS = [1, 2, 4, 8];
const RATES = [16000, 48000];
/** What converters are measured with: stereo, as the rates make many. */
const CONVERTERS = ["SRC", "SRC_LITE", "ASRC"];
const converterRates = [8000, 16000, 24000, 32000, 44100, 48000, 96000];

/** Every use of a driver that is measured. Formats that it does not take are among them. */
export function costCases(driver: ModuleDriver): CostCase[] {
  const { name } = driver.manifest;
  const converts = CONVERTERS.includes(name);
  const samples = name === "ARIA" ? (["s24"] as const) : (["s16", "s32"] as const);
  const streams = samples.flatMap((sample) =>
    (converts ? [2] : CHANNELS).flatMap((channels) =>
      (converts ? converterRates : RATES).map((rate) => format(sample, channels, rate)),
    ),
  );
  return streams.flatMap((stream) =>
    (usages[name]?.(stream) ?? [{}]).map((usage) => ({
      driver,
      payload: usage.payload ?? base(stream),
      settings: usage.settings ?? [],
      inputs: usage.inputs ?? [stream],
      outputs: usage.outputs ?? [stream],
      periodMs: usage.periodMs ?? 1,
    })),
  );
}

/** Drivers whose manifest entries state measured costs; the gains state those that shipped firmware has. */
export const costedModules: readonly ModuleDriver[] = builtinModules.filter(
  ({ manifest }) => manifest.name !== "GAIN" && manifest.name !== "PEAKVOL",
);
