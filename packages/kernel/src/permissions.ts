import { EADDRINUSE, EBADF, EINVAL, EPERM } from "@sof-ts/kit";
import { FatalReason } from "./constants.js";
import { raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjFlag, ObjType } from "./object.js";
import type { Thread } from "./thread.js";

/** What a system call demands of the object it names. */
export const InitRule = { INIT: 0, NOT_INIT: 1, ANY: 2 } as const;
export type InitRule = (typeof InitRule)[keyof typeof InitRule];

/** Whether `thread` may use `object`: it was given permission, or everybody was. */
function hasPermission(object: KObject, thread: Thread): boolean {
  if ((object.flags & ObjFlag.PUBLIC) !== 0) return true;
  return hasBit(object, thread);
}

/** Whether `thread` itself was given permission, whatever everybody may do. */
export function hasBit(object: KObject, thread: Thread): boolean {
  const index = thread.permIndex;
  return index >= 0 && ((object.perms[index >> 5] as number) & (1 << (index & 31))) !== 0;
}

/** Gives `thread`, if it has a number, permission on `object`. */
export function setPermission(object: KObject, thread: Thread): void {
  const index = thread.permIndex;
  if (index < 0) return;
  object.perms[index >> 5] = (object.perms[index >> 5] as number) | (1 << (index & 31));
}

/** Clears the bit; a dynamic object that nobody holds any more is freed. */
export function clearPermission(k: Kernel, object: KObject, thread: Thread): void {
  const index = thread.permIndex;
  if (index < 0) return;
  const word = index >> 5;
  const bits = object.perms[word] as number;
  if ((bits & (1 << (index & 31))) === 0) return;
  object.perms[word] = bits & ~(1 << (index & 31));
  object.grantee = null;
  if ((object.flags & ObjFlag.DYNAMIC) === 0) return;
  for (const rest of object.perms) if (rest !== 0) return;
  destroyObject(k, object);
}

/** Takes `object` away from everybody. */
export function clearPermissions(object: KObject): void {
  object.perms.fill(0);
  object.grantee = null;
}

/** Takes `object` out of the kernel's knowledge and gives a dynamic one's memory back. */
export function destroyObject(k: Kernel, object: KObject): void {
  object.flags = (object.flags | ObjFlag.FREED) & ~(ObjFlag.INITIALISED | ObjFlag.PUBLIC);
  clearPermissions(object);
  k.objects.delete(object);
  if (k.checker !== null) k.checker.destroyed?.(object, k.current);
  object.onDestroy?.();
}

/** Takes thread id `index` away from everything; done when the id is given to a new thread. */
export function clearIndex(k: Kernel, index: number): void {
  const word = index >> 5;
  const mask = ~(1 << (index & 31));
  for (const object of k.objects) {
    object.perms[word] = (object.perms[word] as number) & mask;
    object.grantee = null;
  }
}

/**
 * Zephyr's `k_object_validate`, in its order of checks.
 *
 * @returns 0; -EBADF not a kernel object or another type; -EPERM no permission; -EINVAL not initialised;
 * -EADDRINUSE initialised where that is forbidden
 */
export function validate(object: unknown, type: ObjType, rule: InitRule, thread: Thread): number {
  if (!thread.kernel.options.userspace) return 0;
  if (!(object instanceof KObject) || (object.flags & ObjFlag.FREED) !== 0) return -EBADF;
  if (type !== ObjType.ANY && object.type !== type) return -EBADF;
  if (!hasPermission(object, thread)) return -EPERM;
  if (rule === InitRule.ANY) return 0;
  const initialised = (object.flags & ObjFlag.INITIALISED) !== 0;
  if (rule === InitRule.INIT) return initialised ? 0 : -EINVAL;
  return initialised ? -EADDRINUSE : 0;
}

/** Ends the calling thread when it may not use `object` in this way. */
export function verifyObject(
  k: Kernel,
  object: unknown,
  type: ObjType,
  rule: InitRule,
  op: string,
): void {
  const rc = validate(object, type, rule, k.current);
  if (rc === 0) {
    const known = object as KObject;
    if (hasBit(known, k.current)) known.grantee = k.current;
    return;
  }
  const named = object instanceof KObject ? object : null;
  const what = named === null ? "what is no kernel object" : `object ${named.name}`;
  const why =
    rc === -EBADF
      ? "is not of the right type or does not exist"
      : rc === -EPERM
        ? "without permission"
        : rc === -EINVAL
          ? "before it was initialised"
          : "that is initialised already";
  raiseFatal(
    k,
    FatalReason.KERNEL_OOPS,
    `${op} by ${k.current.name} on ${what} ${why}`,
    undefined,
    named,
  );
}
