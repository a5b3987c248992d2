import { InputError } from "@sof-ts/kit";
import { type Control, type DbScale, volumeDb } from "@sof-ts/topology";

type ChannelControl = Exclude<Control, { kind: "bytes" }>;

/**
 * Reads a value as `amixer cset` takes it: `30`, `30,20` (one for each channel), `30,` (the others keep
 * theirs), `75%`, `-6dB`, `on`, `off`, `toggle`, or the text or number of an enum's item.
 *
 * @param current value of each channel now
 * @param where file and line, for errors
 * @returns the value of each channel
 * @throws InputError that says what the control takes
 */
export function readChannelValue(
  control: ChannelControl,
  text: string,
  current: readonly number[],
  where: string,
): number[] {
  const wholeItem = control.kind === "enum" && control.items.includes(text);
  const parts = wholeItem ? [text] : text.split(",");
  const channels = control.channels.length;
  if (parts.length > channels) {
    throw refused(control, `has ${count(channels, "channel")}, not ${parts.length}`, where);
  }
  return current.map((before, channel) => {
    // Without a comma the value is for all channels.
    const part = (parts.length === 1 ? parts[0] : (parts[channel] ?? ""))?.trim() ?? "";
    if (part === "" && parts.length > 1) return before;
    return readOne(control, part, before, where);
  });
}

function readOne(control: ChannelControl, text: string, before: number, where: string): number {
  switch (control.kind) {
    case "enum":
      return readItem(control, text, where);
    case "switch":
      return readSwitch(control, text, before, where);
    case "volume":
      return readVolume(control, text, where);
  }
}

function readItem(
  control: Extract<Control, { kind: "enum" }>,
  text: string,
  where: string,
): number {
  const named = control.items.indexOf(text);
  if (named >= 0) return named;
  const number = /^\d+$/.test(text) ? Number(text) : -1;
  if (number >= 0 && number < control.items.length) return number;
  const items = control.items.map((item, index) => `${index} '${item}'`).join(", ");
  throw refused(control, `has no item "${text}"`, where, `It has: ${items}`);
}

function readSwitch(
  control: Extract<Control, { kind: "switch" }>,
  text: string,
  before: number,
  where: string,
): number {
  switch (text.toLowerCase()) {
    case "on":
    case "up":
    case "yes":
    case "true":
    case "1":
      return 1;
    case "off":
    case "down":
    case "no":
    case "false":
    case "0":
      return 0;
    case "toggle":
      return before === 0 ? 1 : 0;
    default:
      throw refused(control, `takes on, off or toggle, not "${text}"`, where);
  }
}

function readVolume(
  control: Extract<Control, { kind: "volume" }>,
  text: string,
  where: string,
): number {
  const { min, max, scale } = control;
  const match = /^([+-]?\d+(?:\.\d+)?)\s*(%|dB)?$/i.exec(text);
  if (match === null)
    throw refused(control, `takes a number, a percentage or dB, not "${text}"`, where);
  const number = Number(match[1]);
  switch (match[2]?.toLowerCase()) {
    case "%":
      if (number < 0 || number > 100)
        throw refused(control, `takes 0 %..100 %, not ${text}`, where);
      return Math.ceil(min + (number * (max - min)) / 100);
    case "db":
      if (scale === null) throw refused(control, "has no dB scale", where, `Use ${min}..${max}`);
      return nearestDb(control, scale, number, where);
    default:
      if (Number.isInteger(number) && number >= min && number <= max) return number;
      throw refused(control, `takes ${min}..${max}, not ${text}`, where);
  }
}

/** The value whose level is nearest. */
function nearestDb(
  control: Extract<Control, { kind: "volume" }>,
  scale: DbScale,
  db: number,
  where: string,
): number {
  const lowest = (scale.mute ? scale.minCentiDb + scale.stepCentiDb : scale.minCentiDb) / 100;
  const highest = volumeDb(scale, control.max);
  if (db < lowest || db > highest) {
    throw refused(control, `takes ${lowest} dB..${highest} dB, not ${db} dB`, where);
  }
  return Math.round((100 * db - scale.minCentiDb) / scale.stepCentiDb);
}

function refused(control: Control, what: string, where: string, remedy?: string): InputError {
  return new InputError(`control "${control.name}" ${what}`, { source: where, remedy });
}

/** `1 channel`, `2 channels` */
const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? "" : "s"}`;
