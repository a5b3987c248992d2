import { assert } from "@sof-ts/kit";
import { KernelAssertion } from "./fatal.js";

/** Bytes of one chunk unit. */
const UNIT = 8;
/** Free chunks tried in the bucket of the asked size before a larger one (CONFIG_SYS_HEAP_ALLOC_LOOPS). */
const LOOPS = 3;

/** A run of units, used or free. Its header lies at its start, its memory after the header. */
class Chunk {
  unit: number;
  size: number;
  used = false;
  left: Chunk | null = null;
  right: Chunk | null = null;
  nextFree: Chunk | null = null;
  prevFree: Chunk | null = null;

  constructor(unit: number, size: number) {
    this.unit = unit;
    this.size = size;
  }
}

/** Use of a heap (Zephyr's `struct sys_memory_stats`), in bytes. */
export interface HeapStats {
  readonly freeBytes: number;
  readonly allocatedBytes: number;
  readonly maxAllocatedBytes: number;
}

/**
 * Zephyr's `sys_heap` over a range of addresses: units of 8 bytes, a header in front of each chunk, free
 * chunks in buckets by power of two, neighbours merged at once. It hands out addresses and owns no memory.
 * Not synchronised: the caller locks.
 */
export class ChunkHeap {
  readonly base: number;
  readonly size: number;
  /** 4 bytes in front of a chunk's memory, 8 in a heap of more than 32767 units. */
  readonly headerBytes: number;
  private readonly minUnits: number;
  private readonly buckets: (Chunk | null)[] = [];
  private bucketBits = 0;
  private readonly byAddress = new Map<number, Chunk>();
  private readonly first: Chunk;
  private allocated = 0;
  private most = 0;
  /** Chunk objects that are not in use, for reuse. */
  private spare: Chunk | null = null;

  /** @param base and @param size the range; what alignment to 8 cuts off is lost, as is a header of its own */
  constructor(base: number, size: number) {
    this.base = base;
    this.size = size;
    const start = Math.ceil(base / UNIT);
    const big = size / UNIT > 0x7fff;
    this.headerBytes = big ? 8 : 4;
    this.minUnits = big ? 2 : 1;
    const end = Math.floor((base + size - this.headerBytes) / UNIT);
    const bucketCount = bucketOf(Math.max(end - start, 1), this.minUnits) + 1;
    const own = Math.ceil((16 + 4 * bucketCount) / UNIT);
    assert(end - start - own >= this.minUnits, `heap of ${size} bytes is too small`);
    for (let i = 0; i < bucketCount; i++) this.buckets.push(null);
    this.first = new Chunk(start + own, end - start - own);
    this.addFree(this.first);
  }

  /** Zephyr's `sys_heap_alloc`. @returns an address, 0 when none fits or `bytes` is 0 */
  alloc(bytes: number): number {
    if (bytes <= 0 || bytes > this.size) return 0;
    const units = this.unitsOf(bytes);
    const chunk = this.takeChunk(units);
    if (chunk === null) return 0;
    this.trim(chunk, units);
    return this.use(chunk);
  }

  /**
   * Zephyr's `sys_heap_aligned_alloc`.
   *
   * @param align a power of two; 0 for the heap's own alignment
   * @returns an address, 0 when none fits
   */
  alignedAlloc(align: number, bytes: number): number {
    if ((align & (align - 1)) !== 0)
      throw new KernelAssertion(`alignment ${align} is no power of two`);
    if (align <= this.headerBytes) return this.alloc(bytes);
    if (bytes <= 0 || bytes > this.size) return 0;
    const padded = this.unitsOf(bytes + align - this.headerBytes);
    let chunk = this.takeChunk(padded);
    if (chunk === null) return 0;
    const memory = Math.ceil((chunk.unit * UNIT + this.headerBytes) / align) * align;
    const unit = Math.floor((memory - this.headerBytes) / UNIT);
    if (unit > chunk.unit) {
      const rest = this.split(chunk, unit - chunk.unit);
      this.addFree(chunk);
      chunk = rest;
    }
    const end = Math.ceil((memory + bytes) / UNIT);
    this.trim(chunk, Math.max(end - unit, this.minUnits));
    return this.use(chunk, memory);
  }

