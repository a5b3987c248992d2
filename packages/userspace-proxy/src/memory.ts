import { MemAttr, MemDomain, type Kernel, type MemPartition, SysHeap } from "@sof-ts/kernel";

const DEFAULT_ALIGN = 8;

/** Where a module's own memory lies. */
export interface ModuleHeapRange {
  /** Start, as cores see it through their caches; page-aligned. */
  readonly base: number;
  /** Bytes, whole pages. */
  readonly size: number;
  /** Distance from there to the uncached alias of the same memory; 0 when the platform has none. */
  readonly uncachedOffset: number;
}

/**
 * The heap of one module instance: the memory that its domain may write. What is handed out is kept on the
 * kernel's side, where the module cannot reach it. Calling context: supervisor; does not block.
 */
export class ModuleHeap {
  readonly partitions: readonly MemPartition[];
  private readonly heap: SysHeap;
  private readonly range: ModuleHeapRange;

  constructor(range: ModuleHeapRange, name = "") {
    const { base, size, uncachedOffset } = range;
    this.range = range;
    this.heap = new SysHeap({ base, size }, name);
    const cached = { start: base, size, attr: MemAttr.P_RW_U_RW | MemAttr.CACHED_WB };
    const alias = {
      start: base + uncachedOffset,
      size,
      attr: MemAttr.P_RW_U_RW | MemAttr.UNCACHED,
    };
    this.partitions = uncachedOffset === 0 ? [cached] : [cached, alias];
  }

  /** Bytes handed out. */
  get used(): number {
    return this.heap.stats().allocatedBytes;
  }

  /**
   * @param align a power of two
   * @returns an address, in the uncached alias for coherent memory; 0 when there is no room
   */
  alloc(bytes: number, coherent: boolean, align = DEFAULT_ALIGN): number {
    const address = this.heap.alignedAlloc(align, bytes);
    return address !== 0 && coherent ? address + this.range.uncachedOffset : address;
  }

  free(address: number): void {
    const { base, size, uncachedOffset } = this.range;
    const cached = address >= base && address < base + size;
    this.heap.free(cached ? address : address - uncachedOffset);
  }
}

/** The mailbox that the host's messages lie in (SOF's `MAILBOX_HOSTBOX`). */
export interface Mailbox {
  readonly bytes: Uint8Array;
  /** Address of `bytes[0]` for the modules that read it. */
  readonly address: number;
  /** What is mapped: the mailbox through each alias that is in use, for reading only. */
  readonly partitions: readonly MemPartition[];
}

/** Address of a view of the mailbox; 0 when `view` lies elsewhere. */
export function addressInMailbox(mailbox: Mailbox, view: Uint8Array): number {
  const { bytes, address } = mailbox;
  const offset = view.byteOffset - bytes.byteOffset;
  if (view.buffer !== bytes.buffer || offset < 0 || offset + view.length > bytes.length) return 0;
  return address + offset;
}

/**
 * Adds partitions to a domain, all or none.
 *
 * @returns 0; what the first refusal was
 */
export function mapAll(domain: MemDomain, partitions: readonly MemPartition[]): number {
  for (let i = 0; i < partitions.length; i++) {
    const rc = domain.addPartition(partitions[i]);
    if (rc === 0) continue;
    for (let added = 0; added < i; added++) domain.removePartition(partitions[added]);
    return rc;
  }
  return 0;
}

export function unmapAll(domain: MemDomain, partitions: readonly MemPartition[]): void {
  for (const partition of partitions) domain.removePartition(partition);
}

/**
 * Makes the memory domain of an instance.
 *
 * @returns the domain; -EINVAL for partitions that overlap or may be written and executed, -ENOSPC for too
 *   many
 */
export function makeDomain(
  kernel: Kernel,
  partitions: readonly MemPartition[],
  name: string,
): MemDomain | number {
  const domain = new MemDomain(kernel, name);
  domain.init();
  const rc = mapAll(domain, partitions);
  if (rc === 0) return domain;
  domain.deinit();
  return rc;
}
