import type { Kernel } from "@sof-ts/kernel";
import { type CacheFault, CacheModel } from "./cache-model.js";
import { type Report, siteOf } from "./violation.js";
import { FIELD_BYTES, type Watched } from "./watched.js";

/** Bytes of a data cache line of the platforms that there are. */
const LINE_BYTES = 64;

/** Data that cores hand to one another through caches which do not know of each other. */
export class CoherenceChecker {
  private readonly report: Report;
  private readonly model = new CacheModel(LINE_BYTES);
  /** Watched objects by the first byte of their fields, for reports. */
  private readonly names = new Map<number, { readonly object: string; readonly field: string }>();

  constructor(report: Report) {
    this.report = report;
  }

  access(kernel: Kernel, watched: Watched, field: string, write: boolean): void {
    const cpu = kernel.currentCpu;
    if (cpu === null || watched.address === 0 || !watched.cached) return;
    const address = watched.addressOf(field);
    this.names.set(address, { object: watched.name, field });
    if (write) {
      this.model.write(cpu.id, address, FIELD_BYTES, siteOf(kernel, "write"));
      return;
    }
    this.tell(kernel, this.model.read(cpu.id, address, FIELD_BYTES), "read");
  }

  /** What is there has no past: no cache has it, and no core waits for what was there. */
  fresh(address: number, size: number): void {
    if (address !== 0) this.model.fresh(address, size);
  }

  /** An access through the uncached alias, of this core or a device. */
  uncached(kernel: Kernel, address: number, size: number, write: boolean): void {
    const operation = write ? "uncached write" : "uncached read";
    const site = write ? siteOf(kernel, operation) : null;
    this.tell(kernel, this.model.uncached(address, size, site), operation);
  }

  writeBack(kernel: Kernel, address: number, size: number): void {
    const cpu = kernel.currentCpu;
    if (cpu === null) return;
    this.tell(kernel, this.model.writeBack(cpu.id, address, size), "write-back");
  }

  invalidate(kernel: Kernel, address: number, size: number): void {
    const cpu = kernel.currentCpu;
    if (cpu === null) return;
    this.tell(kernel, this.model.invalidate(cpu.id, address, size), "invalidate");
  }

  private tell(kernel: Kernel, fault: CacheFault | null, operation: string): void {
    if (fault === null) return;
    const { rule, address, write } = fault;
    const name = this.names.get(address - (address % FIELD_BYTES));
    this.report({
      checker: "coherence",
      rule,
      object: name?.object ?? `0x${address.toString(16)}`,
      field: name?.field ?? "",
      address,
      first: this.model.sites[write] ?? null,
      second: siteOf(kernel, operation),
    });
  }
}
