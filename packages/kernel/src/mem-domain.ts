import { EBUSY, EINVAL, ENOENT, ENOSPC } from "@sof-ts/kit";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import type { Thread } from "./thread.js";

/**
 * Access rights of a partition, named as Zephyr's `K_MEM_PARTITION_P_*_U_*`: what privileged and user code
 * may do. Bits: 1 user read, 2 user write, 4 user execute, 8 privileged read, 16 privileged write, 32
 * privileged execute; the field above them carries the firmware's cache attributes.
 */
export const MemAttr = {
  P_RW_U_RW: 0x1b,
  P_RW_U_RO: 0x19,
  P_RW_U_NA: 0x18,
  P_RO_U_RO: 0x09,
  P_RO_U_NA: 0x08,
  P_RX_U_RX: 0x2d,
  P_RWX_U_RWX: 0x3f,
  P_NA_U_NA: 0x00,
  /** Cached, write-back. */
  CACHED_WB: 0x100,
  /** Not cached. */
  UNCACHED: 0x200,
} as const;

const USER_READ = 1;
const USER_WRITE = 2;
const WRITE = 0x12;
const EXECUTE = 0x24;

/** A range of addresses with its rights (Zephyr's `struct k_mem_partition`). */
export interface MemPartition {
  readonly start: number;
  readonly size: number;
  /** {@link MemAttr} bits. */
  readonly attr: number;
}

/**
 * A set of partitions that its member threads may use in user mode (Zephyr's `struct k_mem_domain`).
 * Supervisor only; never blocks.
 */
export class MemDomain {
  readonly kernel: Kernel;
  readonly name: string;
  readonly partitions: (MemPartition | null)[] = [];
  readonly threads = new Set<Thread>();
  /** False before `init` succeeded and after `deinit`. */
  live = false;

  constructor(kernel: Kernel, name = "") {
    this.kernel = kernel;
    this.name = name;
  }

  /**
   * Zephyr's `k_mem_domain_init`.
   *
   * @returns 0; -EINVAL for too many, missing or bad partitions, and then the domain is not usable
   */
  init(partitions: readonly (MemPartition | null)[] = []): number {
    this.enter("k_mem_domain_init");
    if (partitions.length > this.kernel.options.maxDomainPartitions) return -EINVAL;
    this.partitions.length = 0;
    for (const partition of partitions) {
      if (partition === null || this.refuses(partition)) {
        this.partitions.length = 0;
        return -EINVAL;
      }
      this.partitions.push(partition);
    }
    this.live = true;
    return 0;
  }

  /**
   * Zephyr's `k_mem_domain_deinit`.
   *
   * @returns 0; -EINVAL for the default domain; -EBUSY while threads are in it
   */
  deinit(): number {
    this.enter("k_mem_domain_deinit");
    if (this === this.kernel.defaultDomain) return -EINVAL;
    if (this.threads.size > 0) return -EBUSY;
    this.partitions.length = 0;
    this.live = false;
    return 0;
  }

  /**
   * Zephyr's `k_mem_domain_add_partition`. Acts on all member threads at once.
   *
   * @returns 0; -EINVAL for none, an empty, wrapping or overlapping one, or one both writable and
   * executable; -ENOSPC when all slots are taken
   */
  addPartition(partition: MemPartition | null | undefined): number {
    this.enter("k_mem_domain_add_partition");
    if (partition === null || partition === undefined || this.refuses(partition)) return -EINVAL;
    const slot = this.partitions.indexOf(null);
    if (slot >= 0) this.partitions[slot] = partition;
    else if (this.partitions.length < this.kernel.options.maxDomainPartitions) {
      this.partitions.push(partition);
    } else return -ENOSPC;
    return 0;
  }

  /**
   * Zephyr's `k_mem_domain_remove_partition`: start and size must match, attributes are ignored.
   *
   * @returns 0; -EINVAL for none; -ENOENT when it is not there
   */
  removePartition(partition: MemPartition | null | undefined): number {
    this.enter("k_mem_domain_remove_partition");
    if (partition === null || partition === undefined) return -EINVAL;
    const slot = this.partitions.findIndex(
      (p) => p !== null && p.start === partition.start && p.size === partition.size,
    );
    if (slot < 0) return -ENOENT;
    this.partitions[slot] = null;
    return 0;
  }

  /**
   * Zephyr's `k_mem_domain_add_thread`: moves `thread` here from the domain it is in, in one step, also
   * while it runs.
   *
   * @returns 0; -EINVAL when this domain is not initialised
   */
  addThread(thread: Thread): number {
    this.enter("k_mem_domain_add_thread");
    if (!this.live) return -EINVAL;
    if (thread.domain === this) return 0;
    joinDomain(thread, this);
    return 0;
  }

  private enter(op: string): void {
    const { kernel } = this;
    kernel.supervisorOnly(op);
    kernel.pass(kernel.costs.permission);
  }

  /** Whether user code of this domain may read (and write, if `write`) all of a range. */
  allows(address: number, size: number, write: boolean): boolean {
    const rights = write ? USER_READ | USER_WRITE : USER_READ;
    const end = address + size;
    let at = address;
    // Neighbouring partitions together may cover a range that none covers alone.
    for (;;) {
      let reached = at;
      for (const partition of this.partitions) {
        if (partition === null || (partition.attr & rights) !== rights) continue;
        if (partition.start <= at && partition.start + partition.size > reached) {
          reached = partition.start + partition.size;
        }
      }
      if (reached >= end && reached > address) return true;
      if (reached === at) return false;
      at = reached;
    }
  }

  private refuses(partition: MemPartition): boolean {
    const { start, size, attr } = partition;
    const end = start + size;
    if (size <= 0 || end > 0xffff_ffff) return true;
    if ((attr & WRITE) !== 0 && (attr & EXECUTE) !== 0) return true;
    const overlaps = this.partitions.some(
      (other) => other !== null && start < other.start + other.size && other.start < end,
    );
    if (overlaps) return true;
    const page = this.kernel.options.pageBytes;
    if (start % page !== 0 || size % page !== 0) {
      throw new KernelAssertion(`partition at ${start} of ${size} bytes is not page-aligned`);
    }
    return false;
  }
}

/** Moves `thread` from its domain, if it has one, to `domain`, if it gets one. */
export function joinDomain(thread: Thread, domain: MemDomain | null): void {
  thread.domain?.threads.delete(thread);
  thread.domain = domain;
  domain?.threads.add(thread);
}

/**
 * Zephyr's `k_mem_region_align`: the smallest aligned region around a range.
 *
 * @returns its address and size, and the range's offset in it
 */
export function memRegionAlign(
  address: number,
  size: number,
  align: number,
): { address: number; size: number; offset: number } {
  const start = address - (address % align);
  const offset = address - start;
  return { address: start, size: Math.ceil((offset + size) / align) * align, offset };
}
