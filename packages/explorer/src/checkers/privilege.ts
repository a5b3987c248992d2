import { type FatalInfo, FatalReason, type Kernel, type Thread } from "@sof-ts/kernel";
import { type Report, siteOf } from "./violation.js";
import { FIELD_BYTES, type Watched } from "./watched.js";

/**
 * What user mode may not do: touch memory that its domain does not grant, call what is for supervisors, name an
 * object that it has no permission on. The kernel refuses the latter two by itself; here they become reports.
 */
export class PrivilegeChecker {
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  access(kernel: Kernel, watched: Watched, field: string, write: boolean): void {
    if (watched.address === 0 || kernel.currentCpu === null || !kernel.isUserContext()) return;
    const address = watched.addressOf(field);
    const thread = kernel.current;
    if (mayUse(thread, address, FIELD_BYTES, write)) return;
    this.report({
      checker: "privilege",
      rule: write ? "user-write" : "user-read",
      object: watched.name,
      field,
      address,
      first: watched.born,
      second: siteOf(kernel, write ? "write" : "read"),
    });
  }

  /** A fatal error of a user thread is an access or a call that was refused. */
  fatal(kernel: Kernel, info: FatalInfo): void {
    const { thread, object } = info;
    if (!thread.userMode || info.inIsr) return;
    if (info.reason !== FatalReason.KERNEL_OOPS && info.reason !== FatalReason.CPU_EXCEPTION)
      return;
    // An exception with a cause is the program's own mistake, not the kernel's refusal.
    if (info.cause !== undefined) return;
    this.report({
      checker: "privilege",
      rule: info.reason === FatalReason.KERNEL_OOPS ? "refused-call" : "supervisor-only",
      object: object?.name ?? thread.name,
      field: info.message,
      address: object?.address ?? 0,
      first: null,
      second: siteOf(kernel, info.message, thread),
    });
  }
}

function mayUse(thread: Thread, address: number, size: number, write: boolean): boolean {
  const { stack, domain } = thread;
  if (stack !== null && address >= stack.address && address + size <= stack.address + stack.size)
    return true;
  return domain?.allows(address, size, write) ?? false;
}
