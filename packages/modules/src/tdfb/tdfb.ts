import {
  type BeamFilter,
  type BeamPlan,
  clearBeamHistory,
  createPcmKernels,
  createTdfbKernels,
  planBeam,
  resetTdfb,
  tdfbStateBytes,
  turnBeamHistory,
  writeBeam,
} from "@sof-ts/dsp";
import { EINVAL, ENOMEM, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type FragmentPosition,
  type ModuleServices,
  type StreamParams,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, FRAME_BYTE_ALIGN, periodFrames } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ENUM_PARAM, parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { estimateCycles } from "../common/cost.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { kernelWidth, widthBytes } from "../common/sample-width.js";
import { BeamMemory } from "./beam-memory.js";
import {
  allBeams,
  beamFilters,
  parseTdfbBlob,
  TDFB_BLOB_LIMIT,
  type TdfbConfig,
} from "./config.js";
import { DirectionFinder, knowsRate } from "./direction.js";
import { DirectionNews } from "./direction-news.js";

const Switch = { BEAM: 0, TRACKING: 1 } as const;
const Enum = { AZIMUTH: 0, ESTIMATE: 1 } as const;
const MAX_AZIMUTH_VALUE = 360;
/** Frames come in pairs. */
const FRAME_ALIGN = 2;
/** A call handles at most a period and a tenth. */
const MOST_PERIODS = 1.1;
/** A filter's delay line is this much longer than its taps. */
const DELAY_MARGIN = 2;

/** A choice of filters that waits for `process`. */
interface Beam {
  readonly plan: BeamPlan;
  /** What runs: the filters, or a plain copy when the beam was switched off. */
  readonly kernel: BlockKernel;
  /** Frames of all delay lines together. */
  readonly delayFrames: number;
  /** Taps of each filter, or 0 when they differ. */
  readonly taps: number;
  /** Taps of all filters together. */
  readonly macs: number;
}

