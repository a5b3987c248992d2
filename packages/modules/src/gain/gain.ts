import {
  createGainKernels,
  createPcmKernels,
  type GainKernel,
  type GainKernels,
  VOLUME_PATTERN_BYTES,
  volumePatternBytes,
  writeVolumePattern,
} from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type FragmentPosition,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import {
  adoptParams,
  FRAME_BYTE_ALIGN,
  periodFrames,
  streamParamsOf,
} from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { ALL_CHANNELS, readVolume, VOLUME_BYTES, type VolumeConfig } from "./config.js";
import { PeakMeter } from "./peak-meter.js";
import { VolumeRamp } from "./ramp.js";
import { findZeroCrossing } from "./zero-crossing.js";
import { estimateCycles } from "../common/cost.js";

const Param = { VOLUME: 0, ATTENUATION: 1 } as const;
const MAX_ATTENUATION = 31;
const MAX_CHANNEL_ID = 8;

/** Bytes of kernel memory of one instance: volumes, peaks, zero-crossing state, a wrapping frame. */
const STATE_BYTES = VOLUME_PATTERN_BYTES + 32 + 16 + BOUNCE_BYTES;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Volume with ramps, mute and, for peak volume, meters (SOF's `volume`). */
export class Gain implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly kernels: GainKernels;
  private readonly ramp: VolumeRamp;
  private readonly meter: PeakMeter | null;
  private readonly state: number;
  private readonly copy: BlockKernel;
  private readonly scale: BlockKernel;
  private kernel: GainKernel;
  private channels = 0;
  private attenuation = 0;
  private readonly muted: boolean[];
  private readonly saved: Int32Array;

  constructor(
    services: ModuleServices,
    base: BaseModuleCfg,
    volumes: readonly VolumeConfig[],
    metered: boolean,
  ) {
    this.services = services;
    this.base = base;
    const { memory } = services.heap;
    this.kernels = createGainKernels(memory);
    this.state = services.heap.alloc(STATE_BYTES);
    this.meter = metered
      ? new PeakMeter(services, this.kernels, this.state + VOLUME_PATTERN_BYTES)
      : null;
    this.ramp = new VolumeRamp(volumes.length);
    this.muted = volumes.map(() => false);
    this.saved = new Int32Array(volumes.length);
    volumes.forEach((volume, channel) => {
      this.ramp.targets[channel] = volume.target;
    });
    this.ramp.setShape(volumes[0] as VolumeConfig);
    this.kernel = this.kernels.gainS32;
    const pcm = createPcmKernels(memory);
    const { channelsCount, depth } = base.audioFmt;
    const frameBytes = channelsCount * (depth >> 3);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    const patternBytes = volumePatternBytes(channelsCount);
    const { state } = this;
    this.scale = (src, dst, frames) =>
      this.kernel(src, dst, frames * channelsCount, state, patternBytes);
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.state !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    const bits = this.base.audioFmt.validBitDepth;
    if (bits === 16) this.kernel = this.kernels.gainS16;
    else if (bits === 24) this.kernel = this.kernels.gainS24;
    else if (bits === 32) this.kernel = this.kernels.gainS32;
    else return -EINVAL;
    const params = streamParamsOf(this.base.audioFmt);
    adoptParams(sources, params);
    adoptParams(sinks, params);
    const unit = bits === 16 ? 4 : 2;
    const align = unit / gcd(unit, params.channels);
    source.setAlign(FRAME_BYTE_ALIGN, align);
    sink.setAlign(FRAME_BYTE_ALIGN, align);
    this.channels = sink.channels;
    const { periodUs } = this.services;
    this.ramp.prepare(this.channels, params.rate, periodUs, periodFrames(params.rate, periodUs));
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    const available = alignedFrames(source, sink);
    if (available > 0 && this.meter !== null) {
      this.meter.measure(source, available, this.base.audioFmt.validBitDepth, this.attenuation);
    }
    this.cost.cycles = estimateCycles(available * source.channels, 1);
    const { ramp } = this;
    if (ramp.finished) this.run(source, sink, available);
    else this.runRamp(source, sink, available);
    this.meter?.tick(ramp.current, ramp.targets);
    return 0;
  }

  reset(): number {
    this.channels = 0;
    this.ramp.reset();
    return 0;
  }

  free(): void {
    this.meter?.clear();
    this.services.heap.free(this.state);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (position !== "single" || sizeOrOffset !== fragment.length) return -EINVAL;
    if (paramId === Param.VOLUME) return this.setVolume(fragment);
    if (paramId === Param.ATTENUATION) return this.setAttenuation(fragment);
    if (paramId === SWITCH_PARAM) return this.setSwitch(fragment);
    return -EINVAL;
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    const { targets } = this.ramp;
    if (paramId !== Param.VOLUME || out.length < targets.length * 8) return -EINVAL;
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    for (let channel = 0; channel < targets.length; channel++) {
      view.setUint32(channel * 8, channel, true);
      view.setInt32(channel * 8 + 4, targets[channel] as number, true);
    }
    return targets.length * 8;
  }

  private runRamp(source: AudioStream, sink: AudioStream, available: number): void {
    const { ramp } = this;
    const align = source.frameAlign;
    const crossing = this.state + VOLUME_PATTERN_BYTES + 32;
    this.services.heap.memory.i32[crossing >> 2] = 0;
    for (let left = available; left > 0;) {
      let frames = left;
      if (!ramp.finished) {
        if (ramp.frames <= left) {
          frames = ramp.zeroCrossing
            ? this.framesToCrossing(source, ramp.frames, align, crossing)
            : Math.ceil(ramp.frames / align) * align;
          frames = Math.min(frames, left);
        }
        ramp.advance(frames);
        this.writeVolumes();
      }
      this.run(source, sink, frames);
      left -= frames;
    }
  }

  private framesToCrossing(
    source: AudioStream,
    limit: number,
    align: number,
    state: number,
  ): number {
    const found = findZeroCrossing(
      this.kernels,
      source,
      limit,
      this.base.audioFmt.validBitDepth,
      state,
    );
    return Math.max(Math.round(found / align), 1) * align;
  }

  private run(source: AudioStream, sink: AudioStream, frames: number): void {
    if (frames === 0) return;
    const kernel = this.ramp.passThrough ? this.copy : this.scale;
    forBlocks(source, sink, frames, kernel, this.state + STATE_BYTES - BOUNCE_BYTES);
    const bytes = frames * source.frameBytes;
    source.consume(bytes);
    sink.produce(bytes);
  }

  private writeVolumes(): void {
    writeVolumePattern(this.services.heap.memory, this.state, this.ramp.current, this.channels);
  }

  private setVolume(data: Uint8Array): number {
    if (data.length < VOLUME_BYTES) return -EINVAL;
    const volume = readVolume(data, 0);
    const all = volume.channel === ALL_CHANNELS;
    if (!all && volume.channel >= MAX_CHANNEL_ID) return -EINVAL;
    this.ramp.setShape(volume);
    for (let channel = 0; channel < this.ramp.targets.length; channel++) {
      if (!all && channel !== volume.channel) continue;
      if (this.muted[channel]) this.saved[channel] = volume.target;
      else this.ramp.targets[channel] = volume.target;
    }
    this.ramp.restart();
    return 0;
  }

  private setAttenuation(data: Uint8Array): number {
    if (data.length !== 4 || this.base.audioFmt.depth < 32) return -EINVAL;
    const shift = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    if (shift > MAX_ATTENUATION) return -EINVAL;
    this.attenuation = shift;
    return 0;
  }

  private setSwitch(data: Uint8Array): number {
    const control = parseControl(data);
    if (control === null) return -EINVAL;
    const count = Math.min(control.values.length, this.ramp.targets.length);
    for (let channel = 0; channel < count; channel++) {
      const mute = control.values[channel]?.value === 0;
      if (mute === this.muted[channel]) continue;
      this.muted[channel] = mute;
      if (mute) this.saved[channel] = this.ramp.targets[channel] as number;
      this.ramp.targets[channel] = mute ? 0 : (this.saved[channel] as number);
    }
    this.ramp.restart();
    return 0;
  }
}
