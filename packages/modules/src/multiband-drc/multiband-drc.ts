import {
  createMultibandKernels,
  createPcmKernels,
  drcDelayFrames,
  drcRingBytes,
  MULTIBAND_MAX_BANDS,
  MULTIBAND_STATE_BYTES,
  resetMultiband,
} from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import type { AudioStream, ModuleServices } from "@sof-ts/module-api";
import { type BlockKernel, BOUNCE_BYTES } from "../common/blocks.js";
import { Compressor } from "../common/compressor.js";
import { DRC_FRAME_MACS } from "../common/drc-params.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { widthBytes } from "../common/sample-width.js";
import type { SampleBits } from "../common/wide-kernel.js";
import { type MultibandConfig, parseMultibandBlob } from "./config.js";

const SECTION_MACS = 6;

/**
 * Compressor with a gain of its own for each band (SOF's `multiband_drc`). Its enable control, when off, leaves
 * a wire without delay.
 */
export class MultibandDrc extends Compressor<MultibandConfig> {
  protected readonly blob = new ParsedBlob(parseMultibandBlob, 1024);
  protected readonly bounce: number;
  private readonly state: number;
  private readonly rings: number;
  private readonly kernels: Readonly<Record<"copy" | SampleBits, BlockKernel>>;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super(services, base);
    const { heap } = services;
    const { channelsCount, depth } = base.audioFmt;
    const frameBytes = channelsCount * (depth >> 3);
    this.state = heap.alloc(MULTIBAND_STATE_BYTES + BOUNCE_BYTES);
    this.bounce = this.state + MULTIBAND_STATE_BYTES;
    this.rings = heap.alloc(MULTIBAND_MAX_BANDS * drcRingBytes(channelsCount, depth >> 3));
    const multiband = createMultibandKernels(heap.memory);
    const pcm = createPcmKernels(heap.memory);
    this.kernels = {
      copy: (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes),
      16: (src, dst, frames) => multiband.process16(this.state, src, dst, frames),
      24: (src, dst, frames) => multiband.process24(this.state, src, dst, frames),
      32: (src, dst, frames) => multiband.process32(this.state, src, dst, frames),
    };
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.state !== 0 && this.rings !== 0;
  }

  /** The longest look-ahead of all bands; their sum is not aligned in time where they differ. */
  get latencyFrames(): number {
    const { running } = this;
    if (running === null || !this.enabled) return 0;
    return Math.max(...running.bands.map((params) => drcDelayFrames(params, this.rate)));
  }

  free(): void {
    this.services.heap.free(this.state);
    this.services.heap.free(this.rings);
  }

  /** It takes any number of frames, whatever its neighbours want. */
  protected override frames(source: AudioStream, sink: AudioStream): number {
    return Math.min(source.availableFrames, sink.freeFrames);
  }

  protected macs(channels: number): number {
    const { running } = this;
    if (running === null || !this.enabled) return 0;
    const bands = running.bands.length;
    const split = bands === 2 ? 4 * SECTION_MACS : 12 * SECTION_MACS;
    const emphasis = running.emphasis ? 4 * SECTION_MACS : 0;
    return emphasis + split + bands * (1 + DRC_FRAME_MACS / channels);
  }

  protected kernel(): BlockKernel {
    return this.kernels[this.enabled && this.running !== null ? this.width : "copy"];
  }

  protected start(config: MultibandConfig): void {
    resetMultiband(this.services.heap.memory, {
      state: this.state,
      rings: this.rings,
      emphasis: config.emphasis,
      sections: config.sections,
      bands: config.bands,
      channels: this.base.audioFmt.channelsCount,
      sampleBytes: widthBytes(this.width),
      rate: this.rate,
    });
  }
}
