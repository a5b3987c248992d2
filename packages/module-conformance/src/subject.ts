import type { AudioFormat } from "@sof-ts/ipc4";
import type { ModuleDriver } from "@sof-ts/module-api";

/** A configuration: param id and data. */
export type Setting = readonly [paramId: number, data: Uint8Array];

/** A driver, and what the suite has to know of it. */
export interface Subject {
  readonly name: string;
  readonly driver: ModuleDriver;
  readonly payload: Uint8Array;
  readonly input: AudioFormat;
  /** The input's unless given. */
  readonly output?: AudioFormat;
  /** Sent before the first prepare. */
  readonly setup?: readonly Setting[];
  /** Sent while streaming; the output has to change with it. */
  readonly change?: Setting;
  /** Has to be refused, without a trace. */
  readonly refused?: readonly Setting[];
  /** Whether samples depend on how they are cut into blocks. */
  readonly blockDependent?: boolean;
  /** Frames of the blocks between which no sample may differ; 1 to 4 periods unless given. */
  readonly blockSizes?: readonly number[];
  /** Frames at the sink that may wait inside for more input; 3 unless given. */
  readonly heldFrames?: number;
  /** Whether source and sink may be the same memory; where frames and rates are alike unless given. */
  readonly inPlace?: boolean;
  /** Frames of a block where the module works in blocks of its own. */
  readonly blockFrames?: number;
  /** Frames of the test signal where the module holds back too many of the usual 480; at most 960. */
  readonly signalFrames?: number;
  /** Whether it makes sound of its own and takes none. */
  readonly generator?: boolean;
  /** Whether configuration goes back to its default by reset. */
  readonly forgetsByReset?: boolean;
  /** Bytes of the payload without which there is no instance; all of it unless given. */
  readonly requiredBytes?: number;
  /** Sent and expected to be kept, but of no effect before the next prepare. */
  readonly latched?: boolean;
}
