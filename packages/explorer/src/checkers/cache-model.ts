import type { AccessSite } from "./violation.js";

/** A core's copy of a line: which write each byte stems from, and which bytes it wrote itself. */
interface Copy {
  readonly writes: number[];
  readonly dirty: boolean[];
}

/** A line of memory: the write that each byte of memory stems from, the latest write anywhere, and the copies. */
export class CacheLine {
  readonly memory: number[];
  readonly latest: number[];
  readonly copies = new Map<number, Copy>();

  constructor(size: number) {
    this.memory = Array.from({ length: size }, () => 0);
    this.latest = [...this.memory];
  }

  /** The copy that a core has, fetched now if it has none. */
  copy(core: number): Copy {
    let copy = this.copies.get(core);
    if (copy === undefined) {
      copy = { writes: [...this.memory], dirty: this.memory.map(() => false) };
      this.copies.set(core, copy);
    }
    return copy;
  }
}

/** What went wrong at which byte: the write that is lost or not seen. */
export interface CacheFault {
  readonly rule: string;
  readonly address: number;
  readonly write: number;
}

/**
 * Non-coherent write-back caches, as numbers of writes instead of data: a byte is right when it stems from the
 * latest write to it, also where the values happen to be equal. Nothing is ever evicted, which is the worst case
 * for whoever forgets an invalidate or a write-back.
 */
export class CacheModel {
  readonly sites: (AccessSite | null)[] = [null];
  private readonly lineSize: number;
  private readonly lines = new Map<number, CacheLine>();

  constructor(lineSize: number) {
    this.lineSize = lineSize;
  }

  /** A cached read. @returns what is wrong with the first bad byte, else null */
  read(core: number, address: number, size: number): CacheFault | null {
    for (let at = address; at < address + size; at++) {
      const { line, offset } = this.locate(at);
      const write = line.copy(core).writes[offset];
      const latest = line.latest[offset] as number;
      if (write === latest) continue;
      const rule = line.memory[offset] === latest ? "stale-read" : "missing-write-back";
      return { rule, address: at, write: latest };
    }
    return null;
  }

  /** A cached write. */
  write(core: number, address: number, size: number, site: AccessSite): void {
    const write = this.sites.push(site) - 1;
    for (let at = address; at < address + size; at++) {
      const { line, offset } = this.locate(at);
      const copy = line.copy(core);
      copy.writes[offset] = write;
      copy.dirty[offset] = true;
      line.latest[offset] = write;
    }
  }

  /** An access that goes past the caches. */
  uncached(address: number, size: number, site: AccessSite | null): CacheFault | null {
    const write = site === null ? -1 : this.sites.push(site) - 1;
    let fault: CacheFault | null = null;
    for (let at = address; at < address + size; at++) {
      const { line, offset } = this.locate(at);
      for (const copy of line.copies.values()) {
        if (copy.dirty[offset] !== true) continue;
        const rule = site === null ? "missing-write-back" : "uncached-over-dirty";
        fault ??= { rule, address: at, write: copy.writes[offset] as number };
      }
      if (write >= 0) {
        line.memory[offset] = write;
        line.latest[offset] = write;
      }
    }
    return fault;
  }

  /** Writes the dirty lines of a range back, whole, as the hardware does. */
  writeBack(core: number, address: number, size: number): CacheFault | null {
    let fault: CacheFault | null = null;
    this.forCopies(core, address, size, (line, copy, start) => {
      if (!copy.dirty.includes(true)) return;
      for (let offset = 0; offset < this.lineSize; offset++) {
        const mine = copy.writes[offset] as number;
        const theirs = line.memory[offset] as number;
        if (theirs !== mine && copy.dirty[offset] !== true)
          fault ??= { rule: "lost-write", address: start + offset, write: theirs };
        line.memory[offset] = mine;
        copy.dirty[offset] = false;
      }
    });
    return fault;
  }

  /** Forgets all writes to a range: it was handed out anew, no cache having it. */
  fresh(address: number, size: number): void {
    const { lineSize } = this;
    const last = Math.floor((address + size - 1) / lineSize);
    for (let number = Math.floor(address / lineSize); number <= last; number++) {
      const line = this.lines.get(number);
      if (line === undefined) continue;
      const from = Math.max(0, address - number * lineSize);
      const to = Math.min(lineSize, address + size - number * lineSize);
      line.memory.fill(0, from, to);
      line.latest.fill(0, from, to);
      for (const { writes, dirty } of line.copies.values()) {
        writes.fill(0, from, to);
        dirty.fill(false, from, to);
      }
    }
  }

  /** Drops the lines of a range, dirty or not. */
  invalidate(core: number, address: number, size: number): CacheFault | null {
    let fault: CacheFault | null = null;
    this.forCopies(core, address, size, (line, copy, start) => {
      const offset = copy.dirty.indexOf(true);
      if (offset >= 0) {
        const write = copy.writes[offset] as number;
        fault ??= { rule: "discarded-write", address: start + offset, write };
        // The lost bytes are reported here; later readers see what there is.
        for (let i = 0; i < this.lineSize; i++)
          if (copy.dirty[i] === true && line.latest[i] === copy.writes[i])
            line.latest[i] = line.memory[i] as number;
      }
      line.copies.delete(core);
    });
    return fault;
  }

  private forCopies(
    core: number,
    address: number,
    size: number,
    act: (line: CacheLine, copy: Copy, start: number) => void,
  ): void {
    const { lineSize } = this;
    const last = Math.floor((address + size - 1) / lineSize);
    for (let number = Math.floor(address / lineSize); number <= last; number++) {
      const line = this.lines.get(number);
      const copy = line?.copies.get(core);
      if (line !== undefined && copy !== undefined) act(line, copy, number * lineSize);
    }
  }

  private locate(address: number): { readonly line: CacheLine; readonly offset: number } {
    const number = Math.floor(address / this.lineSize);
    let line = this.lines.get(number);
    if (line === undefined) {
      line = new CacheLine(this.lineSize);
      this.lines.set(number, line);
    }
    return { line, offset: address - number * this.lineSize };
  }
}
