import { nodeImageCrypto, type TrustedKeys } from "@sof-ts/firmware-image";
import type { LibraryLoader } from "@sof-ts/ipc4-helper";
import type { Kernel, MemDomain } from "@sof-ts/kernel";
import { LibraryManager } from "@sof-ts/lib-manager";
import type { ModuleDriver } from "@sof-ts/module-api";
import type { Soc } from "@sof-ts/soc";
import type { FirmwareConfig } from "../config.js";
import { FailingLibraryDma, LibraryRegion } from "../failure-injection.js";
import type { LlHeap } from "../ll-heap.js";
import { HostLibraryDma } from "./library-dma.js";
import { SandboxFactory } from "./sandbox-factory.js";

/** Images come this far into the memory behind the caches (IMR); the base firmware's lies before. */
const IMR_FIRMWARE_BYTES = 0x40_0000;

/** What the library manager of a firmware is made of. */
export interface LibraryParts {
  readonly kernel: Kernel;
  readonly soc: Soc;
  readonly config: FirmwareConfig;
  readonly heap: LlHeap;
  readonly memory: LibraryRegion;
  readonly llDomain: MemDomain;
  /** Whether LL threads run in user mode, in that domain. */
  readonly userMode: boolean;
  readonly modules: ReadonlyMap<number, ModuleDriver>;
  /** Who may sign libraries. */
  readonly keys: TrustedKeys;
  log(level: "error" | "info", message: string): void;
}

/** DRAM and SRAM that libraries may have. */
export function makeLibraryRegion(soc: Soc, config: FirmwareConfig): LibraryRegion {
  const { imr } = soc.platform.memory;
  return new LibraryRegion({
    dram: { base: imr.base + IMR_FIRMWARE_BYTES, size: imr.size - IMR_FIRMWARE_BYTES },
    sramBytes: config.CONFIG_LIBRARY_REGION_SIZE,
  });
}

/** Makes the library manager. Calling context: boot. */
export function makeLibraries(parts: LibraryParts): LibraryManager {
  const { kernel, soc, config, heap, llDomain, userMode, keys, log } = parts;
  return new LibraryManager({
    kernel,
    dma: new FailingLibraryDma(
      new HostLibraryDma(kernel, soc.dma.hostOut),
      parts.memory.dmaFailures,
    ),
    memory: parts.memory,
    virtualRange: {
      base: config.CONFIG_LIBRARY_BASE_ADDRESS,
      size: config.CONFIG_LIBRARY_REGION_SIZE,
    },
    wasm: new SandboxFactory({
      fault: (fault) => log("error", String(fault)),
      refused: (libraryId, message) => log("error", `library ${libraryId}: ${message}`),
      log: (moduleId, instanceId, line) =>
        log("info", `module ${moduleId.toString(16)} instance ${instanceId}: ${line}`),
    }),
    baseModules: parts.modules,
    llDomain: userMode ? llDomain : null,
    // Whoever makes an instance does it in the domain that it will run in: the LL threads', or a proxy's.
    place: () => {
      const { domain } = kernel.current;
      return domain === kernel.defaultDomain ? null : domain;
    },
    driverHeap: {
      alignedAlloc: (align, bytes) => heap.alloc(bytes, align),
      free: (address) => heap.free(address),
    },
    authentication: config.CONFIG_LIBRARY_AUTH_SUPPORT
      ? { keys, verifier: nodeImageCrypto().verifier }
      : null,
    onEvent: ({ kind, libraryId, message }) =>
      log(kind === "refused" ? "error" : "info", `library ${libraryId} ${kind}: ${message}`),
  });
}

/** The library manager as the IPC handlers know it. */
export function loaderOf(manager: LibraryManager): LibraryLoader {
  return {
    *prepare(dmaId) {
      return manager.prepare(dmaId);
    },
    load: (dmaId, libraryId) => manager.load(dmaId, libraryId),
    unload: (libraryIds) => manager.unload(libraryIds),
    libraries: () => manager.libraries(),
    // Nothing survives: FW_READY says so, and the host loads its libraries again.
    storeContext: () => 0,
  };
}
