import type { Checks } from "@sof-ts/explorer";
import { assert } from "@sof-ts/kit";
import { type Kernel, MemDomain } from "@sof-ts/kernel";
import { mapColdRodata } from "@sof-ts/lib-manager";
import type { Soc } from "@sof-ts/soc";
import type { FirmwareConfig } from "./config.js";
import {
  type FailureInjection,
  type FailurePoint,
  KernelObjectHeap,
  type LibraryRegion,
} from "./failure-injection.js";
import { ModuleRegions } from "./instances/module-region.js";
import { makeLibraryRegion } from "./libraries/make-libraries.js";
import { type LlHeap, makeLlHeap } from "./ll-heap.js";
import { llHeapPartitions, sysuserPartition } from "./memory-partitions.js";

/**
 * Where dynamic kernel objects and stacks lie: addresses of the kernel's own, out of any user domain. Room for
 * the threads of all data-processing modules that there can be, and for the rest.
 */
const KERNEL_HEAP = { base: 0x4000_0000, size: 0x8_0000 } as const;

/** The memories that the firmware allocates from, and the domain of its LL and IPC user threads. */
export class Memories {
  /** The LL user heap. */
  readonly heap: LlHeap;
  /** Dynamic kernel objects and stacks. */
  readonly objects: KernelObjectHeap;
  /** Regions of modules with a memory domain of their own, out of the LL user heap. */
  readonly regions: ModuleRegions;
  readonly libraries: LibraryRegion;
  /** Heap, system user partition and cold read-only data, for the user threads of LL and IPC. */
  readonly llDomain: MemDomain;
  /** What a test can have fail, by its name. */
  readonly failures: Readonly<Record<FailurePoint, FailureInjection>>;

  /** Calling context: boot; defines system calls. */
  constructor(kernel: Kernel, soc: Soc, config: FirmwareConfig, checks: Checks | null) {
    const heap = makeLlHeap(kernel, config, checks);
    this.heap = heap;
    this.objects = new KernelObjectHeap(kernel, KERNEL_HEAP);
    this.regions = new ModuleRegions(kernel, heap);
    this.libraries = makeLibraryRegion(soc, config);
    this.llDomain = new MemDomain(kernel, "zephyr_ll_mem_domain");
    this.llDomain.init([...llHeapPartitions(heap), sysuserPartition]);
    const cold = soc.platform.memory.imr.base;
    const mapped = mapColdRodata(this.llDomain, cold, config.coldRodataBytes);
    assert(mapped === 0, "cold read-only data is in whole pages");
    this.failures = {
      heap: heap.failures,
      objects: this.objects.failures,
      regions: this.regions.failures,
      libraries: this.libraries.failures,
      libraryDma: this.libraries.dmaFailures,
    };
  }
}
