import { type AudioFormat, encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import { halves, lowPass } from "./blobs.js";
import { baseConfig, concat, words } from "./kit.js";

/** Compressor parameters of the speaker default tuning. */
export const speaker: readonly number[] = [
  1, -503316480, 335544320, 167772160, 6442451, 33954698, 107374182, 12228399, 1969176, -2080224,
  5305422, 137666458, 81276115, 7456540, -8947849, 2062296, 5, 4423680, 294359, 2477728, 622039,
  46513,
];

export const drcBlob = (params: readonly number[]) => words(108, 0, 0, 0, 0, ...params);

/** Crossover sections with output stages of unity: a low and a high split point. */
export const lowSplit = {
  low: [-973078528, 2030043136, 4194304, 8388608, 4194304, 0, 16384],
  high: [-973078528, 2030043136, 1019215872, -2038431744, 1019215872, 0, 16384],
};
export const highSplit = {
  low: [-771751936, 1811939328, 8388608, 16777216, 8388608, 0, 16384],
  high: [-771751936, 1811939328, 914358272, -1828716544, 914358272, 0, 16384],
};

/** LP0, HP0, LP1, HP1, LP2, HP2 of three bands: the second split works on both sides of the first. */
export const threeBands: readonly (readonly number[])[] = [
  lowSplit.low,
  lowSplit.high,
  highSplit.low,
  highSplit.high,
  highSplit.low,
  highSplit.high,
];

/** Bands go to the output pins in order. */
export function crossoverBlob(bands: number, sections: readonly (readonly number[])[]): Uint8Array {
  const pins = [0, 1, 2, 3].map((pin) => (pin < bands ? pin : 0));
  const body = [bands, 0, 0, 0, 0, ...pins, ...sections.flat()];
  return words(body.length * 4 + 4, ...body);
}

/** The same compressor in every band. */
export function multibandBlob(
  params: readonly number[],
  bands: number,
  emphasis = true,
): Uint8Array {
  const filters = [lowPass, lowPass, lowPass, lowPass, ...threeBands].flat();
  const sets = Array.from({ length: bands }, () => params).flat();
  const body = [bands, emphasis ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0, ...filters, ...sets];
  return words(body.length * 4 + 4, ...body);
}

/**
 * A beamformer of stereo for one angle and nothing for the beam that is off.
 *
 * @param taps of one filter each: even ones hear the left, odd ones the right microphone, pairs go to one side
 */
export function beamBlob(...taps: readonly (readonly number[])[]): Uint8Array {
  const filters = taps.map((h) =>
    concat(halves(h.length, 0, 0, 0, 0, 0, 0, 0, 0, 0), halves(...h)),
  );
  const count = taps.length;
  const inputs = taps.map((_, i) => i % 2);
  const mix = taps.map((_, i) => (count === 2 ? 1 << i : 1 << (i >> 1)));
  const lists = halves(...inputs, ...mix, ...taps.map(() => 0));
  const header = halves(count, 2, 1, 0, 1, 0, 0, 15, -90, 0, 0, 0);
  const body = concat(header, ...filters, lists, halves(0, 0, 0, 0));
  return concat(words(body.length + 4), body);
}

/** Init payload with pins of one format on both sides. */
export function pins(audioFmt: AudioFormat, inputs: number, outputs: number): Uint8Array {
  const base = baseConfig(audioFmt);
  return encodeBaseModuleCfgExt({
    base,
    inputPins: Array.from({ length: inputs }, (_, pinIndex) => ({
      pinIndex,
      ibs: base.ibs,
      audioFmt,
    })),
    outputPins: Array.from({ length: outputs }, (_, pinIndex) => ({
      pinIndex,
      obs: base.obs,
      audioFmt,
    })),
  });
}
