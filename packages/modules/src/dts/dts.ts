import { createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { ENUM_PARAM, SWITCH_PARAM } from "../common/control-payload.js";

/** Stands in for the DTS codec: takes its blobs and passes the audio through. */
export class Dts implements AudioModule {
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly blob = new ConfigBlob();
  private readonly bounce: number;
  private readonly copy: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
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
    this.blob.takeNew();
    const frames = alignedFrames(source, sink);
    if (frames === 0) return 0;
    forBlocks(source, sink, frames, this.copy, this.bounce);
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  reset(): number {
    this.blob.live = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === SWITCH_PARAM || paramId === ENUM_PARAM) return -EINVAL;
    return this.blob.set(position, sizeOrOffset, fragment);
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    return paramId === SWITCH_PARAM || paramId === ENUM_PARAM ? -EINVAL : this.blob.get(out);
  }
}
