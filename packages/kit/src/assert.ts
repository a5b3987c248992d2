/** A broken invariant of our own code: never the answer to bad input. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * Checks an invariant of our own code. Bad input from outside gets an {@link InputError} or a negative
 * errno instead.
 *
 * @throws InvariantError when `condition` is false
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks a branch that the type system proves empty; reached only when a value lies about its type. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`${what}: unexpected value ${String(value)}`);
}
