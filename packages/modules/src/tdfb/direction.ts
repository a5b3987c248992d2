import {
  createTdfbKernels,
  listenerBytes,
  type ListenerKernels,
  type ListenerSetup,
  resetListener,
} from "@sof-ts/dsp";
import type { AudioAllocator, AudioStream } from "@sof-ts/module-api";
import type { SampleBits } from "../common/wide-kernel.js";
import { type Microphone, type TdfbConfig, wrapDegrees } from "./config.js";

const SPEED_OF_SOUND = 343;
/** Distance in metres at which the source is assumed. */
const SOURCE_DISTANCE = 3;
/** Level over the ambient noise that counts as sound: 12 dB. */
const TRIGGER_RATIO = 15.849;
const AMBIENT_RISE = 2 ** -12;
const AMBIENT_FALL = 2 ** -1;
/** Share of a new estimate in the smoothed azimuth. */
const SMOOTHING = 0.02;
const SEARCH_STEPS = 8;
const SEARCH_STEP_RADIANS = 0.6;
/** The last four blocks have to be loud before a change is told. */
const LOUD_BLOCKS = 0b1111;
const NOTIFY_SECONDS = 0.2;
/** Most frames that the kernel takes at a time. */
const WINDOW_FRAMES = 64;

/** Two sections that keep the band of speech, by rate: a2, a1, b2, b1, b0, shift, gain. */
const emphasis: Readonly<Record<number, Int32Array>> = {
  48000: Int32Array.of(
    ...sectionWords(
      "c8cf47b5 7689916a 1dc95968 c46d4d30 1dc95968 0 4000",
      "e16f20ea 51e57f66 01966267 032cc4ce 01966267 fffffffe 4222",
    ),
  ),
  16000: Int32Array.of(
    ...sectionWords(
      "d6f418ae 63e7b85c 19ae069b cca3f2ca 19ae069b 0 4000",
      "f504f334 0 09651419 12ca2831 09651419 fffffffe 414c",
    ),
  ),
};

function sectionWords(...sections: readonly string[]): number[] {
  return sections.flatMap((section) => section.split(" ").map((word) => Number.parseInt(word, 16)));
}

/** @returns whether direction finding knows the rate */
export const knowsRate = (rate: number): boolean => emphasis[rate] !== undefined;

/**
 * Estimates the azimuth of the loudest source from the delays between the microphones: an emphasis of
 * speech, a detector of sound over the ambient noise, cross-correlation of the first microphone with each
 * other, and a short search for the azimuth whose delays fit best.
 *
 * Calling context: `listen` from `process`, all others from the IPC thread.
 */
export class DirectionFinder {
  /** Smoothed azimuth in radians. */
  azimuth = 0;
  private readonly heap: AudioAllocator;
  private readonly kernels: ListenerKernels;
  private listener = 0;
  private capacity = 0;
  private microphones: readonly Microphone[] = [];
  private channels: readonly number[] = [];
  private readonly delays = new Float64Array(8);
  private rate = 48000;
  private mostLag = 0;
  private ambient = 0;
  private loud = 0;
  private told = -1;
  private framesSinceTold = 0;

  constructor(heap: AudioAllocator) {
    this.heap = heap;
    this.kernels = createTdfbKernels(heap.memory);
  }

  /**
   * Starts over for a blob and a stream. Allocates.
   *
   * @returns false when there is no room
   */
  setUp(config: TdfbConfig, channels: number, width: SampleBits, rate: number): boolean {
    const count = Math.min(config.microphones.length, channels);
    this.microphones = config.microphones.slice(0, count);
    this.channels = this.microphones.map((_, i) => i);
    this.rate = rate;
    let apart = 0;
    for (const a of this.microphones) {
      for (const b of this.microphones) apart = Math.max(apart, distance(a, b.x, b.y, b.z));
    }
    this.mostLag = Math.round((rate * apart) / SPEED_OF_SOUND) + 1;
    const setup: ListenerSetup = {
      channels,
      width,
      windowFrames: WINDOW_FRAMES,
      mostLag: this.mostLag,
      emphasis: emphasis[rate] as Int32Array,
    };
    const bytes = listenerBytes(setup);
    if (bytes > this.capacity) {
      this.release();
      this.listener = this.heap.alloc(bytes);
      if (this.listener === 0) return false;
      this.capacity = bytes;
    }
    resetListener(this.heap.memory, this.listener, setup);
    this.azimuth = 0;
    this.ambient = 0;
    this.loud = 0;
    this.told = -1;
    this.framesSinceTold = 0;
    return true;
  }

