import { type ChannelCopy, createMatrixKernels, createPcmKernels } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  containerBytes,
  FrameFmt,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, forBlocks } from "../common/blocks.js";
import { ChannelRouter } from "./channel-router.js";
import { MUX_STREAMS, type MuxConfig } from "./config.js";
import { estimateCycles } from "../common/cost.js";

/** Joins the channels of two streams: those of queue 0, then those of queue 1 (SOF's `mux`). */
export class Mux extends ChannelRouter implements AudioModule {
  private readonly bound: AudioStream[] = [];
  private readonly queues: number[] = [];
  private readonly kernels: BlockKernel[];
  private readonly silence: BlockKernel;

  constructor(services: ModuleServices, config: MuxConfig) {
    super(services, config);
    const matrix = createMatrixKernels(services.heap.memory);
    const pcm = createPcmKernels(services.heap.memory);
    const sampleBytes = containerBytes(streamParamsOf(config.output).frameFmt);
    const copy: ChannelCopy = sampleBytes === 2 ? matrix.copyChannels16 : matrix.copyChannels32;
    const baseChannels = config.base.audioFmt.channelsCount;
    const refChannels = config.reference.channelsCount;
    const outStep = config.output.channelsCount * sampleBytes;
    const at = (channels: number, offset: number): BlockKernel => {
      const inStep = channels * sampleBytes;
      const to = offset * sampleBytes;
      return (src, dst, frames) => copy(src, inStep, dst + to, outStep, channels, frames);
    };
    this.kernels = [at(baseChannels, 0), at(refChannels, baseChannels)];
    this.silence = (_src, dst, frames) => pcm.zeroBytes(dst, frames * outStep);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { base, reference, output } = this.config;
    const joined = base.audioFmt.channelsCount + reference.channelsCount;
    const params = streamParamsOf(output);
    if (joined > MAX_CHANNELS || joined !== output.channelsCount) return -EINVAL;
    const inputs = [streamParamsOf(base.audioFmt), streamParamsOf(reference)];
    for (const { frameFmt } of [params, ...inputs]) {
      const known = frameFmt === FrameFmt.S16_LE || frameFmt === FrameFmt.S32_LE;
      if (!known || frameFmt !== params.frameFmt) return -EINVAL;
    }
    if (sources.length === 0 || sources.length > MUX_STREAMS || sinks.length !== 1) return -EINVAL;
    sources.forEach((source, index) => {
      const input = inputs[this.queueOf(source, index)];
      if (input !== undefined) adoptParams([source], input);
    });
    adoptParams(sinks, params);
    return this.allocate();
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    if (sink === undefined) return -EINVAL;
    let frames = sink.freeFrames;
    let active = 0;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as AudioStream;
      if (!source.producerActive) continue;
      frames = Math.min(frames, source.availableFrames);
      active++;
    }
    this.cost.cycles = estimateCycles(active === 0 ? 0 : frames * sink.channels, 0);
    if (active === 0 || frames === 0) return 0;
    // Channels of a stream that does not run are silent.
    if (active < MUX_STREAMS) forBlocks(sink, sink, frames, this.silence, this.bounce);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as AudioStream;
      if (!source.producerActive) continue;
      const kernel = this.kernels[this.queueOf(source, i)];
      if (kernel !== undefined) forBlocks(source, sink, frames, kernel, this.bounce);
      source.consume(frames * source.frameBytes);
    }
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  bind(info: BindInfo): number {
    if (info.side !== "sink") return 0;
    if (info.queueId >= MUX_STREAMS) return -EINVAL;
    this.bound.push(info.stream);
    this.queues.push(info.queueId);
    return 0;
  }

  unbind(info: BindInfo): number {
    const index = this.bound.indexOf(info.stream);
    if (info.side !== "sink" || index < 0) return 0;
    this.bound.splice(index, 1);
    this.queues.splice(index, 1);
    return 0;
  }

  private queueOf(source: AudioStream, index: number): number {
    for (let i = 0; i < this.bound.length; i++) {
      if (this.bound[i] === source) return this.queues[i] as number;
    }
    return index;
  }
}
