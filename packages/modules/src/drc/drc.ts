import {
  createDrcKernels,
  createPcmKernels,
  DRC_STATE_BYTES,
  drcDelayFrames,
  drcRingBytes,
  resetDrc,
} from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import type { ModuleServices } from "@sof-ts/module-api";
import { type BlockKernel, BOUNCE_BYTES } from "../common/blocks.js";
import { Compressor } from "../common/compressor.js";
import { DRC_FRAME_MACS, drcEnabled } from "../common/drc-params.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { widthBytes } from "../common/sample-width.js";
import type { SampleBits } from "../common/wide-kernel.js";
import { parseDrcBlob } from "./config.js";

/** Dynamic range compressor (SOF's `drc`). Its enable control, when off, leaves the look-ahead delay. */
export class Drc extends Compressor<Int32Array> {
  protected readonly blob = new ParsedBlob(parseDrcBlob);
  protected readonly bounce: number;
  private readonly state: number;
  private readonly ring: number;
  private readonly kernels: Readonly<Record<"copy" | "delay" | SampleBits, BlockKernel>>;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super(services, base);
    const { heap } = services;
    const { channelsCount, depth } = base.audioFmt;
    const frameBytes = channelsCount * (depth >> 3);
    const drc = createDrcKernels(heap.memory);
    const pcm = createPcmKernels(heap.memory);
    this.state = heap.alloc(DRC_STATE_BYTES + BOUNCE_BYTES);
    this.bounce = this.state + DRC_STATE_BYTES;
    this.ring = heap.alloc(drcRingBytes(channelsCount, depth >> 3));
    this.kernels = {
      copy: (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes),
      delay: (src, dst, frames) =>
        drc.delay(this.state, src, dst, frames, this.width === 16 ? 1 : 2),
      16: (src, dst, frames) => drc.process16(this.state, src, dst, frames),
      24: (src, dst, frames) => drc.process24(this.state, src, dst, frames),
      32: (src, dst, frames) => drc.process32(this.state, src, dst, frames),
    };
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.state !== 0 && this.ring !== 0;
  }

  get latencyFrames(): number {
    const { running } = this;
    return running !== null && drcEnabled(running) ? drcDelayFrames(running, this.rate) : 0;
  }

  free(): void {
    this.services.heap.free(this.state);
    this.services.heap.free(this.ring);
  }

  protected macs(channels: number): number {
    const { running } = this;
    const compresses = running !== null && drcEnabled(running) && this.enabled;
    return compresses ? 1 + DRC_FRAME_MACS / channels : 0;
  }

  protected kernel(): BlockKernel {
    const { running } = this;
    if (running === null || !drcEnabled(running)) return this.kernels.copy;
    return this.enabled ? this.kernels[this.width] : this.kernels.delay;
  }

  protected start(params: Int32Array): void {
    resetDrc(this.services.heap.memory, {
      state: this.state,
      ring: this.ring,
      params,
      channels: this.base.audioFmt.channelsCount,
      sampleBytes: widthBytes(this.width),
      rate: this.rate,
    });
  }
}
