import type { DirectoryEntry, ModuleDirectory } from "@sof-ts/ipc4-helper";
import type { ModuleDriver } from "@sof-ts/module-api";

/** The modules of the base image; their place in the table is their module id. */
export class ModuleTable implements ModuleDirectory {
  private readonly byId = new Map<number, DirectoryEntry>();

  /** @param drivers by module id; holes are allowed, as in real manifests */
  constructor(drivers: ReadonlyMap<number, ModuleDriver>) {
    for (const [moduleId, driver] of drivers) this.byId.set(moduleId, { moduleId, driver });
  }

  find(moduleId: number): DirectoryEntry | null {
    return this.byId.get(moduleId) ?? null;
  }

  entries(): readonly DirectoryEntry[] {
    return [...this.byId.values()].sort((a, b) => a.moduleId - b.moduleId);
  }
}
