import { Atomic, K_FOREVER, K_USEC, type Sem } from "@sof-ts/kernel";
import { ETIMEDOUT } from "@sof-ts/kit";

/** Longest wait for the triggers of one message: 30 polls of 250 us in SOF's `ipc_wait_for_compound_msg`. */
export const TRIGGER_WAIT_US = 7_500;

/**
 * The triggers that one SET_PIPELINE_STATE posted to LL threads, and their outcome. Each message has its own
 * batch: a trigger that ends after its message gave up counts down a batch that nobody waits for any more,
 * never the next message's.
 */
export class TriggerBatch {
  /** First negative errno of a trigger, else 0. Its writers are LL threads, its reader is who has waited. */
  error = 0;
  /**
   * Triggers posted and not yet carried out, and one more for the message while it posts, and again once it has given
   * up: whoever brings this to 0 ends the batch, so that it ends once, and never for nobody.
   */
  private readonly pending: Atomic;
  private readonly done: Sem;

  private constructor(done: Sem) {
    this.done = done;
    this.pending = new Atomic(done.kernel, 1);
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
    this.pending.inc();
  }

  /** A trigger was carried out. Calling context: an LL thread. */
  *complete(rc: number): Generator<number, void, number> {
    if (rc < 0 && this.error === 0) this.error = rc;
    if (this.pending.dec() === 1) yield* this.done.give();
  }

  /**
   * Waits for all posted triggers. Calling context: the thread that handles the message.
   *
   * @returns 0, the first trigger's error, or -ETIMEDOUT
   */
  *wait(): Generator<number, number, number> {
    if (this.pending.dec() === 1) return this.error;
    const rc = yield* this.done.take(K_USEC(TRIGGER_WAIT_US));
    if (rc === 0) return this.error;
    if (this.pending.inc() > 0) return -ETIMEDOUT;
    // The last one has just ended, and says so.
    yield* this.done.take(K_FOREVER);
    return this.error;
  }
}