/** Time-domain fixed beamformer (SOF's `tdfb`). */
export class Tdfb implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly input: StreamParams | null;
  private readonly output: StreamParams | null;
  private readonly memory: BeamMemory;
  private readonly finder: DirectionFinder;
  private readonly news: DirectionNews;
  private readonly blob: ParsedBlob<TdfbConfig>;
  private readonly state: number;
  private readonly bounce: number;
  private readonly filter: BlockKernel;
  private kernel: BlockKernel;
  private next: Beam | null = null;
  private mostFrames = 0;
  private live = false;
  private on = false;
  private tracking = false;
  private azimuth = 0;
  /** Frames that the delay lines have room for without being made anew. */
  private delayFrames = 0;
  /** Taps of the filters that ran last, 0 when they differed, and frames since they were set up. */
  private ranTaps = 0;
  private ranFrames = 0;
  /** Multiplications a frame of the filters that run. */
  private ranMacs = 0;

  /** @param input null when the payload had not exactly one pin on each side: then prepare refuses */
  constructor(services: ModuleServices, input: StreamParams | null, output: StreamParams | null) {
    this.services = services;
    this.input = input;
    this.output = output;
    const { heap } = services;
    this.memory = new BeamMemory(heap);
    this.finder = new DirectionFinder(heap);
    this.news = new DirectionNews(services, Enum.ESTIMATE);
    this.blob = new ParsedBlob((bytes) => this.parse(bytes), TDFB_BLOB_LIMIT);
    const stateBytes = tdfbStateBytes(input?.channels ?? 1);
    this.state = heap.alloc(stateBytes + BOUNCE_BYTES);
    this.bounce = this.state + stateBytes;
    const kernels = createTdfbKernels(heap.memory);
    const narrow = input !== null && kernelWidth(input) === 16;
    this.filter = narrow
      ? (src, dst, frames) => kernels.process16(this.state, src, dst, frames)
      : (src, dst, frames) => kernels.process32(this.state, src, dst, frames);
    this.kernel = this.filter;
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.state !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { input, output } = this;
    if (input === null || output === null) return -EINVAL;
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const width = kernelWidth(input);
    if (width === null || input.frameFmt !== output.frameFmt || !knowsRate(input.rate))
      return -EINVAL;
    this.blob.takeNew();
    const config = this.blob.current;
    if (config === null) return -EINVAL;
    adoptParams(sources, input);
    adoptParams(sinks, output);
    for (const stream of [...sources, ...sinks]) stream.setAlign(FRAME_BYTE_ALIGN, FRAME_ALIGN);
    const most = Math.round(MOST_PERIODS * periodFrames(input.rate, this.services.periodUs));
    this.mostFrames = most - (most % FRAME_ALIGN);
    const { memory } = this.services.heap;
    const sourceChannels = input.channels;
    const sinkChannels = output.channels;
    resetTdfb(memory, { state: this.state, sourceChannels, sinkChannels, width });
    const beam = this.choose(config);
    this.memory.advance();
    writeBeam(memory, this.state, beam.plan, this.memory.address);
    // The filters run from the start even when the beam is off: only a later change installs the copy.
    this.kernel = this.filter;
    this.ranMacs = beam.macs;
    this.delayFrames = beam.delayFrames;
    this.ranTaps = beam.taps;
    this.ranFrames = 0;
    this.next = null;
    if (!this.finder.setUp(config, input.channels, width, input.rate)) return -ENOMEM;
    this.blob.live = true;
    this.live = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    if (this.next !== null) this.apply(this.next);
    const frames = Math.min(alignedFrames(source, sink), this.mostFrames);
    if (frames === 0) return 0;
    const filtering = this.kernel === this.filter;
    const macs = filtering ? this.ranMacs / source.channels : 0;
    this.cost.cycles = estimateCycles(frames * source.channels, macs);
    if (this.tracking) this.track(source, frames);
    forBlocks(source, sink, frames, this.kernel, this.bounce);
    if (filtering) this.ranFrames += frames;
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  reset(): number {
    this.blob.live = false;
    this.live = false;
    this.next = null;
    return 0;
  }

  free(): void {
    this.memory.release();
    this.finder.release();
    this.services.heap.free(this.state);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === SWITCH_PARAM) return this.setSwitch(fragment);
    if (paramId === ENUM_PARAM) return this.setEnum(fragment);
    const ret = this.blob.set(position, sizeOrOffset, fragment);
    if (ret === 0 && this.blob.waiting !== null) this.changed();
    return ret;
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    return paramId === SWITCH_PARAM || paramId === ENUM_PARAM ? -EINVAL : this.blob.get(out);
  }

  private parse(bytes: Uint8Array): TdfbConfig | number {
    const config = parseTdfbBlob(bytes);
    if (typeof config === "number") return config;
    const { input, output } = this;
    if (output !== null && config.outputChannels !== output.channels) return -EINVAL;
    if (input !== null && config.inputs.some((channel) => channel >= input.channels))
      return -EINVAL;
    if (!this.memory.reserve(allBeams(config))) return -ENOMEM;
    if (config.trackDirection) this.tracking = true;
    return config;
  }

  /** A control or a blob changed: the beam that it asks for is planned here and put to use by `process`. */
  private changed(): void {
    const config = this.blob.waiting ?? this.blob.current;
    if (this.live && config !== null) this.next = this.choose(config);
  }

  private choose(config: TdfbConfig): Beam {
    const filters = beamFilters(config, this.on, this.azimuth);
    const lengths = filters.map(({ taps }) => taps.length);
    const taps = lengths[0] as number;
    return {
      plan: planBeam(filters),
      kernel: this.on ? this.filter : this.passKernel(filters),
      delayFrames: lengths.reduce((sum, length) => sum + length + DELAY_MARGIN, 0),
      taps: lengths.every((length) => length === taps) ? taps : 0,
      macs: lengths.reduce((sum, length) => sum + length, 0),
    };
  }

  private apply(beam: Beam): void {
    const { memory } = this.services.heap;
    this.next = null;
    this.blob.takeNew();
    this.memory.advance();
    if (beam.kernel === this.filter) {
      if (beam.delayFrames > this.delayFrames) {
        clearBeamHistory(memory, this.state);
        this.delayFrames = beam.delayFrames;
      } else if (beam.taps !== 0 && beam.taps === this.ranTaps) {
        turnBeamHistory(memory, this.state, beam.taps, this.ranFrames);
      }
      this.ranTaps = beam.taps;
      this.ranFrames = 0;
    }
    writeBeam(memory, this.state, beam.plan, this.memory.address);
    this.kernel = beam.kernel;
    this.ranMacs = beam.macs;
  }

  /** The copy that stands in for a beam that is off. */
  private passKernel(filters: readonly BeamFilter[]): BlockKernel {
    const { input, output } = this;
    if (input === null || output === null) return this.filter;
    const pcm = createPcmKernels(this.services.heap.memory);
    const bytes = widthBytes(kernelWidth(input) ?? 32);
    const frameBytes = bytes * input.channels;
    if (input.channels === output.channels) {
      return (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    }
    let map = 0;
    for (let ch = output.channels - 1; ch >= 0; ch--) {
      const heard = filters.find(({ mix }) => ((mix >> ch) & 1) !== 0);
      map = (map << 4) | (heard?.input ?? 15);
    }
    return (src, dst, frames) =>
      pcm.remap(src, bytes, input.channels, dst, bytes, output.channels, map, 0, frames);
  }

  private track(source: AudioStream, frames: number): void {
    const config = this.blob.current;
    if (config === null) return;
    this.finder.listen(source, frames);
    const value = this.finder.news(config);
    if (value >= 0) this.news.tell(value);
  }

  private setSwitch(data: Uint8Array): number {
    const control = parseControl(data);
    if (control === null || control.values.length !== 1) return -EINVAL;
    const on = control.values[0]?.value !== 0;
    if (control.id === Switch.BEAM) {
      this.on = on;
      this.changed();
    } else if (control.id === Switch.TRACKING) {
      this.tracking = on;
    } else {
      return -EINVAL;
    }
    return 0;
  }

  private setEnum(data: Uint8Array): number {
    const control = parseControl(data);
    const value = control?.values[0]?.value ?? MAX_AZIMUTH_VALUE + 1;
    if (control === null || control.values.length !== 1 || value > MAX_AZIMUTH_VALUE)
      return -EINVAL;
    if (control.id === Enum.AZIMUTH) {
      this.azimuth = value;
      this.changed();
      return 0;
    }
    // The estimate is the module's to tell: what the host remembers of it is taken and not used.
    return control.id === Enum.ESTIMATE ? 0 : -EINVAL;
  }
}
