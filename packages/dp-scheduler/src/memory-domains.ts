import { type Kernel, MemDomain, type MemPartition } from "@sof-ts/kernel";

/** Memory that a task's thread may use in user mode. */
export interface MemoryGrant {
  /** DP_DATA `domain_id`: tasks that name the same one share a domain; 0 is a domain of the task's own. */
  readonly domainId: number;
  /** What this task needs in the domain: its heap, its library's sections, the mailbox. */
  readonly partitions: readonly MemPartition[];
}

interface SharedPartition {
  readonly partition: MemPartition;
  users: number;
}

interface SharedDomain {
  readonly id: number;
  readonly domain: MemDomain;
  readonly partitions: SharedPartition[];
  users: number;
}

/**
 * Memory domains of user-mode tasks, made with their first user and taken down with the last
 * (SOF's `scheduler_dp_domain_init`, `scheduler_dp_domain_free`). A partition that several tasks of one
 * domain name, such as the mailbox, goes with the last of them. Calling context: supervisor; does not block.
 */
export class MemoryDomains {
  private readonly kernel: Kernel;
  private readonly prefix: string;
  private readonly live: SharedDomain[] = [];

  constructor(kernel: Kernel, prefix: string) {
    this.kernel = kernel;
    this.prefix = prefix;
  }

  /** Domains that have users. */
  get count(): number {
    return this.live.length;
  }

  /**
   * Gives a task its domain with its partitions in it.
   *
   * @returns the domain; -EINVAL for a partition that overlaps another or has forbidden rights; -ENOSPC when
   *   the domain is full; nothing is left behind then
   */
  acquire(grant: MemoryGrant, owner: string): MemDomain | number {
    const shared =
      grant.domainId === 0 ? undefined : this.live.find(({ id }) => id === grant.domainId);
    const entry = shared ?? this.make(grant.domainId, owner);
    for (const [index, partition] of grant.partitions.entries()) {
      const rc = share(entry, partition);
      if (rc === 0) continue;
      for (const added of grant.partitions.slice(0, index)) unshare(entry, added);
      if (entry.users === 0) this.drop(entry);
      return rc;
    }
    entry.users++;
    return entry.domain;
  }

  /** Takes a task's partitions out again; its thread has left the domain. */
  release(grant: MemoryGrant, domain: MemDomain): void {
    const entry = this.live.find((candidate) => candidate.domain === domain);
    if (entry === undefined) return;
    for (const partition of grant.partitions) unshare(entry, partition);
    if (--entry.users === 0) this.drop(entry);
  }

  private make(id: number, owner: string): SharedDomain {
    const name = `${this.prefix} ${id === 0 ? owner : `domain ${id}`}`;
    const entry = { id, domain: new MemDomain(this.kernel, name), partitions: [], users: 0 };
    entry.domain.init();
    this.live.push(entry);
    return entry;
  }

  private drop(entry: SharedDomain): void {
    this.live.splice(this.live.indexOf(entry), 1);
    entry.domain.deinit();
  }
}

function sharedOf(entry: SharedDomain, { start, size, attr }: MemPartition): number {
  return entry.partitions.findIndex(
    ({ partition }) =>
      partition.start === start && partition.size === size && partition.attr === attr,
  );
}

function share(entry: SharedDomain, partition: MemPartition): number {
  const present = entry.partitions[sharedOf(entry, partition)];
  if (present !== undefined) {
    present.users++;
    return 0;
  }
  const rc = entry.domain.addPartition(partition);
  if (rc === 0) entry.partitions.push({ partition, users: 1 });
  return rc;
}

function unshare(entry: SharedDomain, partition: MemPartition): void {
  const index = sharedOf(entry, partition);
  const present = entry.partitions[index];
  if (present === undefined || --present.users > 0) return;
  entry.partitions.splice(index, 1);
  entry.domain.removePartition(partition);
}
