import { createPcmKernels } from "@sof-ts/dsp";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
  type StreamParams,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { estimateCycles } from "../common/cost.js";
import { AMP_CONFIG_BYTES, checkAmpConfig } from "./config.js";

const Param = { MODEL: 1, SET_CONFIG: 2, GET_CONFIG: 3 } as const;
const FEEDBACK_QUEUE = 1;

/** Formats of the module's pins. */
export interface AmpPins {
  readonly source: StreamParams;
  readonly feedback: StreamParams;
  readonly sink: StreamParams;
}

const wide = (format: FrameFmt) => format === FrameFmt.S24_4LE || format === FrameFmt.S32_LE;

/** Test stand-in for a smart amplifier: source to sink, feedback consumed (SOF's `smart_amp_test`). */
export class SmartAmpTest implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly pins: AmpPins;
  private readonly model = new ConfigBlob();
  private readonly config = new Uint8Array(AMP_CONFIG_BYTES);
  private readonly bounce: number;
  private readonly copy: BlockKernel;
  private feedback: AudioStream | null = null;

  constructor(services: ModuleServices, pins: AmpPins) {
    this.services = services;
    this.pins = pins;
    this.bounce = services.heap.alloc(BOUNCE_BYTES);
    this.config[0] = AMP_CONFIG_BYTES;
    const pcm = createPcmKernels(services.heap.memory);
    const bytes = (pins.source.frameFmt === FrameFmt.S16_LE ? 2 : 4) * pins.source.channels;
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * bytes);
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.bounce !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { source, feedback, sink } = this.pins;
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    if (source.frameFmt !== FrameFmt.S16_LE && !wide(source.frameFmt)) return -EINVAL;
    if (source.frameFmt !== sink.frameFmt || source.channels !== sink.channels) return -EINVAL;
    if (source.channels < 1 || source.channels > MAX_CHANNELS) return -EINVAL;
    for (const stream of sources) {
      adoptParams([stream], stream === this.feedback ? feedback : source);
    }
    adoptParams(sinks, sink);
    this.model.live = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    let source: AudioStream | null = null;
    for (let i = 0; i < sources.length; i++) {
      if (sources[i] !== this.feedback) source = sources[i] as AudioStream;
    }
    if (source === null || sink === undefined) return -ENOTCONN;
    this.model.takeNew();
    if (source.frameBytes === 0) return 0;
    let byteCount = Math.min(source.available, sink.free);
    const feedback =
      this.feedback !== null && sources.includes(this.feedback) ? this.feedback : null;
    // A feedback that runs sets the pace too.
    if (feedback !== null && feedback.available > 0) {
      byteCount = Math.min(byteCount, feedback.available);
      const whole = byteCount - (byteCount % Math.max(feedback.frameBytes, 1));
      feedback.consume(whole);
    }
    const frames = Math.floor(byteCount / source.frameBytes);
    this.cost.cycles = estimateCycles(frames * source.channels, 0);
    if (frames === 0) return 0;
    forBlocks(source, sink, frames, this.copy, this.bounce);
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  reset(): number {
    this.model.live = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
  }

  bind(info: BindInfo): number {
    if (info.side === "sink" && info.queueId === FEEDBACK_QUEUE) this.feedback = info.stream;
    return 0;
  }

  unbind(info: BindInfo): number {
    if (info.stream === this.feedback) this.feedback = null;
    return 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === Param.MODEL) return this.model.set(position, sizeOrOffset, fragment);
    if (paramId !== Param.SET_CONFIG || position !== "single") return -EINVAL;
    const verdict = checkAmpConfig(fragment);
    if (verdict === 0) this.config.set(fragment);
    return verdict;
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    if (paramId === Param.MODEL) return this.model.get(out);
    if (paramId !== Param.GET_CONFIG || out.length < AMP_CONFIG_BYTES) return -EINVAL;
    out.set(this.config);
    return AMP_CONFIG_BYTES;
  }
}
