import { createPcmKernels, type PcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EBUSY, EINVAL, ENODATA, ENOMEM, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type FragmentPosition,
  type ModuleServices,
  type StreamParams,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { estimateCycles } from "../common/cost.js";
import type { HistoryProvider } from "../common/history.js";
import { type FrameKernel, giveFrames } from "../common/ring-io.js";
import { checkFastModules, mapOf, Param, parseMicrophones } from "./config.js";
import { HistoryRing } from "./history-ring.js";

/** What is kept for the host. */
const HISTORY_MS = 2100;
const FRAMES_PER_MS = 16;
const DETECTOR_QUEUE = 0;
const HOST_QUEUE = 1;

/**
 * `listening` feeds the detector, `draining` the host with history, `passing` the host with what comes in; `resetting`
 * was told to reset while it drained.
 */
type State = "listening" | "draining" | "passing" | "resetting";

/** Key phrase buffer: keeps the last seconds for the host until a detector hears something (SOF's `kpb`). */
export class Kpb implements AudioModule, HistoryProvider {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly params: StreamParams;
  private readonly pcm: PcmKernels;
  private readonly frameBytes: number;
  private readonly sampleBytes: number;
  private readonly bounce: number;
  private readonly copy: BlockKernel;
  private readonly select: BlockKernel;
  private readonly recall: FrameKernel;
  private history: HistoryRing | null = null;
  private detector: AudioStream | null = null;
  private host: AudioStream | null = null;
  private state: State = "listening";
  private prepared = false;
  /** Microphones that the detector gets; 0 for all channels. */
  private mask = 0;
  private selection = mapOf(0);
  /** Bytes of the history that the host still has to get. */
  private toDrain = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.params = streamParamsOf(base.audioFmt);
    this.sampleBytes = base.audioFmt.depth >> 3;
    this.frameBytes = base.audioFmt.channelsCount * this.sampleBytes;
    this.pcm = createPcmKernels(services.heap.memory);
    this.bounce = services.heap.alloc(BOUNCE_BYTES);
    this.copy = (src, dst, frames) => this.pcm.copyBytes(src, dst, frames * this.frameBytes);
    this.select = (src, dst, frames) => this.selectMicrophones(src, dst, frames);
    this.recall = (dst, frames) => {
      this.history?.read(this.toDrain, dst, frames);
      this.toDrain -= frames * this.frameBytes;
    };
  }

  /** Whether memory for the instance was there; the history comes with prepare. */
  get complete(): boolean {
    return this.bounce !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    if (this.history === null) {
      const frames = FRAMES_PER_MS * HISTORY_MS;
      const history = new HistoryRing(this.services.heap, this.pcm, frames, this.frameBytes);
      if (!history.complete) return -ENOMEM;
      this.history = history;
    }
    adoptParams(sources, this.params);
    const detector = this.detectorOf(sinks);
    for (const sink of sinks) {
      const channels = sink === detector && this.mask !== 0 ? this.selection.channels : null;
      adoptParams([sink], channels === null ? this.params : { ...this.params, channels });
    }
    this.history.clear();
    this.toDrain = 0;
    this.state = "listening";
    this.prepared = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const { history } = this;
    if (source === undefined) return -ENOTCONN;
    if (!this.prepared || history === null) return 0;
    const { toDrain } = this;
    const waiting = source.available;
    const detector = this.detectorOf(sinks);
    const host = this.hostOf(sinks);
    if (this.state === "resetting") this.restart();
    else if (this.state === "listening") this.listen(source, detector, history);
    else if (host === null || !host.consumerActive) this.drop(source);
    else if (this.state === "draining") this.drain(source, host, history);
    else this.pass(source, host);
    // What came in is copied to the sink and into the history, or what is drained comes out of it.
    const moved = 2 * (waiting - source.available) + Math.max(0, toDrain - this.toDrain);
    this.cost.cycles = estimateCycles(moved / this.sampleBytes, 0);
    return 0;
  }

  /** While it drains, the first call ends the draining and is refused, as the reference's; the next one resets. */
  reset(): number {
    if (this.state === "draining") {
      this.state = "resetting";
      return -EBUSY;
    }
    this.restart();
    return 0;
  }

  free(): void {
    this.history?.free();
    this.services.heap.free(this.bounce);
  }

  bind(info: BindInfo): number {
    if (info.side !== "source") return 0;
    if (info.queueId === DETECTOR_QUEUE) this.detector = info.stream;
    else if (info.queueId === HOST_QUEUE) this.host = info.stream;
    else return -EINVAL;
    return 0;
  }

  unbind(info: BindInfo): number {
    if (info.stream === this.detector) this.detector = null;
    if (info.stream === this.host) {
      this.host = null;
      if (this.state !== "listening") this.state = "listening";
    }
    return 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (position !== "single") return -EINVAL;
    if ((paramId & 0xff) === Param.FAST_MODE_MODULES) {
      return checkFastModules(paramId >>> 8, fragment);
    }
    if (paramId !== Param.MICROPHONES) return -EINVAL;
    // The width of the detector's stream changes with it.
    if (this.prepared) return -EBUSY;
    const mask = parseMicrophones(fragment, this.params.channels);
    if (mask < 0) return mask;
    this.mask = mask;
    this.selection = mapOf(mask);
    return 0;
  }

  drainHistory(milliseconds: number): number {
    const { history, host } = this;
    if (this.state !== "listening" || history === null || !this.prepared) return -EBUSY;
    if (host === null || !host.consumerActive) return -ENOTCONN;
    if (milliseconds > HISTORY_MS) return -EINVAL;
    const byteCount = milliseconds * FRAMES_PER_MS * this.frameBytes;
    if (byteCount > history.buffered) return -ENODATA;
    this.toDrain = byteCount;
    this.state = "draining";
    return 0;
  }

  private restart(): void {
    this.state = "listening";
    this.toDrain = 0;
    this.prepared = false;
    this.history?.clear();
  }

  /** What comes in goes to the detector and into the history; without a detector that runs it is lost. */
  private listen(source: AudioStream, detector: AudioStream | null, history: HistoryRing): void {
    if (detector === null || !detector.consumerActive) {
      this.drop(source);
      return;
    }
    const frames = Math.min(source.availableFrames, detector.freeFrames);
    if (frames === 0) return;
    const kernel = this.mask === 0 ? this.copy : this.select;
    forBlocks(source, detector, frames, kernel, this.bounce);
    detector.produce(frames * detector.frameBytes);
    history.take(source, frames, this.bounce);
  }

  /** The host gets what was kept as fast as it takes it; what comes in meanwhile queues up behind. */
  private drain(source: AudioStream, host: AudioStream, history: HistoryRing): void {
    const room = Math.floor((history.byteLength - this.toDrain) / this.frameBytes);
    const incoming = Math.min(source.availableFrames, room);
    if (incoming > 0) {
      history.take(source, incoming, this.bounce);
      this.toDrain += incoming * this.frameBytes;
    }
    const frames = Math.min(host.freeFrames, Math.floor(this.toDrain / this.frameBytes));
    giveFrames(host, frames, this.recall, this.bounce);
    if (this.toDrain === 0) this.state = "passing";
  }

  private pass(source: AudioStream, host: AudioStream): void {
    const frames = Math.min(source.availableFrames, host.freeFrames);
    if (frames === 0) return;
    forBlocks(source, host, frames, this.copy, this.bounce);
    source.consume(frames * source.frameBytes);
    host.produce(frames * host.frameBytes);
  }

  private drop(source: AudioStream): void {
    source.consume(source.availableFrames * source.frameBytes);
  }

  private selectMicrophones(src: number, dst: number, frames: number): void {
    const { map, channels } = this.selection;
    const bytes = this.sampleBytes;
    this.pcm.remap(src, bytes, this.params.channels, dst, bytes, channels, map, 0, frames);
  }

  private detectorOf(sinks: readonly AudioStream[]): AudioStream | null {
    if (this.detector === null && this.host === null) return sinks[0] ?? null;
    return this.detector !== null && sinks.includes(this.detector) ? this.detector : null;
  }

  private hostOf(sinks: readonly AudioStream[]): AudioStream | null {
    return this.host !== null && sinks.includes(this.host) ? this.host : null;
  }
}
