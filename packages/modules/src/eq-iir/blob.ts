import type { Biquad, BiquadResponse } from "@sof-ts/dsp";
import { ByteReader } from "@sof-ts/kit";
import { MAX_CHANNELS } from "../common/base-config.js";

export const MAX_BLOB_BYTES = 1024;
/** Sections that one response can have. */
export const MAX_SECTIONS = 11;

const MIN_BLOB_BYTES = 28;
const MAX_RESPONSES = 8;
const SECTION_BYTES = 28;
const RESPONSE_HEADER_BYTES = 24;
/** Shifts after the gain for which its rounding is defined: 1..62 bits in all. */
const MIN_SHIFT = -13;
const MAX_SHIFT = 48;

interface RawResponse {
  readonly sections: readonly Biquad[];
  readonly inSeries: number;
}

/** An equalizer blob (SOF's `struct sof_eq_iir_config`): responses, and which channel has which. */
export interface IirConfig {
  /** Index of a response, or negative for a channel that passes. */
  readonly assign: readonly number[];
  readonly responses: readonly RawResponse[];
}

/** @returns the blob's content, or null when its sizes and counts do not fit together */
export function parseIirConfig(blob: Uint8Array): IirConfig | null {
  if (blob.length < MIN_BLOB_BYTES || blob.length > MAX_BLOB_BYTES) return null;
  const reader = new ByteReader(blob, "IIR equalizer");
  const size = reader.u32();
  const channels = reader.u32();
  const count = reader.u32();
  reader.take(16);
  if (size !== blob.length || channels < 1 || channels > MAX_CHANNELS || count > MAX_RESPONSES)
    return null;
  if (reader.remaining % 4 !== 0 || reader.remaining < channels * 4) return null;
  const assign = Array.from({ length: channels }, () => reader.i32());
  const responses: RawResponse[] = [];
  for (let i = 0; i < count; i++) {
    const response = readResponse(reader);
    if (response === null) return null;
    responses.push(response);
  }
  return assign.some((index) => index >= count) ? null : { assign, responses };
}

function readResponse(reader: ByteReader): RawResponse | null {
  if (reader.remaining < RESPONSE_HEADER_BYTES) return null;
  const count = reader.u32();
  const inSeries = reader.u32();
  reader.take(16);
  if (count > MAX_SECTIONS || reader.remaining < count * SECTION_BYTES) return null;
  const sections = Array.from({ length: count }, () => ({
    a2: reader.i32(),
    a1: reader.i32(),
    b2: reader.i32(),
    b1: reader.i32(),
    b0: reader.i32(),
    shift: reader.i32(),
    gain: reader.i32(),
  }));
  return { sections, inSeries };
}

/**
 * Chooses a response for each channel of a stream; channels past those of the blob take the last one's.
 *
 * @returns null for a channel that passes; or null instead of the list when a response that is used cannot be
 */
export function responsesFor(
  config: IirConfig,
  channels: number,
): (BiquadResponse | null)[] | null {
  const chosen: (BiquadResponse | null)[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const index = config.assign[Math.min(channel, config.assign.length - 1)] as number;
    if (index < 0) {
      chosen.push(null);
      continue;
    }
    const response = config.responses[index] as RawResponse;
    if (!usable(response)) return null;
    chosen.push(response);
  }
  return chosen;
}

function usable({ sections, inSeries }: RawResponse): boolean {
  // Banks that do not come out even would read past the list.
  if (sections.length === 0 || inSeries === 0 || sections.length % inSeries !== 0) return false;
  return sections.every(({ shift }) => shift >= MIN_SHIFT && shift <= MAX_SHIFT);
}
