import { assert } from "@sof-ts/kit";

/**
 * Hands out small numbers, the lowest free one first, as the kernel's IDA does. The limit is inclusive: the
 * driver passes it the advertised count of instances, pipelines or pins, so one more id than advertised
 * can be given out.
 */
export class IdAllocator {
  private readonly used: boolean[] = [];
  readonly last: number;

  /** @param last the highest id that may be given out */
  constructor(last: number) {
    this.last = last;
  }

  /** @returns the lowest free id, or -1 when all are taken */
  allocate(): number {
    let id = 0;
    while (this.used[id] === true) id++;
    if (id > this.last) return -1;
    this.used[id] = true;
    return id;
  }

  /** Gives an id back. */
  free(id: number): void {
    assert(this.used[id] === true, `id ${id} was not allocated`);
    this.used[id] = false;
  }

  /** Ids that are given out now. */
  get inUse(): number {
    return this.used.reduce((count, taken) => count + (taken ? 1 : 0), 0);
  }
}
