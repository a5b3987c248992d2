import { type ChannelCopy, createMatrixKernels, createPcmKernels } from "@sof-ts/dsp";
import { EINVAL } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  containerBytes,
  FrameFmt,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, forBlocks } from "../common/blocks.js";
import { ChannelRouter } from "./channel-router.js";
import { MUX_STREAMS, type MuxConfig } from "./config.js";
import { estimateCycles } from "../common/cost.js";

/**
 * Gives its first sink the channels of its source, one to one; its second sink has no routes under IPC4 and
 * stays silent (SOF's `demux`, whose own table nobody fills there).
 */
export class Demux extends ChannelRouter implements AudioModule {
  private readonly route: BlockKernel;
  private readonly silence: BlockKernel;

  constructor(services: ModuleServices, config: MuxConfig) {
    super(services, config);
    const { memory } = services.heap;
    const matrix = createMatrixKernels(memory);
    const pcm = createPcmKernels(memory);
    const channels = config.base.audioFmt.channelsCount;
    const outChannels = config.output.channelsCount;
    const sampleBytes = containerBytes(streamParamsOf(config.base.audioFmt).frameFmt);
    const copy: ChannelCopy = sampleBytes === 2 ? matrix.copyChannels16 : matrix.copyChannels32;
    const inStep = channels * sampleBytes;
    const outStep = outChannels * sampleBytes;
    const routed = Math.min(channels, outChannels);
    this.silence = (_src, dst, frames) => pcm.zeroBytes(dst, frames * outStep);
    this.route = (src, dst, frames) => {
      if (routed < outChannels) pcm.zeroBytes(dst, frames * outStep);
      copy(src, inStep, dst, outStep, routed, frames);
    };
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const input = streamParamsOf(this.config.base.audioFmt);
    const output = streamParamsOf(this.config.output);
    const known = input.frameFmt === FrameFmt.S16_LE || input.frameFmt === FrameFmt.S32_LE;
    if (!known || output.frameFmt !== input.frameFmt || output.channels > MAX_CHANNELS)
      return -EINVAL;
    if (sources.length !== 1 || sinks.length === 0 || sinks.length > MUX_STREAMS) return -EINVAL;
    adoptParams(sources, input);
    adoptParams(sinks, output);
    return this.allocate();
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    if (source === undefined) return -EINVAL;
    let frames = source.availableFrames;
    let active = 0;
    for (let i = 0; i < sinks.length; i++) {
      const sink = sinks[i] as AudioStream;
      if (!sink.consumerActive) continue;
      frames = Math.min(frames, sink.freeFrames);
      active++;
    }
    this.cost.cycles = estimateCycles(frames * source.channels * active, 0);
    if (active === 0 || frames === 0) return 0;
    for (let i = 0; i < sinks.length; i++) {
      const sink = sinks[i] as AudioStream;
      if (!sink.consumerActive) continue;
      forBlocks(source, sink, frames, i === 0 ? this.route : this.silence, this.bounce);
      sink.produce(frames * sink.frameBytes);
    }
    source.consume(frames * source.frameBytes);
    return 0;
  }
}
