/** Format tags of the `fmt ` chunk (Microsoft's mmreg.h). */
export const WAVE_FORMAT_PCM = 0x0001;
export const WAVE_FORMAT_IEEE_FLOAT = 0x0003;
export const WAVE_FORMAT_EXTENSIBLE = 0xfffe;

/** The last 14 bytes of each sub-format GUID that stands for a format tag. */
export const subFormatTail: readonly number[] = [
  0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71,
];

const names: Readonly<Record<number, string>> = {
  [WAVE_FORMAT_PCM]: "integer",
  [WAVE_FORMAT_IEEE_FLOAT]: "float",
  0x0002: "Microsoft ADPCM",
  0x0006: "A-law",
  0x0007: "mu-law",
  0x0011: "IMA ADPCM",
  0x0055: "MP3",
  0x0092: "AC-3",
};

/** Names a format tag for an error message. */
export function tagName(tag: number): string {
  return names[tag] ?? `format 0x${tag.toString(16).padStart(4, "0")}`;
}
