/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { K_FOREVER, K_MSEC, MemAttr, MemDomain, type MemPartition } from "../../src/index.js";
import { type Machine, row } from "./support/harness.js";

const ENOENT = 2;
const EINVAL = 22;
const ENOSPC = 28;

const rw = (index: number): MemPartition => ({
  start: 0x10_0000 + index * 0x1000,
  size: 0x1000,
  attr: MemAttr.P_RW_U_RW,
});
const ro: MemPartition = { start: 0x20_0000, size: 0x1000, attr: MemAttr.P_RO_U_RO };

function domainOf(m: Machine, ...partitions: MemPartition[]): MemDomain {
  const domain = new MemDomain(m.kernel, "domain");
  expect(domain.init(partitions)).toBe(0);
  return domain;
}

/** A user thread of `domain` that makes one access; logs when it came back. */
function accessor(m: Machine, domain: MemDomain, address: number, write: boolean): void {
  const thread = m.thread(
    "accessor",
    1,
    function* () {
      m.kernel.checkAccess(address, 4, write);
      m.log.push(`${write ? "wrote" : "read"} 0x${address.toString(16)}`);
      yield* m.kernel.yield();
    },
    { user: true },
  );
  domain.addThread(thread);
}

describe("memory domain", () => {
  row("T254", "a user thread uses its partitions within their rights", ({ machine }) => {
    const m = machine();
    const domain = domainOf(m, rw(0), rw(1), ro);
    accessor(m, domain, rw(0).start, false);
    accessor(m, domain, rw(1).start + 0xffc, true);
    accessor(m, domain, ro.start, false);
    m.run();
    expect(m.log).toEqual(["read 0x100000", "wrote 0x101ffc", "read 0x200000"]);
    expect(m.fatals).toEqual([]);
  });

  row("T256", "a write to a read-only partition faults", ({ machine }) => {
    const m = machine();
    accessor(m, domainOf(m, ro), ro.start, true);
    m.run();
    expect(m.log).toEqual([]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([0]);
  });

  row("T257", "a partition taken out is out of reach until it is back", ({ machine }) => {
    const m = machine();
    const domain = domainOf(m, rw(0), ro);
    expect(domain.removePartition(rw(0))).toBe(0);
    accessor(m, domain, ro.start, false);
    accessor(m, domain, rw(0).start, true);
    m.run();
    expect(m.log).toEqual(["read 0x200000"]);
    expect(m.fatals.map((fatal) => fatal.reason)).toEqual([0]);
    expect(domain.addPartition(rw(0))).toBe(0);
    accessor(m, domain, rw(0).start, true);
    m.run();
    expect(m.log).toEqual(["read 0x200000", "wrote 0x100000"]);
  });

  row("T259", "threads made at boot are in the default domain", ({ machine }) => {
    const m = machine();
    const placed = m.thread("placed", 1, function* () {
      yield* m.kernel.yield();
    });
    expect(placed.domain).toBe(m.kernel.defaultDomain);
    expect(m.kernel.boot.domain).toBe(m.kernel.defaultDomain);
  });

  row("T260", "a running user thread changes its domain and goes on", ({ machine }) => {
    const m = machine({ cpus: 2 });
    const first = domainOf(m, rw(0), ro);
    const second = domainOf(m, ro);
    const flag = { go: false };
    const spinner = m.thread(
      "spinner",
      1,
      function* () {
        while (!flag.go) {
          m.kernel.checkAccess(ro.start, 4, false);
          yield* m.kernel.busy(1000);
        }
        m.log.push("went on");
      },
      { user: true },
    );
    first.addThread(spinner);
    m.main(function* (k) {
      yield* k.sleep(K_MSEC(1));
      expect(second.addThread(spinner)).toBe(0);
      expect(spinner.domain).toBe(second);
      expect([first.threads.size, second.threads.size]).toEqual([0, 1]);
      expect(second.addThread(spinner)).toBe(0);
      expect(second.threads.size).toBe(1);
      yield* k.sleep(K_MSEC(1));
      flag.go = true;
      yield* spinner.join(K_FOREVER);
    });
    expect(m.log).toEqual(["went on"]);
    expect(m.fatals).toEqual([]);
  });

  row("T262", "when all slots are taken one more partition is refused", ({ machine }) => {
    const m = machine({ options: { maxDomainPartitions: 4 } });
    const domain = domainOf(m, rw(0), rw(1), rw(2), rw(3));
    expect(domain.addPartition(rw(4))).toBe(-ENOSPC);
    expect(domain.removePartition(rw(1))).toBe(0);
    expect(domain.addPartition(rw(4))).toBe(0);
  });

  row("T263", "a partition that is not there cannot be taken out", ({ machine }) => {
    const m = machine();
    expect(domainOf(m, rw(0)).removePartition(rw(1))).toBe(-ENOENT);
  });

  row("T265", "no, an empty and a wrapping partition are refused", ({ machine }) => {
    const m = machine();
    const domain = domainOf(m);
    expect(domain.addPartition(null)).toBe(-EINVAL);
    expect(domain.addPartition({ ...rw(0), size: 0 })).toBe(-EINVAL);
    expect(domain.addPartition({ ...rw(0), start: 0xffff_f000, size: 0x2000 })).toBe(-EINVAL);
    expect(domain.partitions).toEqual([]);
  });

  row("T266", "the size must match to take a partition out", ({ machine }) => {
    const m = machine();
    const domain = domainOf(m, rw(0));
    expect(domain.removePartition({ ...rw(0), size: 0 })).toBe(-ENOENT);
    expect(domain.removePartition({ ...rw(0), attr: 0 })).toBe(0);
  });
});
