import { createMatrixKernels, createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  containerBytes,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { BlockModule } from "../common/block-module.js";
import type { BlockKernel } from "../common/blocks.js";
import { parseControl, SWITCH_PARAM } from "../common/control-payload.js";

const formats: readonly FrameFmt[] = [FrameFmt.S16_LE, FrameFmt.S24_4LE, FrameFmt.S32_LE];

/**
 * The smallest useful module, to start a new one from: a switch that reverses the channels
 * (SOF's `template`).
 */
export class Template extends BlockModule implements AudioModule {
  private readonly base: BaseModuleCfg;
  private readonly copy: BlockKernel;
  private readonly reverse: BlockKernel;
  private enabled = false;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super(services);
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
    return this.reserve();
  }

  reset(): number {
    return 0;
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

  protected nextKernel(): BlockKernel {
    return this.enabled ? this.reverse : this.copy;
  }

  protected macs(): number {
    return 0;
  }
}
