import { EventQueue } from "@sof-ts/kit";
import { Kernel, MemAttr, type MemPartition } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { MemoryDomains } from "./memory-domains.js";

const page = (index: number, attr: number = MemAttr.P_RW_U_RW): MemPartition => ({
  start: 0x10_0000 + index * 0x1000,
  size: 0x1000,
  attr,
});
const MAILBOX = page(100, MemAttr.P_RW_U_RO);

function make(maxDomainPartitions = 8) {
  const kernel = new Kernel({
    cpus: 1,
    cyclesPerSecond: 400e6,
    ticksPerSecond: 15_000,
    events: new EventQueue(),
    options: { maxDomainPartitions },
  });
  return new MemoryDomains(kernel, "dp");
}

function acquire(domains: MemoryDomains, domainId: number, ...partitions: MemPartition[]) {
  const domain = domains.acquire({ domainId, partitions }, "task");
  if (typeof domain === "number") throw new Error(`refused: ${domain}`);
  return domain;
}

describe("MemoryDomains", () => {
  it("gives each task with domain 0 one of its own", () => {
    const domains = make();
    const [a, b] = [acquire(domains, 0, page(0)), acquire(domains, 0, page(0))];
    expect(a).not.toBe(b);
    expect(domains.count).toBe(2);
    domains.release({ domainId: 0, partitions: [page(0)] }, a);
    expect(domains.count).toBe(1);
    expect([a.live, b.live]).toEqual([false, true]);
  });

  it("shares a named domain, and a partition in it until its last user goes", () => {
    const domains = make();
    const a = acquire(domains, 3, page(0), MAILBOX);
    const b = acquire(domains, 3, page(1), MAILBOX);
    expect(b).toBe(a);
    expect(a.allows(page(0).start, 4, true)).toBe(true);
    domains.release({ domainId: 3, partitions: [page(0), MAILBOX] }, a);
    expect(a.allows(page(0).start, 4, false)).toBe(false);
    expect(a.allows(MAILBOX.start, 4, false)).toBe(true);
    domains.release({ domainId: 3, partitions: [page(1), MAILBOX] }, a);
    expect([a.live, domains.count]).toEqual([false, 0]);
  });

  it("PR-09: runs no domain full by coming and going, and leaves nothing of a task that does not fit", () => {
    const domains = make(4);
    const first = acquire(domains, 3, page(0));
    for (let round = 0; round < 40; round++) {
      acquire(domains, 3, page(1), page(2));
      domains.release({ domainId: 3, partitions: [page(1), page(2)] }, first);
    }
    const tooMany = { domainId: 3, partitions: [page(1), page(2), page(3), page(4)] };
    expect(domains.acquire(tooMany, "task")).toBe(-28);
    expect(first.allows(page(1).start, 4, false)).toBe(false);
    const writeAndExecute = { domainId: 0, partitions: [page(0), page(1, MemAttr.P_RWX_U_RWX)] };
    expect(domains.acquire(writeAndExecute, "task")).toBe(-22);
    expect(domains.count).toBe(1);
    acquire(domains, 3, page(1), page(2), page(3));
  });
});
