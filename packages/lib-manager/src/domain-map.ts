import { MemAttr, type MemDomain, type MemPartition } from "@sof-ts/kernel";
import type { RegionKind } from "@sof-ts/firmware-image";
import { assert } from "@sof-ts/kit";
import type { LinkUnit, PlacedRegion } from "./library.js";

/** Rights of the pages of a region. */
const rights: Readonly<Record<RegionKind, number>> = {
  text: MemAttr.P_RX_U_RX | MemAttr.CACHED_WB,
  rodata: MemAttr.P_RO_U_RO | MemAttr.CACHED_WB,
  data: MemAttr.P_RW_U_RW | MemAttr.CACHED_WB,
  cold: MemAttr.P_RX_U_RX | MemAttr.CACHED_WB,
  "cold-rodata": MemAttr.P_RO_U_RO | MemAttr.CACHED_WB,
};

/** A placed region as a memory domain has it. */
export const partitionOf = ({ region, address, size }: PlacedRegion): MemPartition => ({
  start: address,
  size,
  attr: rights[region.kind],
});

/**
 * Adds partitions to a domain: all of them or none.
 *
 * @returns 0; what `k_mem_domain_add_partition` refused the first one with
 */
export function addPartitions(domain: MemDomain, partitions: readonly MemPartition[]): number {
  for (const [index, partition] of partitions.entries()) {
    const rc = domain.addPartition(partition);
    if (rc === 0) continue;
    // Only what was added comes out again: the one that failed is not in.
    removePartitions(domain, partitions.slice(0, index));
    return rc;
  }
  return 0;
}

/** Takes partitions out of a domain that they are in. */
export function removePartitions(domain: MemDomain, partitions: readonly MemPartition[]): void {
  for (const partition of partitions) {
    const rc = domain.removePartition(partition);
    assert(
      rc === 0,
      `partition 0x${partition.start.toString(16)} left ${domain.name} before: ${rc}`,
    );
  }
}

/**
 * Lets the threads of a domain use a linked unit and everything that it calls. Counted: the pages stay until
 * as many {@link unmapUnit} calls. Supervisor only.
 *
 * @returns 0; -ENOSPC when the domain is full; -EINVAL when it has something else at these addresses; then
 *   nothing has changed
 */
export function mapUnit(unit: LinkUnit, domain: MemDomain): number {
  const { closure } = unit;
  for (const [index, member] of closure.entries()) {
    const rc = enter(member, domain);
    if (rc === 0) continue;
    for (const done of closure.slice(0, index)) leave(done, domain);
    return rc;
  }
  return 0;
}

/** Takes back one {@link mapUnit}. Supervisor only. */
export function unmapUnit(unit: LinkUnit, domain: MemDomain): void {
  for (const member of unit.closure) leave(member, domain);
}

function enter(unit: LinkUnit, domain: MemDomain): number {
  const use = unit.domains.find((candidate) => candidate.domain === domain);
  if (use !== undefined) {
    use.count++;
    return 0;
  }
  const partitions = unit.regions.map(partitionOf);
  const rc = addPartitions(domain, partitions);
  if (rc === 0) unit.domains.push({ domain, count: 1, partitions });
  return rc;
}

function leave(unit: LinkUnit, domain: MemDomain): void {
  const index = unit.domains.findIndex((candidate) => candidate.domain === domain);
  const use = unit.domains[index];
  assert(use !== undefined, `${unit.name} is not mapped in ${domain.name}`);
  if (--use.count > 0) return;
  unit.domains.splice(index, 1);
  removePartitions(domain, use.partitions);
}

/**
 * Lets a domain read the base firmware's cold read-only data (`.coldrodata`), which module initialisation
 * needs. Supervisor only.
 *
 * @param size 0 for an image without such data
 * @returns 0; a negative errno of `k_mem_domain_add_partition`
 */
export function mapColdRodata(domain: MemDomain, start: number, size: number): number {
  if (size === 0) return 0;
  return domain.addPartition({ start, size, attr: rights["cold-rodata"] });
}
