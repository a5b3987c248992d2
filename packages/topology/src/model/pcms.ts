import type { Direction } from "../abi.js";
import { displayText } from "../container/codec.js";
import type { CapsRecord, PcmRecord } from "../container/records.js";
import { Token } from "../tuples/tokens.js";
import { Tuples } from "../tuples/tuples.js";
import { type FormatName, formatNames, rateList } from "./alsa-caps.js";

/** A range of whole numbers, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The rates a stream takes, Hz. `supportsRate` decides. */
export interface RateCaps {
  /** Rates of the mask (`SNDRV_PCM_RATE_*`), empty when the file gives a range instead. */
  readonly list: readonly number[];
  /** Any rate of the range is taken: no mask, or the mask's continuous bit. */
  readonly continuous: boolean;
  /** Limits, where the file gives them; 0 where it does not. */
  readonly min: number;
  readonly max: number;
  readonly mask: number;
}

/** One direction of a PCM. */
export interface PcmStream {
  readonly direction: Direction;
  /** Joins the stream to its host copier. */
  readonly streamName: string;
  /** The host copier's name; null when no widget has the stream's name. */
  readonly hostWidget: string | null;
  readonly formats: readonly FormatName[];
  /** Mask over `SNDRV_PCM_FORMAT_*`. */
  readonly formatMask: bigint;
  readonly rates: RateCaps;
  readonly channels: Range;
  readonly periods: Range;
  readonly periodBytes: Range;
  readonly bufferBytes: Range;
  /** The stream goes on while the DSP is in D0I3. */
  readonly d0i3Compatible: boolean;
  readonly pauseSupported: boolean;
}

/** A PCM device: what an application opens. */
export interface Pcm {
  readonly id: number;
  readonly name: string;
  readonly daiId: number;
  readonly daiName: string;
  readonly compress: boolean;
  readonly playback: PcmStream | null;
  readonly capture: PcmStream | null;
  readonly tuples: Tuples;
}

/** Finds the host copier of a stream by its name. */
export type HostLookup = (streamName: string, direction: Direction) => string | null;

/** Makes a PCM of its record. */
export function makePcm(record: PcmRecord, findHost: HostLookup): Pcm {
  const tuples = new Tuples(record.tuples);
  const stream = (direction: Direction): PcmStream | null => {
    const present = direction === "playback" ? record.playback : record.capture;
    const caps = record.caps[direction === "playback" ? 0 : 1];
    if (present === 0 || caps === undefined) return null;
    return makeStream(caps, direction, tuples, findHost);
  };
  return {
    id: record.pcmId,
    name: displayText(record.name),
    daiId: record.daiId,
    daiName: displayText(record.daiName),
    compress: record.compress !== 0,
    playback: stream("playback"),
    capture: stream("capture"),
    tuples,
  };
}

function makeStream(
  caps: CapsRecord,
  direction: Direction,
  tuples: Tuples,
  findHost: HostLookup,
): PcmStream {
  const streamName = displayText(caps.name);
  const list = rateList(caps.rates);
  const flag = (token: number) => (tuples.number(token) ?? 0) !== 0;
  const playback = direction === "playback";
  return {
    direction,
    streamName,
    hostWidget: findHost(streamName, direction),
    formats: formatNames(caps.formats),
    formatMask: caps.formats,
    rates: {
      list: list.rates,
      continuous: caps.rates === 0 || list.continuous,
      min: caps.rateMin,
      max: caps.rateMax,
      mask: caps.rates,
    },
    channels: { min: caps.channelsMin, max: caps.channelsMax },
    periods: { min: caps.periodsMin, max: caps.periodsMax },
    periodBytes: { min: caps.periodSizeMin, max: caps.periodSizeMax },
    bufferBytes: { min: caps.bufferSizeMin, max: caps.bufferSizeMax },
    d0i3Compatible: flag(
      playback ? Token.STREAM_PLAYBACK_COMPATIBLE_D0I3 : Token.STREAM_CAPTURE_COMPATIBLE_D0I3,
    ),
    pauseSupported: flag(
      playback ? Token.STREAM_PLAYBACK_PAUSE_SUPPORTED : Token.STREAM_CAPTURE_PAUSE_SUPPORTED,
    ),
  };
}

/** Whether a stream takes `rate` (Hz): it is on the list or the rates are continuous, and within the limits. */
export function supportsRate(rates: RateCaps, rate: number): boolean {
  if (rates.continuous && rates.max === 0) return false;
  if (!rates.continuous && !rates.list.includes(rate)) return false;
  return (rates.min === 0 || rate >= rates.min) && (rates.max === 0 || rate <= rates.max);
}
