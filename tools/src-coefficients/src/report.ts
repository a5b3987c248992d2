import { formatTable } from "@sof-ts/workspace";
import { type Conversion, conversions, liteConversions } from "./conversions.js";
import { measureAll, type Quality } from "./quality.js";

const header = [
  "from",
  "to",
  "stages",
  "ripple dB",
  "attenuation dB",
  "THD+N 997 Hz",
  "THD+N high",
];

function cells({ conversion, ripple, attenuation, thdLow, thdHigh }: Quality): string[] {
  const { from, to, stages } = conversion;
  return [
    String(from),
    String(to),
    stages.length === 0 ? "copy" : stages.join(" + "),
    ripple.toFixed(4),
    Number.isFinite(attenuation) ? attenuation.toFixed(1) : "-",
    thdLow.toFixed(1),
    thdHigh.toFixed(1),
  ];
}

/** A table for the terminal. */
export function textReport(): string {
  const align = ["right", "right", "left", "right", "right", "right", "right"] as const;
  const table = (list: readonly Conversion[]) =>
    formatTable(header, measureAll(list).map(cells), align);
  return `src\n${table(conversions)}\n\nsrc_lite\n${table(liteConversions)}`;
}

/** The contents of QUALITY.md. */
export function markdownReport(): string {
  const row = (values: readonly string[]) => `| ${values.join(" | ")} |`;
  const rows = (list: readonly Conversion[]) => [
    row(header),
    row(header.map(() => "---")),
    ...measureAll(list).map((quality) => row(cells(quality))),
  ];
  return [
    "# Quality of the rate converter",
    "",
    "Made by `pnpm --filter @sof-ts/src-coefficients report --markdown`.",
    "",
    "Ripple: largest deviation from 0 dB up to the end of the pass band, summed over the stages. Attenuation: smallest one",
    "from half of the lower rate of a stage on, of the weaker stage. THD+N: everything that is not the tone, relative to it, of",
    "a tone at -1 dBFS that went through the 32-bit arithmetic; the high tone is at 90 % of the pass band.",
    "",
    "## src",
    "",
    ...rows(conversions),
    "",
    "## src_lite",
    "",
    ...rows(liteConversions),
  ].join("\n");
}
