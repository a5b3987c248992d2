import { EINVAL } from "@sof-ts/kit";
import type { PinFormat, Widget } from "@sof-ts/topology";
import { HostError } from "./host-error.js";
import { describeParams, type StreamParams } from "./pcm-params.js";
import type { StreamDirection } from "./ports.js";

/** The formats that a module is set up with. */
export interface ChosenFormats {
  /** Format and period bytes of input pin 0. */
  readonly input: PinFormat;
  /** Format and period bytes of output pin 0; null for a module without outputs. */
  readonly output: PinFormat | null;
}

/** Parameters that the choice for one widget may depend on. */
export interface FormatReferences {
  readonly direction: StreamDirection;
  /** What arrives from the module before; for the first module of the path, what its outer side carries. */
  readonly upstream: StreamParams;
  /** What the application asked for. */
  readonly frontEnd: StreamParams;
  /** What the link of a DAI copier carries; null for other widgets. */
  readonly backEnd: StreamParams | null;
}

/** Whether all formats of a side agree in rate, channels and valid bits. */
function isUniform(sets: readonly PinFormat[]): boolean {
  const first = sets[0]?.format;
  return (
    first !== undefined &&
    sets.every(
      ({ format }) =>
        format.rate === first.rate &&
        format.channels === first.channels &&
        format.validBits === first.validBits,
    )
  );
}

/** @returns what a format means to the next widget */
export function paramsOfFormat({ format }: PinFormat): StreamParams {
  return { rate: format.rate, channels: format.channels, validBits: format.validBits };
}

/**
 * Chooses the formats of one widget as the Linux driver does (`sof_ipc4_init_input_audio_fmt`,
 * `sof_ipc4_init_output_audio_fmt`): formats that agree need no choice; else the first of pin 0 that equals
 * the reference is taken.
 *
 * @throws HostError EINVAL when nothing fits
 */
export function chooseFormats(widget: Widget, references: FormatReferences): ChosenFormats {
  const inputs = widget.inputFormats.sets;
  const outputs = widget.outputFormats.sets;
  const input = choose(widget, "input", inputs, inputReference(widget, references));
  if (outputs.length === 0) return { input, output: null };
  const converter = widget.kind === "src" || widget.kind === "asrc";
  if (converter && references.direction === "playback" && outputs.length !== 1) {
    // The application's rate does not say which one a converter on the way out shall make.
    throw new HostError(`${outputs.length} output formats, a rate converter in playback has one`, {
      errno: EINVAL,
      widget: widget.name,
    });
  }
  const reference = outputReference(widget, references, input, outputs);
  return { input, output: choose(widget, "output", outputs, reference) };
}

function choose(
  widget: Widget,
  side: "input" | "output",
  sets: readonly PinFormat[],
  reference: StreamParams,
): PinFormat {
  const first = sets[0];
  if (first === undefined) {
    throw new HostError(`the topology gives no ${side} format`, {
      errno: EINVAL,
      widget: widget.name,
    });
  }
  if (isUniform(sets)) return first;
  const match = sets.find(
    ({ pin, format }) =>
      pin === 0 &&
      format.rate === reference.rate &&
      format.channels === reference.channels &&
      format.validBits === reference.validBits,
  );
  if (match !== undefined) return match;
  const offered = sets.map((set) => describeParams(paramsOfFormat(set))).join("; ");
  throw new HostError(`no ${side} format fits ${describeParams(reference)}; it has ${offered}`, {
    errno: EINVAL,
    widget: widget.name,
  });
}

function inputReference(
  widget: Widget,
  { upstream, frontEnd, backEnd }: FormatReferences,
): StreamParams {
  switch (widget.dapmType) {
    case "aif_in":
      return frontEnd;
    case "dai_out":
      return backEnd ?? frontEnd;
    default:
      return upstream;
  }
}

function outputReference(
  widget: Widget,
  { frontEnd, backEnd }: FormatReferences,
  input: PinFormat,
  outputs: readonly PinFormat[],
): StreamParams {
  const chosen = paramsOfFormat(input);
  switch (widget.dapmType) {
    case "aif_out":
      return frontEnd;
    case "dai_in":
      return backEnd ?? frontEnd;
    case "aif_in":
    case "dai_out":
    case "buffer":
      return { ...chosen, validBits: uniformValidBits(outputs) ?? chosen.validBits };
    case "src":
    case "asrc":
      return { ...chosen, rate: frontEnd.rate };
    default:
      return chosen;
  }
}

function uniformValidBits(sets: readonly PinFormat[]): number | null {
  const first = sets[0]?.format.validBits ?? null;
  return sets.every(({ format }) => format.validBits === first) ? first : null;
}
