import { createMatrixKernels, createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  containerBytes,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "../common/blocks.js";
import { parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { estimateCycles } from "../common/cost.js";

const formats: readonly FrameFmt[] = [FrameFmt.S16_LE, FrameFmt.S24_4LE, FrameFmt.S32_LE];

/**
 * The smallest useful module, to start a new one from: a switch that reverses the channels
 * (SOF's `template`).
 */
export class Template implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly copy: BlockKernel;
  private readonly reverse: BlockKernel;
  private enabled = false;
  private bounce = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    const { memory } = services.heap;
    const pcm = createPcmKernels(memory);
    const matrix = createMatrixKernels(memory);
    const { channels, frameFmt } = streamParamsOf(base.audioFmt);
    const sampleBytes = containerBytes(frameFmt);
    const reverse = sampleBytes === 2 ? matrix.reverse16 : matrix.reverse32;
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * channels * sampleBytes);
    this.reverse = (src, dst, frames) => reverse(src, dst, channels, frames);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const params = streamParamsOf(this.base.audioFmt);
    if (sources.length !== 1 || sinks.length !== 1 || !formats.includes(params.frameFmt)) {
      return -EINVAL;
    }
    adoptParams(sources, params);
    adoptParams(sinks, params);
    if (this.bounce === 0) this.bounce = this.services.heap.alloc(BOUNCE_BYTES);
    return this.bounce === 0 ? -ENOMEM : 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -EINVAL;
    const frames = alignedFrames(source, sink);
    this.cost.cycles = estimateCycles(frames * source.channels, 0);
    const kernel = this.enabled ? this.reverse : this.copy;
    if (frames > 0) moveBlocks(source, sink, frames, kernel, this.bounce);
    return 0;
  }

  reset(): number {
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
    this.bounce = 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId !== SWITCH_PARAM || position !== "single") return -EINVAL;
    const control = parseControl(fragment);
    const value = control?.values[0];
    if (control?.id !== 0 || control.values.length !== 1 || value === undefined) return -EINVAL;
    this.enabled = value.value !== 0;
    return 0;
  }
}
