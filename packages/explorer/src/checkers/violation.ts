import type { Kernel, Thread } from "@sof-ts/kernel";

/** The kinds of checking that a checked run can do. */
export const checkerNames = ["privilege", "lifetime", "progress", "coherence", "races"] as const;
export type CheckerName = (typeof checkerNames)[number];

/** One side of a violation: who did what, where and when. */
export interface AccessSite {
  /** What was done: "read", "write", "free", "lock", "wait", ... */
  readonly operation: string;
  /** Name of the thread; of the interrupted one in a handler. */
  readonly thread: string;
  /** CPU id, -1 outside the machine. */
  readonly core: number;
  readonly mode: "user" | "supervisor" | "isr" | "host";
  /** Virtual time of the core, in cycles. */
  readonly time: number;
  /** Where in the code, innermost first. */
  readonly stack: readonly string[];
}

/** A broken rule, with both sides of it. */
export interface Violation {
  readonly checker: CheckerName;
  /** Name of the rule, as the package's README lists them. */
  readonly rule: string;
  /** Name of the object that it is about. */
  readonly object: string;
  /** The object's field; empty when it is about the whole object. */
  readonly field: string;
  /** Address of the object, or of the byte; 0 for an object that has none. */
  readonly address: number;
  /** The earlier side; null for a rule that one access breaks alone. */
  readonly first: AccessSite | null;
  /** The access that broke the rule. */
  readonly second: AccessSite;
}

/** Takes a violation; the checkers call it once for each rule, object and field. */
export type Report = (violation: Violation) => void;

const FRAMES = 8;
/** This folder's own frames, from sources and from a bundle. */
const OWN = /[/\\](explorer[/\\]src[/\\]checkers|explorer[/\\]dist)[/\\](?!.*\.test\.)/;

/** An access as it happened; its stack is formatted only when somebody reads it. */
class LazySite implements AccessSite {
  readonly operation: string;
  readonly thread: string;
  readonly core: number;
  readonly mode: AccessSite["mode"];
  readonly time: number;
  private readonly trace: Error;

  constructor(operation: string, kernel: Kernel, thread: Thread, trace: Error) {
    const cpu = kernel.currentCpu;
    this.operation = operation;
    this.thread = thread.name;
    this.core = cpu?.id ?? -1;
    this.mode = modeOf(kernel, thread);
    this.time = kernel.now;
    this.trace = trace;
  }

  get stack(): readonly string[] {
    return (this.trace.stack ?? "")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().replace(/^at /, ""))
      .filter((line) => !OWN.test(line));
  }
}

function modeOf(kernel: Kernel, thread: Thread): AccessSite["mode"] {
  if (kernel.currentCpu === null) return "host";
  if (thread === kernel.current && kernel.inIsr) return "isr";
  return thread === kernel.current && kernel.isUserContext() ? "user" : "supervisor";
}

/** Notes what `thread` does at this moment, and the JavaScript stack of it. */
export function siteOf(kernel: Kernel, operation: string, thread = kernel.current): AccessSite {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES + 6;
  const trace = new Error(operation);
  Error.stackTraceLimit = limit;
  return new LazySite(operation, kernel, thread, trace);
}

function formatSite(site: AccessSite): string {
  const where = site.stack.slice(0, FRAMES).map((line) => `\n      at ${line}`);
  return `${site.operation} by ${site.thread} (${site.mode}, core ${site.core}, cycle ${site.time})${where.join("")}`;
}

/** A violation as text of several lines. */
export function formatViolation(violation: Violation): string {
  const { checker, rule, object, field, address, first, second } = violation;
  const what = field === "" ? object : `${object}.${field}`;
  const lines = [`${checker}: ${rule}: ${what} at 0x${address.toString(16)}`];
  if (first !== null) lines.push(`  first  ${formatSite(first)}`);
  lines.push(`  ${first === null ? "by" : "second"}     ${formatSite(second)}`);
  return lines.join("\n");
}

/** Passes each combination of rule, object and field on once. */
export function onlyOnce(report: Report): Report {
  const known = new Set<string>();
  return (violation) => {
    const { checker, rule, object, field } = violation;
    const key = `${checker} ${rule} ${object} ${field}`;
    if (known.has(key)) return;
    known.add(key);
    report(violation);
  };
}
