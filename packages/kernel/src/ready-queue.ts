import { assert } from "@sof-ts/kit";
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
    let after = this.tails[level] as Thread | null;
    while (after !== null && ranksBefore(thread, after, this.narrow)) after = after.rqPrev;
    thread.rqPrev = after;
    if (after === null) {
      const head = this.heads[level] as Thread | null;
      thread.rqNext = head;
      if (head === null) {
        this.tails[level] = thread;
        const word = level >> 5;
        this.words[word] = (this.words[word] as number) | (0x80000000 >>> (level & 31));
      } else head.rqPrev = thread;
      this.heads[level] = thread;
    } else {
      const next = after.rqNext;
      thread.rqNext = next;
      after.rqNext = thread;
      if (next === null) this.tails[level] = thread;
      else next.rqPrev = thread;
    }
  }

  /** Takes `thread`, which is queued, out. */
  remove(thread: Thread): void {
    assert((thread.state & ThreadState.QUEUED) !== 0, "thread is not queued");
    thread.state &= ~ThreadState.QUEUED;
    const level = thread.rqLevel;
    const prev = thread.rqPrev;
    const next = thread.rqNext;
    if (prev === null) this.heads[level] = next;
    else prev.rqNext = next;
    if (next === null) this.tails[level] = prev;
    else next.rqPrev = prev;
    if (prev === null && next === null) {
      const word = level >> 5;
      this.words[word] = (this.words[word] as number) & ~(0x80000000 >>> (level & 31));
    }
    thread.rqPrev = null;
    thread.rqNext = null;
  }

  /** @returns the best thread whose mask has the CPU `bit`, or null */
  best(bit: number): Thread | null {
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
