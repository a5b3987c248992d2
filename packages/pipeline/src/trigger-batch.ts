import { K_USEC, type Sem } from "@sof-ts/kernel";
import { ETIMEDOUT } from "@sof-ts/kit";

/** Longest wait for the triggers of one message: 30 polls of 250 us in SOF's `ipc_wait_for_compound_msg`. */
export const TRIGGER_WAIT_US = 7_500;

/**
 * The triggers that one SET_PIPELINE_STATE posted to LL threads, and their outcome. Each message has its own
 * batch: a trigger that ends after its message gave up counts down a batch that nobody waits for any more,
 * never the next message's.
 */
export class TriggerBatch {
  /** Triggers posted and not yet carried out. */
  pending = 0;
  /** First negative errno of a trigger, else 0. */
  error = 0;
  private readonly done: Sem;
  private waiting = true;

  private constructor(done: Sem) {
    this.done = done;
  }

  /**
   * Starts a batch. Calling context: the thread that handles the message.
   *
   * @param done given to the waiter when the last trigger has run; granted to the core's LL thread
   */
  static *begin(done: Sem): Generator<number, TriggerBatch, number> {
    yield* done.reset();
    return new TriggerBatch(done);
  }

  /** A trigger was posted. */
  post(): void {
    this.pending++;
  }

  /** A trigger was carried out. Calling context: an LL thread. */
  *complete(rc: number): Generator<number, void, number> {
    if (rc < 0 && this.error === 0) this.error = rc;
    this.pending--;
    if (this.pending === 0 && this.waiting) yield* this.done.give();
  }

  /**
   * Waits for all posted triggers. Calling context: the thread that handles the message.
   *
   * @returns 0, the first trigger's error, or -ETIMEDOUT
   */
  *wait(): Generator<number, number, number> {
    if (this.pending > 0) {
      const rc = yield* this.done.take(K_USEC(TRIGGER_WAIT_US));
      this.waiting = false;
      if (rc !== 0) return -ETIMEDOUT;
    }
    return this.error;
  }
}
