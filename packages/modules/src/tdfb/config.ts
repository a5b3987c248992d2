import { type BeamFilter, TDFB_MAX_FILTERS, TDFB_MAX_TAPS } from "@sof-ts/dsp";
import { ByteReader, EINVAL } from "@sof-ts/kit";

/** Largest blob of a beamformer. */
export const TDFB_BLOB_LIMIT = 16384;

const HEADER_BYTES = 28;
const FILTER_HEADER_BYTES = 20;
const MAX_OUTPUTS = 8;
const MAX_MICROPHONES = 8;
const MAX_ANGLES = 360;
/** Shifts beyond the width of a tap make no sense. */
const MAX_SHIFT = 15;

/** A microphone's place in metres. */
export interface Microphone {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** What a beamformer's blob says (SOF's `struct sof_tdfb_config`). */
export interface TdfbConfig {
  readonly filtersPerBeam: number;
  readonly outputChannels: number;
  /** Filters of all beams, one beam after the other, the beam-off one last. */
  readonly filters: readonly { readonly shift: number; readonly taps: Int16Array }[];
  /** By filter of a beam: the channel that it hears, and the channels that it adds to. */
  readonly inputs: readonly number[];
  readonly mix: readonly number[];
  /** The same for the beam that is off, or null when that is not defined. */
  readonly mixOff: readonly number[] | null;
  readonly angles: readonly { readonly azimuth: number; readonly firstFilter: number }[];
  readonly microphones: readonly Microphone[];
  /** Whether the blob asks for direction finding. */
  readonly trackDirection: boolean;
  /** Degrees = value of the azimuth control * multiplier + offset. */
  readonly angleMultiplier: number;
  readonly angleOffset: number;
}

/** @returns what a blob says, or -EINVAL when a size, a count or a reference in it is wrong */
export function parseTdfbBlob(blob: Uint8Array): TdfbConfig | number {
  if (blob.length < HEADER_BYTES || blob.length > TDFB_BLOB_LIMIT) return -EINVAL;
  const reader = new ByteReader(blob, "tdfb blob");
  const size = reader.u32();
  const filtersPerBeam = reader.u16();
  const outputChannels = reader.u16();
  reader.u16();
  const microphoneCount = reader.u16();
  const angleCount = reader.u16();
  const beamOff = reader.u16();
  const trackDirection = reader.u16() !== 0;
  const angleMultiplier = reader.i16();
  const angleOffset = reader.i16();
  reader.take(6);
  if (size !== blob.length || filtersPerBeam < 1 || filtersPerBeam > TDFB_MAX_FILTERS)
    return -EINVAL;
  if (outputChannels < 1 || outputChannels > MAX_OUTPUTS || microphoneCount > MAX_MICROPHONES)
    return -EINVAL;
  if (angleCount < 1 || angleCount > MAX_ANGLES || beamOff > 1 || angleMultiplier === 0)
    return -EINVAL;
  const filters = readFilters(reader, filtersPerBeam * (angleCount + beamOff));
  const lists = 2 * filtersPerBeam * (3 + beamOff);
  if (filters === null || reader.remaining !== lists + 8 * (angleCount + microphoneCount))
    return -EINVAL;
  const list = () => Array.from({ length: filtersPerBeam }, () => reader.i16());
  const inputs = list();
  const mix = list();
  list();
  const mixOff = beamOff === 1 ? list() : null;
  const angles = Array.from({ length: angleCount }, () => {
    const azimuth = reader.i16();
    reader.i16();
    const firstFilter = reader.i16();
    reader.i16();
    return { azimuth, firstFilter };
  });
  const metres = () => reader.i16() / 4096;
  const microphones = Array.from({ length: microphoneCount }, () => {
    const place = { x: metres(), y: metres(), z: metres() };
    reader.i16();
    return place;
  });
  const last = filters.length - filtersPerBeam;
  if (angles.some(({ firstFilter }) => firstFilter < 0 || firstFilter > last)) return -EINVAL;
  if (inputs.some((input) => input < 0)) return -EINVAL;
  return {
    filtersPerBeam,
    outputChannels,
    filters,
    inputs,
    mix,
    mixOff,
    angles,
    microphones,
    trackDirection,
    angleMultiplier,
    angleOffset,
  };
}

function readFilters(
  reader: ByteReader,
  count: number,
): { shift: number; taps: Int16Array }[] | null {
  const filters: { shift: number; taps: Int16Array }[] = [];
  for (let i = 0; i < count; i++) {
    if (reader.remaining < FILTER_HEADER_BYTES) return null;
    const length = reader.i16();
    const shift = reader.i16();
    reader.take(16);
    if (length < 4 || length > TDFB_MAX_TAPS || length % 4 !== 0) return null;
    if (shift < -MAX_SHIFT || shift > MAX_SHIFT || reader.remaining < 2 * length) return null;
    filters.push({ shift, taps: Int16Array.from({ length }, () => reader.i16()) });
  }
  return filters;
}

/** @returns an angle in degrees as -180..180 */
export function wrapDegrees(degrees: number): number {
  let wrapped = degrees;
  while (wrapped > 180) wrapped -= 360;
  while (wrapped < -180) wrapped += 360;
  return wrapped;
}

/**
 * Chooses the filters of a beam.
 *
 * @param on whether the beam switch is on; without a beam-off definition that makes no difference
 * @param angle value of the azimuth control; the nearest angle of the blob is taken, the first of equals
 */
export function beamFilters(config: TdfbConfig, on: boolean, angle: number): BeamFilter[] {
  const off = !on && config.mixOff !== null;
  const mix = off ? (config.mixOff as readonly number[]) : config.mix;
  const first = off ? config.filtersPerBeam * config.angles.length : nearest(config, angle);
  return config.inputs.map((input, i) => {
    const filter = config.filters[first + i] as TdfbConfig["filters"][number];
    return { input, mix: mix[i] as number, shift: filter.shift, taps: filter.taps };
  });
}

function nearest(config: TdfbConfig, angle: number): number {
  const target = wrapDegrees(angle * config.angleMultiplier + config.angleOffset);
  let best = 360;
  let first = 0;
  for (const { azimuth, firstFilter } of config.angles) {
    const distance = Math.abs(target - wrapDegrees(azimuth));
    if (distance >= best) continue;
    best = distance;
    first = firstFilter;
  }
  return first;
}

/** @returns every beam that the blob can be asked for, without where its outputs go */
export function allBeams(config: TdfbConfig): BeamFilter[][] {
  const firsts = new Set(config.angles.map(({ firstFilter }) => firstFilter));
  if (config.mixOff !== null) firsts.add(config.filtersPerBeam * config.angles.length);
  return [...firsts].map((first) =>
    config.inputs.map((input, i) => {
      const filter = config.filters[first + i] as TdfbConfig["filters"][number];
      return { input, mix: 0, shift: filter.shift, taps: filter.taps };
    }),
  );
}
