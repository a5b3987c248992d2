import { type Kernel, MemDomain, type Spinlock } from "@sof-ts/kernel";
import { EEXIST, EINVAL, ENODEV, ENOENT, ENOEXEC, ENOSPC } from "@sof-ts/kit";
import { mapUnit, unmapUnit } from "./domain-map.js";
import type { InstanceRecord, InstanceTable } from "./instances.js";
import type { Library, LinkUnit } from "./library.js";
import type { Linker } from "./linker.js";
import { MODULE_INDEX_BITS } from "./directory.js";
import type { PlaceInstance } from "./ports.js";

export interface InstanceCallsConfig {
  readonly kernel: Kernel;
  readonly linker: Linker;
  readonly instances: InstanceTable;
  /** Protects units, instances and libraries against other CPUs. */
  readonly lock: Spinlock;
  readonly place: PlaceInstance;
  library(id: number): Library | null;
  /** Whether a stand-in implements a module whose code cannot run here. */
  hasStandIn(uuid: string): boolean;
  refuse(libraryId: number, message: string, errno: number): number;
}

const MAX_MODULE_ID = 0xffff;
const MAX_INSTANCE_ID = 0xffff;

/**
 * The privileged half of making and freeing instances of library modules. Two system calls, whose arguments
 * are plain numbers: a user thread has no way to name kernel memory.
 */
export class InstanceCalls {
  /**
   * SOF's `lib_manager_module_create`: links the module's unit and maps it where the instance will run.
   * Thread and user mode; does not block.
   *
   * @returns a handle above 0; -ENOENT for a module that is not there; -EINVAL for one that has no instances;
   *   -EEXIST when this instance lives; -ENOSPC when there are as many as its manifest admits, or no partition
   *   is left; -ENODEV when its Xtensa code has no stand-in; -ENOMEM, -ENODATA, -ENOEXEC as linking failed
   */
  readonly acquire: (moduleId: number, instanceId: number, core: number) => number;
  /**
   * SOF's `lib_manager_free_module`: the instance is gone. Thread and user mode; does not block.
   *
   * @returns 0; -ENOENT for a handle that is used up
   */
  readonly release: (handle: number) => number;
  private readonly config: InstanceCallsConfig;

  constructor(config: InstanceCallsConfig) {
    this.config = config;
    const { kernel } = config;
    const inRange = (value: number, limit: number) =>
      Number.isInteger(value) && value >= 0 && value <= limit;
    this.acquire = kernel.defineSyscall("lib_manager_module_create", {
      verify: (moduleId: number, instanceId: number, core: number) =>
        inRange(moduleId, MAX_MODULE_ID) &&
        inRange(instanceId, MAX_INSTANCE_ID) &&
        inRange(core, kernel.cpus.length - 1),
      run: (moduleId: number, instanceId: number, core: number) =>
        this.locked(() => this.acquireLocked(moduleId, instanceId, core)),
    });
    this.release = kernel.defineSyscall("lib_manager_free_module", {
      verify: (handle: number) => inRange(handle, 0x7fff_ffff),
      run: (handle: number) =>
        this.locked(() => {
          const record = config.instances.get(handle);
          if (record === null) return -ENOENT;
          this.drop(record);
          return 0;
        }),
    });
  }

  /**
   * Maps the unit of a living instance into one more domain: that of its DP thread or of its proxy. Supervisor
   * only; does not block.
   *
   * @returns 0; -ENOENT without such an instance; -EINVAL for a domain that is not initialised or has something
   *   else at these addresses; -ENOSPC when it is full
   */
  attach(moduleId: number, instanceId: number, domain: MemDomain): number {
    this.config.kernel.supervisorOnly("lib_manager_attach_domain");
    return this.locked(() => {
      const record = this.config.instances.find(moduleId, instanceId);
      if (record === null) return -ENOENT;
      if (!domain.live || record.domains.includes(domain)) return -EINVAL;
      const rc = mapUnit(record.unit, domain);
      if (rc === 0) record.domains.push(domain);
      return rc;
    });
  }

  /**
   * Takes back an {@link attach} before the instance is freed; the free would do it too. Supervisor only.
   *
   * @returns 0; -ENOENT when it is not attached
   */
  detach(moduleId: number, instanceId: number, domain: MemDomain): number {
    this.config.kernel.supervisorOnly("lib_manager_detach_domain");
    return this.locked(() => {
      const record = this.config.instances.find(moduleId, instanceId);
      const index = record?.domains.indexOf(domain) ?? -1;
      if (record === null || index < 0) return -ENOENT;
      record.domains.splice(index, 1);
      unmapUnit(record.unit, domain);
      return 0;
    });
  }

  /** Runs under the lock, also when the memory or the code of a library turns out to be broken. */
  locked(action: () => number): number {
    const { lock } = this.config;
    const key = lock.lock();
    try {
      return action();
    } finally {
      lock.unlock(key);
    }
  }

  private acquireLocked(moduleId: number, instanceId: number, core: number): number {
    const { instances, linker, place } = this.config;
    const found = this.findUnit(moduleId);
    if (typeof found === "number") return found;
    const { unit, maxInstances } = found;
    if (instances.find(moduleId, instanceId) !== null) return -EEXIST;
    if (instances.countOf(moduleId) >= maxInstances) return -ENOSPC;
    // Xtensa code stays where it is: its stand-in runs instead.
    if (unit.unit.code === "wasm") {
      const rc = linker.link(unit);
      if (rc !== 0) return rc;
    }
    const record = instances.add(moduleId, instanceId, unit);
    unit.instances++;
    const domain = place({ moduleId, instanceId, core });
    if (domain === null || unit.state !== "linked") return record.handle;
    const mapped = domain.live ? mapUnit(unit, domain) : -EINVAL;
    if (mapped === 0) {
      record.domains.push(domain);
      return record.handle;
    }
    this.drop(record);
    const reason = `${unit.name} cannot be mapped into domain ${domain.name}`;
    return this.config.refuse(unit.library.id, reason, mapped);
  }

  private findUnit(moduleId: number): { unit: LinkUnit; maxInstances: number } | number {
    const { library: find, hasStandIn, refuse } = this.config;
    const library = find(moduleId >> MODULE_INDEX_BITS);
    const index = moduleId & ((1 << MODULE_INDEX_BITS) - 1);
    const entry = library?.module(index) ?? null;
    if (library === null || entry === null) return -ENOENT;
    const unit = library.unitOf(index);
    if (unit === null) return refuse(library.id, `${entry.name} is no ELF object`, -ENOEXEC);
    if (unit.unit.auxiliary) return -EINVAL;
    if (unit.unit.code === "xtensa" && !hasStandIn(entry.uuid)) {
      const reason = `${entry.name} is Xtensa code, which does not run here, and no built-in module has UUID ${entry.uuid}`;
      return refuse(library.id, reason, -ENODEV);
    }
    return { unit, maxInstances: entry.maxInstances };
  }

  private drop(record: InstanceRecord): void {
    const { instances, linker } = this.config;
    const { unit } = record;
    for (const domain of record.domains) unmapUnit(unit, domain);
    instances.remove(record);
    unit.instances--;
    linker.unlinkIfUnused(unit);
  }
}
