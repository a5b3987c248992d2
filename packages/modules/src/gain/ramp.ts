import { mulRound, fadeShape, quotient } from "./arithmetic.js";
import { Curve, MAX_VOLUME, type VolumeConfig } from "./config.js";

const Q30 = 2 ** 30;

/** Microseconds between two volumes of a ramp: the shorter the ramp, the finer its steps. */
function updateUs(rampMs: number): number {
  return rampMs < 32 ? 125 : rampMs < 64 ? 250 : rampMs < 128 ? 500 : 1000;
}

/** Change of the volume in 125 us, so that `delta` takes `rampMs`; a channel that is where it shall be stays there. */
function linearStep(delta: number, rampMs: number): number {
  if (delta === 0) return 0;
  const perMs = Math.floor((quotient(Math.abs(delta) * 2, rampMs) + 1) / 2);
  const step = Math.max(1, Math.floor((Math.floor(perMs / 4) + 1) / 2));
  return delta < 0 ? -step : step;
}

/**
 * The volumes of all channels on their way to their targets. Time is counted in frames and looked at in
 * units of 125 us.
 */
export class VolumeRamp {
  /** Q1.31, one a channel. */
  readonly current: Int32Array;
  readonly targets: Int32Array;
  /** Whether every channel has reached its target. */
  finished = false;
  /** Whether it has, and no channel is changed by it. */
  passThrough = false;
  /** Frames from one volume to the next. */
  frames = 1;
  private readonly starts: Int32Array;
  private readonly steps: Int32Array;
  private curve: number = Curve.NONE;
  private rampMs = 0;
  private elapsed = 0;
  private channels = 0;
  /** Channels that are computed; the others copy channel 0. */
  private distinct = 0;
  /** 1/rate, such that frames become units of 125 us. */
  private inverse = 0;
  private periodUs = 1000;
  private periodFrames = 1;

  constructor(channels: number) {
    this.current = new Int32Array(channels);
    this.targets = new Int32Array(channels);
    this.starts = new Int32Array(channels);
    this.steps = new Int32Array(channels);
  }

  /** Whether blocks should end where the signal crosses zero. */
  get zeroCrossing(): boolean {
    return this.curve === Curve.LINEAR_ZERO_CROSSING;
  }

  /** Ends a ramp where it is: until the next {@link prepare} nothing plays. */
  reset(): void {
    this.finished = false;
    this.passThrough = false;
  }

  setShape(config: VolumeConfig): void {
    this.curve = config.curve;
    this.rampMs = config.rampMs;
  }

  /** Starts all channels from silence on a stream of this rate. */
  prepare(channels: number, rate: number, periodUs: number, periodFrames: number): void {
    this.channels = channels;
    this.periodUs = periodUs;
    this.periodFrames = periodFrames;
    this.inverse = Math.floor((1000 * MAX_VOLUME) / rate);
    this.current.fill(0);
    this.restart();
  }

  /** Begins a ramp from the current volumes to the targets. */
  restart(): void {
    const us = updateUs(this.rampMs);
    this.frames =
      us > this.periodUs
        ? this.periodFrames
        : Math.floor(this.periodFrames / Math.floor(this.periodUs / us));
    this.elapsed = 0;
    this.reset();
    let alike = true;
    for (let c = 0; c < this.channels; c++) {
      const current = this.current[c] as number;
      const target = this.targets[c] as number;
      alike &&= current === this.current[0] && target === this.targets[0];
      this.starts[c] = current;
      this.steps[c] = this.rampMs === 0 ? 0 : linearStep(target - current, this.rampMs);
    }
    this.distinct = alike ? Math.min(1, this.channels) : this.channels;
  }

  /** Sets the volumes of the next `frames` frames. */
  advance(frames: number): void {
    const time = mulRound(this.elapsed, this.inverse, 28);
    let finished = true;
    for (let c = 0; c < this.distinct; c++) {
      const target = this.targets[c] as number;
      const next = this.volumeAt(c, time);
      const rising = target > (this.starts[c] as number);
      const reached = rising ? next >= target : next <= target;
      finished &&= reached;
      this.current[c] = reached ? target : next;
    }
    for (let c = this.distinct; c < this.channels; c++) this.current[c] = this.current[0] as number;
    this.finished = finished;
    this.passThrough = finished && this.unity;
    this.elapsed += frames;
  }

  private get unity(): boolean {
    for (let c = 0; c < this.channels; c++) if (this.current[c] !== MAX_VOLUME) return false;
    return true;
  }

  private volumeAt(channel: number, time: number): number {
    const start = this.starts[channel] as number;
    const target = this.targets[channel] as number;
    if (this.curve === Curve.LINEAR || this.curve === Curve.LINEAR_ZERO_CROSSING) {
      if (this.rampMs === 0) return target;
      const next = start + time * (this.steps[channel] as number);
      return Math.min(Math.max(next, -0x80000000), MAX_VOLUME);
    }
    if (this.curve !== Curve.WINDOWS_FADE || this.rampMs === 0) return target;
    const progress = quotient(time * Q30, 8 * this.rampMs);
    const delta = target - start;
    return delta < 0
      ? target - mulRound(delta, fadeShape(Q30 - progress), 30)
      : start + mulRound(delta, fadeShape(progress), 30);
  }
}
