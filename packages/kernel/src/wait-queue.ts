import type { KObject } from "./object.js";
import { ranksBefore } from "./rank.js";
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

  /** Queues `thread` behind its equals. */
  add(thread: Thread): void {
    thread.pendedOn = this;
    const tail = this.tail;
    if (tail === null) this.head = thread;
    else {
      if (ranksBefore(thread, tail, this.narrow)) {
        this.insert(thread, tail);
        return;
      }
      tail.wqNext = thread;
      thread.wqPrev = tail;
    }
    this.tail = thread;
  }

  /** Takes `thread`, which waits here, out. */
  remove(thread: Thread): void {
    const prev = thread.wqPrev;
    const next = thread.wqNext;
    thread.pendedOn = null;
    // Literal nulls: storing one needs no write barrier.
    if (prev === null) {
      if (next === null) {
        this.head = null;
        this.tail = null;
        return;
      }
      this.head = next;
      next.wqPrev = null;
      thread.wqNext = null;
      return;
    }
    prev.wqNext = next;
    thread.wqPrev = null;
    if (next === null) this.tail = prev;
    else {
      next.wqPrev = prev;
      thread.wqNext = null;
    }
  }

  /** Empties the queue: who waited waits on, on nothing, until its time-out. What a second init does. */
  abandon(): void {
    for (let thread = this.head; thread !== null;) {
      const next: Thread | null = thread.wqNext;
      thread.wqPrev = null;
      thread.wqNext = null;
      thread.pendedOn = null;
      thread = next;
    }
    this.head = null;
    this.tail = null;
  }

  /** Queues `thread`, which goes before `tail`, at its place. */
  private insert(thread: Thread, tail: Thread): void {
    let next = tail;
    let prev = tail.wqPrev;
    while (prev !== null && ranksBefore(thread, prev, this.narrow)) {
      next = prev;
      prev = prev.wqPrev;
    }
    thread.wqNext = next;
    thread.wqPrev = prev;
    next.wqPrev = thread;
    if (prev === null) this.head = thread;
    else prev.wqNext = thread;
  }
}
