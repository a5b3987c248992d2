import { EAGAIN, ENOMEM } from "@sof-ts/kit";
import { K_FOREVER, SWITCH } from "./constants.js";
import type { KHeap } from "./k-heap.js";
import type { Kernel } from "./kernel.js";
import { KObject, ObjType } from "./object.js";
import { InitRule } from "./permissions.js";
import { pendCurrent, ready, reschedule, unpend, wake } from "./scheduler.js";
import type { Blocking } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/** An item with the memory that it took, if any. */
interface Entry<T> {
  readonly data: T;
  readonly heap: KHeap | null;
  readonly address: number;
}

/** Bytes of the node that an allocating append takes. */
const NODE_BYTES = 8;

/** A first-in first-out queue of any length (Zephyr's `struct k_queue`). */
export class KQueue<T> extends KObject {
  readonly waiters: WaitQueue;
  private entries: Entry<T>[] = [];

  constructor(kernel: Kernel, name = "") {
    super(kernel, ObjType.QUEUE, name);
    this.waiters = new WaitQueue(this, kernel.narrow);
  }

  /** Zephyr's `k_queue_init`. Thread, ISR and user mode. */
  init(): void {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.QUEUE, InitRule.NOT_INIT, "k_queue_init");
    this.entries = [];
    this.waiters.abandon();
    k.initialise(this);
  }

  /** Items in it. */
  get length(): number {
    return this.entries.length;
  }

  /** Zephyr's `k_queue_append`: supervisor; thread and ISR. A reschedule point. @returns 0; SWITCH */
  appendNow(data: T): number {
    const k = this.kernel;
    k.supervisorOnly("k_queue_append");
    this.insert(data, null, 0);
    return reschedule(k, k.costs.queue, 0);
  }

  /** {@link appendNow} as a generator. */
  *append(data: T): Blocking {
    const rc = this.appendNow(data);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_queue_alloc_append`: takes a node from the caller's resource pool, which a waiting thread
   * makes needless. Thread, ISR and user mode. A reschedule point.
   *
   * @returns 0; -ENOMEM; SWITCH
   */
  allocAppendNow(data: T): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.QUEUE, InitRule.INIT, "k_queue_alloc_append");
    return reschedule(k, k.costs.queue, this.allocInsert(data));
  }

  /** {@link allocAppendNow} as a generator. */
  *allocAppend(data: T): Blocking {
    const rc = this.allocAppendNow(data);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_queue_get`: the item is in {@link taken} afterwards. Thread and user mode; ISR without
   * waiting only.
   *
   * @returns 0; -EAGAIN when there was none in time; SWITCH
   */
  getNow(timeout: number): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enterWait(this, ObjType.QUEUE, "k_queue_get", timeout);
    if (this.entries.length > 0) {
      k.current.received = this.shift();
      return k.leave(k.costs.queue, 0);
    }
    if (timeout === 0) return k.leave(k.costs.queue, -EAGAIN);
    k.current.received = null;
    return pendCurrent(k, this.waiters, timeout, -EAGAIN, k.costs.queue);
  }

  /** {@link getNow} that returns the item, null when there was none in time. */
  *get(timeout = K_FOREVER): Blocking<T | null> {
    let rc = this.getNow(timeout);
    if (rc === SWITCH) rc = yield SWITCH;
    return rc === 0 ? this.taken() : null;
  }

  /** @returns the item that the calling thread's last successful get took */
  taken(): T {
    const thread = this.kernel.current;
    const data = thread.received as T;
    thread.received = null;
    return data;
  }

  /** Zephyr's `k_queue_cancel_wait`: the best waiter gets nothing. Thread, ISR, user mode. @returns 0; SWITCH */
  cancelWaitNow(): number {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.QUEUE, InitRule.INIT, "k_queue_cancel_wait");
    const thread = this.waiters.head;
    if (thread !== null) {
      wake(k, thread, -EAGAIN);
    }
    return reschedule(k, k.costs.queue, 0);
  }

  /** {@link cancelWaitNow} as a generator. */
  *cancelWait(): Blocking {
    const rc = this.cancelWaitNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_queue_is_empty`. */
  isEmpty(): boolean {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.QUEUE, InitRule.INIT, "k_queue_is_empty");
    return this.entries.length === 0;
  }

  /** Zephyr's `k_queue_peek_head`; null when empty. */
  peekHead(): T | null {
    const k = this.kernel;
    if (k.slow !== 0) k.enter(this, ObjType.QUEUE, InitRule.INIT, "k_queue_peek_head");
    return this.entries[0]?.data ?? null;
  }

  /** Zephyr's `k_queue_remove`. Supervisor. @returns whether it was there */
  remove(data: T): boolean {
    this.kernel.supervisorOnly("k_queue_remove");
    const index = this.entries.findIndex((entry) => entry.data === data);
    if (index < 0) return false;
    this.entries.splice(index, 1);
    return true;
  }

  /** Appends with memory from the caller's pool where it is needed; the kernel's own. @returns 0; -ENOMEM */
  allocInsert(data: T): number {
    const k = this.kernel;
    let heap: KHeap | null = null;
    let address = 0;
    if (this.waiters.head === null) {
      heap = k.current.heap;
      if (heap !== null) address = heap.take(NODE_BYTES);
      if (address === 0) return -ENOMEM;
    }
    this.insert(data, heap, address);
    return 0;
  }

  private insert(data: T, heap: KHeap | null, address: number): void {
    const k = this.kernel;
    if (k.checker !== null) k.checker.release(this, k.current);
    const thread = this.waiters.head;
    if (thread === null) {
      this.entries.push({ data, heap, address });
      return;
    }
    unpend(k, thread);
    thread.received = data;
    thread.result = 0;
    ready(k, thread);
    if (k.checker !== null) k.checker.acquire(this, thread);
  }

  private shift(): T {
    const entry = this.entries.shift() as Entry<T>;
    if (entry.heap !== null) entry.heap.give(entry.address);
    const k = this.kernel;
    if (k.checker !== null) k.checker.acquire(this, k.current);
    return entry.data;
  }
}
