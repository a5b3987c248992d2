/** A module that does not do what every module must. */
export class ConformanceFailure extends Error {
  override readonly name = "ConformanceFailure";
}

/** @throws ConformanceFailure with `reason` unless `condition` holds */
export function check(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new ConformanceFailure(reason);
}

/** @throws ConformanceFailure unless two blocks of samples are equal; says where they differ first */
export function checkSame(found: Uint8Array, expected: Uint8Array, what: string): void {
  if (same(found, expected)) return;
  if (found.length !== expected.length) {
    throw new ConformanceFailure(`${what}: ${found.length} bytes, not ${expected.length}`);
  }
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  throw new ConformanceFailure(`${what}: the samples differ from byte ${at} on`);
}

/** Whether two blocks of bytes are equal. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
