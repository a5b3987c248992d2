import { InputError } from "@sof-ts/kit";
import type { ChoiceKind } from "@sof-ts/kernel";

/** One decision of a run: what was chosen, among how many, for what. */
export interface Choice {
  readonly kind: ChoiceKind;
  readonly count: number;
  readonly pick: number;
}

/**
 * The decisions of a run, as far as they differ from the default rule: pick 0 at every point that the list
 * does not reach. It names the run completely, so a failure is reported as its schedule.
 */
export type Schedule = readonly number[];

/** Text form of a schedule, short enough for a test name: `3x0.1.0.2` is three zeros, 1, 0, 2. */
export function encodeSchedule(schedule: Schedule): string {
  const parts: string[] = [];
  for (let i = 0; i < schedule.length;) {
    let run = 1;
    while (schedule[i + run] === schedule[i]) run++;
    parts.push(
      run > 2
        ? `${run}x${schedule[i]}`
        : Array.from({ length: run }, () => String(schedule[i])).join("."),
    );
    i += run;
  }
  return parts.length === 0 ? "default" : parts.join(".");
}

/** @throws InputError when the text is no schedule */
export function decodeSchedule(text: string): Schedule {
  if (text === "default") return [];
  return text.split(".").flatMap((part) => {
    const match = /^(?:(\d+)x)?(\d+)$/.exec(part);
    if (match === null) {
      throw new InputError(`"${part}" is no part of a schedule`, {
        source: text,
        remedy: "Use the text that the failing run printed",
      });
    }
    return Array.from({ length: Number(match[1] ?? 1) }, () => Number(match[2]));
  });
}

/** Drops the decisions at the end that the default rule makes anyway. */
export function trimSchedule(schedule: Schedule): Schedule {
  let length = schedule.length;
  while (length > 0 && schedule[length - 1] === 0) length--;
  return schedule.slice(0, length);
}
