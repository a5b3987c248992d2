import { assert } from "@sof-ts/kit";
import { wasm } from "./generated/biquad.js";
import { type KernelMemory, wasmFamily } from "./wasm-family.js";

/**
 * A second-order section in direct form I. The feedback coefficients are added, so they are those of the
 * transfer function negated. All but the last two are Q2.30.
 *
 * `t = sat32(rnd(a2*y2 + a1*y1 + b2*x2 + b1*x1 + b0*x, 30))`, output `sat32(rnd(gain*t, 14 + shift))`
 */
export interface Biquad {
  readonly a2: number;
  readonly a1: number;
  readonly b2: number;
  readonly b1: number;
  readonly b0: number;
  /** Right shift of the output, -13..48; negative is to the left. */
  readonly shift: number;
  /** Q2.14. */
  readonly gain: number;
}

/** What one channel goes through: banks of sections in series, all fed with the input, summed. */
export interface BiquadResponse {
  /** A multiple of `inSeries`, which is at least 1. */
  readonly sections: readonly Biquad[];
  readonly inSeries: number;
}

const UNITY_GAIN = 0x4000;
const identity: Biquad = { a2: 0, a1: 0, b2: 0, b1: 0, b0: 0x40000000, shift: 0, gain: UNITY_GAIN };

const OP_BYTES = 32;
const STAGE_COEF_BYTES = 112;
const STAGE_STATE_BYTES = 64;
const SECTION_COEF_BYTES = 28;
const SECTION_STATE_BYTES = 16;

const Kind = { PAIR: 0, PLAIN_PAIR: 1, SINGLE: 2, BANKS: 3 } as const;

interface BiquadExports {
  biquads(
    src: number,
    dst: number,
    frames: number,
    frameBytes: number,
    program: number,
    count: number,
  ): void;
}

const load = wasmFamily<BiquadExports>(wasm);

/** @returns bytes that a {@link BiquadBank} needs for so many channels with at most so many sections each */
export function biquadBankBytes(channels: number, sections: number): number {
  const pairs = Math.ceil(channels / 2);
  const stages = Math.ceil(sections / 2);
  const vector = pairs * stages * (OP_BYTES + STAGE_COEF_BYTES + STAGE_STATE_BYTES);
  const scalar = channels * (OP_BYTES + sections * (SECTION_COEF_BYTES + SECTION_STATE_BYTES));
  return vector + scalar + 64;
}

/**
 * Biquads on interleaved 32-bit channels. Neighbouring channels share vectors where both have their sections
 * in series; shorter ones are filled up with sections that change no bit. Not to be called while `run` runs.
 */
export class BiquadBank {
  private readonly memory: KernelMemory;
  private readonly exports: BiquadExports;
  private readonly base: number;
  private readonly bytes: number;
  private readonly channels: number;
  private ops = 0;
  private next = 0;
  private stateStart: number;
  private copies = true;

  /**
   * @param base address of {@link biquadBankBytes} bytes, a multiple of 16
   * @param channels channels of a frame
   */
  constructor(memory: KernelMemory, base: number, bytes: number, channels: number) {
    this.memory = memory;
    this.exports = load(memory);
    this.base = base;
    this.bytes = bytes;
    this.channels = channels;
    // There are no delays before the first responses.
    this.stateStart = base + bytes;
  }

  /** Sets the responses, null for a channel that passes unchanged, and clears all delays. */
  configure(responses: readonly (BiquadResponse | null)[]): void {
    assert(responses.length === this.channels, "a response for each channel");
    this.memory.u8.fill(0, this.base, this.base + this.bytes);
    const plans = planStages(responses);
    this.ops = plans.length;
    const coefStart = this.base + OP_BYTES * plans.length;
    this.next = coefStart;
    const coefs = plans.map((plan) => this.writeCoefs(plan));
    this.stateStart = this.next;
    plans.forEach((plan, index) => this.writeOp(plan, index, coefs[index] as number));
    assert(this.next <= this.base + this.bytes, "biquads need more memory than was given");
    // Channels that no operation reads have to be copied.
    this.copies = responses.some((_, c) => !plans.some((plan) => covers(plan, c)));
  }

  /** Whether {@link run} reaches only part of the channels, so that the caller copies the block first. */
  get leavesChannels(): boolean {
    return this.copies;
  }

  /** Clears all delays. */
  clear(): void {
    this.memory.u8.fill(0, this.stateStart, this.base + this.bytes);
  }

