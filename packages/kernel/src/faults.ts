import type { Cycles } from "@sof-ts/kit";
import { FatalReason, Slow } from "./constants.js";
import { type FatalInfo, KernelAssertion, KILLED } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import type { KObject } from "./object.js";
import type { Thread } from "./thread.js";

/**
 * A fatal error of the executing context. The policy decides whether only the thread ends or the kernel
 * halts; errors in handlers, panics and essential threads halt. Does not return: unwinds the caller.
 */
export function raiseFatal(
  k: Kernel,
  reason: FatalReason,
  message: string,
  cause?: unknown,
  object: KObject | null = null,
): never {
  if ((k.slow & Slow.HOST) !== 0) throw new KernelAssertion(message, { cause });
  decide(k, k.current, reason, message, cause, object);
  k.slow |= Slow.DYING;
  throw KILLED;
}

/** Asks the policy; sets `k.halted` when the kernel stops. */
function decide(
  k: Kernel,
  thread: Thread,
  reason: FatalReason,
  message: string,
  cause: unknown,
  object: KObject | null,
): void {
  if (k.halted !== null) return;
  const info: FatalInfo = {
    reason,
    thread,
    cpu: k.cpu.id,
    time: k.cpu.time,
    inIsr: k.isr,
    message,
    cause,
    object,
  };
  if (k.trace !== null) k.trace.fatal?.(info.time, info.cpu, info);
  // An exception handler is privileged and cannot block, whoever caused the exception.
  const context = k.slow & (Slow.USER | Slow.ISR | Slow.SWITCHED);
  k.slow = (k.slow & ~(Slow.USER | Slow.SWITCHED)) | Slow.ISR;
  const answer = k.onFatal(info);
  k.slow = (k.slow & ~Slow.ISR) | context;
  const recoverable = !k.isr && reason !== FatalReason.KERNEL_PANIC && !thread.essential;
  if (answer === "halt" || !recoverable) {
    k.halted = info;
    k.limit = Number.NEGATIVE_INFINITY as Cycles;
  }
}

/** What escaped an interrupt handler halts the kernel. */
export function isrException(k: Kernel, error: unknown): void {
  if (error === KILLED) return;
  const reason =
    error instanceof KernelAssertion ? FatalReason.KERNEL_PANIC : FatalReason.CPU_EXCEPTION;
  decide(k, k.current, reason, `interrupt handler: ${text(error)}`, error, null);
}

/** What escaped a thread's body: the kernel's own unwinding, a failed assertion, or a fault. */
export function threadException(k: Kernel, thread: Thread, error: unknown): void {
  if (error === KILLED) return;
  const reason =
    error instanceof KernelAssertion ? FatalReason.KERNEL_PANIC : FatalReason.CPU_EXCEPTION;
  decide(k, thread, reason, `thread ${thread.name}: ${text(error)}`, error, null);
}

/** An essential thread came to its end: a panic. */
export function essentialReturned(k: Kernel, thread: Thread): void {
  decide(
    k,
    thread,
    FatalReason.KERNEL_PANIC,
    `essential thread ${thread.name} ended`,
    undefined,
    null,
  );
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
