import { InputError } from "@sof-ts/kit";
import type { NumberedControl } from "./find-control.js";

/** What a control is to the simple element that it belongs to. */
type Role = "volume" | "switch" | "enum";

/** A control as a part of a simple mixer element. */
interface Part {
  readonly info: NumberedControl;
  readonly element: string;
  readonly role: Role;
  /** Null for a control of both directions. */
  readonly direction: "playback" | "capture" | null;
}

/** One control and the value that a word of `amixer sset` gives it. */
export interface SimpleSetting {
  readonly info: NumberedControl;
  readonly value: string;
}

/** Endings of control names that alsa-lib leaves out of an element's name, in its order. */
const ENDING = /^(.+?)(?: (Playback|Capture))? (?:Volume|Switch|Enum|Route)$/;

const onOff: Readonly<Record<string, string>> = {
  mute: "off",
  off: "off",
  unmute: "on",
  on: "on",
  toggle: "toggle",
};
const captureOnOff: Readonly<Record<string, string>> = { cap: "on", nocap: "off" };

/**
 * Does what `amixer sset` does with the words behind the element's name: `50%`, `-6dB`, `3dB-`, `30,20`, `mute`,
 * `unmute`, `on`, `off`, `toggle`, `cap`, `nocap`, an item of an enum, and `playback` or `capture` before them.
 * The controls of an element are those whose names differ by their endings only, as alsa-lib joins them:
 * "Master Playback Volume" and "Master Playback Switch" are the element "Master".
 *
 * @param where file and line, for errors
 * @returns the settings in the order of the words
 * @throws InputError that names the elements, or what an element lacks
 */
export function simpleSettings(
  controls: readonly NumberedControl[],
  element: string,
  words: readonly string[],
  where: string,
): SimpleSetting[] {
  const parts = partsOf(controls, element, where);
  const settings: SimpleSetting[] = [];
  let direction: Part["direction"] = null;
  for (const word of words) {
    const lower = word.toLowerCase();
    if (lower === "playback" || lower === "capture") {
      direction = lower;
      continue;
    }
    const capture = captureOnOff[lower];
    const value = capture ?? onOff[lower];
    const found =
      value === undefined
        ? valued(parts, direction)
        : pick(parts, "switch", capture === undefined ? direction : "capture");
    if (found.length === 0) throw lacking(element, parts, value === undefined, where);
    settings.push(...found.map(({ info }) => ({ info, value: value ?? word })));
  }
  if (settings.length === 0) {
    throw new InputError(`nothing is set for "${element}"`, {
      source: where,
      remedy: "Write a value behind the name: 50%, -6dB, mute, unmute",
    });
  }
  return settings;
}

/** Controls that a word with a value is for. */
function valued(parts: readonly Part[], direction: Part["direction"]): Part[] {
  const volumes = pick(parts, "volume", direction);
  return volumes.length > 0 ? volumes : pick(parts, "enum", direction);
}

const pick = (parts: readonly Part[], role: Role, direction: Part["direction"]): Part[] =>
  parts.filter(
    (part) =>
      part.role === role &&
      (direction === null || part.direction === null || part.direction === direction),
  );

function lacking(
  element: string,
  parts: readonly Part[],
  wantsValue: boolean,
  where: string,
): InputError {
  const names = parts.map(({ info }) => `"${info.control.name}"`).join(", ");
  const what = wantsValue ? "volume or enum" : "switch";
  const mutes =
    !wantsValue &&
    parts.some(({ info: { control } }) => control.kind === "volume" && control.scale?.mute);
  return new InputError(`"${element}" has no ${what} there`, {
    source: where,
    remedy: `It is ${names}${mutes ? ", whose value 0 mutes" : ""}`,
  });
}

function partsOf(controls: readonly NumberedControl[], element: string, where: string): Part[] {
  const all = controls.flatMap((info): Part[] => {
    const { kind } = info.control;
    if (kind === "bytes") return [];
    const names = new Set([info.control.name, info.name]);
    return [...names].map((name) => {
      const [, stem = name, direction] = ENDING.exec(name) ?? [];
      const side = direction?.toLowerCase() as "playback" | "capture" | undefined;
      return { info, element: stem, role: kind, direction: side ?? null };
    });
  });
  const wanted = element.replace(/,0$/, "");
  const found = all.filter((part) => part.element === wanted);
  if (found.length > 0) return found;
  const whole = all.find(({ info }) => info.name === wanted || info.control.name === wanted);
  const remedy =
    whole === undefined
      ? `There are: ${[...new Set(all.map((part) => part.element))].join(", ") || "none"}`
      : `Write amixer sset '${whole.element}', or amixer cset name='${wanted}'`;
  throw new InputError(`no simple mixer control "${element}"`, { source: where, remedy });
}
