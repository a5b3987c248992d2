import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  containerBytes,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type MixLane, type MixTarget, mixTargetOf } from "../common/mix-target.js";
import { MIXIN_SINKS, parseSinkModes, UNITY_GAIN } from "./config.js";
import { type MixKernelPair, mixKernelsFor } from "./mix-kernels.js";
import { estimateCycles } from "../common/cost.js";

const MIXER_MODE = 1;
const XRUN_PERIOD = 0;
const DEFAULT_XRUN_PERIODS = 10;

/** One mixout that this mixin feeds. */
interface Output {
  readonly queueId: number;
  readonly target: MixTarget;
  readonly lane: MixLane;
}

/** Adds one stream to up to three mixes (SOF's `mixin`). */
export class Mixin implements AudioModule {
  estimatedCycles = 0;
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly outputs: Output[] = [];
  private readonly gains: number[] = Array.from({ length: MIXIN_SINKS }, () => UNITY_GAIN);
  private kernels: MixKernelPair | null = null;
  private kernelFmt: FrameFmt = FrameFmt.INVALID;
  private periodFrames = 0;
  private reportPeriods = DEFAULT_XRUN_PERIODS;
  private starvedPeriods = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const params = streamParamsOf(this.base.audioFmt);
    if (mixKernelsFor(this.services.heap.memory, params.validFmt) === null) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.periodFrames = periodFrames(params.rate, this.services.periodUs);
    this.starvedPeriods = 0;
    return 0;
  }

  process(sources: readonly AudioStream[]): number {
    const source = sources[0];
    if (source === undefined) return -ENOTCONN;
    const room = this.freeFrames();
    if (room === -EINVAL) return room;
    this.estimatedCycles = estimateCycles(0, 0);
    if (room <= 0) return 0;
    const ready = source.availableFrames;
    const frames = Math.min(ready > 0 ? ready : this.periodFrames, room);
    let contributions = 0;
    for (let i = 0; i < this.outputs.length; i++) {
      const output = this.outputs[i] as Output;
      if (!output.lane.stream.consumerActive) continue;
      this.contribute(source, output, ready > 0, frames);
      contributions++;
    }
    this.estimatedCycles = estimateCycles(frames * source.channels * contributions, 1);
    if (ready > 0) {
      this.starvedPeriods = 0;
      source.consume(frames * source.frameBytes);
    } else this.reportStarvation(frames * source.frameBytes);
    return 0;
  }

  reset(): number {
    this.starvedPeriods = 0;
    return 0;
  }

  free(): void {
    for (const { target, lane } of this.outputs) target.remove(lane.stream);
    this.outputs.length = 0;
  }

  bind(info: BindInfo): number {
    if (info.side !== "source") return 0;
    const target = mixTargetOf(info.peer);
    if (target === null || info.queueId >= MIXIN_SINKS) return -EINVAL;
    this.outputs.push({ queueId: info.queueId, target, lane: target.lane(info.stream) });
    return 0;
  }

  unbind(info: BindInfo): number {
    const index = this.outputs.findIndex(({ lane }) => lane.stream === info.stream);
    if (info.side !== "source" || index < 0) return 0;
    this.outputs[index]?.target.remove(info.stream);
    this.outputs.splice(index, 1);
    return 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId !== MIXER_MODE || position !== "single") return -EINVAL;
    const modes = parseSinkModes(fragment);
    if (modes === null) return -EINVAL;
    for (const { queueId, gain } of modes) this.gains[queueId] = gain;
    return 0;
  }

  setConfigParam(paramId: number, value: number): number {
    if (paramId !== XRUN_PERIOD || value < 1 || value > 0xffff) return -EINVAL;
    this.reportPeriods = value;
    return 0;
  }

  getConfigParam(paramId: number): number {
    return paramId === XRUN_PERIOD ? this.reportPeriods : -EINVAL;
  }

  /** Frames that every active mixout still takes; -1 without one, -EINVAL when one has no stream. */
  private freeFrames(): number {
    let room = -1;
    for (let i = 0; i < this.outputs.length; i++) {
      const { target, lane } = this.outputs[i] as Output;
      if (!lane.stream.consumerActive) continue;
      const { sink, acquiredFrames } = target;
      if (sink === null) return -EINVAL;
      const free = (acquiredFrames < 0 ? sink.freeFrames : acquiredFrames) - lane.pendingFrames;
      room = room < 0 ? Math.max(free, 0) : Math.min(room, Math.max(free, 0));
    }
    return room;
  }

  private contribute(source: AudioStream, output: Output, hasData: boolean, frames: number): void {
    const { target, lane } = output;
    const sink = target.sink as AudioStream;
    if (target.acquiredFrames < 0) target.acquiredFrames = sink.freeFrames;
    const start = lane.pendingFrames;
    const overlap = Math.max(0, Math.min(target.mixedFrames - start, frames));
    if (hasData) {
      const gain = this.gains[output.queueId] as number;
      const kernels = this.kernelsOf(sink.validFmt);
      if (kernels !== null) {
        if (overlap > 0) mixInto(kernels.add, source, 0, sink, start, overlap, gain);
        if (overlap < frames) {
          mixInto(kernels.store, source, overlap, sink, start + overlap, frames - overlap, gain);
        }
      }
    } else if (overlap < frames) zero(sink, start + overlap, frames - overlap);
    lane.pendingFrames = start + frames;
    target.mixedFrames = Math.max(target.mixedFrames, start + frames);
  }

  private kernelsOf(validFmt: FrameFmt): MixKernelPair | null {
    if (validFmt !== this.kernelFmt) {
      this.kernels = mixKernelsFor(this.services.heap.memory, validFmt);
      this.kernelFmt = validFmt;
    }
    return this.kernels;
  }

  private reportStarvation(expectedBytes: number): void {
    if (this.starvedPeriods === 0) this.services.reportMixerUnderrun?.(0, expectedBytes);
    this.starvedPeriods = (this.starvedPeriods + 1) % this.reportPeriods;
  }
}

/** Applies a kernel from frame `from` after the source's oldest to frame `to` after the sink's last. */
function mixInto(
  kernel: MixKernelPair["add"],
  source: AudioStream,
  from: number,
  sink: AudioStream,
  to: number,
  frames: number,
  gain: number,
): void {
  const sampleBytes = containerBytes(sink.frameFmt);
  let src = source.wrap(source.readPtr + from * source.frameBytes);
  let dst = sink.wrap(sink.writePtr + to * sink.frameBytes);
  for (let left = frames * sink.frameBytes; left > 0;) {
    const bytes = Math.min(left, source.end - src, sink.end - dst);
    kernel(src, dst, bytes / sampleBytes, gain);
    src = source.wrap(src + bytes);
    dst = sink.wrap(dst + bytes);
    left -= bytes;
  }
}

function zero(sink: AudioStream, to: number, frames: number): void {
  let dst = sink.wrap(sink.writePtr + to * sink.frameBytes);
  for (let left = frames * sink.frameBytes; left > 0;) {
    const bytes = Math.min(left, sink.end - dst);
    sink.memory.u8.fill(0, dst, dst + bytes);
    dst = sink.wrap(dst + bytes);
    left -= bytes;
  }
}
