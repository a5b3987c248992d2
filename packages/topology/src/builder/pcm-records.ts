import type { CapsRecord, PcmRecord, StreamRecord } from "../container/records.js";
import { type FormatName, formatMask, rateMask } from "../model/alsa-caps.js";
import { Token } from "../tuples/tokens.js";
import { bools, buildError, flag, nameField, type RangeOption, rangeOf } from "./fields.js";
import type { WidgetRef } from "./pipeline-builder.js";

/** One direction of a PCM. */
export interface PcmStreamOptions {
  /** The host copier, or its stream name. */
  readonly host: WidgetRef | string;
  /** Sample formats by their ALSA names. */
  readonly formats: readonly FormatName[];
  /** Hz: a list, or a range that takes every rate; 48000 when left out. */
  readonly rates?: readonly number[] | { readonly min: number; readonly max: number };
  /** 2 when left out. */
  readonly channels?: RangeOption;
  /** 2..256 when left out. */
  readonly periods?: RangeOption;
  /** 192..2097152 when left out. */
  readonly periodBytes?: RangeOption;
  /** 384..4194304 when left out. */
  readonly bufferBytes?: RangeOption;
  /** False when left out. */
  readonly pauseSupported?: boolean;
  /** Not written when left out. */
  readonly d0i3Compatible?: boolean;
}

export interface PcmOptions {
  readonly id: number;
  readonly name: string;
  /** As `name` when left out. */
  readonly daiName?: string;
  readonly playback?: PcmStreamOptions;
  readonly capture?: PcmStreamOptions;
}

const noStream: StreamRecord = {
  size: 0,
  name: "",
  format: 0n,
  rate: 0,
  periodBytes: 0,
  bufferBytes: 0,
  channels: 0,
};
/** The unused stream slots of a PCM or a link. */
export const noStreams: readonly StreamRecord[] = Array.from({ length: 8 }, () => noStream);

const noCaps: CapsRecord = {
  size: 0,
  name: "",
  formats: 0n,
  rates: 0,
  rateMin: 0,
  rateMax: 0,
  channelsMin: 0,
  channelsMax: 0,
  periodsMin: 0,
  periodsMax: 0,
  periodSizeMin: 0,
  periodSizeMax: 0,
  bufferSizeMin: 0,
  bufferSizeMax: 0,
  significantBits: 0,
};

/** Makes the record of a PCM. */
export function pcmRecord(options: PcmOptions): PcmRecord {
  const { id, name, daiName = name, playback, capture } = options;
  if (playback === undefined && capture === undefined) {
    throw buildError(`PCM "${name}" has no direction`, "Give playback, capture, or both");
  }
  return {
    name: nameField(name, "PCM name"),
    daiName: nameField(daiName, "DAI name"),
    pcmId: id,
    daiId: id,
    playback: playback === undefined ? 0 : 1,
    capture: capture === undefined ? 0 : 1,
    compress: 0,
    streams: noStreams,
    numStreams: 0,
    caps: [capsRecord(playback), capsRecord(capture)],
    flagMask: 0,
    flags: 0,
    tuples: bools(
      [Token.STREAM_CAPTURE_PAUSE_SUPPORTED, flag(capture?.pauseSupported ?? false)],
      [Token.STREAM_PLAYBACK_PAUSE_SUPPORTED, flag(playback?.pauseSupported ?? false)],
      [Token.STREAM_PLAYBACK_COMPATIBLE_D0I3, flag(playback?.d0i3Compatible)],
      [Token.STREAM_CAPTURE_COMPATIBLE_D0I3, flag(capture?.d0i3Compatible)],
    ),
  };
}

function capsRecord(options: PcmStreamOptions | undefined): CapsRecord {
  if (options === undefined) return noCaps;
  const { host, formats, rates = [48000] } = options;
  const streamName = typeof host === "string" ? host : host.streamName;
  const [channelsMin, channelsMax] = rangeOf(options.channels ?? 2);
  const [periodsMin, periodsMax] = rangeOf(options.periods ?? [2, 256]);
  const [periodSizeMin, periodSizeMax] = rangeOf(options.periodBytes ?? [192, 2_097_152]);
  const [bufferSizeMin, bufferSizeMax] = rangeOf(options.bufferBytes ?? [384, 4_194_304]);
  return {
    size: 104,
    name: nameField(streamName, "stream name"),
    formats: formatMask(formats),
    ...rateFields(rates, streamName),
    channelsMin,
    channelsMax,
    periodsMin,
    periodsMax,
    periodSizeMin,
    periodSizeMax,
    bufferSizeMin,
    bufferSizeMax,
    significantBits: 0,
  };
}

function rateFields(rates: NonNullable<PcmStreamOptions["rates"]>, streamName: string) {
  if ("min" in rates) return { rates: 0, rateMin: rates.min, rateMax: rates.max };
  const mask = rateMask(rates);
  if (mask === undefined || mask === 0) {
    throw buildError(
      `stream "${streamName}" has rates that ALSA's mask does not: ${rates.join(", ")}`,
      "Give a range of rates",
    );
  }
  return { rates: mask, rateMin: 0, rateMax: 0 };
}
