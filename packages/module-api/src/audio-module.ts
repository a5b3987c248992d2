import type { AudioAllocator } from "./audio-memory.js";
import type { AudioStream } from "./audio-stream.js";
import type { Direction, Gateway, GatewayRequest } from "./gateway.js";
import type { PeriodCost } from "./period-cost.js";

/** Which part of a large configuration a fragment is (SOF's `module_cfg_fragment_position`). */
export type FragmentPosition = "first" | "middle" | "last" | "single";

/** Commands that a component is triggered with, in the order of a stream's life. */
export type Trigger = "pre-start" | "start" | "pause" | "pre-release" | "release" | "stop";

/** The other end of a connection that is being made or broken. */
export interface BindInfo {
  /** Whether the connection leaves this module or enters it. */
  readonly side: "source" | "sink";
  /** Queue id at this module's end. */
  readonly queueId: number;
  /** The ring of the connection. */
  readonly stream: AudioStream;
  /** The module at the other end; null when it is isolated and cannot be reached directly. */
  readonly peer: AudioModule | null;
}

/** Where peak volume modules and copiers publish what the host reads (IPC4 `fw_registers`, window 0). */
export interface FirmwareRegisters {
  /** Writes 96 bytes `{peak[8], current[8], target[8]}` (u32 words) to slot 0..15. */
  writePeakVolume(slot: number, words: Uint32Array): void;
  clearPeakVolume(slot: number): void;
  /** Writes a host stream's start and end offset to slot 0..15; all ones means "not started". */
  writePipelineRegisters(slot: number, startOffset: bigint, endOffset: bigint): void;
}

/** Where the far end of a playback path is. */
export interface LinkPosition {
  /** Bytes that the DAI copier has moved since it started. */
  readonly bytes: bigint;
  /** Periods that are buffered between the host copier and the DAI. */
  readonly latencyPeriods: number;
  /** Bytes of one period at the DAI. */
  readonly periodBytes: number;
}

/** What the firmware gives to one module instance for its life. */
export interface ModuleServices {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly pipelineId: number;
  readonly core: number;
  /** Scheduling period in microseconds. */
  readonly periodUs: number;
  /**
   * DSP cycles that one `process` of an isolated module may take before it is ended; without it, what its
   * sandbox admits. Modules of the firmware are trusted to keep within their period.
   */
  readonly cycleBudget?: number;
  /** The instance's own memory: samples, delay lines, coefficients. */
  readonly heap: AudioAllocator;
  readonly registers: FirmwareRegisters;
  /** Opens a DMA gateway for a copier. @returns the gateway or a negative errno */
  openGateway(request: GatewayRequest): Gateway | number;
  /** Sends a module notification (IPC4 MODULE_NOTIFICATION) to the host; dropped when the pool is full. */
  notify(eventId: number, data: Uint8Array): void;
  /**
   * Reports an under- or overrun of the instance's gateway to the host.
   *
   * @returns false when there was no room for the message: the episode is to be reported again
   */
  reportXrun(direction: Direction): boolean | void;
  /**
   * Reports that a mixin had no data for a period (IPC4 MIXER_UNDERRUN_DETECTED).
   *
   * @param mixedBytes what its source had
   * @param expectedBytes what the sinks had room for
   */
  reportMixerUnderrun?(mixedBytes: number, expectedBytes: number): void;
  /**
   * Reports that a detector heard its phrase (IPC4 PHRASE_DETECTED).
   *
   * @param wordId which phrase, 16 bits
   * @param score 0..8192
   */
  reportPhrase?(wordId: number, score: number): void;
  /** Position of the link that this instance's stream ends at, for a host copier; null while there is none. */
  linkPosition?(): LinkPosition | null;
  /**
   * Tells the host how far a host gateway's stream has come; absent in firmware whose hosts read that elsewhere.
   *
   * @param totalBytes moved since the stream started
   */
  reportPosition?(nodeId: number, totalBytes: number): void;
  /** The wall clock that link positions are read with, in its own ticks. */
  wallClock?(): bigint;
}

