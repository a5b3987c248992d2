import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type FragmentPosition,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type MixLane, type MixTarget, mixTargetOf } from "../common/mix-target.js";
import { MIXIN_SINKS, parseSinkModes, UNITY_GAIN } from "./config.js";
import { addToMix, mixInto, MixKernelCache, silenceAt } from "./mix-kernels.js";
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
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly outputs: Output[] = [];
  private readonly gains: number[] = Array.from({ length: MIXIN_SINKS }, () => UNITY_GAIN);
  private readonly kernels: MixKernelCache;
  private periodFrames = 0;
  private reportPeriods = DEFAULT_XRUN_PERIODS;
  private starvedPeriods = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    this.kernels = new MixKernelCache(services.heap.memory);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const params = streamParamsOf(this.base.audioFmt);
    if (this.kernels.of(params.validFmt) === null) return -EINVAL;
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
    this.cost.cycles = estimateCycles(0, 0);
    if (room <= 0) return 0;
    const ready = source.availableFrames;
    const frames = Math.min(ready > 0 ? ready : this.periodFrames, room);
    let contributions = 0;
    for (let i = 0; i < this.outputs.length; i++) {
      const output = this.outputs[i] as Output;
      if (!output.lane.stream.consumerActive) continue;
      if (output.lane.stream.shared) this.send(source, output, ready > 0, frames);
      else this.contribute(source, output, ready > 0, frames);
      contributions++;
    }
    this.cost.cycles = estimateCycles(frames * source.channels * contributions, 1);
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
    // The mixout of another core still takes what is on its way.
    for (const { target, lane } of this.outputs) {
      if (!lane.stream.shared) target.remove(lane.stream);
    }
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
    if (info.side === "source") this.detached(info.stream);
    return 0;
  }

  detached(stream: AudioStream): void {
    const index = this.outputs.findIndex(({ lane }) => lane.stream === stream);
    if (index < 0) return;
    this.outputs[index]?.target.remove(stream);
    this.outputs.splice(index, 1);
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
      let free = lane.stream.freeFrames;
      if (!lane.stream.shared) {
        const { sink, acquiredFrames } = target;
        if (sink === null) return -EINVAL;
        free = (acquiredFrames < 0 ? sink.freeFrames : acquiredFrames) - lane.pendingFrames;
      }
      room = room < 0 ? Math.max(free, 0) : Math.min(room, Math.max(free, 0));
    }
    return room;
  }

  private contribute(source: AudioStream, output: Output, hasData: boolean, frames: number): void {
    const { target, lane } = output;
    const sink = target.sink as AudioStream;
    const kernels = this.kernels.of(sink.validFmt);
    const gain = this.gains[output.queueId] as number;
    addToMix(target, lane, hasData ? source : null, sink, frames, kernels, gain);
  }

  /** Sends what belongs into the mix to the mixout's core, the gain applied. */
  private send(source: AudioStream, output: Output, hasData: boolean, frames: number): void {
    const ring = output.lane.stream;
    // The mixout's own ring is its core's, perhaps in its cache; this one has the mixout's format, too.
    const kernels = this.kernels.of(ring.validFmt);
    if (!hasData || kernels === null) silenceAt(ring, 0, frames);
    else mixInto(kernels.store, source, 0, ring, 0, frames, this.gains[output.queueId] as number);
    ring.produce(frames * ring.frameBytes);
  }

  private reportStarvation(expectedBytes: number): void {
    if (this.starvedPeriods === 0) this.services.reportMixerUnderrun?.(0, expectedBytes);
    this.starvedPeriods = (this.starvedPeriods + 1) % this.reportPeriods;
  }
}
