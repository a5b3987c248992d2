/** One recorded run as the manifest of the recordings has it, in the parts that are used. */
export interface GoldenRun {
  readonly case: string;
  readonly modules: readonly {
    readonly name: string;
    readonly type: string;
    readonly uuid: string;
    readonly widget: string;
    readonly pipeline: number;
    readonly format: {
      readonly rate: number;
      readonly bit_depth: number;
      readonly valid_bit_depth: number;
      readonly channels: number;
      readonly ch_map: string;
      readonly ch_cfg: number;
      readonly interleaving: number;
      readonly sample_type: number;
    } | null;
    readonly settings: Readonly<Record<string, number | string>>;
    readonly controls: readonly {
      readonly name: string;
      readonly kind: "mixer" | "enum" | "bytes";
      readonly max?: number;
      readonly channels?: number;
      readonly param_id?: number;
      readonly tlv_min_centidB?: number;
      readonly tlv_step_centidB?: number;
      readonly mute_at_0?: boolean;
    }[];
  }[];
  readonly connections: readonly (readonly [string, string])[];
  readonly blobs: readonly {
    readonly module: string;
    readonly control: string;
    readonly size: number;
    readonly payload_hex: string;
  }[];
  readonly controls_script: readonly {
    readonly after_module_frames: number;
    readonly control: string;
    readonly module: string;
    readonly kind: "volume" | "switch" | "enum" | "bytes";
    readonly param_id: number;
    readonly values?: readonly number[];
    readonly index?: number;
    readonly payload?: string;
  }[];
  readonly input: {
    readonly name: "noise" | "square" | "impulse" | "ramp";
    readonly channels: number;
    readonly rate: number;
    readonly frames: number;
    readonly bits: 16 | 24 | 32;
  };
  readonly output_file: string;
  readonly output_index: number;
  readonly output_format: { readonly channels: number };
  readonly valid_frames: number;
  readonly period_frames: number;
}
