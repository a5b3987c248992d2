import type { Thread } from "@sof-ts/kernel";
import type { AccessSite } from "./violation.js";

/** `to` was taken with `from` held. */
export interface LockEdge {
  readonly from: object;
  readonly to: object;
  readonly thread: Thread;
  /** What else was held: two orders under one common lock never meet. */
  readonly guards: ReadonlySet<object>;
  readonly site: AccessSite;
}

/** In which order locks were taken, by whom, and under which other locks. */
export class LockOrder {
  private readonly edges = new Map<object, LockEdge[]>();

  /** Adds an edge. @returns an edge of the opposite way that closes a cycle, else null */
  add(edge: LockEdge): LockEdge | null {
    const known = this.edges.get(edge.from);
    const same = known?.some(
      (other) =>
        other.to === edge.to && other.thread === edge.thread && covers(edge.guards, other.guards),
    );
    if (same === true) return null;
    if (known === undefined) this.edges.set(edge.from, [edge]);
    else known.push(edge);
    return this.back(edge.to, edge.from, [edge]);
  }

  /** Searches a way from `at` to `goal` whose edges are of different threads and share no guard. */
  private back(at: object, goal: object, path: readonly LockEdge[]): LockEdge | null {
    for (const edge of this.edges.get(at) ?? []) {
      if (path.some((other) => meets(edge, other))) continue;
      if (edge.to === goal) return edge;
      if (path.some((other) => other.from === edge.to)) continue;
      const found = this.back(edge.to, goal, [...path, edge]);
      if (found !== null) return found;
    }
    return null;
  }
}

/** All of `inner` is in `outer`: the edge with fewer guards says more. */
function covers(outer: ReadonlySet<object>, inner: ReadonlySet<object>): boolean {
  for (const guard of inner) if (!outer.has(guard)) return false;
  return true;
}

/** Two edges that cannot be under way at the same time. */
function meets(a: LockEdge, b: LockEdge): boolean {
  if (a.thread === b.thread) return true;
  for (const guard of a.guards) if (b.guards.has(guard)) return true;
  return false;
}
