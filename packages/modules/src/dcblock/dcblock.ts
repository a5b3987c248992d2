import { createDcBlockKernels, createPcmKernels, DC_BLOCK_STATE_BYTES } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { ByteReader, EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { BlobModule } from "../common/blob-module.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { wideKernel, wideScratchBytes } from "../common/wide-kernel.js";
import { estimateCycles } from "../common/cost.js";
import { kernelWidth } from "../common/sample-width.js";

const STATE_BYTES = MAX_CHANNELS * DC_BLOCK_STATE_BYTES;
const BLOB_BYTES = MAX_CHANNELS * 4;
/** R of a channel without a blob: 1.0 in Q2.30, a differentiator whose sum never leaks. */
const DEFAULT_R = 0x40000000;

/** DC blocker: a high-pass of first order (SOF's `dcblock`). */
export class DcBlock extends BlobModule implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  /** One that comes while streaming counts from the next prepare on. */
  protected readonly blob = new ConfigBlob();
  private memory = 0;
  private kernel: BlockKernel | null = null;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super();
    this.services = services;
    this.base = base;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const params = streamParamsOf(this.base.audioFmt);
    const bits = kernelWidth(params);
    if (sources.length !== 1 || sinks.length !== 1 || bits === null) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    const { heap } = this.services;
    const { channels } = params;
    if (this.memory === 0) {
      this.memory = heap.alloc(BOUNCE_BYTES + STATE_BYTES + wideScratchBytes(bits, channels));
      if (this.memory === 0) return -ENOMEM;
      const kernels = createDcBlockKernels(heap.memory);
      const state = this.memory + BOUNCE_BYTES;
      const run: BlockKernel = (src, dst, frames) =>
        kernels.dcBlock(src, dst, frames, channels, state);
      const pcm = createPcmKernels(heap.memory);
      this.kernel = wideKernel(pcm, bits, channels, state + STATE_BYTES, run);
    }
    this.blob.takeNew();
    this.blob.live = true;
    this.clear();
    this.writeCoefficients();
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined || this.kernel === null) return -EINVAL;
    const frames = alignedFrames(source, sink);
    this.cost.cycles = estimateCycles(frames * source.channels, 1);
    if (frames === 0) return 0;
    moveBlocks(source, sink, frames, this.kernel, this.memory);
    return 0;
  }

  override reset(): number {
    this.clear();
    return super.reset();
  }

  free(): void {
    this.services.heap.free(this.memory);
    this.memory = 0;
  }

  private clear(): void {
    if (this.memory === 0) return;
    const state = this.memory + BOUNCE_BYTES;
    this.services.heap.memory.u8.fill(0, state, state + STATE_BYTES);
  }

  private writeCoefficients(): void {
    const { i32 } = this.services.heap.memory;
    const blob = this.blob.current;
    const reader = blob !== null && blob.length >= BLOB_BYTES ? new ByteReader(blob, "R") : null;
    const base = (this.memory + BOUNCE_BYTES) >> 2;
    for (let channel = 0; channel < MAX_CHANNELS; channel++) {
      i32[base + channel * (DC_BLOCK_STATE_BYTES >> 2)] = reader?.i32() ?? DEFAULT_R;
    }
  }
}
