import {
  createDrcKernels,
  createPcmKernels,
  DRC_STATE_BYTES,
  drcDelayFrames,
  drcRingBytes,
  resetDrc,
} from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type FragmentPosition,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ENUM_PARAM, parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { drcEnabled } from "../common/drc-params.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { kernelWidth, widthBytes } from "../common/sample-width.js";
import type { SampleBits } from "../common/wide-kernel.js";
import { parseDrcBlob } from "./config.js";

/** Dynamic range compressor (SOF's `drc`). */
export class Drc implements AudioModule {
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly blob = new ParsedBlob(parseDrcBlob);
  private readonly state: number;
  private readonly ring: number;
  private readonly bounce: number;
  private readonly kernels: Readonly<Record<"copy" | "delay" | SampleBits, BlockKernel>>;
  /** Parameters that run; a first blob that comes after prepare waits for the next one. */
  private params: Int32Array | null = null;
  private width: SampleBits = 32;
  private frameBytes = 0;
  private rate = 0;
  private channels = 0;
  /** The enable control; off leaves the look-ahead delay. */
  private enabled = true;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    const { heap } = services;
    const drc = createDrcKernels(heap.memory);
    const pcm = createPcmKernels(heap.memory);
    this.state = heap.alloc(DRC_STATE_BYTES + BOUNCE_BYTES);
    this.bounce = this.state + DRC_STATE_BYTES;
    this.ring = heap.alloc(drcRingBytes(base.audioFmt.channelsCount, base.audioFmt.depth >> 3));
    this.kernels = {
      copy: (src, dst, frames) => pcm.copyBytes(src, dst, frames * this.frameBytes),
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
    const { params } = this;
    return params !== null && drcEnabled(params) ? drcDelayFrames(params, this.rate) : 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    if (source === undefined || sinks.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    const width = kernelWidth(params);
    if (width === null || params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.width = width;
    this.frameBytes = source.frameBytes;
    this.channels = params.channels;
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
    const frames = alignedFrames(source, sink);
    if (frames === 0) return 0;
    forBlocks(source, sink, frames, this.kernel(), this.bounce);
    const bytes = frames * source.frameBytes;
    source.consume(bytes);
    sink.produce(bytes);
    return 0;
  }

  reset(): number {
    this.blob.live = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.state);
    this.services.heap.free(this.ring);
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

  private kernel(): BlockKernel {
    const { params } = this;
    if (params === null || !drcEnabled(params)) return this.kernels.copy;
    return this.enabled ? this.kernels[this.width] : this.kernels.delay;
  }

  /** Silence in the delay line, unity gain. */
  private restart(): void {
    const params = this.blob.current;
    this.params = params;
    if (params === null) return;
    resetDrc(this.services.heap.memory, {
      state: this.state,
      ring: this.ring,
      params,
      channels: this.channels,
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
