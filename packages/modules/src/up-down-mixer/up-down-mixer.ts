import { createMatrixKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  FrameFmt,
  type ModuleServices,
  type StreamParams,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "../common/blocks.js";
import { ROW_WORDS } from "./coefficients.js";
import { estimateCycles } from "../common/cost.js";

/** Mixes a stream down or up to another channel arrangement (SOF's `up_down_mixer`). */
export class UpDownMixer implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly rows: readonly Int32Array[];
  private readonly kernel: BlockKernel;
  private memory = 0;

  /** @param rows coefficients, one row an output channel */
  constructor(services: ModuleServices, base: BaseModuleCfg, rows: readonly Int32Array[]) {
    this.services = services;
    this.base = base;
    this.rows = rows;
    const kernels = createMatrixKernels(services.heap.memory);
    const { channelsCount, depth, validBitDepth } = base.audioFmt;
    const wide = depth === 32;
    const shift = validBitDepth === 24 ? 8 : 0;
    this.kernel = (src, dst, frames) => {
      const coefs = this.memory + BOUNCE_BYTES;
      kernels.mixChannels(src, wide, shift, channelsCount, dst, rows.length, coefs, frames);
    };
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length !== 1 || sinks.length !== 1) return -EINVAL;
    const input = streamParamsOf(this.base.audioFmt);
    adoptParams(sources, input);
    adoptParams(sinks, this.outputParams(input));
    const { heap } = this.services;
    if (this.memory === 0) {
      this.memory = heap.alloc(BOUNCE_BYTES + this.rows.length * ROW_WORDS * 4);
      if (this.memory === 0) return -ENOMEM;
      const base = (this.memory + BOUNCE_BYTES) >> 2;
      this.rows.forEach((row, index) => heap.memory.i32.set(row, base + index * ROW_WORDS));
    }
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -EINVAL;
    const frames = alignedFrames(source, sink);
    this.cost.cycles = estimateCycles(frames * sink.channels, source.channels);
    if (frames > 0) moveBlocks(source, sink, frames, this.kernel, this.memory);
    return 0;
  }

  reset(): number {
    return 0;
  }

  free(): void {
    this.services.heap.free(this.memory);
    this.memory = 0;
  }

  /** 24 bits in 32, whatever comes in. */
  private outputParams(input: StreamParams): StreamParams {
    return {
      ...input,
      channels: this.rows.length,
      frameFmt: FrameFmt.S32_LE,
      validFmt: FrameFmt.S24_4LE,
    };
  }
}
