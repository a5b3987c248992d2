/** Compressor parameters of the speaker default tuning. */
export const drcWords = [
  1, -503316480, 335544320, 167772160, 6442451, 33954698, 107374182, 12228399, 1969176, -2080224,
  5305422, 137666458, 81276115, 7456540, -8947849, 2062296, 5, 4423680, 294359, 2477728, 622039,
  46513,
] as const;

/** A low-pass section with an output shift, used as emphasis and de-emphasis. */
export const emphasisSection = [
  -0x2e000000, 0x6c000000, 0x00100000, 0x00200000, 0x00100000, -3, 0x4000,
] as const;

const low = [-771751936, 1811939328, 8388608, 16777216, 8388608, 0, 16384];
const high = [-771751936, 1811939328, 914358272, -1828716544, 914358272, 0, 16384];
const lowest = [-973078528, 2030043136, 4194304, 8388608, 4194304, 0, 16384];
const highest = [-973078528, 2030043136, 1019215872, -2038431744, 1019215872, 0, 16384];

/** LP0, HP0, LP1, HP1, LP2, HP2 of a splitter. */
export const crossoverSections = [low, high, lowest, highest, low, high] as const;
