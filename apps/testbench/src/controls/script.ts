import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { ControlInfo, ControlValue } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import { type Control, SOF_ABI_HEADER_BYTES } from "@sof-ts/topology";
import { readUserFile } from "../read-user-file.js";
import { readBytesFile, readBytesText } from "./bytes-file.js";
import { readChannelValue } from "./channel-value.js";
import { readCommand, type ScriptCommand } from "./commands.js";
import { findControl, numberControls, type NumberedControl } from "./find-control.js";
import { simpleSettings } from "./simple-element.js";
import { splitLine } from "./split-line.js";

/** A change of a control at a time of the stream. */
export interface ControlEvent {
  /** Time since the stream started. */
  readonly atUs: number;
  /** Script and line, `volume.sh, line 3`. */
  readonly where: string;
  /** Full name of the control. */
  readonly control: string;
  /** What is set, as the script writes it. */
  readonly text: string;
  /** Gives the value to set; what the script leaves out keeps its value. */
  value(current: ControlValue): ControlValue;
}

/**
 * Reads a control script and checks every line of it against a topology's controls, before anything runs.
 * Files that it names are searched in the working directory and beside the script.
 *
 * @param controls all controls, in the order of the topology
 * @throws InputError that names script and line
 */
export function readControlScript(path: string, controls: readonly ControlInfo[]): ControlEvent[] {
  return parseControlScript(readUserFile(path).toString("utf8"), path, controls);
}

/** Does what {@link readControlScript} does with text. */
export function parseControlScript(
  text: string,
  path: string,
  controls: readonly ControlInfo[],
): ControlEvent[] {
  const numbered = numberControls(controls);
  const events: ControlEvent[] = [];
  let atUs = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const where = `${path}, line ${index + 1}`;
    const words = splitLine(line, where);
    if (words.length === 0) continue;
    const command = readCommand(words, where);
    if (command.kind === "sleep") atUs += command.us;
    else if (command.kind === "simple") {
      const settings = simpleSettings(numbered, command.element, command.words, where);
      for (const { info, value } of settings) {
        events.push(makeEvent({ kind: "set", value }, info, { path, where, atUs }));
      }
    } else {
      const control = findControl(numbered, command.control, where);
      events.push(makeEvent(command, control, { path, where, atUs }));
    }
  }
  return events;
}

interface Place {
  readonly path: string;
  readonly where: string;
  readonly atUs: number;
}

/** What one control is given. */
type Setting =
  | { readonly kind: "set"; readonly value: string }
  | Extract<ScriptCommand, { kind: "setFile" }>;

function makeEvent(
  command: Setting,
  { name, control }: NumberedControl,
  { path, where, atUs }: Place,
): ControlEvent {
  const { access } = control;
  if (!(control.kind === "bytes" ? access.tlvWrite || access.write : access.write)) {
    throw new InputError(`control "${name}" cannot be written`, { source: where });
  }
  const event = { atUs, where, control: name };
  if (control.kind === "bytes") {
    const data = bytesOf(command, control, path, where);
    const text = command.kind === "setFile" ? command.file : `${data.length} bytes`;
    return { ...event, text, value: () => data };
  }
  if (command.kind === "setFile") {
    throw new InputError(`control "${name}" is no bytes control`, {
      source: where,
      remedy: "Set it with amixer cset",
    });
  }
  const { value: text } = command;
  // Reading it once finds what is wrong with it now.
  readChannelValue(
    control,
    text,
    control.channels.map(() => 0),
    where,
  );
  return {
    ...event,
    text,
    value: (current) =>
      readChannelValue(control, text, current instanceof Uint8Array ? [] : current, where),
  };
}

function bytesOf(
  command: Setting,
  control: Extract<Control, { kind: "bytes" }>,
  script: string,
  where: string,
): Uint8Array {
  if (command.kind === "set") return checkSize(readBytesText(command.value, where), control, where);
  const file = findFile(command.file, script, where);
  const { data, paramId } = readBytesFile(
    readUserFile(file),
    `${where}: ${command.file}`,
    command.raw,
  );
  const wanted = command.paramId ?? paramId;
  if (wanted !== null && wanted !== control.paramId) {
    throw new InputError(
      `${command.file} is for parameter ${wanted}, control "${control.name}" sets parameter ${control.paramId}`,
      { source: where },
    );
  }
  return checkSize(data, control, where);
}

function checkSize(
  data: Uint8Array,
  control: Extract<Control, { kind: "bytes" }>,
  where: string,
): Uint8Array {
  const limit = control.maxBytes - SOF_ABI_HEADER_BYTES;
  if (data.length <= limit) return data;
  throw new InputError(
    `control "${control.name}" takes at most ${limit} bytes, not ${data.length}`,
    { source: where },
  );
}

function findFile(name: string, script: string, where: string): string {
  const places = isAbsolute(name) ? [name] : [name, join(dirname(script), name)];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined && !statSync(found).isFile()) {
    throw new InputError(`${name} is no file`, { source: where });
  }
  if (found !== undefined) return found;
  throw new InputError(`${name}: no such file`, {
    source: where,
    remedy: isAbsolute(name)
      ? undefined
      : "It is searched in the working directory and beside the script",
  });
}
