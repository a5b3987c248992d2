/**
 * The gain as its formulas say, in exact integers and without regard to speed: SOF's `gain` with all its curves.
 * Volumes are Q1.31.
 */

const MAX = 0x7fff_ffffn;
const ONE_127TH = 8_454_660n;

const rnd = (value: bigint, bits: number): bigint => ((value >> BigInt(bits - 1)) + 1n) >> 1n;
const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const clamp = (value: bigint, bits: number): bigint => {
  const top = 1n << BigInt(bits - 1);
  return value < -top ? -top : value > top - 1n ? top - 1n : value;
};

const shape = Array.from({ length: 128 }, (_, i) =>
  BigInt(Math.min(32767, Math.round(32768 * (i / 127) ** 1.75))),
);

/** x^1.75 in Q30, by a table of 127 steps; 0 when a ramp is past its end. */
function fade(x: bigint): bigint {
  if (x <= 0n) return 0n;
  const i = (x * 127n) >> 30n;
  if (i >= 127n) return 1n << 30n;
  const [low, high] = [shape[Number(i)] as bigint, shape[Number(i) + 1] as bigint];
  return (low << 15n) + rnd((x - i * ONE_127TH) * ((high - low) * 127n), 15);
}

export interface SlowGainSetup {
  readonly bits: 16 | 24 | 32;
  readonly channels: number;
  readonly rate: number;
  readonly periodFrames: number;
  /** Frames that a block is a multiple of. */
  readonly align: number;
}

export class SlowGain {
  private readonly setup: SlowGainSetup;
  private readonly volume: bigint[];
  private readonly target: bigint[];
  private readonly saved: bigint[];
  private readonly muted: boolean[];
  private start: bigint[] = [];
  private alike = true;
  private curve = 0;
  private ms = 0n;
  private elapsed = 0;
  private finished = false;

  constructor(setup: SlowGainSetup) {
    this.setup = setup;
    const { channels } = setup;
    this.volume = Array.from({ length: channels }, () => 0n);
    this.target = [...this.volume];
    this.saved = [...this.volume];
    this.muted = this.volume.map(() => false);
    this.restart();
  }

  /** @param channel null for all @param duration units of 100 ns */
  setVolume(channel: number | null, target: number, curve: number, duration: number): void {
    this.curve = curve;
    this.ms = curve === 0 ? 0n : rnd(BigInt(duration) * 214748n, 31);
    for (let c = 0; c < this.volume.length; c++) {
      if (channel !== null && c !== channel) continue;
      (this.muted[c] ? this.saved : this.target)[c] = BigInt(target);
    }
    this.restart();
  }

  setSwitch(values: readonly boolean[]): void {
    values.slice(0, this.volume.length).forEach((on, c) => {
      if (on !== this.muted[c]) return;
      this.muted[c] = !on;
      if (!on) this.saved[c] = this.target[c] as bigint;
      this.target[c] = on ? (this.saved[c] as bigint) : 0n;
    });
    this.restart();
  }

  /** One call. @param frames samples of each channel */
  block(frames: readonly (readonly bigint[])[]): bigint[][] {
    const out: bigint[][] = [];
    let before = 0n;
    for (let at = 0; at < frames.length;) {
      const left = frames.length - at;
      let count = left;
      if (!this.finished) {
        const steps = this.stepFrames;
        if (steps <= left) {
          count = Math.ceil(steps / this.setup.align) * this.setup.align;
          if (this.curve === 4) {
            let found = steps;
            for (let i = steps - 1; i >= 0; i--) {
              const sum = (frames[at + i] as readonly bigint[]).reduce((a, b) => a + b, 0n);
              if (sum < 0n !== before < 0n) {
                found = i + 1;
                break;
              }
              before = sum;
            }
            const { align } = this.setup;
            count = Math.max(1, Math.floor((found + align / 2) / align)) * align;
          }
          count = Math.min(count, left);
        }
        this.update();
        this.elapsed += count;
      }
      const copies = this.finished && this.volume.every((volume) => volume === MAX);
      for (const frame of frames.slice(at, at + count)) {
        out.push(
          frame.map((x, c) =>
            copies ? x : clamp(rnd(x * (this.volume[c] as bigint), 31), this.setup.bits),
          ),
        );
      }
      at += count;
    }
    return out;
  }

  private get stepFrames(): number {
    const us = this.ms < 32n ? 125 : this.ms < 64n ? 250 : this.ms < 128n ? 500 : 1000;
    return Math.floor(this.setup.periodFrames / Math.floor(1000 / us));
  }

  private restart(): void {
    this.start = [...this.volume];
    this.elapsed = 0;
    this.finished = false;
    this.alike =
      new Set(this.volume.map(String)).size === 1 && new Set(this.target.map(String)).size === 1;
  }

  private update(): void {
    const inverse = (1000n * MAX) / BigInt(this.setup.rate);
    const time = rnd(BigInt(this.elapsed) * inverse, 28);
    this.finished = true;
    for (let c = 0; c < this.volume.length; c++) {
      if (this.alike && c > 0) {
        this.volume[c] = this.volume[0] as bigint;
        continue;
      }
      const [start, target] = [this.start[c] as bigint, this.target[c] as bigint];
      const next = this.at(start, target, time);
      const short = target > start ? next < target : next > target;
      if (short) this.finished = false;
      this.volume[c] = short ? next : target;
    }
  }

  private at(start: bigint, target: bigint, time: bigint): bigint {
    const { curve, ms } = this;
    const delta = target - start;
    if (ms === 0n || delta === 0n || ![1, 2, 4].includes(curve)) return target;
    if (curve === 1) {
      const part = (time << 30n) / (8n * ms);
      return delta < 0n
        ? target - rnd(delta * fade((1n << 30n) - part), 30)
        : start + rnd(delta * fade(part), 30);
    }
    const perMs = ((abs(delta) * 2n) / ms + 1n) >> 1n;
    const eighth = ((perMs >> 2n) + 1n) >> 1n;
    const step = eighth < 1n ? 1n : eighth;
    return clamp(start + time * (delta < 0n ? -step : step), 32);
  }
}
