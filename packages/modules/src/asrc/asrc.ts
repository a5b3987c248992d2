import {
  asrcBytes,
  type AsrcFilter,
  asrcFilter,
  asrcGiven,
  asrcTaken,
  createAsrcKernels,
  resetAsrc,
} from "@sof-ts/dsp";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, periodFrames, streamParamsOf } from "../common/base-config.js";
import { estimateCycles } from "../common/cost.js";
import { BOUNCE_BYTES } from "../common/blocks.js";
import { kernelWidth } from "../common/sample-width.js";
import type { AsrcConfig } from "./config.js";

/** Frames on top of a period that a call may handle. */
const SLACK_FRAMES = 10;

type Kernel = (state: number, src: number, frames: number, dst: number, room: number) => void;

/** Asynchronous rate converter (SOF's `asrc`). */
export class Asrc implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly config: AsrcConfig;
  private readonly filter: AsrcFilter | null;
  private readonly kernel: Kernel;
  private readonly state: number;
  /** A frame of the source, then one of the sink, for those that lie across the end of a ring. */
  private readonly bounce: number;
  private prepared = false;
  private period = 0;

  constructor(services: ModuleServices, config: AsrcConfig) {
    this.services = services;
    this.config = config;
    const { heap } = services;
    const { samplingFrequency, channelsCount } = config.base.audioFmt;
    const kernels = createAsrcKernels(heap.memory);
    this.kernel = config.push
      ? (...args) => kernels.push(...args)
      : (...args) => kernels.pull(...args);
    this.filter = asrcFilter(samplingFrequency, config.sinkRate);
    const bytes = this.filter === null ? 0 : asrcBytes(this.filter, channelsCount);
    this.state = heap.alloc(bytes + BOUNCE_BYTES);
    this.bounce = this.state + bytes;
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.state !== 0;
  }

  /** Half of the filter and the sample that is waited for, counted at the sink. */
  get latencyFrames(): number {
    const { base, sinkRate } = this.config;
    const taps = this.filter?.taps ?? 0;
    return Math.round(((taps / 2 + 0.5) * sinkRate) / base.audioFmt.samplingFrequency);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const { base, sinkRate } = this.config;
    const params = streamParamsOf(base.audioFmt);
    const width = kernelWidth(params);
    if (width === null || params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    // Going down works from 48 and 24 kHz only.
    if (this.filter === null) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, { ...params, rate: sinkRate });
    this.period = periodFrames(sinkRate, this.services.periodUs);
    resetAsrc(this.services.heap.memory, {
      state: this.state,
      filter: this.filter,
      channels: params.channels,
      width,
      from: params.rate,
      to: sinkRate,
    });
    this.prepared = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    if (!this.prepared) return 0;
    const room = Math.min(sink.freeFrames, this.period + SLACK_FRAMES);
    const before = sink.freeFrames;
    this.run(source, this.sourceFrames(source, room), sink, room);
    const given = before - sink.freeFrames;
    this.cost.cycles = estimateCycles(given * sink.channels, this.macs / sink.channels);
    return 0;
  }

  reset(): number {
    this.prepared = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.state);
  }

  /** There is nothing to configure. */
  setConfiguration(): number {
    return -EINVAL;
  }

  /** Multiplications a frame: the response at its time, and each channel's filter. */
  private get macs(): number {
    if (this.filter === null) return 0;
    const { taps, polynomials } = this.filter;
    return taps * (polynomials - 1 + this.config.base.audioFmt.channelsCount);
  }

  /** Frames that a call takes at most, so that what they become has room. */
  private sourceFrames(source: AudioStream, room: number): number {
    const { base, sinkRate, push } = this.config;
    const ratio = base.audioFmt.samplingFrequency / sinkRate;
    const most = Math.ceil(this.period * ratio) + SLACK_FRAMES;
    // A pull takes what its outputs need; a push gives what its inputs become.
    const fitting = push ? Math.floor(room * ratio) : most;
    return Math.min(fitting, most, source.availableFrames);
  }

  /** Goes on until the frames are taken or there is no room, in stretches that wrap on neither side. */
  private run(source: AudioStream, frames: number, sink: AudioStream, room: number): void {
    const { memory } = this.services.heap;
    let toTake = frames;
    let toGive = room;
    while (this.config.push ? toTake > 0 : toGive > 0) {
      const inFrames = Math.floor((source.end - source.readPtr) / source.frameBytes);
      const outFrames = Math.floor((sink.end - sink.writePtr) / sink.frameBytes);
      const src = inFrames > 0 || toTake === 0 ? source.readPtr : this.gather(source);
      const dst = outFrames > 0 ? sink.writePtr : this.bounce + BOUNCE_BYTES / 2;
      this.kernel(
        this.state,
        src,
        Math.min(toTake, Math.max(inFrames, 1)),
        dst,
        Math.min(toGive, Math.max(outFrames, 1)),
      );
      const taken = asrcTaken(memory, this.state);
      const given = asrcGiven(memory, this.state);
      if (taken === 0 && given === 0) return;
      if (outFrames === 0 && given > 0) this.scatter(sink);
      source.consume(taken * source.frameBytes);
      sink.produce(given * sink.frameBytes);
      toTake -= taken;
      toGive -= given;
    }
  }

  /** Makes a frame that lies across the end of the source's ring whole. */
  private gather(source: AudioStream): number {
    const { u8 } = source.memory;
    for (let i = 0; i < source.frameBytes; i++) {
      u8[this.bounce + i] = u8[source.wrap(source.readPtr + i)] as number;
    }
    return this.bounce;
  }

  private scatter(sink: AudioStream): void {
    const { u8 } = sink.memory;
    const from = this.bounce + BOUNCE_BYTES / 2;
    for (let i = 0; i < sink.frameBytes; i++) {
      u8[sink.wrap(sink.writePtr + i)] = u8[from + i] as number;
    }
  }
}
