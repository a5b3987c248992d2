import { Slow } from "./constants.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjFlag, ObjType } from "./object.js";
import { clearPermission, InitRule, setPermission, verifyObject } from "./permissions.js";
import { takeIndex } from "./thread-ids.js";
import type { Thread } from "./thread.js";

/** Zephyr's `k_object_access_grant`. */
export function grant(k: Kernel, object: unknown, thread: unknown): void {
  if ((k.slow & Slow.USER) !== 0) {
    k.enterCall("k_object_access_grant");
    verifyObject(k, object, ObjType.ANY, InitRule.ANY, "k_object_access_grant");
    verifyObject(k, thread, ObjType.THREAD, InitRule.ANY, "k_object_access_grant");
  }
  k.pass(k.costs.permission);
  if (known(object) && known(thread) && thread.type === ObjType.THREAD) {
    // A static thread object has its number before a thread runs on it; one that ended with its thread has none.
    if (k.objects.has(thread)) takeIndex(k, thread as Thread);
    setPermission(object, thread as Thread);
  }
}

/** Zephyr's `k_object_access_revoke`. Supervisor only. */
export function revoke(k: Kernel, object: unknown, thread: unknown): void {
  k.supervisorOnly("k_object_access_revoke");
  k.pass(k.costs.permission);
  if (known(object) && known(thread) && thread.type === ObjType.THREAD) {
    clearPermission(k, object, thread as Thread);
  }
}

/** Zephyr's `k_object_release`: the caller gives up its own permission. */
export function release(k: Kernel, object: unknown): void {
  if ((k.slow & Slow.USER) !== 0) {
    k.enterCall("k_object_release");
    verifyObject(k, object, ObjType.ANY, InitRule.ANY, "k_object_release");
  }
  k.pass(k.costs.permission);
  if (known(object)) clearPermission(k, object, k.current);
}

/** Zephyr's `k_object_access_all_grant`. Supervisor only. */
export function grantAll(k: Kernel, object: unknown): void {
  k.supervisorOnly("k_object_access_all_grant");
  k.pass(k.costs.permission);
  if (known(object)) object.flags |= ObjFlag.PUBLIC;
}

function known(object: unknown): object is KObject {
  return object instanceof KObject && (object.flags & ObjFlag.FREED) === 0;
}
