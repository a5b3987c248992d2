import { assert } from "@sof-ts/kit";
import type { BuiltinCall } from "./builtin-calls.js";
import { FatalReason, Slow } from "./constants.js";
import { KILLED } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import type { Blocking, Thread, ThreadBody } from "./thread.js";

/** A plain system call of the firmware: it never blocks. */
export interface SyscallSpec<A extends readonly unknown[], R> {
  /**
   * The verification handler (Zephyr's `z_vrfy_*`): checks what a user thread passed, in supervisor mode.
   * Not asked for supervisor callers. False is a kernel oops of the caller.
   */
  readonly verify?: (...args: A) => boolean;
  /** The implementation (`z_impl_*`), in supervisor mode. */
  readonly run: (...args: A) => R;
}

/** A plain system call whose first argument is a number that stands for an object of the firmware's. */
export interface HandleSyscallSpec<T, A, R> {
  /** Finds the object. Null from user mode is a kernel oops of the caller. */
  readonly resolve: (handle: number) => T | null;
  /** Checks what else a user thread passed. */
  readonly verify?: (object: T, argument: A) => boolean;
  readonly run: (object: T, argument: A) => R;
}

/** A system call of the firmware that may block. */
export interface BlockingSyscallSpec<A extends readonly unknown[], R> {
  readonly verify?: (...args: A) => boolean;
  readonly run: (...args: A) => Blocking<R>;
}

/** What is known of a system call by name. */
export type SyscallEntry = (...args: readonly never[]) => unknown;

/** @returns a function for user and supervisor threads alike; from user mode it traps, verifies, runs */
export function defineSyscall<A extends readonly unknown[], R>(
  k: Kernel,
  name: string,
  spec: SyscallSpec<A, R>,
): (...args: A) => R {
  const { verify, run } = spec;
  const call = (...args: A): R => {
    if ((k.slow & Slow.USER) === 0) {
      if (k.slow !== 0) k.enterCall(name);
      return run(...args);
    }
    const thread = enterSupervisor(k, name);
    try {
      if (verify !== undefined && !verify(...args)) refuse(k, name);
      return run(...args);
    } finally {
      leaveSupervisor(k, thread);
    }
  };
  register(k, name, call);
  return call;
}

/** {@link defineSyscall} for one that names an object by a number. */
export function defineHandleSyscall<T, A, R>(
  k: Kernel,
  name: string,
  spec: HandleSyscallSpec<T, A, R>,
): (handle: number, argument: A) => R {
  const { resolve, verify, run } = spec;
  const call = (handle: number, argument: A): R => {
    if ((k.slow & Slow.USER) === 0) {
      if (k.slow !== 0) k.enterCall(name);
      const object = resolve(handle);
      assert(object !== null, "a supervisor's system call names nothing");
      return run(object, argument);
    }
    const thread = enterSupervisor(k, name);
    try {
      const object = resolve(handle);
      if (object === null || (verify !== undefined && !verify(object, argument))) refuse(k, name);
      return run(object, argument);
    } finally {
      leaveSupervisor(k, thread);
    }
  };
  register(k, name, call);
  return call;
}

/** {@link defineSyscall} for one that may block: the result is called with `yield*`. */
export function defineBlockingSyscall<A extends readonly unknown[], R>(
  k: Kernel,
  name: string,
  spec: BlockingSyscallSpec<A, R>,
): (...args: A) => Blocking<R> {
  const { verify, run } = spec;
  function* call(...args: A): Blocking<R> {
    if ((k.slow & Slow.USER) === 0) {
      if (k.slow !== 0) k.enterCall(name);
      return yield* run(...args);
    }
    const thread = enterSupervisor(k, name);
    try {
      if (verify !== undefined && !verify(...args)) refuse(k, name);
      return yield* run(...args);
    } finally {
      leaveSupervisor(k, thread);
    }
  }
  register(k, name, call);
  return call;
}

function register(k: Kernel, name: string, call: SyscallEntry): void {
  assert(!k.syscalls.has(name), `system call ${name} is defined already`);
  k.syscalls.set(name, call);
}

/**
 * A call by name, as a number in the trap instruction: one that does not exist is a kernel oops of a user
 * thread.
 *
 * @param builtins the kernel's own calls
 * @returns what the call returns
 */
export function callByName(
  k: Kernel,
  builtins: Readonly<Record<string, BuiltinCall>>,
  name: string,
  args: readonly unknown[],
): unknown {
  const call = k.syscalls.get(name);
  const builtin = call === undefined ? builtins[name] : undefined;
  if (builtin !== undefined) return builtin(k, ...args);
  if (call === undefined) {
    if (k.slow !== 0) k.enterCall(name);
    raiseFatal(
      k,
      FatalReason.KERNEL_OOPS,
      `unimplemented system call ${name} by ${k.current.name}`,
    );
  }
  return (call as (...args: readonly unknown[]) => unknown)(...args);
}

/** Only a thread in user mode comes here: one that is inside a call is in supervisor mode. */
function enterSupervisor(k: Kernel, name: string): Thread {
  if (k.slow !== Slow.USER) k.enterElse(name);
  k.countCall(name);
  const thread = k.current;
  thread.modeBits = 0;
  k.slow = k.observed;
  return thread;
}

function leaveSupervisor(k: Kernel, thread: Thread): void {
  thread.modeBits = Slow.USER;
  if (k.current === thread) k.slow |= Slow.USER;
}

function refuse(k: Kernel, name: string): never {
  raiseFatal(k, FatalReason.KERNEL_OOPS, `${name} by ${k.current.name} failed verification`);
}

/** Zephyr's `k_thread_user_mode_enter`. */
export function* userModeEnter(
  k: Kernel,
  entry: (thread: Thread) => ThreadBody,
): Generator<number, never, number> {
  k.supervisorOnly("k_thread_user_mode_enter");
  const thread = k.current;
  thread.essential = false;
  if (!k.options.userspace) yield* entry(thread);
  else if (!thread.kernelStack) {
    thread.userMode = true;
    thread.modeBits |= Slow.USER;
    k.slow |= Slow.USER;
    yield* entry(thread);
  }
  k.slow |= Slow.DYING;
  throw KILLED;
}

/**
 * Whether user code of the current thread may use all of a range: its domain's partitions, or its own
 * stack (Zephyr's `arch_buffer_validate`).
 */
export function userMay(k: Kernel, address: number, size: number, write: boolean): boolean {
  if (size < 0 || address < 0 || address + size > 0x1_0000_0000) return false;
  const thread = k.current;
  const stack = thread.stack;
  if (stack !== null && address >= stack.address && address + size <= stack.address + stack.size) {
    return true;
  }
  return thread.domain !== null && thread.domain.allows(address, size, write);
}
