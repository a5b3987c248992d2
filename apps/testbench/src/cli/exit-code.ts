import { InputError, InvariantError } from "@sof-ts/kit";
import { HostError } from "@sof-ts/host";
import { CheckFailed, FirmwareFault, StreamStalled, UsageError } from "../errors.js";
import { UnexplainedReplies } from "../replay/unexplained.js";

/** Exit codes of `sof-testbench`. */
export const ExitCode = {
  OK: 0,
  /** The command line is wrong. */
  USAGE: 1,
  /** A file, a PCM or a format cannot be used. */
  BAD_INPUT: 2,
  /** The firmware answered a message with an error. */
  FIRMWARE_ERROR: 3,
  /** The firmware faulted, or a checker found a violation. */
  FAULT: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Exit code and the one line that says what went wrong. */
export interface Failure {
  readonly code: ExitCode;
  readonly message: string;
}

/**
 * Turns what a command threw into an exit code and one line. Our own mistakes are no exception to the rule,
 * but ask for a report.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { code: ExitCode.USAGE, message: error.message };
  if (error instanceof InputError) return { code: ExitCode.BAD_INPUT, message: error.message };
  if (
    error instanceof FirmwareFault ||
    error instanceof StreamStalled ||
    error instanceof CheckFailed
  )
    return { code: ExitCode.FAULT, message: error.message };
  if (error instanceof UnexplainedReplies)
    return { code: ExitCode.FIRMWARE_ERROR, message: error.message };
  if (error instanceof HostError) {
    const code = error.status === undefined ? ExitCode.BAD_INPUT : ExitCode.FIRMWARE_ERROR;
    return { code, message: error.message };
  }
  const systemCode = systemErrorCode(error);
  if (systemCode !== null) return { code: ExitCode.BAD_INPUT, message: systemCode };
  const text = error instanceof Error ? error.message : String(error);
  const what = error instanceof InvariantError ? "broken invariant" : "unexpected error";
  return {
    code: ExitCode.FAULT,
    message: `${what}: ${text}. Please report it with the command line`,
  };
}

/** One line for an error of the operating system; null for other errors. */
function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || !("path" in error)) return null;
  const reasons: Record<string, string> = {
    ENOENT: "no such file",
    EACCES: "permission denied",
    EISDIR: "is a directory",
    ENOSPC: "no space left on the device",
    EROFS: "the file system is read-only",
  };
  return `${String(error.path)}: ${reasons[String(error.code)] ?? error.message}`;
}
