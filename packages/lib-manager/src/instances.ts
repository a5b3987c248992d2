import type { MemDomain } from "@sof-ts/kernel";
import { assert } from "@sof-ts/kit";
import type { LinkUnit } from "./library.js";

/** A module instance that uses a unit. Kernel memory: user threads know its handle only. */
export interface InstanceRecord {
  readonly handle: number;
  readonly moduleId: number;
  readonly instanceId: number;
  readonly unit: LinkUnit;
  /** Domains that the unit is mapped in on behalf of this instance. */
  readonly domains: MemDomain[];
}

/** Handles are positive 31-bit numbers that do not come again soon. */
const LAST_HANDLE = 0x7fff_ffff;

/** The instances of library modules, by handle. */
export class InstanceTable {
  private readonly records = new Map<number, InstanceRecord>();
  private next = 1;

  get size(): number {
    return this.records.size;
  }

  /** Adds an instance. */
  add(moduleId: number, instanceId: number, unit: LinkUnit): InstanceRecord {
    while (this.records.has(this.next)) this.step();
    const handle = this.next;
    this.step();
    const record: InstanceRecord = { handle, moduleId, instanceId, unit, domains: [] };
    this.records.set(handle, record);
    return record;
  }

  /** The instance of a handle; null for one that was never given or is used up. */
  get(handle: number): InstanceRecord | null {
    return this.records.get(handle) ?? null;
  }

  remove(record: InstanceRecord): void {
    assert(this.records.delete(record.handle), `instance ${record.handle} is gone already`);
  }

  find(moduleId: number, instanceId: number): InstanceRecord | null {
    for (const record of this.records.values()) {
      if (record.moduleId === moduleId && record.instanceId === instanceId) return record;
    }
    return null;
  }

  /** Instances of a module. */
  countOf(moduleId: number): number {
    let count = 0;
    for (const record of this.records.values()) if (record.moduleId === moduleId) count++;
    return count;
  }

  private step(): void {
    this.next = this.next >= LAST_HANDLE ? 1 : this.next + 1;
  }
}
