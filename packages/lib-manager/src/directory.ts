import type { ModuleDriver } from "@sof-ts/module-api";

/** One module that the host can instantiate. */
export interface RegisteredModule {
  readonly moduleId: number;
  readonly driver: ModuleDriver;
}

/** Low bits of a module id: the index in its library's manifest. */
export const MODULE_INDEX_BITS = 12;

/** Id of a module: library number and index in its manifest (IPC4 `module_id`). */
export function moduleIdOf(libraryId: number, index: number): number {
  return (libraryId << MODULE_INDEX_BITS) | index;
}

/**
 * The modules of the base image and of the loaded libraries by module id (SOF's driver list). It changes at
 * boot and when a library comes or goes; look-ups need no lock.
 */
export class ModuleRegistry {
  private readonly byId = new Map<number, RegisteredModule>();

  /** @param base drivers of the base image by module id; holes are allowed */
  constructor(base: ReadonlyMap<number, ModuleDriver>) {
    for (const [moduleId, driver] of base) this.byId.set(moduleId, { moduleId, driver });
  }

  /** @returns the module, or null for an id that none has, whatever number it is */
  find(moduleId: number): RegisteredModule | null {
    return this.byId.get(moduleId) ?? null;
  }

  /** All modules in the order of their ids. */
  entries(): readonly RegisteredModule[] {
    return [...this.byId.values()].sort((a, b) => a.moduleId - b.moduleId);
  }

  add(moduleId: number, driver: ModuleDriver): void {
    this.byId.set(moduleId, { moduleId, driver });
  }

  remove(moduleId: number): void {
    this.byId.delete(moduleId);
  }
}
