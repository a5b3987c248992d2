import { ThreadState } from "./constants.js";
import { ranksBefore } from "./rank.js";
import type { Thread } from "./thread.js";

/**
 * The one list of threads that may run, best first: by priority, then deadline, then arrival. A bitmap of
 * priority levels in use stands for the walk over empty ones; inside a level the list is walked, as
 * Zephyr's simple list is, to honour CPU masks.
 */
export class ReadyQueue {
  private readonly heads: (Thread | null)[];
  private readonly tails: (Thread | null)[];
  /** Levels in use: bit 31 is level 0. */
  private low = 0;
  /** The same for levels from 32 on, 32 a word. */
  private readonly high: Int32Array;
  /** A thread has, or had, a deadline: without one nobody need look at them. */
  deadlines = false;
  private readonly offset: number;
  private readonly narrow: boolean;

  /** @param best the numerically lowest priority, at most 0 @param worst the highest */
  constructor(best: number, worst: number, narrow: boolean) {
    const levels = worst - best + 1;
    this.offset = -best;
    this.heads = Array.from({ length: levels }, () => null);
    this.tails = Array.from({ length: levels }, () => null);
    this.high = new Int32Array((levels + 31) >> 5);
    this.narrow = narrow;
  }

  /** Queues `thread` behind its equals. */
  add(thread: Thread): void {
    const level = thread.priority + this.offset;
    thread.state |= ThreadState.QUEUED;
    thread.rqLevel = level;
    const tail = this.tails[level] as Thread | null;
    if (tail === null) {
      this.heads[level] = thread;
      if (level < 32) this.low |= 0x80000000 >>> level;
      else this.mark(level, true);
    } else {
      if (this.deadlines && ranksBefore(thread, tail, this.narrow)) {
        this.insert(thread, tail);
        return;
      }
      tail.rqNext = thread;
      thread.rqPrev = tail;
    }
    this.tails[level] = thread;
  }

  /** Takes `thread`, which is queued, out. */
  remove(thread: Thread): void {
    thread.state &= ~ThreadState.QUEUED;
    const level = thread.rqLevel;
    const prev = thread.rqPrev;
    const next = thread.rqNext;
    // Literal nulls: storing one needs no write barrier.
    if (prev === null) {
      if (next === null) {
        this.heads[level] = null;
        this.tails[level] = null;
        if (level < 32) this.low &= ~(0x80000000 >>> level);
        else this.mark(level, false);
        return;
      }
      this.heads[level] = next;
      next.rqPrev = null;
      thread.rqNext = null;
      return;
    }
    prev.rqNext = next;
    thread.rqPrev = null;
    if (next === null) this.tails[level] = prev;
    else {
      next.rqPrev = prev;
      thread.rqNext = null;
    }
  }

  /** @returns the best thread whose mask has the CPU `bit`, or null */
  best(bit: number): Thread | null {
    const { low } = this;
    if (low !== 0) {
      const thread = this.heads[Math.clz32(low)] as Thread;
      if ((thread.cpuMask & bit) !== 0) return thread;
    }
    return this.search(bit);
  }

  /** Queues `thread`, which goes before `tail`, at its place. */
  private insert(thread: Thread, tail: Thread): void {
    let next = tail;
    let prev = tail.rqPrev;
    while (prev !== null && ranksBefore(thread, prev, this.narrow)) {
      next = prev;
      prev = prev.rqPrev;
    }
    thread.rqNext = next;
    thread.rqPrev = prev;
    next.rqPrev = thread;
    if (prev === null) this.heads[thread.rqLevel] = thread;
    else prev.rqNext = thread;
  }

  private mark(level: number, used: boolean): void {
    const word = level >> 5;
    const bits = this.high[word] as number;
    const bit = 0x80000000 >>> (level & 31);
    this.high[word] = used ? bits | bit : bits & ~bit;
  }

  private search(bit: number): Thread | null {
    for (let i = 0; i < this.high.length; i++) {
      let word = i === 0 ? this.low : (this.high[i] as number);
      while (word !== 0) {
        const lead = Math.clz32(word);
        let thread = this.heads[(i << 5) | lead] as Thread | null;
        while (thread !== null) {
          if ((thread.cpuMask & bit) !== 0) return thread;
          thread = thread.rqNext;
        }
        word &= ~(0x80000000 >>> lead);
      }
    }
    return null;
  }
}
