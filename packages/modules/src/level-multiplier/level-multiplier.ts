import { createGainKernels, createPcmKernels, type LevelKernel } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { ByteReader, EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  containerBytes,
  type FragmentPosition,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "../common/blocks.js";
import { ENUM_PARAM, SWITCH_PARAM } from "../common/control-payload.js";
import { estimateCycles } from "../common/cost.js";
import { kernelWidth } from "../common/sample-width.js";

/** 0 dB in Q9.23. */
const UNITY = 1 << 23;

/** One gain for all channels, up to +48 dB, without a ramp (SOF's `level_multiplier`). */
export class LevelMultiplier implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly copy: BlockKernel;
  private readonly scale: BlockKernel;
  private kernel: LevelKernel;
  private gain = UNITY;
  private bounce = 0;
  private frameLimit = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    const { memory } = services.heap;
    const pcm = createPcmKernels(memory);
    this.kernel = createGainKernels(memory).levelS32;
    const { channels, frameFmt } = streamParamsOf(base.audioFmt);
    const frameBytes = channels * containerBytes(frameFmt);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    this.scale = (src, dst, frames) => this.kernel(src, dst, frames * channels, this.gain);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length !== 1 || sinks.length !== 1) return -EINVAL;
    const params = streamParamsOf(this.base.audioFmt);
    const kernels = createGainKernels(this.services.heap.memory);
    const width = kernelWidth(params);
    if (width === null) return -EINVAL;
    const byWidth = { 16: kernels.levelS16, 24: kernels.levelS24, 32: kernels.levelS32 };
    this.kernel = byWidth[width];
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.frameLimit = periodFrames(params.rate, this.services.periodUs);
    if (this.bounce === 0) this.bounce = this.services.heap.alloc(BOUNCE_BYTES);
    return this.bounce === 0 ? -ENOMEM : 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -EINVAL;
    const frames = Math.min(alignedFrames(source, sink), this.frameLimit);
    this.cost.cycles = estimateCycles(frames * source.channels, 1);
    const kernel = this.gain === UNITY ? this.copy : this.scale;
    if (frames > 0) moveBlocks(source, sink, frames, kernel, this.bounce);
    return 0;
  }

  reset(): number {
    this.gain = UNITY;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
    this.bounce = 0;
  }

  /** Any bytes parameter is the gain: 4 bytes, Q9.23. */
  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    const control = paramId === SWITCH_PARAM || paramId === ENUM_PARAM;
    if (control || position !== "single" || fragment.length !== 4) return -EINVAL;
    this.gain = new ByteReader(fragment, "level").i32();
    return 0;
  }
}
