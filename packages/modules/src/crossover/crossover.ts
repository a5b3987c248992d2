import {
  createCrossoverKernels,
  createPcmKernels,
  resetSplitter,
  SPLITTER_BYTES,
} from "@sof-ts/dsp";
import { EINVAL, ENODATA, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { ControlledModule } from "../common/blob-module.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import type { PinConfig } from "../common/pin-config.js";
import { estimateCycles } from "../common/cost.js";
import { kernelWidth } from "../common/sample-width.js";
import type { SampleBits } from "../common/wide-kernel.js";
import {
  CROSSOVER_BLOB_LIMIT,
  CROSSOVER_MAX_BANDS,
  type CrossoverConfig,
  parseCrossoverBlob,
} from "./config.js";
import { FanOut, type FanOutKernel } from "./fan-out.js";

const SECTION_MACS = 6;

/** Splits a stream into bands for up to four sinks (SOF's `crossover`). */
export class Crossover extends ControlledModule implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly config: PinConfig;
  private readonly pins: readonly number[];
  protected readonly blob: ParsedBlob<CrossoverConfig>;
  private readonly state: number;
  private readonly fan: FanOut;
  private readonly split: FanOutKernel;
  private readonly copy: FanOutKernel;
  /** Bands that run; a first blob that comes after prepare waits for the next one. */
  private running: CrossoverConfig | null = null;
  private width: SampleBits = 32;

  constructor(services: ModuleServices, config: PinConfig) {
    super();
    this.services = services;
    this.config = config;
    this.pins = config.outputs.map(({ pinIndex }) => pinIndex);
    this.blob = new ParsedBlob((bytes) => this.parse(bytes), CROSSOVER_BLOB_LIMIT);
    const { heap } = services;
    const { memory } = heap;
    this.state = heap.alloc(SPLITTER_BYTES + FanOut.bytes(CROSSOVER_MAX_BANDS));
    const sinks = this.state + SPLITTER_BYTES;
    this.fan = new FanOut(memory, CROSSOVER_MAX_BANDS, sinks);
    const kernels = createCrossoverKernels(memory);
    const pcm = createPcmKernels(memory);
    const { channelsCount, depth } = config.base.audioFmt;
    const frameBytes = channelsCount * (depth >> 3);
    this.split = (src, frames) => {
      const bands = this.running?.bands ?? 0;
      kernels.crossover(this.state, bands, this.width, channelsCount, src, sinks, frames);
    };
    this.copy = (src, frames) => {
      for (let i = 0; i < CROSSOVER_MAX_BANDS; i++) {
        const dst = memory.i32[(sinks >> 2) + i] as number;
        if (dst !== 0) pcm.copyBytes(src, dst, frames * frameBytes);
      }
    };
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.state !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.config.base.audioFmt);
    const width = kernelWidth(params);
    if (width === null || params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.width = width;
    this.blob.takeNew();
    this.blob.live = true;
    this.restart();
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    if (source === undefined || sinks.length === 0) return -ENOTCONN;
    if (this.blob.takeNew() !== null) this.restart();
    this.route(sinks);
    const frames = this.frames(source);
    if (frames === 0) return -ENODATA;
    this.cost.cycles = estimateCycles(frames * source.channels, this.macs);
    this.fan.run(source, frames, this.running === null ? this.copy : this.split);
    for (let i = 0; i < CROSSOVER_MAX_BANDS; i++) {
      const sink = this.fan.sinks[i] as AudioStream | null;
      sink?.produce(frames * sink.frameBytes);
    }
    source.consume(frames * source.frameBytes);
    return 0;
  }

  free(): void {
    this.services.heap.free(this.state);
  }

  private parse(bytes: Uint8Array): CrossoverConfig | number {
    const parsed = parseCrossoverBlob(bytes, this.pins);
    if (typeof parsed === "number") return parsed;
    // The number of bands is that of the sinks, which does not change while they are bound.
    return this.running !== null && parsed.bands !== this.running.bands ? -EINVAL : parsed;
  }

  /** Multiplications a sample: two passes of each section that its bands need. */
  private get macs(): number {
    const bands = this.running?.bands ?? 0;
    return bands === 0 ? 0 : (bands === 2 ? 4 : 12) * SECTION_MACS;
  }

  private restart(): void {
    const config = this.blob.current;
    this.running = config;
    if (config !== null) resetSplitter(this.services.heap.memory, this.state, config.sections);
  }

  /**
   * Gives each active sink its band. Sinks are listed newest binding first, and the n-th of that list counts
   * as the n-th pin of the init payload, whatever queue it is bound to.
   */
  private route(sinks: readonly AudioStream[]): void {
    const { fan, running } = this;
    fan.sinks.fill(null);
    for (let j = 0; j < sinks.length && j < CROSSOVER_MAX_BANDS; j++) {
      const sink = sinks[sinks.length - 1 - j] as AudioStream;
      if (!sink.consumerActive) continue;
      const band = running === null ? j : running.assignment.indexOf(this.pins[j] ?? -1);
      if (band >= 0) fan.sinks[band] = sink;
    }
    // 32-bit containers take the bands in order: a sink that is missing moves those after it up.
    if (running !== null && this.width === 32) this.compact();
  }

  private compact(): void {
    const { sinks } = this.fan;
    let next = 0;
    for (let i = 0; i < CROSSOVER_MAX_BANDS; i++) {
      const sink = sinks[i] as AudioStream | null;
      if (sink === null) continue;
      sinks[i] = null;
      sinks[next++] = sink;
    }
  }

  /** Frames that the source has and every sink of this block has room for; 0 without a sink. */
  private frames(source: AudioStream): number {
    let frames = source.availableFrames;
    let any = false;
    for (let i = 0; i < CROSSOVER_MAX_BANDS; i++) {
      const sink = this.fan.sinks[i] as AudioStream | null;
      if (sink === null) continue;
      any = true;
      frames = Math.min(frames, sink.freeFrames);
    }
    return any ? frames - (frames % source.frameAlign) : 0;
  }
}
