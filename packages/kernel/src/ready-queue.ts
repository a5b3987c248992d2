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
  private readonly words: Int32Array;
  private readonly offset: number;
  private readonly narrow: boolean;

  /** @param best the numerically lowest priority, at most 0 @param worst the highest */
  constructor(best: number, worst: number, narrow: boolean) {
    const levels = worst - best + 1;
    this.offset = -best;
    this.heads = Array.from({ length: levels }, () => null);
    this.tails = Array.from({ length: levels }, () => null);
    this.words = new Int32Array((levels + 31) >> 5);
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
      const word = level >> 5;
      this.words[word] = (this.words[word] as number) | (0x80000000 >>> (level & 31));
    } else {
      if (tail.deadline !== thread.deadline && ranksBefore(thread, tail, this.narrow)) {
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
    if (next === null) this.tails[level] = prev;
    else {
      next.rqPrev = prev;
      thread.rqNext = null;
    }
    if (prev === null) {
      this.heads[level] = next;
      if (next === null) {
        const word = level >> 5;
        this.words[word] = (this.words[word] as number) & ~(0x80000000 >>> (level & 31));
      }
    } else {
      prev.rqNext = next;
      thread.rqPrev = null;
    }
  }

  /** @returns the best thread whose mask has the CPU `bit`, or null */
  best(bit: number): Thread | null {
    const word = this.words[0] as number;
    if (word !== 0) {
      const thread = this.heads[Math.clz32(word)] as Thread;
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

  private search(bit: number): Thread | null {
    const words = this.words;
    for (let i = 0; i < words.length; i++) {
      let word = words[i] as number;
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
