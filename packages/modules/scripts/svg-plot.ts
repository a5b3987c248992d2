/** One curve. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A line plot. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Where grid lines go. */
  readonly ticks: readonly number[];
  readonly logarithmic?: boolean;
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 64;
const TOP = 36;
const RIGHT = 16;
const BOTTOM = 44;
/** Colours that colour-blind readers tell apart (Okabe and Ito). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

function position(axis: Axis, value: number): number {
  const scale = axis.logarithmic ? Math.log10 : (x: number) => x;
  const at = (scale(value) - scale(axis.from)) / (scale(axis.to) - scale(axis.from));
  return Math.min(Math.max(at, 0), 1);
}

const text = (x: number, y: number, anchor: string, content: string, more = "") =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}"${more}>${content}</text>`;

/** @returns the plot as a stand-alone SVG document */
export function svgPlot({ title, x, y, series }: Plot): string {
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const px = (value: number) => LEFT + position(x, value) * (right - LEFT);
  const py = (value: number) => bottom - position(y, value) * (bottom - TOP);
  const round = (value: number) => Math.round(value * 10) / 10;
  const grid = [
    ...x.ticks.map((tick) => [
      `<path d="M${round(px(tick))} ${TOP}V${bottom}" stroke="#ddd"/>`,
      text(round(px(tick)), bottom + 16, "middle", tickLabel(tick)),
    ]),
    ...y.ticks.map((tick) => [
      `<path d="M${LEFT} ${round(py(tick))}H${right}" stroke="#ddd"/>`,
      text(LEFT - 6, round(py(tick)) + 4, "end", tickLabel(tick)),
    ]),
  ].flat();
  const curves = series.map(({ points }, index) => {
    const path = corners(points)
      .map(([a, b]) => `${round(px(a))} ${round(py(b))}`)
      .join("L");
    return `<path d="M${path}" fill="none" stroke="${colours[index % colours.length]}" stroke-width="1.5"/>`;
  });
  const legend = series.map(({ name }, index) =>
    text(
      right - 8,
      TOP + 16 + index * 16,
      "end",
      name,
      ` fill="${colours[index % colours.length]}"`,
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(WIDTH / 2, 20, "middle", title, ` font-size="14"`),
    ...grid,
    `<rect x="${LEFT}" y="${TOP}" width="${right - LEFT}" height="${bottom - TOP}" fill="none" stroke="#888"/>`,
    ...curves,
    ...legend,
    text((LEFT + right) / 2, HEIGHT - 8, "middle", x.label),
    `<text transform="translate(16 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** Leaves out what lies on a level line between two points. */
function corners(points: Series["points"]): Series["points"] {
  return points.filter(([, y], i) => points[i - 1]?.[1] !== y || points[i + 1]?.[1] !== y);
}

function tickLabel(value: number): string {
  if (Math.abs(value) >= 1000) return `${value / 1000}k`;
  return String(value);
}

/** @returns the logarithmic frequency axis of an audio response */
export const audioFrequencies: Axis = {
  label: "frequency in Hz",
  from: 20,
  to: 20000,
  ticks: [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000],
  logarithmic: true,
};
