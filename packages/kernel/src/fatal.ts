import { InvariantError, type Cycles } from "@sof-ts/kit";
import type { FatalReason } from "./constants.js";
import type { KObject } from "./object.js";
import type { Thread } from "./thread.js";

/**
 * An assertion of the RTOS failed: the caller broke a rule whose violation is undefined behaviour on
 * hardware (blocking in an interrupt handler, taking a spinlock twice).
 */
export class KernelAssertion extends InvariantError {}

/** Thrown to unwind a thread that the kernel has ended. Not an error; never reaches the caller of `run`. */
export class ThreadKilled {
  readonly message = "thread was ended by the kernel";
}

/** The one token that unwinds a dead thread. */
export const KILLED = new ThreadKilled();

/** A fatal error as the policy gets it (Zephyr's `k_sys_fatal_error_handler`). */
export interface FatalInfo {
  readonly reason: FatalReason;
  /** The thread that ran, or was interrupted. */
  readonly thread: Thread;
  readonly cpu: number;
  readonly time: Cycles;
  /** Raised in an interrupt handler: not recoverable. */
  readonly inIsr: boolean;
  /** What was refused or failed, one line. */
  readonly message: string;
  /** The exception behind a {@link FatalReason.CPU_EXCEPTION}, else undefined. */
  readonly cause: unknown;
  /** The kernel object that a refused system call named. */
  readonly object: KObject | null;
}

/**
 * What happens after a fatal error: only the thread dies, or the whole kernel halts. Errors in an interrupt
 * handler, of an essential thread and kernel panics halt whatever it answers.
 */
export type FatalPolicy = (info: FatalInfo) => "abort-thread" | "halt";
