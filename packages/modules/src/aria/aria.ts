import { type AriaKernels, createAriaKernels, createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { ByteReader, EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  AudioStream,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { GainWindow } from "./gain-window.js";
import { estimateCycles } from "../common/cost.js";

const ATTENUATION_PARAM = 1;
const MAX_ATTENUATION = 3;
const CONTAINER_BYTES = 4;

/**
 * Automatic level: the signal runs at up to 18 dB of gain, which goes down just before a loud block arrives
 * and comes back ten blocks later (SOF's `aria`). 24-bit streams only.
 */
export class Aria implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly kernels: AriaKernels;
  private readonly window = new GainWindow();
  private readonly copy: BlockKernel;
  private readonly scale: BlockKernel;
  private attenuation: number;
  private memory = 0;
  /** The delay: always full, oldest frame at its read pointer. */
  private delay: AudioStream | null = null;
  private gain = 0;
  private step = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg, attenuation: number) {
    this.services = services;
    this.base = base;
    this.attenuation = Math.min(attenuation, MAX_ATTENUATION);
    const { memory } = services.heap;
    this.kernels = createAriaKernels(memory);
    const pcm = createPcmKernels(memory);
    const channels = base.audioFmt.channelsCount;
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * channels * CONTAINER_BYTES);
    this.scale = (src, dst, frames) => {
      const shift = 31 - this.attenuation;
      const { gain, step } = this;
      this.gain = this.kernels.rampGain24(src, dst, frames, channels, gain, step, shift);
    };
  }

  get latencyFrames(): number {
    return Math.floor(this.base.ibs / (CONTAINER_BYTES * this.base.audioFmt.channelsCount));
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const params = streamParamsOf(this.base.audioFmt);
    if (sources.length === 0 || sinks.length === 0) return -EINVAL;
    if (params.validFmt !== FrameFmt.S24_4LE || this.latencyFrames === 0) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    const { heap } = this.services;
    const bytes = this.latencyFrames * params.channels * CONTAINER_BYTES;
    // Room for a block before one is taken out: the sink may be the source's own memory.
    if (this.memory === 0) this.memory = heap.alloc(BOUNCE_BYTES + 2 * bytes);
    if (this.memory === 0) return -ENOMEM;
    this.delay ??= new AudioStream(heap.memory, this.memory + BOUNCE_BYTES, 2 * bytes);
    this.delay.setParams(params);
    this.clear();
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    const { delay } = this;
    if (source === undefined || sink === undefined || delay === null) return -EINVAL;
    const frames = Math.min(alignedFrames(source, sink), this.latencyFrames);
    this.cost.cycles = estimateCycles(frames * source.channels, 2);
    if (frames === 0) return 0;
    if (this.attenuation > 0) this.updateGain(source, frames);
    const bytes = frames * source.frameBytes;
    forBlocks(source, delay, frames, this.copy, this.memory);
    delay.produce(bytes);
    forBlocks(delay, sink, frames, this.attenuation > 0 ? this.scale : this.copy, this.memory);
    delay.consume(bytes);
    source.consume(bytes);
    sink.produce(bytes);
    return 0;
  }

  reset(): number {
    if (this.delay !== null) this.clear();
    return 0;
  }

  free(): void {
    this.services.heap.free(this.memory);
    this.memory = 0;
    this.delay = null;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId !== ATTENUATION_PARAM || position !== "single" || fragment.length !== 4)
      return -EINVAL;
    this.attenuation = Math.min(new ByteReader(fragment, "attenuation").u32(), MAX_ATTENUATION);
    this.window.reset(this.attenuation);
    return 0;
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    if (paramId !== ATTENUATION_PARAM || out.length < 4) return -EINVAL;
    out.fill(0, 0, 4);
    out[0] = this.attenuation;
    return 4;
  }

  private updateGain(source: AudioStream, frames: number): void {
    const bytes = frames * source.frameBytes;
    const straight = Math.min(bytes, source.end - source.readPtr);
    let peak = this.kernels.peak24(source.readPtr, straight / CONTAINER_BYTES);
    if (straight < bytes) {
      const rest = (bytes - straight) / CONTAINER_BYTES;
      peak = Math.max(peak, this.kernels.peak24(source.start, rest));
    }
    this.window.push(peak);
    const { begin, end } = this.window.block;
    this.gain = begin;
    this.step = Math.trunc((end - begin) / frames);
  }

  private clear(): void {
    const { delay } = this;
    if (delay === null) return;
    delay.reset();
    delay.silence(delay.size);
    delay.produce(delay.size / 2);
    this.window.reset(this.attenuation);
  }
}
