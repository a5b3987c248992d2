import type { LogEntry } from "@sof-ts/ipc4";

/** A module instance as the driver's own lines name it. */
export interface WidgetHint {
  /** "gain.2.1", "alh-copier.SDW1-Capture.0" */
  readonly name: string;
  /** Number of the pipeline in the topology, which is not the id that the firmware knows. */
  readonly topologyPipeline: number | undefined;
}

/** Both ends of a route as the driver's own lines name them. */
export interface RouteHint {
  readonly source: string;
  readonly sink: string;
}

/** What an application asked of a stream, by ALSA's numbers for triggers. */
export interface TriggerHint {
  /** 0 stop, 1 start, 3 pause, 4 release, 5 suspend, 6 resume. */
  readonly command: number;
  readonly direction: "playback" | "capture" | undefined;
}

/** What the lines in front of a message say about it. */
export interface Hints {
  readonly widget?: WidgetHint | undefined;
  readonly route?: RouteHint | undefined;
  readonly trigger?: TriggerHint | undefined;
}

type Draft = { -readonly [K in keyof Hints]: Hints[K] };

const WIDGET = /Create widget (\S+) instance \d+ - pipe (\d+) - core \d+/;
const ROUTE = /(?:^|\s)(?:bind|unbind modules) (\S+?)(?::\d+)? -> (\S+?)(?::\d+)?$/;
const TRIGGER = /trigger cmd: (\d+) state: \d+/;
const PCM_TRIGGER = /pcm: trigger stream \d+ dir ([01]) cmd (\d+)/;

/**
 * Collects what the driver's own lines say about the messages that they lead up to: names of widgets, ends of
 * routes, triggers. Names tell what a module is, which the words of a message do not. What stands in front
 * of a gap belongs to what the gap has swallowed.
 *
 * @returns hints by the line of the message
 */
export function collectHints(entries: readonly LogEntry[]): ReadonlyMap<number, Hints> {
  const byLine = new Map<number, Hints>();
  let pending: Draft = {};
  for (const entry of entries) {
    switch (entry.kind) {
      case "other":
        read(entry.text, pending);
        break;
      case "comment":
        if (entry.gap) pending = {};
        break;
      case "message":
      case "error":
      case "timeout":
      case "not-sent":
        byLine.set(entry.line, pending);
        // A trigger is followed by several messages; names are of one only.
        if (entry.kind !== "message" || entry.direction === "tx")
          pending = { trigger: pending.trigger };
        break;
      default:
        break;
    }
  }
  return byLine;
}

function read(text: string, into: Draft): void {
  const widget = WIDGET.exec(text);
  if (widget !== null) {
    into.widget = { name: widget[1] as string, topologyPipeline: Number(widget[2]) };
    return;
  }
  const route = ROUTE.exec(text);
  if (route !== null) {
    into.route = { source: route[1] as string, sink: route[2] as string };
    return;
  }
  const pcm = PCM_TRIGGER.exec(text);
  if (pcm !== null) {
    const direction = pcm[1] === "0" ? "playback" : "capture";
    into.trigger = { command: Number(pcm[2]), direction };
    return;
  }
  const trigger = TRIGGER.exec(text);
  if (trigger !== null)
    into.trigger = { command: Number(trigger[1]), direction: into.trigger?.direction };
}

/** Number of the pipeline in a widget's name: 2 in "gain.2.1"; undefined where the name has none. */
export function topologyPipelineOf(name: string): number | undefined {
  const match = /\.(\d+)\.\d+$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
