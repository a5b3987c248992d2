import { builtinCalls } from "./builtin-calls.js";
import { FatalReason, Slow } from "./constants.js";
import { raiseFatal } from "./faults.js";
import { KernelThreads } from "./kernel-threads.js";
import {
  type BlockingSyscallSpec,
  callByName,
  defineBlockingSyscall,
  defineHandleSyscall,
  defineSyscall,
  type HandleSyscallSpec,
  type SyscallSpec,
  userMay,
  userModeEnter,
} from "./syscalls.js";
import type { Blocking, Thread, ThreadBody } from "./thread.js";
import {
  type UserBuffer,
  type UserString,
  userFromCopy,
  userStringCopy,
  userStringLength,
  userToCopy,
} from "./user-string.js";

/** User mode: entering it, system calls, access to memory, fatal errors. */
export abstract class KernelUser extends KernelThreads {
  /** Zephyr's `k_is_user_context`: in user mode and not inside a system call. */
  isUserContext(): boolean {
    return (this.slow & Slow.USER) !== 0;
  }

  /**
   * Zephyr's `k_thread_user_mode_enter`: the calling thread goes on as `entry` in user mode, for good, with
   * its permissions and domain; ends when that returns. Called with `yield*`; does not return.
   */
  userModeEnter(entry: (thread: Thread) => ThreadBody): Generator<number, never, number> {
    return userModeEnter(this.self, entry);
  }

  /**
   * Defines a system call: the returned function traps from user mode, verifies, runs in supervisor mode
   * and restores the mode; a supervisor thread calls straight through.
   */
  defineSyscall<A extends readonly unknown[], R>(
    name: string,
    spec: SyscallSpec<A, R>,
  ): (...args: A) => R {
    return defineSyscall(this.self, name, spec);
  }

  /**
   * {@link defineSyscall} for one whose first argument is a number that stands for an object of the firmware's, which
   * user threads never get hold of. What is done in every period is best defined so.
   */
  defineHandleSyscall<T, A, R>(
    name: string,
    spec: HandleSyscallSpec<T, A, R>,
  ): (handle: number, argument: A) => R {
    return defineHandleSyscall(this.self, name, spec);
  }

  /** {@link defineSyscall} for one that may block; its result is called with `yield*`. */
  defineBlockingSyscall<A extends readonly unknown[], R>(
    name: string,
    spec: BlockingSyscallSpec<A, R>,
  ): (...args: A) => Blocking<R> {
    return defineBlockingSyscall(this.self, name, spec);
  }

  /**
   * A system call by its name: the firmware's own and the kernel's, by Zephyr's names (`k_mutex_lock`), with
   * handles that may be anything. From user mode a name that nobody defined, or a handle that is no object of
   * the right type, is a kernel oops.
   *
   * @returns what the call returns; for one that may block its result or SWITCH
   */
  syscall(name: string, ...args: readonly unknown[]): unknown {
    return callByName(this.self, builtinCalls, name, args);
  }

  /**
   * An access of the caller to memory: in user mode a range that neither its domain's partitions nor its
   * stack allow is a CPU exception. A supervisor's access is not checked.
   */
  checkAccess(address: number, size: number, write: boolean): void {
    if ((this.slow & Slow.USER) === 0 || userMay(this.self, address, size, write)) return;
    const kind = write ? "write" : "read";
    raiseFatal(
      this.self,
      FatalReason.CPU_EXCEPTION,
      `${kind} of ${size} bytes at 0x${address.toString(16)} by user thread ${this.current.name}`,
    );
  }

  /**
   * Zephyr's `arch_buffer_validate`, for verification handlers (`K_SYSCALL_MEMORY_READ`, `_WRITE`): whether
   * the calling thread could make the access from user mode.
   */
  userMayAccess(address: number, size: number, write: boolean): boolean {
    return userMay(this.self, address, size, write);
  }

  /**
   * Zephyr's `k_usermode_string_copy`, for implementations of system calls.
   *
   * @param bytes size of the destination, terminator included
   * @returns the text; EFAULT (positive) when the caller cannot read it; EINVAL when it is too long
   */
  userStringCopy(source: UserString, bytes: number): string | number {
    return userStringCopy(this.self, source, bytes);
  }

  /**
   * Zephyr's `k_usermode_string_nlen`, for implementations of system calls.
   *
   * @returns length without terminator, at most `most`; -1 when the caller cannot read it
   */
  userStringLength(source: UserString, most: number): number {
    return userStringLength(this.self, source, most);
  }

  /** Zephyr's `k_usermode_from_copy`. @returns 0; EFAULT (positive) when the caller cannot read all of `from` */
  userFromCopy(to: Uint8Array, from: UserBuffer): number {
    return userFromCopy(this.self, to, from);
  }

  /** Zephyr's `k_usermode_to_copy`. @returns 0; EFAULT (positive) when the caller cannot write all of it */
  userToCopy(to: UserBuffer, from: Uint8Array): number {
    return userToCopy(this.self, to, from);
  }

  /** Zephyr's `k_oops`. Ends the calling thread if the policy lets the kernel go on. */
  oops(message = "k_oops"): never {
    return raiseFatal(this.self, FatalReason.KERNEL_OOPS, message);
  }

  /** Zephyr's `k_panic`; from user mode it is a kernel oops. */
  panic(message = "k_panic"): never {
    return this.except(FatalReason.KERNEL_PANIC, message);
  }

  /** Zephyr's `z_except_reason`: a user thread can raise a stack check, all else becomes a kernel oops. */
  except(reason: number, message = `fatal reason ${reason}`): never {
    const user = (this.slow & Slow.USER) !== 0;
    const own = user && reason !== FatalReason.STACK_CHK_FAIL ? FatalReason.KERNEL_OOPS : reason;
    return raiseFatal(this.self, own as FatalReason, message);
  }
}
