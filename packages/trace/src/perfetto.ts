import { EventKind, type EventLog, type TraceEvent } from "./event-log.js";

/** One entry of the Trace Event format that Perfetto and Chrome's tracing read. */
interface ChromeEvent {
  readonly name: string;
  readonly ph: "X" | "i" | "M";
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly s?: "t";
  readonly args?: Readonly<Record<string, unknown>>;
}

const THREAD_ROW = 0;
const ISR_ROW = 1;
const MARK_ROW = 2;

const instantNames = new Map<number, string>([
  [EventKind.SYSCALL, "syscall"],
  [EventKind.CONTENDED, "contended"],
  [EventKind.EVENT_POST, "post"],
  [EventKind.FATAL, "fatal"],
  [EventKind.MARK, "mark"],
]);

/**
 * Writes a recording in the Trace Event format (JSON text) for ui.perfetto.dev: one process per CPU, with a
 * row of threads, a row of interrupts and a row of marks.
 *
 * @param cyclesPerSecond of the core clock, to turn cycles into microseconds
 */
export function toPerfetto(log: EventLog, cyclesPerSecond: number): string {
  const us = (cycles: number): number => (cycles * 1e6) / cyclesPerSecond;
  const events: ChromeEvent[] = [];
  const running = new Map<number, { name: string; since: number }>();
  const isrs = new Map<number, TraceEvent[]>();
  const cpus = new Set<number>();
  let end = 0;
  const slice = (cpu: number, row: number, name: string, from: number, to: number): void => {
    events.push({ name, ph: "X", ts: us(from), dur: us(to - from), pid: cpu, tid: row });
  };
  for (const event of log) {
    const { kind, cpu, time } = event;
    cpus.add(cpu);
    end = Math.max(end, time);
    if (kind === EventKind.THREAD_SWITCH) {
      const before = running.get(cpu) ?? { name: event.thread, since: 0 };
      slice(cpu, THREAD_ROW, before.name, before.since, time);
      running.set(cpu, { name: event.subject, since: time });
    } else if (kind === EventKind.ISR_ENTER) {
      const nested = isrs.get(cpu) ?? [];
      nested.push(event);
      isrs.set(cpu, nested);
    } else if (kind === EventKind.ISR_EXIT) {
      const entered = isrs.get(cpu)?.pop();
      if (entered !== undefined) slice(cpu, ISR_ROW, `irq ${entered.value}`, entered.time, time);
    } else {
      const what = instantNames.get(kind);
      if (what === undefined) continue;
      const args = { subject: event.subject, thread: event.thread, value: event.value };
      events.push({
        name: `${what} ${event.subject}`,
        ph: "i",
        ts: us(time),
        pid: cpu,
        tid: MARK_ROW,
        s: "t",
        args,
      });
    }
  }
  for (const [cpu, { name, since }] of running) slice(cpu, THREAD_ROW, name, since, end);
  for (const cpu of cpus) {
    const label = (name: string, tid: number, value: string): void => {
      events.push({ name, ph: "M", ts: 0, pid: cpu, tid, args: { name: value } });
    };
    label("process_name", 0, cpu < 0 ? "machine" : `core ${cpu}`);
    label("thread_name", THREAD_ROW, "threads");
    label("thread_name", ISR_ROW, "interrupts");
    label("thread_name", MARK_ROW, "marks");
  }
  return JSON.stringify({ displayTimeUnit: "ns", traceEvents: events });
}
