/**
 * Takes out of a failing list what the failure does not need (delta debugging): halves, quarters and so on, until
 * no single element can go.
 *
 * @param fails whether a shorter list still fails
 */
export function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => boolean,
): readonly T[] {
  let kept = items;
  for (let parts = 2; kept.length > 1;) {
    const size = Math.ceil(kept.length / parts);
    let shorter: readonly T[] | null = null;
    for (let at = 0; at < kept.length && shorter === null; at += size) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (fails(rest)) shorter = rest;
    }
    if (shorter !== null) {
      kept = shorter;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return kept;
    else parts = Math.min(kept.length, 2 * parts);
  }
  return kept;
}
