import { type HeapRange, type Kernel, KHeap } from "@sof-ts/kernel";
import { EIO } from "@sof-ts/kit";
import { type LibraryDma, type LibraryDmaProvider, ModelLibraryMemory } from "@sof-ts/lib-manager";
import { ModuleHeap } from "@sof-ts/userspace-proxy";

/**
 * Has one allocation of a memory fail as if memory were short, for tests of what happens then; none fails by
 * itself. Calling context: {@link failAfter} outside the machine, the rest any; does not block.
 */
export class FailureInjection {
  private left = Number.POSITIVE_INFINITY;

  /** @param count allocations that still succeed before the one that fails; further ones succeed again */
  failAfter(count: number): void {
    this.left = count;
  }

  /** Whether the failure asked for is still to come. */
  get failurePending(): boolean {
    return this.left !== Number.POSITIVE_INFINITY;
  }

  /** Asked once by each allocation. @returns whether this is the one that fails */
  fails(): boolean {
    if (this.left-- !== 0) return false;
    this.left = Number.POSITIVE_INFINITY;
    return true;
  }
}

/** The heap of dynamic kernel objects, threads and stacks: what its users take for the kernel itself can fail. */
export class KernelObjectHeap extends KHeap {
  readonly failures = new FailureInjection();

  constructor(kernel: Kernel, range: HeapRange) {
    super(kernel, range, "kernel heap");
  }

  override take(bytes: number, align = 0): number {
    return this.failures.fails() ? 0 : super.take(bytes, align);
  }
}

/** The heap of one module's region; all regions of a firmware share the failure. */
export class RegionHeap extends ModuleHeap {
  private readonly failures: FailureInjection;

  constructor(range: { readonly base: number; readonly size: number }, failures: FailureInjection) {
    super({ ...range, uncachedOffset: 0 }, "module heap");
    this.failures = failures;
  }

  override alloc(bytes: number, coherent: boolean, align?: number): number {
    return this.failures.fails() ? 0 : super.alloc(bytes, coherent, align);
  }
}

/** What can fail: memories by allocation; the DMA of libraries by channel taken and by block read. */
export type FailurePoint = "heap" | "objects" | "regions" | "libraries" | "libraryDma";

/** DRAM and SRAM of libraries, and the DMA that brings them there. */
export class LibraryRegion extends ModelLibraryMemory {
  readonly failures = new FailureInjection();
  readonly dmaFailures = new FailureInjection();

  override allocDram(size: number): number {
    return this.failures.fails() ? 0 : super.allocDram(size);
  }

  override mapSram(address: number, size: number): Uint8Array | null {
    return this.failures.fails() ? null : super.mapSram(address, size);
  }
}

/** The DMA of libraries, whose channels can fail: each channel taken and each block read counts as one. */
export class FailingLibraryDma implements LibraryDmaProvider {
  private readonly provider: LibraryDmaProvider;
  private readonly failures: FailureInjection;

  constructor(provider: LibraryDmaProvider, failures: FailureInjection) {
    this.provider = provider;
    this.failures = failures;
  }

  open(dmaId: number): LibraryDma | number {
    const { failures, provider } = this;
    if (failures.fails()) return -EIO;
    const dma = provider.open(dmaId);
    if (typeof dma === "number") return dma;
    return {
      *readBlock(into, timeoutUs) {
        return failures.fails() ? -EIO : yield* dma.readBlock(into, timeoutUs);
      },
      close: () => dma.close(),
    };
  }
}
