import { assert } from "@sof-ts/kit";
import { K_FOREVER, Mutex, type Thread } from "@sof-ts/kernel";
import { UserLlLocking } from "./user-ll.js";

/**
 * The historical user-space scheme that the LL lock replaced: the tick gives the scheduler lock up while a
 * task runs, and each component has a mutex for its connections, taken for its copy and for every change
 * of them. Kept to compare with: it costs two system calls per component and tick.
 */
export class ComponentMutexLocking extends UserLlLocking {
  override readonly name = "component-mutex";
  override readonly locksComponents = true;
  private readonly components = new Map<number, Mutex>();
  private readonly users: Thread[] = [];

  override taskEnter(core: number): number {
    return this.lockOf(core).unlockNow();
  }

  override taskExit(core: number): number {
    return this.lockOf(core).lockNow(K_FOREVER);
  }

  override grant(thread: Thread, core: number): void {
    super.grant(thread, core);
    if (this.users.includes(thread)) return;
    this.users.push(thread);
    for (const mutex of this.components.values()) this.kernel.accessGrant(mutex, thread);
  }

  override componentEnter(componentId: number): number {
    return this.mutexOf(componentId).lockNow(K_FOREVER);
  }

  override componentExit(componentId: number): number {
    return this.mutexOf(componentId).unlockNow();
  }

  override componentAdded(componentId: number): void {
    const mutex = new Mutex(this.kernel, `component ${componentId.toString(16)}`);
    this.components.set(componentId, mutex);
    for (const thread of this.users) this.kernel.accessGrant(mutex, thread);
  }

  override componentRemoved(componentId: number): void {
    this.components.delete(componentId);
  }

  private mutexOf(componentId: number): Mutex {
    const mutex = this.components.get(componentId);
    assert(mutex !== undefined, "a component without a mutex");
    return mutex;
  }
}