  /** Gives the memory back. */
  release(): void {
    this.heap.free(this.listener);
    this.listener = 0;
    this.capacity = 0;
  }

  /** Hears the oldest `frames` frames of a stream. */
  listen(source: AudioStream, frames: number): void {
    if (this.listener === 0 || frames === 0) return;
    let level = 0;
    let src = source.readPtr;
    for (let left = frames; left > 0;) {
      const straight = Math.floor((source.end - src) / source.frameBytes);
      const count = Math.min(left, straight, WINDOW_FRAMES);
      if (count === 0) return;
      level += this.kernels.listen(this.listener, src, count) * (count / frames);
      src = source.wrap(src + count * source.frameBytes);
      left -= count;
    }
    this.framesSinceTold += frames;
    const rise = level > this.ambient ? AMBIENT_RISE : AMBIENT_FALL;
    this.ambient += (level - this.ambient) * rise;
    const triggered = level > TRIGGER_RATIO * this.ambient;
    this.loud = ((this.loud << 1) | (triggered ? 1 : 0)) & LOUD_BLOCKS;
    if (triggered && this.microphones.length > 1) this.estimate(Math.min(frames, WINDOW_FRAMES));
  }

  /**
   * @returns the value of the azimuth control when it is new, the sound lasts and the last news is old
   *   enough, else -1
   */
  news(config: TdfbConfig): number {
    if (this.loud !== LOUD_BLOCKS || this.framesSinceTold < NOTIFY_SECONDS * this.rate) return -1;
    const value = this.controlValue(config);
    if (value < 0 || value === this.told) return -1;
    this.told = value;
    this.framesSinceTold = 0;
    return value;
  }

  /** The azimuth as a value of the control; below 0 when the control's range does not cover it. */
  controlValue(config: TdfbConfig): number {
    const degrees = wrapDegrees(Math.round((this.azimuth * 180) / Math.PI));
    const steps = Math.trunc((2 * (degrees - config.angleOffset)) / config.angleMultiplier);
    return (steps + 1) >> 1;
  }

  private estimate(frames: number): void {
    for (let i = 1; i < this.channels.length; i++) {
      const late = this.kernels.lag(this.listener, i, frames, this.mostLag);
      this.delays[i] = (late * SPEED_OF_SOUND) / this.rate;
    }
    let step = SEARCH_STEP_RADIANS;
    let best = this.azimuth;
    let error = this.errorAt(best);
    for (let i = 0; i < SEARCH_STEPS; i++) {
      const next = best + step;
      const nextError = this.errorAt(next);
      if (nextError < error) {
        best = next;
        error = nextError;
      } else {
        step /= -2;
      }
    }
    this.azimuth += (best - this.azimuth) * SMOOTHING;
  }

  /** How badly a source at an azimuth explains the delays, in square metres. */
  private errorAt(azimuth: number): number {
    const x = SOURCE_DISTANCE * Math.cos(azimuth);
    const y = SOURCE_DISTANCE * Math.sin(azimuth);
    const first = distance(this.microphones[0] as Microphone, x, y, 0);
    let error = 0;
    for (let i = 1; i < this.microphones.length; i++) {
      const expected = distance(this.microphones[i] as Microphone, x, y, 0) - first;
      error += (expected - (this.delays[i] as number)) ** 2;
    }
    return error;
  }
}

function distance(from: Microphone, x: number, y: number, z: number): number {
  return Math.sqrt((from.x - x) ** 2 + (from.y - y) ** 2 + (from.z - z) ** 2);
}
