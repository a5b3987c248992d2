import { ranksBefore } from "./rank.js";
import type { KObject } from "./object.js";
import type { Thread } from "./thread.js";

/** Threads that wait for one thing, best first: by priority, then deadline, then longest waiting. */
export class WaitQueue {
  head: Thread | null = null;
  tail: Thread | null = null;
  /** The object waited for; null for the kernel's own queues. */
  readonly object: KObject | null;
  private readonly narrow: boolean;

  constructor(object: KObject | null, narrow: boolean) {
    this.object = object;
    this.narrow = narrow;
  }

  add(thread: Thread): void {
    let after = this.tail;
    while (after !== null && ranksBefore(thread, after, this.narrow)) after = after.wqPrev;
    const next = after === null ? this.head : after.wqNext;
    thread.wqPrev = after;
    thread.wqNext = next;
    if (after === null) this.head = thread;
    else after.wqNext = thread;
    if (next === null) this.tail = thread;
    else next.wqPrev = thread;
    thread.pendedOn = this;
  }

  remove(thread: Thread): void {
    const prev = thread.wqPrev;
    const next = thread.wqNext;
    if (prev === null) this.head = next;
    else prev.wqNext = next;
    if (next === null) this.tail = prev;
    else next.wqPrev = prev;
    thread.wqPrev = null;
    thread.wqNext = null;
    thread.pendedOn = null;
  }
}
