import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM, ENOTCONN } from "@sof-ts/kit";
import { type AudioStream, type BindInfo, FrameFmt, type ModuleServices } from "@sof-ts/module-api";
import { adoptParams, periodFrames, streamParamsOf } from "../common/base-config.js";
import { type MixLane, MixTarget, type MixTargetOwner } from "../common/mix-target.js";
import { estimateCycles } from "../common/cost.js";

/** Mixins that one mixout can have. */
export const MIXOUT_SOURCES = 8;

/** Commits what its mixins have added into its sink, or silence (SOF's `mixout`). */
export class Mixout implements MixTargetOwner {
  readonly mixTarget = new MixTarget();
  estimatedCycles = 0;
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly bound: AudioStream[] = [];
  private periodFrames = 0;
  /** Whether the last period was held back for a mixin that is late. */
  private held = false;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
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
    return 0;
  }

  process(_sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const sink = sinks[0];
    if (sink === undefined) return -ENOTCONN;
    const { mixTarget } = this;
    const frames = this.readyFrames();
    // Nothing is touched but counters; silence has to be written.
    this.estimatedCycles = estimateCycles(frames > 0 ? 0 : this.periodFrames, 0);
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
    const index = this.bound.indexOf(info.stream);
    if (info.side !== "sink" || index < 0) return 0;
    this.bound.splice(index, 1);
    this.mixTarget.remove(info.stream);
    return 0;
  }

  /**
   * Frames that every mixin which takes part has contributed to; 0 without one. A mixin that has become
   * active and not run yet is not waited for: the others would lose a period. One that took part and is late
   * (its core's tick may come after ours) is waited for, for one period.
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
        lane.joined &&= stream.producerActive && !waited;
        late ||= lane.joined;
      }
    }
    this.held = late && ready > 0;
    return this.held ? 0 : ready;
  }
}
