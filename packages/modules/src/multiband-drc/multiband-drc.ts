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
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import type {
  AudioModule,
  AudioStream,
  FragmentPosition,
  ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ENUM_PARAM, parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { kernelWidth, widthBytes } from "../common/sample-width.js";
import type { SampleBits } from "../common/wide-kernel.js";
import { type MultibandConfig, parseMultibandBlob } from "./config.js";

/** Compressor with a gain of its own for each band (SOF's `multiband_drc`). */
export class MultibandDrc implements AudioModule {
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly blob = new ParsedBlob(parseMultibandBlob, 1024);
  private readonly state: number;
  private readonly rings: number;
  private readonly bounce: number;
  private readonly kernels: Readonly<Record<"copy" | SampleBits, BlockKernel>>;
  /** What runs; a first blob that comes after prepare waits for the next one. */
  private running: MultibandConfig | null = null;
  private width: SampleBits = 32;
  private rate = 0;
  /** The enable control; off is a wire without delay. */
  private enabled = true;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
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

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    const width = kernelWidth(params);
    if (width === null || params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.width = width;
    this.rate = params.rate;
    this.blob.takeNew();
    this.blob.live = true;
    this.restart();
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    if (this.blob.takeNew() !== null) this.restart();
    const frames = Math.min(source.availableFrames, sink.freeFrames);
    if (frames === 0) return 0;
    const on = this.enabled && this.running !== null;
    forBlocks(source, sink, frames, this.kernels[on ? this.width : "copy"], this.bounce);
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  reset(): number {
    this.blob.live = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.state);
    this.services.heap.free(this.rings);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === SWITCH_PARAM) return this.setSwitch(fragment);
    if (paramId === ENUM_PARAM) return -EINVAL;
    return this.blob.set(position, sizeOrOffset, fragment);
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    return paramId === SWITCH_PARAM || paramId === ENUM_PARAM ? -EINVAL : this.blob.get(out);
  }

  /** Silence in all delay lines and filters, unity gain. */
  private restart(): void {
    const config = this.blob.current;
    this.running = config;
    if (config === null) return;
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

  private setSwitch(data: Uint8Array): number {
    const control = parseControl(data);
    if (control === null || control.id !== 0 || control.values.length !== 1) return -EINVAL;
    this.enabled = control.values[0]?.value !== 0;
    return 0;
  }
}
