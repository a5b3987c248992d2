import {
  type Exchange,
  type Ipc4Message,
  PipelineState,
  pipelineStateName,
  replyWords,
  Status,
  statusName,
  type Words,
} from "@sof-ts/ipc4";
import type { Answer } from "./replay-machine.js";

/** Why an answer of ours is not that of the log. */
export type Cause =
  /** A status that comes from the condition of the log's firmware: a defect of its day. */
  | "defect"
  /** An earlier difference left the two firmwares in different states. */
  | "follows"
  /** What is missing in the log was made up, and decides. */
  | "gap"
  /** The module is not in our image, or its id means another one. */
  | "module-id"
  /** Our firmware halted or did not answer. */
  | "no-answer"
  /** None of these: look at it. */
  | "unexplained";

/** What came of comparing an answer with the log's. */
export interface Verdict {
  readonly kind: "same" | "not-compared" | "differs";
  readonly cause?: Cause | undefined;
  /** In words. */
  readonly reason: string;
}

/** What is known where two answers are compared. */
export interface Comparison {
  readonly message: Ipc4Message;
  readonly exchange: Exchange;
  /** The words that were sent: the request's with our module ids. */
  readonly sent: Words;
  readonly answer: Answer;
  /** Line of an earlier difference about the same objects; undefined when there is none. */
  readonly earlier: number | undefined;
  /** Whether lines are missing in front of the request, so that what it found there is not known. */
  readonly blind: boolean;
  /** Whether payload or objects of the request were made up. */
  readonly madeUp: boolean;
  /** Whether the module that the request is for is in our image. */
  readonly inImage: boolean;
  /** State that the log itself brought the request's pipeline to, where it shows that. */
  readonly stateBefore: PipelineState | undefined;
}

/** Statuses that the protocol's rules give; others come from the condition of the firmware. */
const RULES: ReadonlySet<number> = new Set([
  Status.SUCCESS,
  Status.INVALID_REQUEST,
  Status.INVALID_RESOURCE_ID,
  Status.INVALID_RESOURCE_STATE,
  Status.INVALID_CHAIN_STATE_TRANSITION,
]);
/** Messages whose reply has an extension word of its own. */
const OWN_EXTENSION: ReadonlySet<Ipc4Message["kind"]> = new Set([
  "config-get",
  "large-config-get",
  "ipc-gateway-cmd",
]);

const LIBRARY: ReadonlySet<Ipc4Message["kind"]> = new Set(["load-library", "load-library-prepare"]);

const named = (status: number): string =>
  statusName(status) === String(status) ? String(status) : `${status} ${statusName(status)}`;

/**
 * Compares our answer with the log's: the status, and that the reply echoes the request. What the log does
 * not say is not compared, but has to be answered all the same.
 */
export function judge(comparison: Comparison): Verdict {
  const { exchange, answer, sent, message } = comparison;
  if (answer.reply === null) {
    const reason = answer.fault ?? "no reply within 500 ms";
    return { kind: "differs", cause: "no-answer", reason };
  }
  const got = answer.reply.primary & 0xff_ffff;
  const echo = replyWords(sent, got);
  const echoed =
    echo.primary === answer.reply.primary &&
    (OWN_EXTENSION.has(message.kind) || echo.extension === answer.reply.extension);
  if (!echoed) {
    const reason = "our reply does not echo its request";
    return { kind: "differs", cause: "unexplained", reason };
  }
  const expected = exchange.status;
  if (expected === undefined) return notCompared(message, exchange, got);
  if (expected === got) {
    const reason = expected === 0 ? "both accept it" : `both refuse it with ${named(got)}`;
    return { kind: "same", reason };
  }
  return { kind: "differs", ...explain(comparison, expected, got) };
}

function notCompared(message: Ipc4Message, { outcome }: Exchange, got: number): Verdict {
  const why = LIBRARY.has(message.kind) ? ": no log has the library's image" : "";
  const ours = got === 0 ? "ours accepts it" : `ours refuses it with ${named(got)}${why}`;
  const log =
    outcome === "timeout" ? "timed out in the log, a defect of its day" : "the log has no reply";
  return { kind: "not-compared", reason: `${log}; ${ours}` };
}

function explain(
  comparison: Comparison,
  expected: number,
  got: number,
): { readonly cause: Cause; readonly reason: string } {
  const { earlier, message, blind, madeUp, inImage, stateBefore } = comparison;
  if (earlier !== undefined) {
    return { cause: "follows", reason: `follows from the difference at line ${earlier}` };
  }
  if (!RULES.has(expected)) {
    const reason = `status ${named(expected)} tells of the condition of that firmware, not of a rule`;
    return { cause: "defect", reason };
  }
  if (!inImage) return { cause: "module-id", reason: "our image has no module with this id" };
  if (expected !== 0 && got === 0) {
    const transition = message.kind === "set-pipeline-state" ? message.state : undefined;
    if (
      expected === Status.INVALID_REQUEST &&
      stateBefore !== undefined &&
      allowed(stateBefore, transition)
    ) {
      const reason =
        `${pipelineStateName(transition ?? 0)} is allowed after ${pipelineStateName(stateBefore)}: ` +
        "a module or link of that firmware failed to prepare";
      return { cause: "defect", reason };
    }
    if (blind) {
      const reason = `what made the log's firmware refuse it (${named(expected)}) lies in a gap`;
      return { cause: "gap", reason };
    }
  }
  if (got !== 0 && (madeUp || blind)) {
    const what = madeUp ? "payload or objects are made up" : "what it presumes lies in a gap";
    return { cause: "gap", reason: `${what}: ours refuses it with ${named(got)}` };
  }
  const words = `expected ${named(expected)}, got ${named(got)}`;
  return { cause: "unexplained", reason: words };
}

/** Whether the state machine lets a pipeline go from one wire state to another. */
function allowed(from: PipelineState, to: number | undefined): boolean {
  const { RESET, PAUSED, RUNNING, EOS } = PipelineState;
  if (to === PAUSED || to === RESET) return true;
  if (to === RUNNING) return from !== EOS;
  return to === EOS && from === RUNNING;
}