  /** Zephyr's `sys_heap_free`; 0 is allowed. A second free or a foreign address is an assertion. */
  free(address: number): void {
    if (address === 0) return;
    let chunk = this.chunkAt(address, "free");
    this.byAddress.delete(address);
    this.allocated -= chunk.size * UNIT;
    chunk.used = false;
    const right = chunk.right;
    if (right !== null && !right.used) {
      this.removeFree(right);
      this.merge(chunk, right);
    }
    const left = chunk.left;
    if (left !== null && !left.used) {
      this.removeFree(left);
      this.merge(left, chunk);
      chunk = left;
    }
    this.addFree(chunk);
  }

  /**
   * Resizes in place: smaller always; larger when the chunk or its free right neighbour has the room.
   *
   * @returns whether it could
   */
  resize(address: number, bytes: number): boolean {
    const chunk = this.chunkAt(address, "realloc");
    const gap = address - chunk.unit * UNIT;
    const units = Math.max(Math.ceil((gap + bytes) / UNIT), this.minUnits);
    if (units > chunk.size) {
      const right = chunk.right;
      if (right === null || right.used || chunk.size + right.size < units) return false;
      this.removeFree(right);
      this.allocated += right.size * UNIT;
      this.merge(chunk, right);
    }
    const before = chunk.size;
    this.trim(chunk, units);
    this.allocated -= (before - chunk.size) * UNIT;
    this.most = Math.max(this.most, this.allocated);
    return true;
  }

  /** Zephyr's `sys_heap_usable_size`: bytes from `address` to the end of its chunk. */
  usableSize(address: number): number {
    const chunk = this.chunkAt(address, "usable size");
    return (chunk.unit + chunk.size) * UNIT - address;
  }

  /** Whether `address` is an allocation of this heap. */
  owns(address: number): boolean {
    return this.byAddress.has(address);
  }

  /** Zephyr's `sys_heap_runtime_stats_get`. */
  stats(): HeapStats {
    let free = 0;
    for (let chunk: Chunk | null = this.first; chunk !== null; chunk = chunk.right) {
      if (!chunk.used) free += chunk.size * UNIT;
    }
    return { freeBytes: free, allocatedBytes: this.allocated, maxAllocatedBytes: this.most };
  }

  /** Zephyr's `sys_heap_validate`: the chunks tile the heap, the free lists hold all free ones and no other. */
  validate(): boolean {
    const listed = new Set<Chunk>();
    for (let bucket = 0; bucket < this.buckets.length; bucket++) {
      const head = this.buckets[bucket] as Chunk | null;
      if ((head !== null) !== ((this.bucketBits & (1 << bucket)) !== 0)) return false;
      let chunk = head;
      while (chunk !== null) {
        if (chunk.used || bucketOf(chunk.size, this.minUnits) !== bucket || listed.has(chunk)) {
          return false;
        }
        listed.add(chunk);
        chunk = chunk.nextFree === head ? null : chunk.nextFree;
      }
    }
    let at = this.first.unit;
    let used = 0;
    let left: Chunk | null = null;
    for (let chunk: Chunk | null = this.first; chunk !== null; chunk = chunk.right) {
      if (chunk.unit !== at || chunk.left !== left) return false;
      if (listed.has(chunk) === (chunk.used || this.isSolo(chunk))) return false;
      if (left !== null && !left.used && !chunk.used) return false;
      if (chunk.used) used += chunk.size * UNIT;
      at += chunk.size;
      left = chunk;
    }
    return used === this.allocated;
  }

  private unitsOf(bytes: number): number {
    return Math.max(Math.ceil((bytes + this.headerBytes) / UNIT), this.minUnits);
  }

  private chunkAt(address: number, what: string): Chunk {
    const chunk = this.byAddress.get(address);
    if (chunk === undefined) {
      throw new KernelAssertion(
        `heap ${what} of 0x${address.toString(16)}, which is not allocated (freed before, or not from here)`,
      );
    }
    return chunk;
  }

