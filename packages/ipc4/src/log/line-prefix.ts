/** When a line was logged. */
export interface LogTime {
  /**
   * Microseconds: since the start of the machine or of the firmware (`boot`), or since the start of the
   * year, which such a log does not name and which is counted as a leap year (`calendar`).
   */
  readonly us: number;
  readonly clock: "boot" | "calendar";
}

/** What stands before a line's message. */
export interface LinePrefix {
  readonly time?: LogTime | undefined;
  /** The firmware's log level, where it is a line of its log. */
  readonly level?: string | undefined;
  /** `function` of dynamic debug ("sof_ipc4_log_header"). */
  readonly origin?: string | undefined;
  /** Name and address of the device. */
  readonly device?: string | undefined;
  /** Length of the prefix. */
  readonly length: number;
}

const SECOND = 1_000_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS_BEFORE = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];

/** `[  229.136234] `, of the kernel and of the firmware. */
const SECONDS = /^\s*(?:<\d+>)?\[\s*(\d+)\.(\d{1,9})\]\s*/;
/** `[00:01:05.163,118] `, of the firmware. */
const CLOCK = /^\s*\[(\d+):(\d\d):(\d\d)\.(\d{3}),(\d{3})\]\s*/;
/** `Feb 25 23:17:00.599946 HOST `, of journalctl. */
const JOURNAL =
  /^([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s+\S+\s+(?=kernel:)/;
const KERNEL = /^kernel:\s*/;
const LEVEL = /^<(\w+)>\s*/;
/** `snd_sof:sof_ipc4_log_header: `. */
const DYNAMIC_DEBUG = /^\w+:(\w+): /;
/** `sof-audio-pci-intel-tgl 0000:00:1f.3: `, or a driver without an address. */
const DEVICE = /^(sof[\w-]*(?: [\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.\d)?): /i;

/** Takes what stands before a line's message apart. Any text has a prefix, an empty one at least. */
export function readPrefix(line: string): LinePrefix {
  let rest = line;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest);
    if (found !== null) rest = rest.slice(found[0].length);
    return found;
  };
  const journal = match(JOURNAL);
  const time = journal === null ? bootTime(match) : calendarTime(journal);
  if (match(KERNEL) !== null && journal !== null) match(SECONDS);
  const level = match(LEVEL)?.[1];
  const origin = level === undefined ? match(DYNAMIC_DEBUG)?.[1] : undefined;
  const device = level === undefined ? match(DEVICE)?.[1] : undefined;
  return { time, level, origin, device, length: line.length - rest.length };
}

function bootTime(match: (pattern: RegExp) => RegExpExecArray | null): LogTime | undefined {
  const seconds = match(SECONDS);
  if (seconds !== null) {
    return { us: Number(seconds[1]) * SECOND + fraction(seconds[2]), clock: "boot" };
  }
  const clock = match(CLOCK);
  if (clock === null) return undefined;
  const [hours, minutes, second, ms, us] = clock.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { us: timeOfDay(hours, minutes, second) + ms * 1000 + us, clock: "boot" };
}

function calendarTime(journal: RegExpExecArray): LogTime | undefined {
  const month = MONTHS.indexOf(journal[1] ?? "");
  if (month < 0) return undefined;
  const day = (DAYS_BEFORE[month] ?? 0) + Number(journal[2]) - 1;
  const [hours, minutes, second] = [journal[3], journal[4], journal[5]].map(Number) as [
    number,
    number,
    number,
  ];
  const us = timeOfDay(day * 24 + hours, minutes, second) + fraction(journal[6]);
  return { us, clock: "calendar" };
}

const timeOfDay = (hours: number, minutes: number, seconds: number): number =>
  ((hours * 60 + minutes) * 60 + seconds) * SECOND;

/** Microseconds of the digits behind the point. */
const fraction = (digits = ""): number => Number(digits.padEnd(6, "0").slice(0, 6));

/** @returns "229.136234", or "02-25 23:17:00.599946" for a time of the year */
export function formatTime({ us, clock }: LogTime): string {
  const micros = String(us % SECOND).padStart(6, "0");
  const seconds = Math.floor(us / SECOND);
  if (clock === "boot") return `${seconds}.${micros}`;
  const days = Math.floor(seconds / 86_400);
  const month = DAYS_BEFORE.findLastIndex((before) => before <= days);
  const date = [month + 1, days - (DAYS_BEFORE[month] ?? 0) + 1];
  const time = [seconds / 3600, seconds / 60, seconds].map(Math.floor);
  const clockFace = [(time[0] ?? 0) % 24, (time[1] ?? 0) % 60, (time[2] ?? 0) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.map(two).join("-")} ${clockFace.map(two).join(":")}.${micros}`;
}
