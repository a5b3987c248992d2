import type { TopologyGraph, Widget } from "@sof-ts/topology";
import { type ChosenFormats, chooseFormats, paramsOfFormat } from "./format-selection.js";
import { edges, type PcmPath } from "./path.js";
import type { StreamParams } from "./pcm-params.js";

/** Formats of every module of a path, in the order of set-up. */
export type FormatPlan = ReadonlyMap<Widget, ChosenFormats>;

/** What the formats of a path depend on. */
export interface FormatPlanInput {
  readonly frontEnd: StreamParams;
  /** What the link behind a DAI copier carries. */
  readonly backEnd: (dai: Widget) => StreamParams;
  /** Formats of a module that another stream has set up; null for one that is not in use. */
  readonly inUse: (widget: Widget) => ChosenFormats | null;
}

/**
 * Chooses the formats of all modules of a path without sending anything (the driver's prepare walk): from
 * the source of the audio on, each module takes what the one before gives.
 *
 * @throws HostError EINVAL naming the first widget that nothing fits
 */
export function planFormats(
  graph: TopologyGraph,
  path: PcmPath,
  input: FormatPlanInput,
): FormatPlan {
  const members = new Set(path.widgets);
  const plan = new Map<Widget, ChosenFormats>();
  const prepare = (widget: Widget, upstream: StreamParams) => {
    if (plan.has(widget)) return;
    const isEnd = path.dais.includes(widget);
    const formats =
      input.inUse(widget) ??
      chooseFormats(widget, {
        direction: path.direction,
        upstream,
        frontEnd: input.frontEnd,
        backEnd: isEnd ? input.backEnd(widget) : null,
      });
    plan.set(widget, formats);
    const next = formats.output === null ? upstream : paramsOfFormat(formats.output);
    for (const route of edges(graph, widget, "down")) {
      const sink = graph.widget(route.sink);
      if (sink !== undefined && members.has(sink)) prepare(sink, next);
    }
  };
  const starts = path.direction === "playback" ? [path.host] : path.dais;
  for (const start of starts) prepare(start, input.frontEnd);
  return plan;
}
