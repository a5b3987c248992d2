const FIRST_CAPACITY = 4096;

/** Bytes that wait for whoever takes them, oldest first. Memory follows what waits, not what passed. */
export class ByteQueue {
  private buffer = new Uint8Array(0);
  private start = 0;
  private end = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.end - this.start;
  }

  /** Adds a copy of `length` bytes of `source`. */
  push(source: Uint8Array, offset = 0, length = source.length): void {
    this.makeRoom(length);
    this.buffer.set(source.subarray(offset, offset + length), this.end);
    this.end += length;
  }

  /** Moves up to `length` bytes to `target`. @returns how many */
  read(target: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.length);
    target.set(this.buffer.subarray(this.start, this.start + count), offset);
    this.start += count;
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
    }
    return count;
  }

  private makeRoom(length: number): void {
    if (this.end + length <= this.buffer.length) return;
    const needed = this.length + length;
    const waiting = this.buffer.subarray(this.start, this.end);
    if (needed > this.buffer.length / 2)
      this.buffer = new Uint8Array(Math.max(FIRST_CAPACITY, 2 * needed));
    this.buffer.set(waiting);
    this.end -= this.start;
    this.start = 0;
  }
}
