import { createGainKernels, createPcmKernels, type LevelKernel } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { ByteReader, EINVAL } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  containerBytes,
  type FragmentPosition,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { BlockModule } from "../common/block-module.js";
import type { BlockKernel } from "../common/blocks.js";
import { ENUM_PARAM, SWITCH_PARAM } from "../common/control-payload.js";
import { kernelWidth } from "../common/sample-width.js";

/** 0 dB in Q9.23. */
const UNITY = 1 << 23;

/** One gain for all channels, up to +48 dB, without a ramp (SOF's `level_multiplier`). */
export class LevelMultiplier extends BlockModule implements AudioModule {
  private readonly base: BaseModuleCfg;
  private readonly copy: BlockKernel;
  private readonly scale: BlockKernel;
  private kernel: LevelKernel;
  private gain = UNITY;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super(services);
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
    return this.reserve();
  }

  reset(): number {
    this.gain = UNITY;
    return 0;
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

  protected nextKernel(): BlockKernel {
    return this.gain === UNITY ? this.copy : this.scale;
  }

  protected macs(): number {
    return 1;
  }
}
