import { readFileSync } from "node:fs";

/** A stream format as the manifest of the recordings writes it. */
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

/** A control of a module and how the program that recorded showed it. */
export interface GoldenControl {
  readonly name: string;
  readonly kind: "mixer" | "enum" | "bytes";
  readonly max?: number;
  readonly channels?: number;
  readonly param_id?: number;
  readonly tlv_min_centidB?: number;
  readonly tlv_step_centidB?: number;
  readonly mute_at_0?: boolean;
}

/** A module of the recorded graph. */
export interface GoldenModule {
  readonly name: string;
  readonly type: string;
  readonly uuid: string;
  readonly widget: string;
  readonly pipeline: number;
  readonly format: GoldenFormat | null;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly controls: readonly GoldenControl[];
}

/** A control that was set while the run was recorded. */
export interface GoldenEvent {
  readonly after_module_frames: number;
  readonly control: string;
  readonly module: string;
  readonly kind: "volume" | "switch" | "enum" | "bytes";
  readonly param_id: number;
  readonly values?: readonly number[];
  readonly index?: number;
  readonly payload?: string;
  readonly target_volume_q31?: readonly string[];
  readonly message?: string;
}

/** Signal that a run was fed with. */
export interface GoldenInput {
  readonly name: "noise" | "square" | "impulse" | "ramp";
  readonly channels: number;
  readonly rate: number;
  readonly frames: number;
  readonly bits: 16 | 24 | 32;
}

/** One recorded run: a case with one input and one output file. */
export interface GoldenRun {
  readonly case: string;
  readonly modules: readonly GoldenModule[];
  readonly connections: readonly (readonly [string, string])[];
  readonly blobs: readonly {
    readonly module: string;
    readonly control: string;
    readonly param_id: number;
    readonly size: number;
    readonly payload_hex: string;
  }[];
  readonly controls_script: readonly GoldenEvent[];
  readonly input: GoldenInput;
  readonly output_file: string;
  readonly output_index: number;
  readonly output_format: { readonly channels: number };
  readonly valid_frames: number;
  readonly period_frames: number;
}

/** Reads the manifest of the recordings in `folder`. */
export function readGoldenRuns(folder: string): GoldenRun[] {
  return JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8")) as GoldenRun[];
}
