import { readFileSync } from "node:fs";
import type { AudioFormat } from "@sof-ts/ipc4";

/** A stream format as the manifest of the recorded outputs writes it. */
export interface GoldenFormat {
  readonly rate: number;
  readonly bit_depth: number;
  readonly valid_bit_depth: number;
  readonly channels: number;
  readonly ch_map: string;
  readonly ch_cfg: number;
  readonly interleaving: number;
  readonly sample_type: number;
}

export interface GoldenModule {
  readonly name: string;
  readonly type: string;
  readonly uuid: string;
  readonly pipeline: number;
  readonly format: GoldenFormat | null;
  readonly settings: Readonly<Record<string, number | string>>;
}

export interface GoldenEvent {
  readonly after_module_frames: number;
  readonly module: string;
  readonly kind: "volume" | "switch" | "enum" | "bytes";
  readonly param_id: number;
  readonly values?: readonly number[];
  readonly index?: number;
  readonly payload?: string;
  readonly target_volume_q31?: readonly string[];
  readonly message?: string;
}

/** One recorded run: a case with one input and one output file. */
export interface GoldenRun {
  readonly case: string;
  readonly modules: readonly GoldenModule[];
  readonly connections: readonly (readonly [string, string])[];
  readonly blobs: readonly {
    readonly module: string;
    readonly param_id: number;
    readonly size: number;
    readonly payload_hex: string;
  }[];
  readonly controls_script: readonly GoldenEvent[];
  readonly input: {
    readonly name: "noise" | "square" | "impulse" | "ramp";
    readonly channels: number;
    readonly rate: number;
    readonly frames: number;
    readonly bits: 16 | 24 | 32;
  };
  readonly output_file: string;
  readonly output_index: number;
  readonly valid_frames: number;
  readonly period_frames: number;
}

/** Reads the manifest of the recordings in `folder`. */
export function readGoldenRuns(folder: string): GoldenRun[] {
  return JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8")) as GoldenRun[];
}

export function audioFormatOf(golden: GoldenFormat): AudioFormat {
  return {
    samplingFrequency: golden.rate,
    depth: golden.bit_depth,
    chMap: Number(golden.ch_map),
    chCfg: golden.ch_cfg,
    interleavingStyle: golden.interleaving,
    channelsCount: golden.channels,
    validBitDepth: golden.valid_bit_depth,
    sampleType: golden.sample_type,
  };
}

function sampleAt(input: GoldenRun["input"], frame: number, state: { value: number }): number {
  if (input.name === "noise") {
    state.value = (Math.imul(state.value, 1664525) + 1013904223) >>> 0;
    return (state.value | 0) >> 3;
  }
  if (input.name === "square") {
    return Math.floor((frame * 2000) / input.rate) % 2 === 0 ? 0x7fffffff : -0x80000000;
  }
  if (input.name === "impulse") return frame === 10 ? 0x40000000 : 0;
  return -0x80000000 + Math.floor((frame * 0xffffffff) / (input.frames - 1));
}

/** Makes the input of a run; 24-bit samples are sign-extended. */
export function goldenInput(input: GoldenRun["input"]): Uint8Array {
  const count = input.frames * input.channels;
  const out = input.bits === 16 ? new Int16Array(count) : new Int32Array(count);
  const state = { value: 12345 };
  for (let i = 0; i < count; i++) {
    const sample = sampleAt(input, Math.floor(i / input.channels), state) >> (32 - input.bits);
    out[i] = sample;
  }
  return new Uint8Array(out.buffer);
}
