import {
  type AudioFormat,
  audioFormat,
  type BaseModuleCfg,
  baseModuleCfg,
  decodeBaseModuleCfgExt,
  hasBaseModuleCfgExt,
} from "@sof-ts/ipc4";
import { ByteReader, EINVAL } from "@sof-ts/kit";

const PAYLOAD_WITH_PINS = 120;
const PAYLOAD_WITH_FORMAT = 64;
const RECORD_BYTES = 132;
const MAX_RECORDS = 8;
/** Rows and columns of a coefficient matrix. */
export const MATRIX_SIZE = 8;
const UNITY = 1024;

export interface SelectorConfig {
  readonly base: BaseModuleCfg;
  readonly outFormat: AudioFormat;
}

/** @returns formats of both pins, or -EINVAL for a payload that is neither of the two forms */
export function parseSelectorConfig(payload: Uint8Array): SelectorConfig | number {
  if (payload.length === PAYLOAD_WITH_PINS && hasBaseModuleCfgExt(payload)) {
    const { base, inputPins, outputPins } = decodeBaseModuleCfgExt(payload);
    const out = outputPins[0];
    if (inputPins.length !== 1 || outputPins.length !== 1 || out === undefined) return -EINVAL;
    return { base, outFormat: out.audioFmt };
  }
  if (payload.length !== PAYLOAD_WITH_FORMAT) return -EINVAL;
  return {
    base: baseModuleCfg.decode(payload, 0),
    outFormat: audioFormat.decode(payload, baseModuleCfg.size),
  };
}

/** Coefficients for one combination of channel counts (SOF's `struct ipc4_selector_coeffs_config`). */
export interface SelectorRecord {
  readonly inputs: number;
  readonly outputs: number;
  /** Q6.10, 8 rows of 8: row o makes output o. */
  readonly coefs: Int16Array;
}

/** @returns 1..8 records, or null for a blob of another size */
export function parseSelectorBlob(blob: Uint8Array): SelectorRecord[] | null {
  const count = blob.length / RECORD_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_RECORDS) return null;
  const reader = new ByteReader(blob, "selector coefficients");
  return Array.from({ length: count }, () => {
    const inputs = reader.u8();
    const outputs = reader.u8();
    reader.take(2);
    const coefs = Int16Array.from({ length: MATRIX_SIZE * MATRIX_SIZE }, () => reader.i16());
    return { inputs, outputs, coefs };
  });
}

/** @returns the coefficients for these channel counts, or null when no record is for them */
export function chooseCoefs(
  records: readonly SelectorRecord[],
  inputs: number,
  outputs: number,
): Int16Array | null {
  if (records.length === 1) return records[0]?.coefs ?? null;
  const exact = records.find((each) => each.inputs === inputs && each.outputs === outputs);
  if (exact !== undefined) return exact.coefs;
  if (inputs !== outputs) return null;
  const full = records.find((each) => each.inputs === 8 && each.outputs === 8);
  return full?.coefs ?? null;
}

/** Channel i to channel i. */
export function identityCoefs(): Int16Array {
  return Int16Array.from({ length: MATRIX_SIZE * MATRIX_SIZE }, (_, index) =>
    index % (MATRIX_SIZE + 1) === 0 ? UNITY : 0,
  );
}

/** Whether so many channels come through unchanged. */
export function isIdentity(coefs: Int16Array, inputs: number, outputs: number): boolean {
  if (inputs !== outputs) return false;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      if (coefs[o * MATRIX_SIZE + i] !== (o === i ? UNITY : 0)) return false;
    }
  }
  return true;
}
