import { ChannelConfig, ChannelRole } from "@sof-ts/ipc4";

/** Words of a coefficient row in memory. */
export const ROW_WORDS = 8;

const Q31 = 0x7fffffff;
const Q15 = 0x7fff;
/** One half, as a 16-bit coefficient has it: no coefficient reaches 1.0. */
const HALF = 1073741568;

/** Weights of the channel roles in thousandths, indexed by role: L C R Ls Rs Lside Rside LFE. */
const Weights = {
  LO_RO: [1000, 707, 1000, 707, 707, 100, 100, 0],
  SCALED: [414, 293, 414, 293, 293, 100, 100, 0],
  HALF_SCALED: [586, 414, 586, 414, 414, 100, 100, 0],
  QUATRO_MONO: [293, 207, 293, 207, 207, 100, 100, 0],
} as const;

/** Which channel arrangements a mixer connects. */
export interface MixShape {
  readonly input: number;
  readonly output: number;
  /** Whether samples have 16 bits, whose coefficients do too. */
  readonly short: boolean;
  /** Nibble i is the role of input channel i. */
  readonly channelMap: number;
  readonly inputChannels: number;
}

const { MONO, STEREO, CH_2_1, CH_3_0, CH_3_1, QUATRO, CH_4_0, CH_5_0, CH_5_1, DUAL_MONO } =
  ChannelConfig;
const { I2S_DUAL_STEREO_0, I2S_DUAL_STEREO_1, CH_7_1 } = ChannelConfig;
const { LEFT, CENTER, RIGHT, LEFT_SURROUND, RIGHT_SURROUND, LEFT_SIDE, RIGHT_SIDE, LFE } =
  ChannelRole;

/** Roles of the output channels, in order. */
const outputRoles: ReadonlyMap<number, readonly number[]> = new Map([
  [MONO, [CENTER]],
  [STEREO, [LEFT, RIGHT]],
  [CH_5_1, [LEFT, CENTER, RIGHT, LEFT_SURROUND, RIGHT_SURROUND, LFE]],
  [CH_7_1, [LEFT, CENTER, RIGHT, LEFT_SURROUND, RIGHT_SURROUND, LFE, LEFT_SIDE, RIGHT_SIDE]],
]);

const twoFront: readonly number[] = [
  MONO,
  STEREO,
  CH_2_1,
  DUAL_MONO,
  I2S_DUAL_STEREO_0,
  I2S_DUAL_STEREO_1,
];

function weightsOf({ input, output, short }: MixShape): readonly number[] | null {
  if (twoFront.includes(input)) return Weights.LO_RO;
  if (input === CH_3_0 || input === CH_3_1) return Weights.HALF_SCALED;
  if (input === QUATRO) return output === MONO ? Weights.QUATRO_MONO : Weights.HALF_SCALED;
  if (input === CH_4_0) return output === CH_5_1 && !short ? Weights.LO_RO : Weights.SCALED;
  return input === CH_5_0 || input === CH_5_1 || input === CH_7_1 ? Weights.SCALED : null;
}

/** A weight as a coefficient: rounded down to the width of the samples. */
function coefficient(weight: number, short: boolean): number {
  const full = short ? Q15 : Q31;
  return Math.floor((weight * full) / 1000) * (short ? 0x10000 : 1);
}

const onLeft: readonly number[] = [LEFT, CENTER, LEFT_SURROUND, LEFT_SIDE, LFE];
const onRight: readonly number[] = [RIGHT, CENTER, RIGHT_SURROUND, RIGHT_SIDE, LFE];

/** Which role of the input an output takes as it is when there are more outputs than inputs; -1 for none. */
function upmixSource(role: number, mono: boolean): number {
  if (role === CENTER || role === LFE) return -1;
  if (mono) return 0;
  return onLeft.includes(role) ? LEFT : RIGHT;
}

/** A row for each output channel, or null when the arrangements cannot be connected. */
export function mixCoefficients(shape: MixShape): Int32Array[] | null {
  const roles = outputRoles.get(shape.output);
  const weights = weightsOf(shape);
  if (roles === undefined || weights === null) return null;
  if (shape.output === CH_7_1 && (shape.input !== STEREO || shape.short)) return null;
  const up = shape.output === CH_5_1 || shape.output === CH_7_1;
  if (up && shape.input !== MONO && shape.input !== STEREO) return surround(shape, roles, weights);
  return roles.map((role) => (up ? upmixRow(shape, role) : downmixRow(shape, role, weights)));
}

const roleOf = (shape: MixShape, channel: number) => (shape.channelMap >>> (channel * 4)) & 15;

function upmixRow(shape: MixShape, role: number): Int32Array {
  const row = new Int32Array(ROW_WORDS);
  const mono = shape.input === MONO;
  const wanted = upmixSource(role, mono);
  for (let channel = 0; channel < shape.inputChannels; channel++) {
    const match = mono ? channel === 0 && wanted >= 0 : roleOf(shape, channel) === wanted;
    if (match) row[channel] = coefficient(1000, shape.short);
  }
  return row;
}

function downmixRow(shape: MixShape, role: number, weights: readonly number[]): Int32Array {
  const row = new Int32Array(ROW_WORDS);
  if (shape.input === MONO) {
    row[0] = coefficient(1000, shape.short);
    return row;
  }
  const side = role === LEFT ? onLeft : role === RIGHT ? onRight : null;
  for (let channel = 0; channel < shape.inputChannels; channel++) {
    const from = roleOf(shape, channel);
    const weight = weights[from];
    if (weight === undefined || (side !== null && !side.includes(from))) continue;
    row[channel] =
      shape.input === STEREO && side === null ? HALF : coefficient(weight, shape.short);
  }
  return row;
}

/** Channels that both arrangements have, weighted. */
function surround(
  shape: MixShape,
  roles: readonly number[],
  weights: readonly number[],
): Int32Array[] {
  return roles.map((role) => {
    const row = new Int32Array(ROW_WORDS);
    for (let channel = 0; channel < shape.inputChannels; channel++) {
      if (roleOf(shape, channel) === role)
        row[channel] = coefficient(weights[role] ?? 0, shape.short);
    }
    return row;
  });
}
