import { createPcmKernels, createToneKernels, type ToneKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks, moveBlocks } from "../common/blocks.js";
import { estimateCycles } from "../common/cost.js";

/** 997 Hz in Q16: no divisor of a sample rate, so every sample value occurs. */
const FREQUENCY = 65339392;
/** 0.1 of full scale, Q1.31. */
const AMPLITUDE = 214748365;
/** Half a turn, Q4.28: the highest frequency. */
const MAX_STEP = 843314857;

/** 2*pi / rate in Q1.31. */
const anglePerHz: ReadonlyMap<number, number> = new Map(
  [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000].map(
    (rate) => [rate, Math.round(((2 * Math.PI) / rate) * 2 ** 31)],
  ),
);

/** @returns phase from one sample to the next in Q4.28, or null for a rate without a tone */
export function phaseStep(rate: number): number | null {
  const angle = anglePerHz.get(rate);
  if (angle === undefined) return null;
  const step = Math.floor((Math.floor((FREQUENCY * angle) / 2 ** 18) + 1) / 2);
  return Math.min(step, MAX_STEP);
}

/** Steps of the sine, each about two multiplications long. */
const SINE_MACS = 62;

type Mode = "generate" | "silence" | "pass";

/**
 * Sine generator. With an input pin it is a stand-in for a stream instead: silence, and what comes from its
 * source once one is bound (SOF's `tone`).
 */
export class Tone implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly kernels: ToneKernels;
  private readonly generate: BlockKernel;
  private readonly silence: BlockKernel;
  private readonly copy: BlockKernel;
  private phase = 0;
  private readonly step: number;
  private mode: Mode;
  private bounce = 0;
  private frameLimit = 0;

  /** @param hasInput whether the instance has an input pin */
  constructor(services: ModuleServices, base: BaseModuleCfg, step: number, hasInput: boolean) {
    this.services = services;
    this.base = base;
    this.step = step;
    this.mode = hasInput ? "silence" : "generate";
    const { memory } = services.heap;
    this.kernels = createToneKernels(memory);
    const channels = base.audioFmt.channelsCount;
    const pcm = createPcmKernels(memory);
    const frameBytes = channels * 4;
    this.generate = (_src, dst, frames) => {
      this.phase = this.kernels.toneFrames(dst, channels, frames, this.phase, this.step, AMPLITUDE);
    };
    this.silence = (_src, dst, frames) => pcm.zeroBytes(dst, frames * frameBytes);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sinks.length !== 1) return -EINVAL;
    const params = streamParamsOf(this.base.audioFmt);
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.frameLimit = periodFrames(params.rate, this.services.periodUs);
    this.phase = 0;
    if (this.bounce === 0) this.bounce = this.services.heap.alloc(BOUNCE_BYTES);
    return this.bounce === 0 ? -ENOMEM : 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    if (sink === undefined) return -EINVAL;
    const source = sources[0];
    if (this.mode === "pass" && source !== undefined) {
      const frames = alignedFrames(source, sink);
      if (frames > 0) moveBlocks(source, sink, frames, this.copy, this.bounce);
      return 0;
    }
    const frames = Math.min(this.frameLimit, sink.freeFrames);
    this.cost.cycles = estimateCycles(frames, SINE_MACS);
    if (frames === 0) return 0;
    const kernel = this.mode === "generate" ? this.generate : this.silence;
    forBlocks(sink, sink, frames, kernel, this.bounce);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  reset(): number {
    this.phase = 0;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
    this.bounce = 0;
  }

  bind(info: BindInfo): number {
    if (info.side === "sink" && this.mode !== "generate") this.mode = "pass";
    return 0;
  }

  unbind(info: BindInfo): number {
    if (info.side === "sink" && this.mode !== "generate") this.mode = "silence";
    return 0;
  }
}
