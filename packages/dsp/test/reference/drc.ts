import { fixedF, from32, mulr, rnd, sat, sat16, sat32, to32, type Width, wrap } from "./exact.js";
import { asin, db2lin, drcSin, exp, inv, lin2db, ln, pow } from "./exact-math.js";

/** Parameters after the blob's header: 22 words. */
export const PARAM_WORDS = 22;
const RING = 512n;
const SPAN = 32n;
const ONE_Q20 = 1n << 20n;
const ONE_Q30 = 1n << 30n;
const NEAR_ONE = fixedF(0.7943282347242815, 30);
const INT32_MIN = -(1n << 31n);

/** Dynamic range compression, one frame at a time. */
export class DrcReference {
  readonly params: readonly bigint[];
  readonly channels: number;
  readonly width: Width;
  /** Whether the enable control is on; off leaves the delay. */
  enabled = true;
  readonly ring: bigint[][];
  read = 0n;
  write: bigint;
  detectorAverage = 0n;
  compressorGain = ONE_Q30;
  envelopeRate = 0n;
  desiredGain = 0n;
  maxAttack = INT32_MIN;
  private processed = false;

  constructor(params: readonly number[], channels: number, width: Width, rate: number) {
    this.params = params.map(BigInt);
    this.channels = channels;
    this.width = width;
    this.ring = Array.from({ length: channels }, () =>
      Array.from({ length: Number(RING) }, () => 0n),
    );
    let delay = mulr(this.p(4), BigInt(rate), 30);
    if (delay > 511n) delay = 511n;
    delay &= ~31n;
    this.write = delay < SPAN ? SPAN : delay;
  }

  /** Puts one frame through; with the parameters' own enable off the frame comes back as it is. */
  frame(input: readonly bigint[]): bigint[] {
    if (this.p(0) === 0n) return [...input];
    if (!this.processed) this.start();
    const stored = this.width === 24 && this.enabled ? input.map((x) => to32(x, 24)) : input;
    const out = this.exchange(stored);
    if (this.enabled && this.write % SPAN === 0n) this.update();
    return this.width === 24 && this.enabled ? out.map((y) => from32(y, 24)) : out;
  }

  /** What happens once before the first frame when the control is on. */
  start(): void {
    if (this.processed || !this.enabled) return;
    this.processed = true;
    this.envelope();
    this.outputGain();
  }

  /** Stores a frame and takes the one that has waited longest. */
  exchange(stored: readonly bigint[]): bigint[] {
    const out = this.ring.map((ring, ch) => {
      ring[Number(this.write)] = stored[ch] as bigint;
      return ring[Number(this.read)] as bigint;
    });
    this.write = (this.write + 1n) % RING;
    this.read = (this.read + 1n) % RING;
    return out;
  }

  update(): void {
    this.detector();
    this.envelope();
    this.outputGain();
  }

  private p(index: number): bigint {
    return this.params[index] as bigint;
  }

  private curve(a: bigint): bigint {
    const knee = sat32(this.p(10) << 7n);
    const linear = sat32(this.p(5) << 1n);
    if (a < knee) {
      if (a < linear) return ONE_Q30;
      const k = this.p(8) + mulr(this.p(9), exp(mulr(a, -this.p(7), 24)), 20);
      return mulr(k, inv(a, 31, 20), 14);
    }
    const e = exp(mulr(ln(rnd(a, 5)), this.p(6) - ONE_Q30, 29));
    return mulr(this.p(11), e, 20);
  }

  private detector(): void {
    const first = this.write === 0n ? RING - SPAN : this.write - SPAN;
    let det = this.detectorAverage;
    for (let i = first; i < first + SPAN; i++) {
      let a = 0n;
      for (const ring of this.ring) {
        const v =
          this.width === 16 ? (ring[Number(i)] as bigint) << 16n : (ring[Number(i)] as bigint);
        const magnitude = wrap(v < 0n ? -v : v);
        if (magnitude > a) a = magnitude;
      }
      const g = this.curve(a);
      const diff = g - det;
      if (diff > 0n) {
        if (g > NEAR_ONE) {
          det += mulr(diff, this.p(15), 30);
        } else {
          const d = mulr(lin2db(rnd(g, 4)), this.p(14), 27);
          det += mulr(diff, db2lin(d) - ONE_Q20, 20);
        }
      } else {
        det = g;
      }
      if (det > ONE_Q30) det = ONE_Q30;
    }
    this.detectorAverage = det;
  }

  private envelope(): void {
    const desired = asin(this.detectorAverage);
    const gain = this.compressorGain;
    const bad = gain === 0n || desired === 0n;
    let diff = lin2db(rnd(gain, 4)) - lin2db(rnd(desired, 4));
    let rate: bigint;
    if (desired > gain) {
      this.maxAttack = INT32_MIN;
      if (bad) diff = -(1n << 21n);
      const low = -(12n << 21n);
      const clamped = diff < low ? low : diff > 0n ? 0n : diff;
      const x = rnd(clamped + (12n << 21n), 2);
      const x2 = mulr(x, x, 21);
      const x3 = mulr(x2, x, 21);
      const x4 = mulr(x2, x2, 21);
      const frames =
        mulr(this.p(21), x4, 21) +
        mulr(this.p(20), x3, 21) +
        mulr(this.p(19), x2, 21) +
        mulr(this.p(18), x, 21) +
        this.p(17);
      rate = db2lin(mulr(inv(frames, 12, 30), this.p(16), 6));
    } else {
      if (bad) diff = 1n << 21n;
      const attack = sat32(diff << 3n);
      if (attack > this.maxAttack) this.maxAttack = attack;
      const q = this.maxAttack > 1n << 23n ? this.maxAttack : 1n << 23n;
      rate = ONE_Q20 - pow(inv(q, 22, 26), this.p(13));
    }
    this.envelopeRate = sat32(rate << 10n);
    this.desiredGain = desired;
  }

  private outputGain(): void {
    const release = this.envelopeRate >= ONE_Q30;
    const base = release ? 0n : this.desiredGain;
    const c = this.compressorGain - base;
    const r = release ? this.envelopeRate : ONE_Q30 - this.envelopeRate;
    const x: bigint[] = [mulr(c, r, 30)];
    for (let j = 1; j < 4; j++) x.push(mulr(x[j - 1] as bigint, r, 30));
    const r2 = mulr(r, r, 30);
    const r4 = mulr(r2, r2, 30);
    for (let group = 0; group < 8; group++) {
      for (let j = 0; j < 4; j++) {
        const s = drcSin((x[j] as bigint) + base);
        const total = mulr(this.p(12), s, 31);
        const index = Number(this.read) + group * 4 + j;
        for (const ring of this.ring) {
          const scaled = rnd((ring[index] as bigint) * total, 24);
          ring[index] = this.width === 16 ? sat16(scaled) : sat(scaled, 32);
        }
      }
      if (group < 7) {
        for (let j = 0; j < 4; j++) {
          let next = mulr(x[j] as bigint, r4, 30);
          if (release && next > ONE_Q30) next = ONE_Q30;
          x[j] = next;
        }
      }
    }
    this.compressorGain = (x[3] as bigint) + base;
  }
}
