import { createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  containerBytes,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { estimateCycles } from "../common/cost.js";
import { type FrameKernel, giveFrames, takeFrames } from "../common/ring-io.js";
import { widthBytes } from "../common/sample-width.js";
import { sampleBits } from "../common/wide-kernel.js";
import { StageChain } from "./stages.js";

/** How one rate becomes another: filter names, none for a copy, null when there is no way. */
export type ConversionTable = (from: number, to: number) => readonly string[] | null;

/** Synchronous rate converter (SOF's `src`). */
export class Src implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly sinkRate: number;
  private readonly table: ConversionTable;
  private readonly bounce: number;
  private readonly copy: BlockKernel;
  private readonly taking: FrameKernel;
  private readonly giving: FrameKernel;
  private chain: StageChain | null = null;
  /** Address in the output of the chain of what `giving` writes next. */
  private given = 0;
  private prepared = false;

  constructor(
    services: ModuleServices,
    base: BaseModuleCfg,
    sinkRate: number,
    table: ConversionTable,
  ) {
    this.services = services;
    this.base = base;
    this.sinkRate = sinkRate;
    this.table = table;
    const { heap } = services;
    this.bounce = heap.alloc(BOUNCE_BYTES);
    const pcm = createPcmKernels(heap.memory);
    const { channelsCount, depth, validBitDepth } = base.audioFmt;
    const frameBytes = channelsCount * (depth >> 3);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    this.taking = (address, frames) => this.chain?.take(address, frames);
    this.giving = (address, frames) => {
      const samples = frames * channelsCount;
      this.chain?.kernels.write(validBitDepth, this.given, address, samples);
      this.given += samples * 4;
    };
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.bounce !== 0;
  }

  get latencyFrames(): number {
    return this.chain?.latencyFrames ?? 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    if (sources.length > 1 || sinks.length > 1) return -EINVAL;
    const params = streamParamsOf(this.base.audioFmt);
    const width = sampleBits(this.base.audioFmt.validBitDepth);
    const names = this.table(params.rate, this.sinkRate);
    if (width === null || names === null) return -EINVAL;
    if (params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    if (containerBytes(params.frameFmt) !== widthBytes(width)) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, { ...params, rate: this.sinkRate, frameFmt: params.validFmt });
    const { heap, periodUs } = this.services;
    if (this.chain === null && names.length > 0) {
      const sinkFrames = periodFrames(this.sinkRate, periodUs);
      const sourceFrames = Math.floor((sinkFrames * params.rate) / this.sinkRate);
      const shape = { channels: params.channels, width, sourceFrames, sinkFrames };
      const chain = new StageChain(heap, names, shape);
      if (!chain.complete) return -ENOMEM;
      this.chain = chain;
    }
    this.chain?.reset();
    this.prepared = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    if (!this.prepared) return 0;
    if (this.chain === null) return this.pass(source, sink);
    const taken = this.chain.wants(source.availableFrames, sink.freeFrames);
    this.cost.cycles = estimateCycles(taken * source.channels, this.chain.macs);
    takeFrames(source, taken, this.taking, this.bounce);
    const frames = this.chain.run(sink.freeFrames);
    this.given = this.chain.output;
    giveFrames(sink, frames, this.giving, this.bounce);
    return 0;
  }

  reset(): number {
    this.prepared = false;
    return 0;
  }

  free(): void {
    this.chain?.free();
    this.services.heap.free(this.bounce);
  }

  private pass(source: AudioStream, sink: AudioStream): number {
    const frames = Math.min(source.availableFrames, sink.freeFrames);
    this.cost.cycles = estimateCycles(frames * source.channels, 0);
    if (frames === 0) return 0;
    forBlocks(source, sink, frames, this.copy, this.bounce);
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }
}
