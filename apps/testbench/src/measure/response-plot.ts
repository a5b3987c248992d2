import type { ChannelMeasurement } from "./analyse.js";

/** Least height of the plot's scale, so that a flat response looks flat. */
const LEAST_SPAN_DB = 12;
/** Less than the width of a line. */
const SAME_DB = 0.01;

/** Draws the frequency response of all channels. @returns an SVG document */
export async function responsePlot(
  channels: readonly ChannelMeasurement[],
  title: string,
): Promise<string> {
  // The plot library and its document take a while to load, and most runs draw nothing.
  const [Plot, { parseHTML }] = await Promise.all([
    import("@observablehq/plot"),
    import("linkedom"),
  ]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const points = coinciding(channels).flatMap(({ label, response }) =>
    response.flatMap(({ frequencyHz, gainDb }) =>
      gainDb === null ? [] : [{ channel: label, frequencyHz, gainDb }],
    ),
  );
  const svg = Plot.plot({
    document: document as unknown as Document,
    width: 860,
    height: 420,
    marginLeft: 56,
    marginTop: 48,
    marginBottom: 48,
    style: { background: "white", fontFamily: "sans-serif", fontSize: "12px" },
    x: { type: "log", domain: [20, 20_000], label: "frequency (Hz)", grid: true, tickFormat: "~s" },
    y: { domain: domainOf(points.map(({ gainDb }) => gainDb)), label: "gain (dB)", grid: true },
    color: { domain: [...new Set(points.map(({ channel }) => channel))] },
    marks: [
      Plot.ruleY([0], { stroke: "#888" }),
      Plot.line(points, { x: "frequencyHz", y: "gainDb", stroke: "channel", clip: true }),
      Plot.text(
        points,
        Plot.selectLast({
          x: "frequencyHz",
          y: "gainDb",
          z: "channel",
          text: "channel",
          fill: "channel",
          textAnchor: "end",
          dx: -4,
          dy: 10,
        }),
      ),
      Plot.text([title], { frameAnchor: "top", dy: -30, fontSize: 14, fill: "black" }),
    ],
  });
  // In a page the name space goes without saying; in a file it does not.
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}

/** Channels that nobody could tell apart in the plot make one curve: `channels 1, 2`. */
function coinciding(channels: readonly ChannelMeasurement[]) {
  const groups: { first: ChannelMeasurement; numbers: number[] }[] = [];
  for (const channel of channels) {
    const group = groups.find(({ first }) =>
      first.response.every(({ gainDb }, index) => {
        const other = channel.response[index]?.gainDb ?? null;
        if (gainDb === null || other === null) return gainDb === other;
        return Math.abs(gainDb - other) < SAME_DB;
      }),
    );
    if (group === undefined) groups.push({ first: channel, numbers: [channel.channel + 1] });
    else group.numbers.push(channel.channel + 1);
  }
  return groups.map(({ first, numbers }) => ({
    label: `${numbers.length === 1 ? "channel" : "channels"} ${numbers.join(", ")}`,
    response: first.response,
  }));
}

/** The range that the gains need, whole 6 dB, at least {@link LEAST_SPAN_DB}; at most 90 dB below the top. */
function domainOf(gains: readonly number[]): [number, number] {
  const top = 6 * Math.ceil((Math.max(0, ...gains) + 1) / 6);
  const lowest = 6 * Math.floor((Math.min(0, ...gains) - 1) / 6);
  return [Math.min(Math.max(lowest, top - 90), top - LEAST_SPAN_DB), top];
}
