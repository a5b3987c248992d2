import type { Direction } from "../abi.js";
import type { AudioFormat } from "../audio-format.js";
import type { ControlRecord, VendorArray } from "../container/records.js";

/** A format of a pin: the audio format alone, or with the pin and the size of its buffer. */
export type FormatOption = AudioFormat | PinFormatOptions;

export interface PinFormatOptions {
  readonly format: AudioFormat;
  /** Pin that takes or gives the format; not written when left out, which means pin 0. */
  readonly pin?: number;
  /** Length of the module's period; 1 ms when left out. */
  readonly periodMs?: number;
  /** Bytes a period at the pin, in place of what format and period give. */
  readonly bufferBytes?: number;
}

/** What every module can be given. */
export interface ModuleOptions {
  /** Widget name; made of the module's usual name, the pipeline and a number when left out. */
  readonly name?: string;
  /** One format for both sides, in place of `inputs` and `outputs`. */
  readonly format?: FormatOption;
  readonly inputs?: readonly FormatOption[];
  readonly outputs?: readonly FormatOption[];
  readonly inputPins?: number;
  readonly outputPins?: number;
  /** Names of the widgets at the input pins, in pin order. */
  readonly inputBindings?: readonly string[];
  readonly outputBindings?: readonly string[];
  readonly core?: number;
  readonly controls?: readonly ControlRecord[];
  readonly cpc?: number;
  readonly isPages?: number;
  /** Scheduling domain, in place of the choice of the firmware's manifest. */
  readonly domain?: {
    readonly scheduling?: "LL" | "DP";
    readonly memoryDomain?: number;
    readonly stackBytes?: number;
    readonly heapBytes?: number;
  };
  /** Further tokens, written before the formats. */
  readonly tuples?: readonly VendorArray[];
}

/** A copier between the host and the DSP. */
export interface HostCopierOptions extends ModuleOptions {
  readonly direction: Direction;
  /** Stream name: what joins the copier to its PCM. */
  readonly stream: string;
  /** Number in the default name, by custom the PCM's id; 0 when left out. */
  readonly pcm?: number;
  /** Host DMA buffer of a deep-buffer stream, ms. */
  readonly deepBufferMs?: number;
}

/** A copier between the DSP and a DAI. */
export interface DaiCopierOptions extends ModuleOptions {
  readonly direction: Direction;
  readonly type: "HDA" | "SSP" | "DMIC" | "ALH";
  /** Name of the back-end link. */
  readonly link: string;
  /** Port number; written for all but HDA. */
  readonly index?: number;
  /** Gateway node type, in place of the one that type and direction give. */
  readonly nodeType?: number;
}

/** A volume. */
export interface GainOptions extends ModuleOptions {
  /** Registered name or UUID of the module; `"gain"` when left out. */
  readonly module?: string;
  /** 0 none, 1 windows fade, 2 linear, 3 log, 4 linear and 5 log at zero crossings; 2 when left out. */
  readonly rampType?: number;
  /** Length of the ramp, units of 100 ns; 200000 (20 ms) when left out. */
  readonly rampDuration?: number;
  /** First target volume, Q1.31; 0x7fffffff (0 dB) when left out. */
  readonly initValue?: number;
}

/** A synchronous rate converter. */
export interface SrcOptions extends ModuleOptions {
  /** Registered name or UUID of the module; `"src4"` when left out. */
  readonly module?: string;
  /** Hz. */
  readonly rateOut: number;
  /** Hz; not written when left out. */
  readonly rateIn?: number;
}

/** An asynchronous rate converter. */
export interface AsrcOptions extends SrcOptions {
  /** 1 push (playback), 2 pull (capture); 1 when left out. */
  readonly operationMode?: number;
}

/** What a pipeline can be given. */
export interface PipelineOptions {
  /** Unique in the topology. */
  readonly id: number;
  /** Name of the scheduler widget; `pipeline.<id>` when left out. */
  readonly name?: string;
  readonly streamName?: string;
  /** 0, the lowest, when left out. */
  readonly priority?: number;
  /** Not written when left out, which means core 0. */
  readonly core?: number;
  readonly lpMode?: boolean;
  /** True when left out. */
  readonly dynamic?: boolean;
  /** A DMA chain stands in for the pipeline. */
  readonly chainDma?: boolean;
  /** `"timer"` when left out. */
  readonly timeDomain?: "dma" | "timer";
  /** Written as a token of newer topologies; follows from the copiers when left out. */
  readonly direction?: Direction;
}
