import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioStream,
  type BindInfo,
  FrameFmt,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type MixLane, MixTarget, type MixTargetOwner } from "../common/mix-target.js";
import { estimateCycles } from "../common/cost.js";
import { UNITY_GAIN } from "../mixin/config.js";
import { addToMix, MixKernelCache } from "../mixin/mix-kernels.js";

/** Mixins that one mixout can have. */
export const MIXOUT_SOURCES = 8;

/** Commits what its mixins have added into its sink, or silence (SOF's `mixout`). */
export class Mixout implements MixTargetOwner {
  readonly mixTarget = new MixTarget();
  readonly pacesSources = true;
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly bound: AudioStream[] = [];
  private periodFrames = 0;
  /** Whether the last period was held back for a mixin that is late. */
  private held = false;
  private readonly kernels: MixKernelCache;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    this.kernels = new MixKernelCache(services.heap.memory);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    if (sink === undefined) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    const { validFmt } = params;
    const mixable =
      validFmt === FrameFmt.S16_LE || validFmt === FrameFmt.S24_4LE || validFmt === FrameFmt.S32_LE;
    if (!mixable) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.periodFrames = periodFrames(params.rate, this.services.periodUs);
    this.mixTarget.clear();
    this.mixTarget.sink = sink;
    // What other cores sent to the mix before it was stopped is of no use any more.
    for (const source of sources) if (source.shared) source.consume(source.available);
    return 0;
  }

  process(_sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    if (sink === undefined) return -ENOTCONN;
    const { mixTarget } = this;
    const received = this.receiveAll(sink);
    const frames = this.readyFrames();
    // Nothing else is touched but counters; silence has to be written.
    const silent = frames > 0 ? 0 : this.periodFrames;
    this.cost.cycles = estimateCycles(received * sink.channels + silent, received > 0 ? 1 : 0);
    if (frames > 0) {
      for (let i = 0; i < mixTarget.lanes.length; i++) {
        const lane = mixTarget.lanes[i] as MixLane;
        lane.pendingFrames = Math.max(lane.pendingFrames - frames, 0);
      }
      mixTarget.mixedFrames -= frames;
      sink.produce(frames * sink.frameBytes);
    } else if (!this.held) {
      const bytes = Math.min(this.periodFrames, sink.freeFrames) * sink.frameBytes;
      sink.silence(bytes);
      sink.produce(bytes);
    }
    mixTarget.acquiredFrames = -1;
    return 0;
  }

  reset(): number {
    this.mixTarget.clear();
    this.mixTarget.sink = null;
    return 0;
  }

  free(): void {
    this.mixTarget.sink = null;
    this.mixTarget.lanes.length = 0;
  }

  bind(info: BindInfo): number {
    if (info.side !== "sink") return 0;
    if (this.bound.length >= MIXOUT_SOURCES) return -ENOMEM;
    this.bound.push(info.stream);
    this.mixTarget.lane(info.stream);
    return 0;
  }

  unbind(info: BindInfo): number {
    if (info.side === "sink") this.detached(info.stream);
    return 0;
  }

  detached(stream: AudioStream): void {
    const index = this.bound.indexOf(stream);
    if (index < 0) return;
    this.bound.splice(index, 1);
    this.mixTarget.remove(stream);
  }

  /**
   * Puts into the mix what mixins of other cores have sent, a period of each, and more where more has piled up
   * than the order of the cores' ticks accounts for.
   *
   * @returns frames, summed over the mixins
   */
  private receiveAll(sink: AudioStream): number {
    const { mixTarget, periodFrames } = this;
    const { lanes } = mixTarget;
    let received = 0;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i] as MixLane;
      const { stream, pendingFrames } = lane;
      if (!stream.shared || !stream.mayTake()) continue;
      const room = mixTarget.acquiredFrames < 0 ? sink.freeFrames : mixTarget.acquiredFrames;
      const waiting = stream.availableFrames;
      const due = Math.max(periodFrames - pendingFrames, waiting - 2 * periodFrames);
      const frames = Math.min(waiting, due, room - pendingFrames);
      if (frames <= 0) continue;
      const kernels = this.kernels.of(sink.validFmt);
      addToMix(mixTarget, lane, stream, sink, frames, kernels, UNITY_GAIN);
      stream.consume(frames * stream.frameBytes);
      received += frames;
    }
    return received;
  }

  /**
   * Frames that every mixin which takes part has contributed to; 0 without one. A mixin that has become
   * active and not run yet is not waited for: the others would lose a period. One that took part and is late
   * (its pipeline's place in the tick has changed) is waited for, for one period; one of another core is not,
   * because what it sends waits in the ring between the cores.
   */
  private readyFrames(): number {
    let ready = 0;
    let late = false;
    const waited = this.held;
    const { lanes } = this.mixTarget;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i] as MixLane;
      const { pendingFrames, stream } = lane;
      if (pendingFrames > 0) {
        ready = ready === 0 ? pendingFrames : Math.min(ready, pendingFrames);
        lane.joined = true;
      } else {
        lane.joined &&= stream.producerActive && !stream.shared && !waited;
        late ||= lane.joined;
      }
    }
    this.held = late && ready > 0;
    return this.held ? 0 : ready;
  }
}
