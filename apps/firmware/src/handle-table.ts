/**
 * What user threads name by number: they never get hold of an object of the kernel's. Numbers are used again, the
 * lowest free one first. Calling context: inside a system call.
 */
export class HandleTable<T> {
  private readonly entries: (T | null)[] = [];

  /** @returns a number above 0 */
  add(entry: T): number {
    const free = this.entries.indexOf(null);
    if (free < 0) return this.entries.push(entry);
    this.entries[free] = entry;
    return free + 1;
  }

  /** @returns what the number stands for, null for one that nobody was given, whatever it is */
  get(handle: number): T | null {
    return this.entries[handle - 1] ?? null;
  }

  remove(handle: number): void {
    this.entries[handle - 1] = null;
  }
}
