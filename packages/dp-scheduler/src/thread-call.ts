/**
 * One operation that a task's own thread carries out for a caller. Each request has its own object, so the
 * answer to a request whose caller has given up belongs to nobody, never to the next request.
 */
export class ThreadCall {
  /** The operation. Calling context: the task's thread, between two runs. */
  readonly operation: () => Generator<number, number, number>;
  /** Meaningful once finished. */
  result = 0;
  finished = false;
  /** The caller has given up. */
  abandoned = false;

  constructor(operation: () => Generator<number, number, number>) {
    this.operation = operation;
  }
}
