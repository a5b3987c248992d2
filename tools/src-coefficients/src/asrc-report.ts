import { existsSync, readFileSync } from "node:fs";
import { formatTable } from "@sof-ts/workspace";
import {
  asrcPairs,
  asrcTones,
  impulseQuality,
  type ImpulseQuality,
  ownImpulse,
  thdAsrc,
} from "./asrc-quality.js";

const right = (columns: number) => Array.from({ length: columns }, () => "right" as const);

/** THD+N of the asynchronous converter for the terminal. */
export function asrcReport(): string {
  const rows = asrcPairs.map(([from, to]) => {
    const [low, high] = asrcTones(from, to);
    const values = [thdAsrc(from, to, low), thdAsrc(from, to, high)];
    return [String(from), String(to), ...values.map((value) => value.toFixed(1))];
  });
  return formatTable(["from", "to", "THD+N 997 Hz", "THD+N high"], rows, right(4));
}

const recordings = [
  ["asrc32_impulse", 48000],
  ["asrc32_16000to48000_impulse", 16000],
  ["asrc32_8000to48000_impulse", 8000],
] as const;

/** Left channel of a recording of 32-bit stereo. */
function recorded(path: string): Int32Array {
  const bytes = readFileSync(path);
  return Int32Array.from({ length: bytes.length >> 3 }, (_, i) => bytes.readInt32LE(i * 8));
}

const cells = ({ ripple, attenuation, images }: ImpulseQuality) => [
  ripple.toFixed(5),
  Number.isFinite(attenuation) ? attenuation.toFixed(1) : "-",
  Number.isFinite(images) ? images.toFixed(1) : "-",
];

/**
 * Compares the responses to impulses with those that a reference recorded.
 *
 * @param folder with recordings `CASE_impulse.raw` of conversions to 48 kHz
 */
export function comparison(folder: string): string {
  const rows = recordings.flatMap(([name, from]) => {
    const path = `${folder}/${name}.raw`;
    if (!existsSync(path)) return [];
    const factor = 48000 / from;
    return [
      [
        String(from),
        "reference",
        ...cells(impulseQuality(recorded(path).subarray(0, 800), factor)),
      ],
      [String(from), "ours", ...cells(impulseQuality(ownImpulse(from, 48000), factor))],
    ];
  });
  const header = ["from", "", "ripple dB", "attenuation dB", "images dB"];
  return formatTable(header, rows, ["right", "left", ...right(3)]);
}