  /** Filters `frames` frames of 32-bit samples from `src` to `dst`, which may be the same. */
  run(src: number, dst: number, frames: number): void {
    this.exports.biquads(src, dst, frames, this.channels * 4, this.base, this.ops);
  }

  private writeOp(plan: Plan, index: number, coefs: number): void {
    const at = (this.base + index * OP_BYTES) >> 2;
    const state = this.next;
    this.next +=
      plan.kind === Kind.BANKS ? plan.sections.length * SECTION_STATE_BYTES : STAGE_STATE_BYTES;
    const inSeries = plan.kind === Kind.BANKS ? plan.inSeries : 0;
    const count = plan.kind === Kind.BANKS ? plan.sections.length : 0;
    this.memory.i32.set(
      [plan.kind, plan.channel * 4, plan.first ? 1 : 0, coefs, state, count, inSeries, 0],
      at,
    );
  }

  private writeCoefs(plan: Plan): number {
    const address = this.next;
    const at = address >> 2;
    const { i32 } = this.memory;
    if (plan.kind === Kind.BANKS) {
      plan.sections.forEach((each, index) => {
        i32.set(
          [each.a2, each.a1, each.b2, each.b1, each.b0, each.shift, each.gain],
          at + index * 7,
        );
      });
      this.next += (plan.sections.length * SECTION_COEF_BYTES + 15) & ~15;
      return address;
    }
    plan.lanes.forEach((each, lane) => {
      const { a2, a1, b2, b1, b0 } = each;
      [a2, a1, b2, b1, b0].forEach((value, index) => {
        i32[at + index * 4 + lane] = value;
      });
      i32[at + 20 + lane] = each.gain * 2 ** (plan.shift - 14 - each.shift);
    });
    i32[at + 24] = plan.shift;
    this.next += STAGE_COEF_BYTES;
    return address;
  }
}

/** Two sections of two channels: lanes [section A of both, section B of both]. */
interface StagePlan {
  readonly kind: typeof Kind.PAIR | typeof Kind.PLAIN_PAIR | typeof Kind.SINGLE;
  readonly channel: number;
  readonly first: boolean;
  readonly lanes: readonly Biquad[];
  /** Shift after the gain, common to all lanes. */
  readonly shift: number;
}

interface BanksPlan {
  readonly kind: typeof Kind.BANKS;
  readonly channel: number;
  readonly first: true;
  readonly sections: readonly Biquad[];
  readonly inSeries: number;
}

type Plan = StagePlan | BanksPlan;

const covers = (plan: Plan, channel: number) =>
  plan.first &&
  (plan.channel === channel ||
    ((plan.kind === Kind.PAIR || plan.kind === Kind.PLAIN_PAIR) && plan.channel + 1 === channel));

function planStages(responses: readonly (BiquadResponse | null)[]): Plan[] {
  const plans: Plan[] = [];
  for (let channel = 0; channel < responses.length; channel += 2) {
    const pair = responses.slice(channel, channel + 2);
    const stages = planPair(pair, channel);
    if (stages !== null) plans.push(...stages);
    else {
      pair.forEach((response, index) => {
        if (response !== null)
          plans.push({ kind: Kind.BANKS, channel: channel + index, first: true, ...response });
      });
    }
  }
  return plans;
}

/** @returns the stages of one or two channels, or null when vectors cannot do them */
function planPair(pair: readonly (BiquadResponse | null)[], channel: number): StagePlan[] | null {
  for (const response of pair) {
    if (response !== null && response.inSeries !== response.sections.length) return null;
  }
  const sections = pair.map((response) => response?.sections ?? []);
  const depth = Math.max(...sections.map((each) => each.length));
  const stages: StagePlan[] = [];
  for (let at = 0; at < depth; at += 2) {
    const lanes = [at, at + 1].flatMap((section) =>
      [0, 1].map((lane) => sections[lane]?.[section] ?? identity),
    );
    const shift = Math.max(...lanes.map((lane) => 14 + lane.shift));
    const fits = lanes.every((lane) => {
      const gain = lane.gain * 2 ** (shift - 14 - lane.shift);
      return gain >= -(2 ** 31) && gain < 2 ** 31;
    });
    if (shift > 32 || !fits) return null;
    const plain = lanes.every((lane) => lane.shift === 0 && lane.gain === UNITY_GAIN);
    const kind = pair.length === 1 ? Kind.SINGLE : plain ? Kind.PLAIN_PAIR : Kind.PAIR;
    stages.push({ kind, channel, first: at === 0, lanes, shift });
  }
  return stages;
}
