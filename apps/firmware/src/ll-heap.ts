import { type Kernel, SysHeap } from "@sof-ts/kernel";
import type { Checks } from "@sof-ts/explorer";
import { type AudioAllocator, AudioMemory } from "@sof-ts/module-api";
import type { FirmwareConfig } from "./config.js";
import { FailureInjection } from "./failure-injection.js";

const DEFAULT_ALIGN = 16;
/** Distance from the heap, as cores see it through their caches, to its uncached alias. */
export const UNCACHED_OFFSET = 0x2000_0000;

/** Sizes of what was handed out and is not back yet, for leak checks. */
export interface HeapUse {
  readonly blocks: number;
  readonly bytes: number;
}

/**
 * The LL user heap (SOF's `sof_sys_user_heap`): rings, delay lines and module state of all cores, in the
 * audio memory of the LL domain. Allocation goes through a system call, because the heap's own book-keeping
 * is the kernel's.
 */
export class LlHeap implements AudioAllocator {
  readonly memory: AudioMemory;
  private readonly sizes = new Map<number, number>();
  readonly failures = new FailureInjection();
  private readonly allocCall: (byteLength: number, align: number) => number;
  private readonly freeCall: (address: number) => void;
  private readonly checks: Checks | null;
  /** Only where somebody looks: see {@link AudioAllocator.place}. */
  readonly place?: NonNullable<AudioAllocator["place"]>;

  constructor(
    memory: AudioMemory,
    allocCall: (byteLength: number, align: number) => number,
    freeCall: (address: number) => void,
    checks: Checks | null = null,
  ) {
    this.checks = checks;
    if (checks !== null) this.place = (object, where) => checks.watch(object, where);
    this.memory = memory;
    this.allocCall = allocCall;
    this.freeCall = freeCall;
  }

  get use(): HeapUse {
    let bytes = 0;
    for (const size of this.sizes.values()) bytes += size;
    return { blocks: this.sizes.size, bytes };
  }

  /**
   * Lets one allocation fail as if memory were short.
   *
   * @param count allocations that still succeed before it; further ones succeed again
   */
  failAfter(count: number): void {
    this.failures.failAfter(count);
  }

  /** Whether the failure asked for by {@link failAfter} is still to come. */
  get failurePending(): boolean {
    return this.failures.failurePending;
  }

  alloc(byteLength: number, align = DEFAULT_ALIGN): number {
    if (this.failures.fails()) return 0;
    // A size that came from the host may be anything; the system call takes it for a fault of the caller.
    if (!(byteLength > 0)) return 0;
    const address = this.allocCall(Math.ceil(byteLength), align);
    if (address === 0) return 0;
    this.sizes.set(address, byteLength);
    this.memory.u8.fill(0, address, address + byteLength);
    this.checks?.allocated(address, byteLength);
    return address;
  }

  /** {@link alloc} of what several cores work on: the address is in the uncached alias. */
  allocCoherent(byteLength: number): number {
    const address = this.alloc(byteLength);
    return address === 0 ? 0 : address + UNCACHED_OFFSET;
  }

  /** Gives back what came from {@link allocCoherent}. */
  freeCoherent(address: number): void {
    if (address !== 0) this.free(address - UNCACHED_OFFSET);
  }

  free(address: number): void {
    if (address === 0) return;
    this.sizes.delete(address);
    this.checks?.freed(address);
    this.freeCall(address);
  }
}

/** Whether an address is in the uncached alias, which no core's cache holds. */
export function isCoherent(address: number): boolean {
  return address >= UNCACHED_OFFSET;
}

/** The part of an audio memory that a heap may hand out. */
function heapRange(memory: AudioMemory): { readonly base: number; readonly size: number } {
  return { base: AudioMemory.RESERVED_BYTES, size: memory.byteLength - AudioMemory.RESERVED_BYTES };
}

/** The heap of the size that the configuration gives, behind system calls that check their arguments. */
export function makeLlHeap(
  kernel: Kernel,
  config: FirmwareConfig,
  checks: Checks | null = null,
): LlHeap {
  const memory = new AudioMemory(
    AudioMemory.RESERVED_BYTES + config.CONFIG_SOF_ZEPHYR_SYS_USER_HEAP_SIZE,
  );
  const { base, size } = heapRange(memory);
  const heap = new SysHeap({ base, size }, "sof_sys_user_heap");
  return new LlHeap(
    memory,
    kernel.defineSyscall("sof_heap_alloc", {
      verify: (bytes: number, align: number) => bytes > 0 && (align & (align - 1)) === 0,
      run: (bytes: number, align: number) => heap.alignedAlloc(align, bytes),
    }),
    kernel.defineSyscall("sof_heap_free", {
      verify: (address: number) => address >= base && address < base + size,
      run: (address: number) => heap.free(address),
    }),
    checks,
  );
}
