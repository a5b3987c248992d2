import { MAX_PINS } from "../abi.js";
import { type AudioFormat, makeAudioFormat } from "../audio-format.js";
import { Token } from "./tokens.js";
import type { Tuples } from "./tuples.js";

/** One audio format that a pin of a module can take or give. */
export interface PinFormat {
  readonly pin: number;
  /** Bytes a period at this pin (`ibs` of an input, `obs` of an output). */
  readonly bufferBytes: number;
  readonly format: AudioFormat;
}

/** The formats of one side of a module. */
export interface PinFormats {
  /** The sets that count: the first ones of the file, as many as it declares. */
  readonly sets: readonly PinFormat[];
  /** Sets that the file declares (tokens 415 and 416). */
  readonly declared: number;
  /**
   * Sets that the file holds. More than `declared` is common and means nothing: the sources of a topology
   * merge the defaults of a class into its objects. Fewer is a defect; the sets that are missing are all zero
   * in `sets`, as in the Linux driver.
   */
  readonly found: number;
}

/** Number of the token that counts the declared sets, of the first token of a set, of pin and buffer size. */
interface Side {
  readonly declared: number;
  readonly first: number;
  readonly pin: number;
  readonly buffer: number;
}

const input: Side = {
  declared: Token.COMP_NUM_INPUT_AUDIO_FORMATS,
  first: Token.CAVS_AUDIO_FORMAT_IN_RATE,
  pin: Token.CAVS_AUDIO_FORMAT_INPUT_PIN_INDEX,
  buffer: Token.CAVS_AUDIO_FORMAT_IBS,
};
const output: Side = {
  declared: Token.COMP_NUM_OUTPUT_AUDIO_FORMATS,
  first: Token.CAVS_AUDIO_FORMAT_OUT_RATE,
  pin: Token.CAVS_AUDIO_FORMAT_OUTPUT_PIN_INDEX,
  buffer: Token.CAVS_AUDIO_FORMAT_OBS,
};

/** No file of the field declares more than nine; beyond this a count is damage, not a declaration. */
const MAX_SETS = 32 * MAX_PINS;

/**
 * Reads the formats of one side of a widget the way of the Linux driver: the k-th occurrence of each token
 * belongs to set k, and as many sets count as token 415 or 416 declares.
 */
export function readPinFormats(tuples: Tuples, direction: "input" | "output"): PinFormats {
  const side = direction === "input" ? input : output;
  const declared = tuples.number(side.declared) ?? 0;
  const found = tuples.count(side.first);
  const sets = Array.from({ length: Math.min(declared, Math.max(found, MAX_SETS)) }, (_, k) =>
    readSet(tuples, side, k),
  );
  return { sets, declared, found };
}

function readSet(tuples: Tuples, side: Side, k: number): PinFormat {
  const value = (token: number) => tuples.numbers(token)[k] ?? 0;
  return {
    pin: value(side.pin),
    bufferBytes: value(side.buffer),
    format: makeAudioFormat({
      rate: value(side.first),
      bitDepth: value(side.first + 1),
      chMap: value(side.first + 4),
      chCfg: value(side.first + 5),
      interleaving: value(side.first + 6),
      fmtCfg: value(side.first + 7),
    }),
  };
}

/** What the redundant tokens of a set say; the driver ignores them. */
export interface FormatLabels {
  readonly validBits: number | undefined;
  readonly channels: number | undefined;
  readonly sampleType: number | undefined;
}

/** @returns the redundant tokens of set `k`, to be compared with its `fmt_cfg` */
export function readFormatLabels(
  tuples: Tuples,
  direction: "input" | "output",
  k: number,
): FormatLabels {
  const { first } = direction === "input" ? input : output;
  return {
    validBits: tuples.numbers(first + 2)[k],
    channels: tuples.numbers(first + 3)[k],
    sampleType: tuples.numbers(first + 8)[k],
  };
}
