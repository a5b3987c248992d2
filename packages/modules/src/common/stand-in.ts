import { createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  FrameFmt,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "./base-config.js";
import { ControlledModule } from "./blob-module.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "./blocks.js";
import { estimateCycles } from "./cost.js";

/** A module in place of a vendor's library: takes its configuration and passes the audio through. */
export abstract class StandIn extends ControlledModule implements AudioModule {
  readonly cost = new PeriodCost();
  protected readonly base: BaseModuleCfg;
  private readonly services: ModuleServices;
  private readonly bounce: number;
  private readonly copy: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super();
    this.services = services;
    this.base = base;
    this.bounce = services.heap.alloc(BOUNCE_BYTES);
    const pcm = createPcmKernels(services.heap.memory);
    const frameBytes = (base.audioFmt.depth >> 3) * base.audioFmt.channelsCount;
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.bounce !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    if (params.frameFmt === FrameFmt.INVALID || params.channels === 0) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.blob.live = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    this.takeConfiguration();
    const frames = alignedFrames(source, sink);
    this.cost.cycles = estimateCycles(frames * source.channels, 0);
    if (frames > 0) moveBlocks(source, sink, frames, this.copy, this.bounce);
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
  }

  /** Puts configuration that came while streaming to use, at the border of a block. */
  protected abstract takeConfiguration(): void;
}
