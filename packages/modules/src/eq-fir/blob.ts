import type { FirResponse } from "@sof-ts/dsp";
import { ByteReader } from "@sof-ts/kit";
import { MAX_CHANNELS } from "../common/base-config.js";

export const MAX_BLOB_BYTES = 4096;
/** Taps that one response can have. */
export const MAX_TAPS = 256;

const MIN_BLOB_BYTES = 24;
const MIN_TAPS = 4;
const MAX_RESPONSES = 8;
const RESPONSE_HEADER_BYTES = 20;
/** Shifts for which a 64-bit sum can be moved: 0..47 bits in all. */
const MIN_SHIFT = -15;
const MAX_SHIFT = 32;

/** An equalizer blob (SOF's `struct sof_eq_fir_config`): responses, and which channel has which. */
export interface FirConfig {
  /** Index of a response, or negative for a channel that passes. */
  readonly assign: readonly number[];
  readonly responses: readonly FirResponse[];
}

/** @returns the blob's content, or null when its sizes and counts do not fit together */
export function parseFirConfig(blob: Uint8Array): FirConfig | null {
  if (blob.length < MIN_BLOB_BYTES || blob.length > MAX_BLOB_BYTES) return null;
  const reader = new ByteReader(blob, "FIR equalizer");
  const size = reader.u32();
  const channels = reader.u16();
  const count = reader.u16();
  reader.take(16);
  if (size !== blob.length || channels === 0 || channels % 2 !== 0 || channels > MAX_CHANNELS)
    return null;
  if (count > MAX_RESPONSES || reader.remaining < channels * 2) return null;
  const assign = Array.from({ length: channels }, () => reader.i16());
  const responses: FirResponse[] = [];
  for (let i = 0; i < count; i++) {
    const response = readResponse(reader);
    if (response === null) return null;
    responses.push(response);
  }
  return assign.some((index) => index >= count) ? null : { assign, responses };
}

function readResponse(reader: ByteReader): FirResponse | null {
  if (reader.remaining < RESPONSE_HEADER_BYTES) return null;
  const length = reader.i16();
  const shift = reader.i16();
  reader.take(16);
  if (length < MIN_TAPS || length > MAX_TAPS || length % 4 !== 0) return null;
  if (shift < MIN_SHIFT || shift > MAX_SHIFT || reader.remaining < length * 2) return null;
  return { taps: Int16Array.from({ length }, () => reader.i16()), shift };
}

/**
 * Chooses a response for each channel of a stream; channels past those of the blob take the last one's.
 *
 * @returns null for a channel that passes
 */
export function firResponsesFor(config: FirConfig, channels: number): (FirResponse | null)[] {
  return Array.from({ length: channels }, (_, channel) => {
    const index = config.assign[Math.min(channel, config.assign.length - 1)] as number;
    return index < 0 ? null : (config.responses[index] as FirResponse);
  });
}
