import { type Kernel, MemAttr, type MemPartition } from "@sof-ts/kernel";
import type { AudioAllocator, AudioMemory } from "@sof-ts/module-api";
import type { ModuleHeap } from "@sof-ts/userspace-proxy";
import { FailureInjection, RegionHeap } from "../failure-injection.js";

/** Pages of the MMU: memory domains have whole ones. */
const PAGE_BYTES = 4096;
const DEFAULT_ALIGN = 16;

/**
 * Whole pages for one module instance that has a memory domain of its own (SOF's `module_adapter_dp_heap_new`):
 * its thread and its proxy reach these and no other part of the LL user heap. The LL threads reach all of it,
 * so the rings between module and pipeline can lie here.
 */
export class ModuleRegion implements AudioAllocator {
  readonly memory: AudioMemory;
  readonly heap: ModuleHeap;
  readonly place?: NonNullable<AudioAllocator["place"]>;
  private readonly calls: RegionCalls;
  private readonly address: number;

  /** Made by {@link ModuleRegions}. */
  constructor(calls: RegionCalls, outer: AudioAllocator, address: number, heap: ModuleHeap) {
    if (outer.place !== undefined) this.place = outer.place;
    this.calls = calls;
    this.memory = outer.memory;
    this.address = address;
    this.heap = heap;
  }

  /** What a domain needs to have for the region. */
  get partitions(): readonly MemPartition[] {
    return this.heap.partitions;
  }

  alloc(byteLength: number, align = DEFAULT_ALIGN): number {
    if (!(byteLength > 0)) return 0;
    const bytes = Math.ceil(byteLength);
    const address = this.calls.alloc(this.heap, bytes, align);
    if (address !== 0) this.memory.u8.fill(0, address, address + bytes);
    return address;
  }

  free(address: number): void {
    if (address !== 0) this.calls.free(this.heap, address);
  }

  /** Gives the pages back, whatever is still allocated in them: the instance is gone. */
  release(): void {
    this.calls.release(this.heap, this.address);
  }
}

interface RegionCalls {
  alloc(heap: ModuleHeap, bytes: number, align: number): number;
  free(heap: ModuleHeap, address: number): void;
  release(heap: ModuleHeap, address: number): void;
}

/**
 * Makes regions out of the LL user heap. Their book-keeping is the kernel's, behind system calls; a heap that
 * it did not make is none. Calling context: any thread; does not block.
 */
export class ModuleRegions {
  readonly failures = new FailureInjection();
  private readonly heap: AudioAllocator;
  private readonly live = new Set<ModuleHeap>();
  private readonly calls: RegionCalls;
  private readonly make: (base: number, size: number) => ModuleHeap;

  constructor(kernel: Kernel, heap: AudioAllocator) {
    this.heap = heap;
    const { live, failures } = this;
    this.make = kernel.defineSyscall("mod_heap_new", {
      run: (base: number, size: number) => {
        const made = new RegionHeap({ base, size }, failures);
        live.add(made);
        return made;
      },
    });
    this.calls = {
      alloc: kernel.defineSyscall("mod_alloc_ext", {
        verify: (heap: ModuleHeap, bytes: number, align: number) =>
          live.has(heap) && bytes > 0 && align > 0 && (align & (align - 1)) === 0,
        run: (heap: ModuleHeap, bytes: number, align: number) => heap.alloc(bytes, false, align),
      }),
      free: kernel.defineSyscall("mod_free", {
        verify: (heap: ModuleHeap, _address: number) => live.has(heap),
        run: (heap: ModuleHeap, address: number) => heap.free(address),
      }),
      release: kernel.defineSyscall("mod_heap_free", {
        verify: (heap: ModuleHeap, _address: number) => live.has(heap),
        run: (heap: ModuleHeap, address: number) => {
          live.delete(heap);
          this.heap.free(address);
        },
      }),
    };
  }

  /** @returns a region of at least `byteLength` bytes, or null without memory for it */
  create(byteLength: number): ModuleRegion | null {
    const size = Math.ceil(byteLength / PAGE_BYTES) * PAGE_BYTES;
    const address = this.heap.alloc(size, PAGE_BYTES);
    if (address === 0) return null;
    return new ModuleRegion(this.calls, this.heap, address, this.make(address, size));
  }

  /** Whether a domain may be given a partition: it lies in a region. Supervisor. */
  has({ start, size, attr }: MemPartition): boolean {
    const writable = MemAttr.P_RW_U_RW | MemAttr.CACHED_WB;
    for (const { partitions } of this.live) {
      const own = partitions.some((each) => each.start === start && each.size === size);
      if (own && attr === writable) return true;
    }
    return false;
  }
}
