import { configsOf, type FirmwareImage, type ModuleEntry } from "@sof-ts/firmware-image";
import type { AudioModule, ModuleDriver, ModuleManifest, ModuleServices } from "@sof-ts/module-api";

/** What makes the instances of a library module, and the privileged calls around it. */
export interface InstanceMaker {
  /** The system call that links and maps. @returns a handle or a negative errno */
  acquire(moduleId: number, instanceId: number, core: number): number;
  /** The system call that gives a use back. @returns 0 or a negative errno */
  release(handle: number): number;
  /** The unprivileged part: runs the module's own code. */
  make(services: ModuleServices, payload: Uint8Array): AudioModule | number;
}

/** Most sources and sinks of a module; 1 and 1 unless given. */
export interface LibraryPins {
  readonly maxSources?: number;
  readonly maxSinks?: number;
}

/** The manifest of a module as the firmware keeps it. */
export function manifestOf(image: FirmwareImage, entry: ModuleEntry): ModuleManifest {
  const { type } = entry;
  return {
    name: entry.name,
    uuid: entry.uuid,
    initConfig: type.initConfig === 1 ? "base+ext" : "base",
    maxInstances: entry.maxInstances,
    domain: type.dataProcessing && !type.lowLatency ? "DP" : "LL",
    configs: configsOf(image, entry).map(({ ibs, obs, cpc }) => ({ ibs, obs, cpc })),
  };
}

/**
 * The driver of a library module, isolated unless an implementation of the firmware's own stands in. `create` is called in user mode: what needs privilege is in two system
 * calls (SOF's `lib_manager_module_create` and `lib_manager_free_module`), between which the module's own
 * code runs.
 */
export function libraryDriver(
  moduleId: number,
  manifest: ModuleManifest,
  maker: InstanceMaker,
  isolated: boolean,
  pins: LibraryPins,
): ModuleDriver {
  const { maxSources = 1, maxSinks = 1 } = pins;
  return {
    manifest,
    isolated,
    maxSources,
    maxSinks,
    create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
      const handle = maker.acquire(moduleId, services.instanceId, services.core);
      if (handle < 0) return handle;
      let made: AudioModule | number | null = null;
      try {
        made = maker.make(services, payload);
      } finally {
        if (typeof made !== "object" || made === null) maker.release(handle);
      }
      if (typeof made === "number") return made;
      releaseAfterFree(made, () => maker.release(handle));
      return made;
    },
  };
}

/** The instance gives its library back as the last thing it does: nothing of it is touched afterwards. */
function releaseAfterFree(module: AudioModule, release: () => void): void {
  const free = module.free.bind(module);
  let freed = false;
  module.free = () => {
    if (freed) return;
    freed = true;
    free();
    release();
  };
}