  /** Takes a free chunk of at least `units` out of its bucket. */
  private takeChunk(units: number): Chunk | null {
    const bucket = bucketOf(units, this.minUnits);
    if (bucket >= this.buckets.length) return null;
    let head = this.buckets[bucket] as Chunk | null;
    if (head !== null) {
      const start = head;
      for (let tries = LOOPS; tries > 0 && head !== null; tries--) {
        const chunk: Chunk = head;
        if (chunk.size >= units) {
          this.removeFree(chunk);
          return chunk;
        }
        head = chunk.nextFree;
        this.buckets[bucket] = head;
        if (head === start) break;
      }
    }
    const larger = this.bucketBits & ~((2 << bucket) - 1);
    if (larger === 0) return null;
    const chunk = this.buckets[31 - Math.clz32(larger & -larger)] as Chunk;
    this.removeFree(chunk);
    return chunk;
  }

  /** Gives what `chunk` has beyond `units` back, if that is a chunk. */
  private trim(chunk: Chunk, units: number): void {
    if (chunk.size - units < this.minUnits) return;
    const rest = this.split(chunk, units);
    const right = rest.right;
    if (right !== null && !right.used) {
      this.removeFree(right);
      this.merge(rest, right);
    }
    this.addFree(rest);
  }

  private use(chunk: Chunk, memory = chunk.unit * UNIT + this.headerBytes): number {
    chunk.used = true;
    this.byAddress.set(memory, chunk);
    this.allocated += chunk.size * UNIT;
    if (this.allocated > this.most) this.most = this.allocated;
    return memory;
  }

  /** Cuts `chunk` after `units`. @returns the second part */
  private split(chunk: Chunk, units: number): Chunk {
    let rest = this.spare;
    if (rest === null) rest = new Chunk(0, 0);
    else this.spare = rest.nextFree;
    rest.unit = chunk.unit + units;
    rest.size = chunk.size - units;
    rest.used = false;
    rest.nextFree = null;
    rest.left = chunk;
    rest.right = chunk.right;
    if (chunk.right !== null) chunk.right.left = rest;
    chunk.right = rest;
    chunk.size = units;
    return rest;
  }

  /** Makes one chunk of `left` and `right`, its neighbour. */
  private merge(left: Chunk, right: Chunk): void {
    left.size += right.size;
    left.right = right.right;
    if (right.right !== null) right.right.left = left;
    right.nextFree = this.spare;
    this.spare = right;
  }

  /** A free chunk too small to be handed out is on no list; it waits to be merged. */
  private isSolo(chunk: Chunk): boolean {
    return chunk.size < this.minUnits;
  }

  private addFree(chunk: Chunk): void {
    if (this.isSolo(chunk)) return;
    const bucket = bucketOf(chunk.size, this.minUnits);
    const head = this.buckets[bucket] as Chunk | null;
    if (head === null) {
      chunk.nextFree = chunk;
      chunk.prevFree = chunk;
      this.buckets[bucket] = chunk;
      this.bucketBits |= 1 << bucket;
      return;
    }
    const last = head.prevFree as Chunk;
    chunk.nextFree = head;
    chunk.prevFree = last;
    last.nextFree = chunk;
    head.prevFree = chunk;
  }

  private removeFree(chunk: Chunk): void {
    if (this.isSolo(chunk)) return;
    const bucket = bucketOf(chunk.size, this.minUnits);
    const next = chunk.nextFree as Chunk;
    const prev = chunk.prevFree as Chunk;
    if (next === chunk) {
      this.buckets[bucket] = null;
      this.bucketBits &= ~(1 << bucket);
    } else {
      prev.nextFree = next;
      next.prevFree = prev;
      if (this.buckets[bucket] === chunk) this.buckets[bucket] = next;
    }
    chunk.nextFree = null;
    chunk.prevFree = null;
  }
}

function bucketOf(units: number, minUnits: number): number {
  return 31 - Math.clz32(units - minUnits + 1);
}
