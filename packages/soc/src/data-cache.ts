import type { PhysicalMemory } from "./physical-memory.js";

/** State of the line that an address falls into. */
export type LineState = "absent" | "clean" | "dirty";

/**
 * Hears what a non-coherent cache does to other cores' data. Every report is a byte that really differs: no
 * guess, no false alarm; but equal bytes hide an error.
 */
export interface CacheObserver {
  /** `core` read a byte from its cache that memory holds otherwise, and that `core` itself did not write. */
  staleRead(core: number, address: number): void;
  /** A write-back of `core` put a byte it never wrote over a newer one in memory. */
  clobber(core: number, address: number): void;
  /** An invalidation of `core` threw away `count` written bytes of the line at `lineAddress`. */
  discard(core: number, lineAddress: number, count: number): void;
}

/** Shape of a cache. */
export interface CacheShape {
  readonly size: number;
  readonly ways: number;
  readonly lineSize: number;
}

/**
 * The L1 data cache of one core: set-associative, write-back, write-allocate, least recently used line out,
 * and not coherent with anything. Addresses are of the cached alias.
 *
 * Lines are fetched and written back whole, so a write-back carries the neighbours of what was written: that
 * is how data which shares a line with another core's gets lost.
 */
export class DataCache {
  readonly core: number;
  readonly lineSize: number;
  /** Counters for reports. */
  hits = 0;
  misses = 0;
  writeBacks = 0;
  observer: CacheObserver | null = null;
  private readonly memory: PhysicalMemory;
  private readonly ways: number;
  private readonly sets: number;
  /** Line number (address / line size) held by each way, -1 for none. */
  private readonly tags: Int32Array;
  private readonly lastUse: Float64Array;
  private readonly data: Uint8Array;
  /** 1 for each byte written since the fetch. */
  private readonly written: Uint8Array;
  private readonly dirtyCount: Int32Array;
  private readonly scratch: Uint8Array;
  private clock = 0;

  constructor(core: number, shape: CacheShape, memory: PhysicalMemory) {
    const lines = shape.size / shape.lineSize;
    this.core = core;
    this.memory = memory;
    this.lineSize = shape.lineSize;
    this.ways = shape.ways;
    this.sets = lines / shape.ways;
    this.tags = new Int32Array(lines).fill(-1);
    this.lastUse = new Float64Array(lines);
    this.data = new Uint8Array(shape.size);
    this.written = new Uint8Array(shape.size);
    this.dirtyCount = new Int32Array(lines);
    this.scratch = new Uint8Array(shape.lineSize);
  }

  /** Reads one byte as the core does. @throws BusError where there is no memory */
  readByte(address: number): number {
    const at = this.place(address);
    const value = this.data[at] as number;
    if (
      this.observer !== null &&
      this.written[at] === 0 &&
      this.memory.readByte(address) !== value
    ) {
      this.observer.staleRead(this.core, address);
    }
    return value;
  }

  /** Writes one byte as the core does; memory sees it when the line is written back. */
  writeByte(address: number, value: number): void {
    const at = this.place(address);
    this.data[at] = value;
    if (this.written[at] === 0) {
      this.written[at] = 1;
      const slot = Math.floor(at / this.lineSize);
      this.dirtyCount[slot] = (this.dirtyCount[slot] as number) + 1;
    }
  }

  /** Writes back the lines of a range and keeps them (Zephyr's `sys_cache_data_flush_range`). */
  writeBack(address: number, size: number): void {
    this.forLines(address, size, (slot) => this.clean(slot));
  }

  /** Drops the lines of a range, written or not (Zephyr's `sys_cache_data_invd_range`). */
  invalidate(address: number, size: number): void {
    this.forLines(address, size, (slot) => this.drop(slot));
  }

  /** Writes back, then drops (Zephyr's `sys_cache_data_flush_and_invd_range`). */
  writeBackInvalidate(address: number, size: number): void {
    this.forLines(address, size, (slot) => {
      this.clean(slot);
      this.drop(slot);
    });
  }

  /** Writes back every written line (Zephyr's `sys_cache_data_flush_all`). */
  writeBackAll(): void {
    for (let slot = 0; slot < this.tags.length; slot++) this.clean(slot);
  }

  /** Drops every line without a report: loss of power. */
  clear(): void {
    this.tags.fill(-1);
    this.written.fill(0);
    this.dirtyCount.fill(0);
  }

  lineState(address: number): LineState {
    const slot = this.find(Math.floor(address / this.lineSize));
    if (slot < 0) return "absent";
    return (this.dirtyCount[slot] as number) > 0 ? "dirty" : "clean";
  }

  /** Whether the cache holds a byte that it did not write and that memory holds otherwise. */
  isStale(address: number): boolean {
    const slot = this.find(Math.floor(address / this.lineSize));
    if (slot < 0) return false;
    const at = slot * this.lineSize + (address % this.lineSize);
    return this.written[at] === 0 && this.data[at] !== this.memory.readByte(address);
  }

  /** Brings the line of `address` in. @returns index of its byte in `data` */
  private place(address: number): number {
    const line = Math.floor(address / this.lineSize);
    let slot = this.find(line);
    if (slot < 0) {
      this.misses++;
      slot = this.fetch(line);
    } else {
      this.hits++;
    }
    this.lastUse[slot] = ++this.clock;
    return slot * this.lineSize + (address - line * this.lineSize);
  }

  private find(line: number): number {
    const first = (line % this.sets) * this.ways;
    for (let way = 0; way < this.ways; way++) {
      if (this.tags[first + way] === line) return first + way;
    }
    return -1;
  }

  private fetch(line: number): number {
    const first = (line % this.sets) * this.ways;
    let slot = first;
    for (let way = 0; way < this.ways; way++) {
      if (this.tags[first + way] === -1) {
        slot = first + way;
        break;
      }
      if ((this.lastUse[first + way] as number) < (this.lastUse[slot] as number))
        slot = first + way;
    }
    this.clean(slot);
    const at = slot * this.lineSize;
    this.memory.read(line * this.lineSize, this.data, at, this.lineSize);
    this.tags[slot] = line;
    return slot;
  }

  private clean(slot: number): void {
    if (this.dirtyCount[slot] === 0) return;
    const at = slot * this.lineSize;
    const address = (this.tags[slot] as number) * this.lineSize;
    if (this.observer !== null) this.reportClobbers(address, at, this.observer);
    this.memory.write(address, this.data, at, this.lineSize);
    this.written.fill(0, at, at + this.lineSize);
    this.dirtyCount[slot] = 0;
    this.writeBacks++;
  }

  private reportClobbers(address: number, at: number, observer: CacheObserver): void {
    const { scratch, lineSize } = this;
    this.memory.read(address, scratch, 0, lineSize);
    for (let i = 0; i < lineSize; i++) {
      if (this.written[at + i] === 0 && this.data[at + i] !== scratch[i])
        observer.clobber(this.core, address + i);
    }
  }

  private drop(slot: number): void {
    const lost = this.dirtyCount[slot] as number;
    if (lost > 0) {
      this.observer?.discard(this.core, (this.tags[slot] as number) * this.lineSize, lost);
      const at = slot * this.lineSize;
      this.written.fill(0, at, at + this.lineSize);
      this.dirtyCount[slot] = 0;
    }
    this.tags[slot] = -1;
  }

  private forLines(address: number, size: number, act: (slot: number) => void): void {
    const last = Math.floor((address + size - 1) / this.lineSize);
    for (let line = Math.floor(address / this.lineSize); line <= last; line++) {
      const slot = this.find(line);
      if (slot >= 0) act(slot);
    }
  }
}
