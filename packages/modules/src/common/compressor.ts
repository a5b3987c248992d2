import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "./base-config.js";
import { ControlledModule } from "./blob-module.js";
import { type BlockKernel, moveBlocks } from "./blocks.js";
import { parseControl } from "./control-payload.js";
import { estimateCycles } from "./cost.js";
import type { ParsedBlob } from "./parsed-blob.js";
import { kernelWidth } from "./sample-width.js";
import type { SampleBits } from "./wide-kernel.js";

/** Compressors of one or of several bands: a blob, an enable control, kernels of any width. */
export abstract class Compressor<T extends object> extends ControlledModule implements AudioModule {
  readonly cost = new PeriodCost();
  protected abstract override readonly blob: ParsedBlob<T>;
  protected readonly services: ModuleServices;
  protected readonly base: BaseModuleCfg;
  /** What runs; a first blob that comes after prepare waits for the next one. */
  protected running: T | null = null;
  protected width: SampleBits = 32;
  protected rate = 0;
  protected enabled = true;
  /** Address of a bounce buffer. */
  protected abstract readonly bounce: number;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super();
    this.services = services;
    this.base = base;
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
    const frames = this.frames(source, sink);
    this.cost.cycles = estimateCycles(frames * source.channels, this.macs(source.channels));
    if (frames === 0) return 0;
    moveBlocks(source, sink, frames, this.kernel(), this.bounce);
    return 0;
  }

  abstract free(): void;

  /** Frames that a call may move. */
  protected frames(source: AudioStream, sink: AudioStream): number {
    return alignedFrames(source, sink);
  }

  /** Multiplications a sample of what runs now. */
  protected abstract macs(channels: number): number;

  /** What runs now, by configuration and control. */
  protected abstract kernel(): BlockKernel;

  /** Silence in all delay lines, unity gain. */
  protected abstract start(config: T): void;

  protected override setSwitch(data: Uint8Array): number {
    const control = parseControl(data);
    if (control === null || control.id !== 0 || control.values.length !== 1) return -EINVAL;
    this.enabled = control.values[0]?.value !== 0;
    return 0;
  }

  private restart(): void {
    this.running = this.blob.current;
    if (this.running !== null) this.start(this.running);
  }
}
