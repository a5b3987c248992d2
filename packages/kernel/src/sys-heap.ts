import { ChunkHeap, type HeapStats } from "./chunk-heap.js";

/** Where a heap lies. */
export interface HeapRange {
  readonly base: number;
  readonly size: number;
  /** The bytes of the range, when the heap shall move and clear contents: `memory[0]` is at `base`. */
  readonly memory?: Uint8Array;
}

/**
 * A heap without waiting (Zephyr's `sys_heap`): addresses of chunks in a range. Not synchronised. Any
 * context.
 */
export class SysHeap {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  readonly chunks: ChunkHeap;
  private readonly memory: Uint8Array | null;

  constructor(range: HeapRange, name = "") {
    this.name = name;
    this.base = range.base;
    this.size = range.size;
    this.memory = range.memory ?? null;
    this.chunks = new ChunkHeap(range.base, range.size);
  }

  /** Zephyr's `sys_heap_alloc`. @returns an address, 0 when none fits or `bytes` is 0 */
  alloc(bytes: number): number {
    return this.chunks.alloc(bytes);
  }

  /** Zephyr's `sys_heap_aligned_alloc`. @param align a power of two @returns an address or 0 */
  alignedAlloc(align: number, bytes: number): number {
    return this.chunks.alignedAlloc(align, bytes);
  }

  /** `calloc`: cleared memory for `count` things. @returns an address or 0 */
  calloc(count: number, bytes: number): number {
    const total = count * bytes;
    if (total > 0xffff_ffff) return 0;
    const address = this.chunks.alloc(total);
    if (address !== 0) this.memory?.fill(0, address - this.base, address - this.base + total);
    return address;
  }

  /** Zephyr's `sys_heap_free`; 0 is allowed. */
  free(address: number): void {
    this.chunks.free(address);
  }

  /**
   * Zephyr's `sys_heap_aligned_realloc`: in place when smaller or when the next chunk is free and large
   * enough, else allocates, copies and frees. Address 0 allocates; 0 bytes frees.
   *
   * @returns the address, 0 when it failed (the old block stays) or was freed
   */
  realloc(address: number, bytes: number, align = 0): number {
    if (address === 0) return this.chunks.alignedAlloc(align, bytes);
    if (bytes === 0) {
      this.chunks.free(address);
      return 0;
    }
    const kept = align === 0 || address % align === 0;
    if (kept && this.chunks.resize(address, bytes)) return address;
    const moved = this.chunks.alignedAlloc(align, bytes);
    if (moved === 0) return 0;
    const count = Math.min(this.chunks.usableSize(address), bytes);
    const from = address - this.base;
    this.memory?.copyWithin(moved - this.base, from, from + count);
    this.chunks.free(address);
    return moved;
  }

  /** Zephyr's `sys_heap_usable_size`. */
  usableSize(address: number): number {
    return this.chunks.usableSize(address);
  }

  /** Zephyr's `sys_heap_runtime_stats_get`. */
  stats(): HeapStats {
    return this.chunks.stats();
  }

  /** Zephyr's `sys_heap_validate`. */
  validate(): boolean {
    return this.chunks.validate();
  }
}