/**
 * One instance of an audio module: what module authors write. Every operation is a plain function that
 * returns 0 or a negative errno and never blocks. `process` runs in the LL thread (or the module's DP
 * thread), all others in the IPC thread of the module's core while its graph is locked, `trigger` in the LL
 * trigger task. See SOF's `struct module_interface`.
 */
export interface AudioModule {
  /**
   * Whether the module asks {@link AudioStream.mayTake} itself before it takes from a source that another core
   * fills. Without it, it does not run until its only source may be taken from.
   */
  readonly pacesSources?: boolean;
  /** Checks and adopts the params of its streams before the first period. Called again after `reset`. */
  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number;
  /** Handles one period: consumes from `sources`, produces into `sinks`. Must not allocate. */
  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number;
  /** Back to the state after creation; configuration stays. */
  reset(): number;
  /** Releases everything. The instance is not used again. */
  free(): void;
  /**
   * Takes one fragment of a large configuration.
   *
   * @param sizeOrOffset total size for `first` and `single`, byte offset of the fragment otherwise
   */
  setConfiguration?(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number;
  /** Writes a configuration into `out`. @returns bytes written or a negative errno */
  getConfiguration?(paramId: number, out: Uint8Array): number;
  /** Small configuration in the extension word (IPC4 CONFIG_SET). */
  setConfigParam?(paramId: number, value: number): number;
  /** IPC4 CONFIG_GET. @returns a value >= 0 or a negative errno */
  getConfigParam?(paramId: number): number;
  bind?(info: BindInfo): number;
  unbind?(info: BindInfo): number;
  /**
   * A connection has gone without `unbind`, because an end of it is being deleted: its ring is not to be touched any
   * more by a module that keeps it. Calling context: as `bind`; does not block.
   */
  detached?(stream: AudioStream): void;
  trigger?(command: Trigger): number;
  /** Gateway of a copier at the edge of the graph. */
  readonly gateway?: Gateway | null;
  /** Direction that the module knows by itself (a gateway does), else undefined. */
  readonly direction?: Direction | undefined;
  /** Frames of delay between input and output. */
  readonly latencyFrames?: number;
  /** Bytes to be available at each source before `process` runs, when not its `ibs`. */
  readonly inputBytesNeeded?: number;
  /** Bytes to be free at each sink before `process` runs, when not its `obs`. */
  readonly outputBytesNeeded?: number;
  /** What the last `process` cost; used when the host gave no `cpc`. */
  readonly cost?: PeriodCost;
}

/** Manifest facts of a module (SOF's module manifest entry). */
export interface ModuleManifest {
  /** At most 8 characters, as in a firmware image. */
  readonly name: string;
  /** Standard UUID text. */
  readonly uuid: string;
  /** Whether the host sends base + ext at init (manifest `init_config`). */
  readonly initConfig: "base" | "base+ext";
  readonly maxInstances: number;
  /** Whether the host places it in the data-processing domain. */
  readonly domain: "LL" | "DP";
  /** Cost per period for given buffer sizes; `cpc` 0 where nothing is known. */
  readonly configs: readonly { readonly ibs: number; readonly obs: number; readonly cpc: number }[];
}

/** A kind of module: what the firmware registers, by UUID. */
export interface ModuleDriver {
  readonly manifest: ModuleManifest;
  /** Text for `inspect` when the implementation stands in for code of a vendor. */
  readonly placeholder?: string;
  /**
   * Its code comes from outside the firmware: instances run behind the userspace proxy in a memory domain of
   * their own, where there is one, and what a period costs is measured, not announced.
   */
  readonly isolated?: boolean;
  /** Most sources and sinks that can be bound; 1 and 1 unless stated. */
  readonly maxSources?: number;
  readonly maxSinks?: number;
  /**
   * Makes an instance from its INIT_INSTANCE payload (base configuration and the module's own tail).
   *
   * @returns the instance, or a negative errno when the payload is wrong or memory is short
   */
  create(services: ModuleServices, payload: Uint8Array): AudioModule | number;
}
