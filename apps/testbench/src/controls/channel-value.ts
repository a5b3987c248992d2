import { InputError } from "@sof-ts/kit";
import { type Control, type DbScale, volumeDb } from "@sof-ts/topology";

type ChannelControl = Exclude<Control, { kind: "bytes" }>;

/**
 * Reads a value as `amixer` takes it: `30`, `30,20` (one for each channel), `30,` (the others keep theirs),
 * `75%`, `-6dB`, `5%+`, `3dB-` (from what it is now, as far as the range goes), `on`, `off`, `toggle`, or the text
 * or number of an enum's item.
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
      return readVolume(control, text, before, where);
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
  before: number,
  where: string,
): number {
  const { min, max, scale } = control;
  const [, digits, unit = "", step] = /^([+-]?\d+(?:\.\d+)?)\s*(%|dB)?([+-])?$/i.exec(text) ?? [];
  if (digits === undefined)
    throw refused(control, `takes a number, a percentage or dB, not "${text}"`, where);
  const number = Number(digits);
  const sign = step === "-" ? -1 : 1;
  const within = (value: number) => Math.min(max, Math.max(min, value));
  switch (unit.toLowerCase()) {
    case "%": {
      if (number < 0 || number > 100)
        throw refused(control, `takes 0 %..100 %, not ${text}`, where);
      const part = Math.ceil((number * (max - min)) / 100);
      return step === undefined ? min + part : within(before + sign * part);
    }
    case "db":
      if (scale === null) throw refused(control, "has no dB scale", where, `Use ${min}..${max}`);
      if (step !== undefined) return movedDb(control, scale, before, sign * number);
      checkDb(control, scale, number, where);
      return valueOfDb(scale, number);
    default:
      if (step !== undefined) return within(before + sign * Math.round(number));
      if (Number.isInteger(number) && number >= min && number <= max) return number;
      throw refused(control, `takes ${min}..${max}, not ${text}`, where);
  }
}

/** Lowest and highest level, without the value that mutes. */
const dbRange = (
  control: Extract<Control, { kind: "volume" }>,
  scale: DbScale,
): readonly [lowest: number, highest: number] => [
  volumeDb(scale, scale.mute ? control.min + 1 : control.min),
  volumeDb(scale, control.max),
];

function checkDb(
  control: Extract<Control, { kind: "volume" }>,
  scale: DbScale,
  db: number,
  where: string,
): void {
  const [lowest, highest] = dbRange(control, scale);
  if (db >= lowest && db <= highest) return;
  throw refused(control, `takes ${lowest} dB..${highest} dB, not ${db} dB`, where);
}

/** The value whose level is nearest. */
const valueOfDb = (scale: DbScale, db: number): number =>
  Math.round((100 * db - scale.minCentiDb) / scale.stepCentiDb);

/** The value whose level is nearest to so many dB more than now, in the range of levels. */
function movedDb(
  control: Extract<Control, { kind: "volume" }>,
  scale: DbScale,
  before: number,
  change: number,
): number {
  const [lowest, highest] = dbRange(control, scale);
  const db = Math.max(volumeDb(scale, before), lowest) + change;
  return valueOfDb(scale, Math.min(highest, Math.max(lowest, db)));
}

function refused(control: Control, what: string, where: string, remedy?: string): InputError {
  return new InputError(`control "${control.name}" ${what}`, { source: where, remedy });
}

/** `1 channel`, `2 channels` */
const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? "" : "s"}`;
