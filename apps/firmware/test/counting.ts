/** Bytes that count up, word by word: any loss, repetition or change shows. */
export class Counter {
  next = 1;

  write(bytes: Uint8Array, offset: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    for (let at = 0; at < length; at += 4) view.setInt32(at, this.next++, true);
  }
}

/** Looks whether words count up, from the first that is not 0 on. */
export class CountCheck {
  frames = 0;
  readonly faults: string[] = [];
  private next = 0;
  private mayMiss = false;

  look(bytes: Uint8Array, offset: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    for (let at = 0; at < length; at += 4) {
      const word = view.getInt32(at, true);
      if (this.next === 0 && word === 0) continue;
      if (this.next !== 0 && word !== this.next) {
        if (!(this.mayMiss && word > this.next) && this.faults.length < 5) {
          this.faults.push(`heard ${word} instead of ${this.next}`);
        }
        this.mayMiss = false;
      }
      this.next = word + 1;
      this.frames += 0.5;
    }
  }

  /** What comes next begins anew. */
  restart(): void {
    this.next = 0;
    this.mayMiss = false;
  }

  /** A part in the middle may be missing, once: what came while nobody listened. */
  allowGap(): void {
    this.mayMiss = true;
  }
}
