import { EventKind, type EventLog } from "./event-log.js";

const kindNames = new Map<number, string>(
  Object.entries(EventKind).map(([name, value]) => [
    value,
    name.toLowerCase().replaceAll("_", "-"),
  ]),
);

/**
 * Writes a recording as log lines, one event a line: `[seconds.microseconds] core kind thread subject value`.
 *
 * @param cyclesPerSecond of the core clock
 */
export function* toLogText(log: EventLog, cyclesPerSecond: number): Generator<string> {
  for (const { time, cpu, kind, thread, subject, value } of log) {
    const seconds = (time / cyclesPerSecond).toFixed(6).padStart(12);
    const core = cpu < 0 ? "-" : String(cpu);
    const words = [thread, subject, value === 0 ? "" : String(value)].filter((word) => word !== "");
    yield `[${seconds}] ${core} ${(kindNames.get(kind) ?? "?").padEnd(13)} ${words.join(" ")}`.trimEnd();
  }
}
