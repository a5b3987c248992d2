import { MAX_PINS } from "../abi.js";
import { readFormatLabels } from "../tuples/pin-formats.js";
import { isFormatToken } from "../tuples/tokens.js";
import type { Control } from "./controls.js";
import type { Severity, Side, TopologyDefect } from "./defects.js";
import type { TopologyGraph } from "./graph.js";
import type { Widget } from "./types.js";
import { tupleDefects } from "./validate-tuples.js";

/** Defects of one widget and its controls. */
export function widgetDefects(
  widget: Widget,
  graph: TopologyGraph,
  linkNames: ReadonlySet<string>,
): TopologyDefect[] {
  const about = (severity: Severity, message: string) => ({
    severity,
    subject: widget.name,
    message,
    widget,
  });
  const defects: TopologyDefect[] = [];
  if (graph.widget(widget.name) !== widget) {
    defects.push({
      kind: "widget-name-repeated",
      ...about("error", "another widget before it has the same name"),
    });
  }
  if (widget.kind === "other" || widget.dapmType === "unknown") {
    defects.push({
      kind: "widget-type-unknown",
      ...about("warning", `no IPC4 topology has a widget of type ${widget.dapmType}`),
      type: widget.dapmType,
    });
  }
  if (widget.kind === "scheduler") defects.push(...schedulerDefects(widget));
  else if (widget.kind !== "virtual") defects.push(...moduleDefects(widget, graph, linkNames));
  for (const control of widget.controls) defects.push(...controlDefects(widget, control));
  return [...defects, ...tupleDefects(widget.tuples, widget.name)];
}

function schedulerDefects(widget: Widget): TopologyDefect[] {
  if (widget.inputFormats.declared + widget.outputFormats.declared === 0) return [];
  return [
    {
      kind: "scheduler-has-formats",
      severity: "warning",
      subject: widget.name,
      message: "a scheduler announces audio formats",
      widget,
    },
  ];
}

function moduleDefects(
  widget: Widget,
  graph: TopologyGraph,
  linkNames: ReadonlySet<string>,
): TopologyDefect[] {
  const subject = widget.name;
  const defects: TopologyDefect[] = [];
  if (widget.uuid === null) {
    defects.push({
      kind: "widget-without-uuid",
      severity: "error",
      subject,
      message: "the widget has no module UUID; the driver finds no firmware module for it",
      widget,
    });
  } else if (widget.module === null) {
    defects.push({
      kind: "module-unknown",
      severity: "note",
      subject,
      message: `module UUID ${widget.uuid} is not in the registry`,
      widget,
      uuid: widget.uuid,
    });
  }
  if (graph.pipelineOf(widget) === undefined) {
    defects.push({
      kind: "widget-without-pipeline",
      severity: "error",
      subject,
      message: `no scheduler has the widget's index ${widget.pipelineId}`,
      widget,
    });
  }
  if (widget.kind === "dai" && !linkNames.has(widget.streamName)) {
    defects.push({
      kind: "dai-without-link",
      severity: "error",
      subject,
      message: `no back-end link is called "${widget.streamName}"`,
      widget,
    });
  }
  return [...defects, ...sideDefects(widget, "input"), ...sideDefects(widget, "output")];
}

function sideDefects(widget: Widget, side: Side): TopologyDefect[] {
  const subject = widget.name;
  const defects: TopologyDefect[] = [];
  const formats = side === "input" ? widget.inputFormats : widget.outputFormats;
  const pins = side === "input" ? widget.inputPins : widget.outputPins;
  if (pins > MAX_PINS) {
    defects.push({
      kind: "pins-too-many",
      severity: "error",
      subject,
      message: `${pins} ${side} pins, the driver takes at most ${MAX_PINS}`,
      widget,
      side,
      pins,
    });
  }
  const { declared, found } = formats;
  if (found < declared) {
    defects.push({
      kind: "formats-missing",
      severity: "warning",
      subject,
      message: `${declared} ${side} formats are announced, ${found} are there; the rest counts as zero`,
      widget,
      side,
      declared,
      found,
    });
  }
  formats.sets.slice(0, found).forEach(({ format }, set) => {
    const labels = readFormatLabels(widget.tuples, side, set);
    const agree =
      (labels.channels ?? format.channels) === format.channels &&
      (labels.validBits ?? format.validBits) === format.validBits &&
      (labels.sampleType ?? format.sampleType) === format.sampleType;
    if (agree) return;
    defects.push({
      kind: "format-labels-differ",
      severity: "note",
      subject,
      message: `${side} format ${set} is labelled otherwise than its fmt_cfg 0x${format.fmtCfg.toString(16)}, which counts`,
      widget,
      side,
      set,
    });
  });
  return defects;
}

function controlDefects(widget: Widget, control: Control): TopologyDefect[] {
  const subject = `${widget.name} "${control.name}"`;
  if (control.kind === "bytes") {
    if (control.dataProblem === null) return [];
    return [
      {
        kind: "control-data-invalid",
        severity: "error",
        subject,
        message: `the control's data has no valid ABI header: ${control.dataProblem}`,
        widget,
        control,
      },
    ];
  }
  const defects = tupleDefects(control.tuples, subject);
  if (control.tuples.tokens.some(isFormatToken)) {
    defects.push({
      kind: "control-has-formats",
      severity: "warning",
      subject,
      message: "the control carries audio formats, which belong to the widget",
      widget,
      control,
    });
  }
  return defects;
}
