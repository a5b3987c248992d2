import { createPcmKernels, type PcmKernels } from "@sof-ts/dsp";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  FrameFmt,
  type ModuleServices,
  type StreamParams,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS } from "../common/base-config.js";
import { ControlledModule } from "../common/blob-module.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { estimateCycles } from "../common/cost.js";

const RATE = 48000;
/** The library works on 10 ms. */
const BLOCK_FRAMES = 480;
/** Input queue of the echo reference; the microphones come in on queue 0. */
const REFERENCE_QUEUE = 1;
const LARGEST_BLOB = 4096;
/** Most frames that enter the line at a time. */
const STEP_FRAMES = 48;
/** Channel map that leaves every channel where it is. */
const IDENTITY = 0x76543210;

const containers: readonly FrameFmt[] = [FrameFmt.S16_LE, FrameFmt.S32_LE];

/**
 * Stands in for Google's echo canceller and noise suppressor: microphones pass through with the delay of one
 * block, the echo reference is taken and dropped.
 */
export class GoogleRtc extends ControlledModule implements AudioModule {
  readonly latencyFrames = BLOCK_FRAMES;
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly pcm: PcmKernels;
  private readonly microphones: StreamParams;
  private readonly reference: StreamParams;
  private readonly output: StreamParams;
  protected readonly blob = new ConfigBlob(null, LARGEST_BLOB);
  private readonly line: number;
  /** Frames on their way into the line, so that source and sink may be one block. */
  private readonly incoming: number;
  private readonly bounce: number;
  private readonly delay: BlockKernel;
  private referenceStream: AudioStream | null = null;
  /** Frame of the line that comes out next and is overwritten by what comes in. */
  private at = 0;

  constructor(
    services: ModuleServices,
    microphones: StreamParams,
    reference: StreamParams,
    output: StreamParams,
  ) {
    super();
    this.services = services;
    this.microphones = microphones;
    this.reference = reference;
    this.output = output;
    const { heap } = services;
    this.pcm = createPcmKernels(heap.memory);
    const frameBytes = output.channels * this.sampleBytes;
    this.line = heap.alloc((BLOCK_FRAMES + STEP_FRAMES) * frameBytes + BOUNCE_BYTES);
    this.incoming = this.line + BLOCK_FRAMES * frameBytes;
    this.bounce = this.incoming + STEP_FRAMES * frameBytes;
    this.delay = (src, dst, frames) => this.exchange(src, dst, frames);
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.line !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { microphones, reference, output } = this;
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    if (sources.length > 2 || sinks.length > 1) return -EINVAL;
    for (const params of [microphones, reference, output]) {
      if (params.rate !== RATE || params.frameFmt !== microphones.frameFmt) return -EINVAL;
      if (params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    }
    if (!containers.includes(microphones.frameFmt)) return -EINVAL;
    for (const source of sources) {
      adoptParams([source], source === this.referenceStream ? reference : microphones);
    }
    adoptParams(sinks, output);
    const { memory } = this.services.heap;
    memory.u8.fill(0, this.line, this.bounce);
    this.at = 0;
    this.blob.live = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    let source: AudioStream | null = null;
    for (let i = 0; i < sources.length; i++) {
      if (sources[i] !== this.referenceStream) source = sources[i] as AudioStream;
    }
    if (source === null || sink === undefined) return -ENOTCONN;
    this.blob.takeNew();
    const frames = Math.min(source.availableFrames, sink.freeFrames);
    // In, through the line and out.
    this.cost.cycles = estimateCycles(frames * (source.channels + 2 * sink.channels), 0);
    if (frames === 0) return 0;
    forBlocks(source, sink, frames, this.delay, this.bounce);
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    const echo = this.referenceStream;
    if (echo !== null && sources.includes(echo)) {
      echo.consume(Math.min(frames, echo.availableFrames) * echo.frameBytes);
    }
    return 0;
  }

  free(): void {
    this.services.heap.free(this.line);
  }

  bind(info: BindInfo): number {
    if (info.side === "sink" && info.queueId === REFERENCE_QUEUE) {
      this.referenceStream = info.stream;
    }
    return 0;
  }

  unbind(info: BindInfo): number {
    if (info.stream === this.referenceStream) this.referenceStream = null;
    return 0;
  }

  private get sampleBytes(): 2 | 4 {
    return this.microphones.frameFmt === FrameFmt.S16_LE ? 2 : 4;
  }

  /** Gives what came a block ago and keeps what comes now. Channels that the output has not are dropped. */
  private exchange(src: number, dst: number, frames: number): void {
    const bytes = this.sampleBytes;
    const { channels } = this.output;
    const inputs = this.microphones.channels;
    const frameBytes = channels * bytes;
    for (let done = 0; done < frames;) {
      const count = Math.min(frames - done, BLOCK_FRAMES - this.at, STEP_FRAMES);
      const line = this.line + this.at * frameBytes;
      const from = src + done * inputs * bytes;
      const { incoming } = this;
      this.pcm.remap(from, bytes, inputs, incoming, bytes, channels, IDENTITY, 0, count);
      this.pcm.copyBytes(line, dst + done * frameBytes, count * frameBytes);
      this.pcm.copyBytes(incoming, line, count * frameBytes);
      this.at = (this.at + count) % BLOCK_FRAMES;
      done += count;
    }
  }
}
