import { ChunkHeap, type HeapStats } from "./chunk-heap.js";
import { K_FOREVER, K_TIMEOUT_ABS_TICKS, SWITCH } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { pendCurrent, ready, reschedule, unpend } from "./scheduler.js";
import type { HeapRange } from "./sys-heap.js";
import type { Blocking, Continuation, Thread } from "./thread.js";
import { WaitQueue } from "./wait-queue.js";

/**
 * A heap whose callers can wait for memory (Zephyr's `k_heap`). Supervisor only. Results are addresses, 0
 * for none.
 */
export class KHeap {
  readonly kernel: Kernel;
  readonly name: string;
  readonly base: number;
  readonly size: number;
  readonly chunks: ChunkHeap;
  readonly waiters: WaitQueue;
  private readonly memory: Uint8Array | null;

  constructor(kernel: Kernel, range: HeapRange, name = "") {
    this.kernel = kernel;
    this.name = name;
    this.base = range.base;
    this.size = range.size;
    this.memory = range.memory ?? null;
    this.chunks = new ChunkHeap(range.base, range.size);
    this.waiters = new WaitQueue(null, kernel.narrow);
  }

  /**
   * Zephyr's `k_heap_aligned_alloc`. Thread; ISR without waiting only.
   *
   * @param align a power of two, 0 for the heap's own
   * @param timeout nanoseconds, K_NO_WAIT or K_FOREVER
   * @returns an address; 0 when none fits, or fitted until the time-out; SWITCH
   */
  allocNow(bytes: number, align = 0, timeout = 0): number {
    const k = this.kernel;
    if (k.slow !== 0) k.supervisorOnly("k_heap_aligned_alloc");
    if (k.isr && timeout !== 0) throw new KernelAssertion("k_heap_alloc with a time-out in an ISR");
    const address = this.chunks.alignedAlloc(align, bytes);
    if (address !== 0 || timeout === 0) return k.leave(k.costs.heapAlloc, address);
    k.requireBlocking("k_heap_aligned_alloc");
    const thread = k.current;
    thread.heapWait = new HeapWait(
      this,
      bytes,
      align,
      timeout === K_FOREVER ? K_FOREVER : k.clock.deadlineTick(timeout, k.cpu.time),
    );
    thread.continuation = RETRY;
    return pendCurrent(k, this.waiters, timeout, 0, k.costs.heapAlloc);
  }

  /** {@link allocNow} as a generator. */
  *alloc(bytes: number, align = 0, timeout = 0): Blocking {
    const rc = this.allocNow(bytes, align, timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_heap_calloc`, without waiting: cleared memory. @returns an address; 0; SWITCH */
  callocNow(count: number, bytes: number): number {
    if (this.kernel.slow !== 0) this.kernel.supervisorOnly("k_heap_calloc");
    const total = count * bytes;
    if (total > 0xffff_ffff) return this.kernel.leave(this.kernel.costs.heapAlloc, 0);
    const address = this.take(total);
    if (address !== 0) this.memory?.fill(0, address - this.base, address - this.base + total);
    return this.kernel.leave(this.kernel.costs.heapAlloc, address);
  }

  /** {@link callocNow} as a generator. */
  *calloc(count: number, bytes: number): Blocking {
    const rc = this.callocNow(count, bytes);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_heap_free`: all waiters try again, best first, as they run. 0 is allowed. Thread and ISR. A
   * reschedule point.
   *
   * @returns 0; SWITCH
   */
  freeNow(address: number): number {
    const k = this.kernel;
    if (k.slow !== 0) k.supervisorOnly("k_heap_free");
    this.chunks.free(address);
    for (let thread = this.waiters.head; thread !== null; thread = this.waiters.head) {
      unpend(k, thread);
      ready(k, thread);
    }
    return reschedule(k, k.costs.heapFree, 0);
  }

  /** {@link freeNow} as a generator. */
  *free(address: number): Blocking {
    const rc = this.freeNow(address);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_heap_realloc`, without waiting; as `sys_heap_realloc`. A failure leaves the old block.
   *
   * @returns the address; 0; SWITCH
   */
  reallocNow(address: number, bytes: number): number {
    const k = this.kernel;
    if (k.slow !== 0) k.supervisorOnly("k_heap_realloc");
    if (address === 0) return this.allocNow(bytes);
    if (bytes === 0) return this.freeNow(address);
    if (this.chunks.resize(address, bytes)) return k.leave(k.costs.heapAlloc, address);
    const moved = this.chunks.alloc(bytes);
    if (moved === 0) return k.leave(k.costs.heapAlloc, 0);
    const from = address - this.base;
    const count = Math.min(this.chunks.usableSize(address), bytes);
    this.memory?.copyWithin(moved - this.base, from, from + count);
    this.chunks.free(address);
    return k.leave(k.costs.heapAlloc, moved);
  }

  /** {@link reallocNow} as a generator. */
  *realloc(address: number, bytes: number): Blocking {
    const rc = this.reallocNow(address, bytes);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Allocates for the kernel itself: no waiting, no cost, any mode. @returns an address, 0 for none */
  take(bytes: number, align = 0): number {
    return this.chunks.alignedAlloc(align, bytes);
  }

  /** Frees for the kernel itself; waiters try again. */
  give(address: number): void {
    this.chunks.free(address);
    const k = this.kernel;
    for (let thread = this.waiters.head; thread !== null; thread = this.waiters.head) {
      unpend(k, thread);
      ready(k, thread);
    }
  }

  /** Whether `address` lies in the heap's range. */
  contains(address: number): boolean {
    return address >= this.base && address < this.base + this.size;
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

/** What a thread waits for memory with. */
export class HeapWait {
  readonly heap: KHeap;
  readonly bytes: number;
  readonly align: number;
  /** Last tick of the wait, K_FOREVER for none. */
  readonly tick: number;

  constructor(heap: KHeap, bytes: number, align: number, tick: number) {
    this.heap = heap;
    this.bytes = bytes;
    this.align = align;
    this.tick = tick;
  }
}

const RETRY: Continuation = {
  resume(k: Kernel, thread: Thread): number {
    const wait = thread.heapWait as HeapWait;
    const address = wait.heap.chunks.alignedAlloc(wait.align, wait.bytes);
    const over = wait.tick !== K_FOREVER && k.clock.tickAt(k.cpu.time) >= wait.tick;
    if (address !== 0 || over) {
      thread.heapWait = null;
      return address;
    }
    thread.continuation = RETRY;
    const timeout = wait.tick === K_FOREVER ? K_FOREVER : K_TIMEOUT_ABS_TICKS(wait.tick);
    return pendCurrent(k, wait.heap.waiters, timeout, 0, 0);
  },
};
