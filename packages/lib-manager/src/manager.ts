import {
  type FirmwareImage,
  ImageError,
  ImageType,
  MAX_LIBRARIES,
  readPayload,
  verifyImage,
} from "@sof-ts/firmware-image";
import {
  type Blocking,
  K_FOREVER,
  type Kernel,
  MemAttr,
  type MemDomain,
  type MemPartition,
  Mutex,
  Spinlock,
} from "@sof-ts/kernel";
import { EBUSY, EEXIST, EINVAL, ENOENT, ENOMEM, errnoName } from "@sof-ts/kit";
import { AddressSpace } from "./address-space.js";
import { defaultLoadCosts, type LibraryManagerConfig } from "./config.js";
import { MODULE_INDEX_BITS, ModuleRegistry } from "./directory.js";
import { addPartitions, partitionOf, removePartitions } from "./domain-map.js";
import { InstanceCalls } from "./instance-calls.js";
import { InstanceTable } from "./instances.js";
import { Library } from "./library.js";
import { LibraryDrivers } from "./library-drivers.js";
import { Linker } from "./linker.js";
import { LoadSession, type Received } from "./load-session.js";
import type { LibraryEvent } from "./ports.js";

const KIB = 1024;
const MODULE_INDEX_MASK = (1 << MODULE_INDEX_BITS) - 1;

const isLibraryId = (id: number): boolean => Number.isInteger(id) && id >= 1 && id < MAX_LIBRARIES;

/** A loaded library, as LIBRARIES_INFO shows it. */
export interface LibraryInfo {
  readonly id: number;
  readonly name: string;
  readonly version: {
    readonly major: number;
    readonly minor: number;
    readonly hotfix: number;
    readonly build: number;
  };
  readonly moduleCount: number;
}

/** What libraries have in use; equal before and after a library when nothing leaks. */
export interface LibraryUse {
  readonly libraries: number;
  readonly modules: number;
  readonly instances: number;
  readonly linkedUnits: number;
  readonly sramBytes: number;
  readonly dramBytes: number;
  readonly virtualBytes: number;
}

/**
 * Loads libraries, makes instances of their modules, unloads them (SOF's `lib_manager` and `llext_manager`).
 *
 * The kernel IPC thread loads and unloads; the unprivileged IPC threads instantiate through the drivers in
 * {@link LibraryManager.modules}. One mutex serialises loading and unloading, which wait for the host; one
 * spinlock protects what instantiation changes as well, which waits for nothing.
 */
export class LibraryManager {
  /** The base image's modules and those of the loaded libraries. */
  readonly modules: ModuleRegistry;
  private readonly config: LibraryManagerConfig;
  private readonly kernel: Kernel;
  private readonly mutex: Mutex;
  private readonly session: LoadSession;
  private readonly addresses: AddressSpace;
  private readonly linker: Linker;
  private readonly instances = new InstanceTable();
  private readonly calls: InstanceCalls;
  private readonly drivers: LibraryDrivers;
  /** In the order of loading. */
  private readonly loaded: Library[] = [];

  /** Calling context: boot. At most one for each kernel, since it defines system calls. */
  constructor(config: LibraryManagerConfig) {
    const { kernel, memory, virtualRange, baseModules } = config;
    this.config = config;
    this.kernel = kernel;
    this.modules = new ModuleRegistry(baseModules);
    this.mutex = new Mutex(kernel, "lib_manager");
    this.session = new LoadSession(config.dma, memory);
    this.addresses = new AddressSpace(virtualRange.base, virtualRange.size);
    const standIns = [...(config.standIns ?? []), ...baseModules.values()];
    const byUuid = new Map(standIns.map((driver) => [driver.manifest.uuid.toLowerCase(), driver]));
    this.linker = new Linker({
      memory,
      addresses: this.addresses,
      factory: config.wasm,
      libraries: () => this.loaded,
      report: ({ library }, kind, message, errno) => {
        this.report({
          kind,
          libraryId: library.id,
          message: errno === undefined ? message : `${message} (${errnoName(errno)})`,
          ...(errno === undefined ? {} : { errno }),
        });
      },
    });
    this.calls = new InstanceCalls({
      kernel,
      linker: this.linker,
      instances: this.instances,
      lock: new Spinlock(kernel, "lib_manager"),
      place: config.place ?? (({ moduleId }) => this.defaultPlace(moduleId)),
      library: (id) => this.library(id),
      hasStandIn: (uuid) => byUuid.has(uuid),
      refuse: (libraryId, message, errno) => this.refuse(libraryId, message, errno),
    });
    this.drivers = new LibraryDrivers({
      registry: this.modules,
      heap: config.driverHeap,
      llDomain: config.llDomain,
      wasm: config.wasm,
      standIns: byUuid,
      calls: this.calls,
      refuse: (libraryId, message, errno) => this.refuse(libraryId, message, errno),
    });
  }

  // ---- messages of the host ---------------------------------------------------------------------

  /**
   * LOAD_LIBRARY_PREPARE: takes the DMA channel, so that the host can start its side. Calling context: the
   * kernel IPC thread; does not block.
   *
   * @returns 0; -EINVAL when there is no such channel; -EBUSY while a library is being loaded; another negative
   *   errno of the channel
   */
  prepare(dmaId: number): number {
    this.kernel.supervisorOnly("lib_manager_prepare");
    const { state } = this.session;
    if (state !== "idle" && state !== "prepared") return -EBUSY;
    return this.session.prepare(dmaId);
  }

  /**
   * LOAD_LIBRARY: receives an image, checks it, registers its modules. Calling context: the kernel IPC thread;
   * blocks until the host has sent everything, at most 200 ms for each 38 KiB. The channel is given back in any
   * case, also one that was prepared for another library.
   *
   * @returns 0; -EINVAL for a library id that is not 1..15 and for an image whose manifest is wrong; -EEXIST
   *   when the id is taken; -ETIMEDOUT; -ENOMEM; -EACCES for its signature; -ENOEXEC or -ENOTSUP for its code;
   *   -ENOSPC when the LL domain is full; -EFAULT when user space could not read the driver records
   */
  *load(dmaId: number, libraryId: number): Blocking<number> {
    this.kernel.supervisorOnly("lib_manager_load_library");
    yield* this.mutex.lock(K_FOREVER);
    let rc = this.admit(dmaId, libraryId);
    try {
      if (rc === 0) rc = yield* this.receive(libraryId);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.report({
        kind: "refused",
        libraryId,
        message: error.message,
        errno: error.errno,
        error,
      });
      rc = error.errno;
    } finally {
      this.session.end(rc === 0);
    }
    yield* this.mutex.unlock();
    return rc;
  }

  /**
   * Unloads libraries, all that are named or none (UNLOAD_MULTIPLE_MODULES; SOF itself never unloads one).
   * Calling context: the kernel IPC thread; may block while a library is being loaded.
   *
   * @returns 0; -EINVAL for an id that is not 1..15 or none at all; -ENOENT when one is not loaded; -EBUSY when
   *   an instance or another library uses one
   */
  *unload(libraryIds: readonly number[]): Blocking<number> {
    this.kernel.supervisorOnly("lib_manager_unload_libraries");
    yield* this.mutex.lock(K_FOREVER);
    const rc = this.calls.locked(() => this.unloadLocked(libraryIds));
    yield* this.mutex.unlock();
    return rc;
  }

  // ---- domains ----------------------------------------------------------------------------------

  /**
   * Lets the threads of a domain run the code of a living instance (SOF's `llext_manager_add_domain`): for the
   * domain of a DP thread or of a userspace proxy. Supervisor only; does not block.
   *
   * @returns 0; -ENOENT without such an instance; -EINVAL, -ENOSPC as the domain refuses
   */
  attachDomain(moduleId: number, instanceId: number, domain: MemDomain): number {
    return this.calls.attach(moduleId, instanceId, domain);
  }

  /** Takes that back (SOF's `llext_manager_rm_domain`). Supervisor only. @returns 0; -ENOENT */
  detachDomain(moduleId: number, instanceId: number, domain: MemDomain): number {
    return this.calls.detach(moduleId, instanceId, domain);
  }

  /**
   * What a domain needs for the code of a living instance: its linked unit and everything that it calls. For
   * domains that are made with all their partitions. Any context.
   *
   * @returns nothing for a module without an instance, or without code of its own
   */
  partitionsOf(moduleId: number): readonly MemPartition[] {
    const unit = this.library(moduleId >> MODULE_INDEX_BITS)?.unitOf(moduleId & MODULE_INDEX_MASK);
    return unit?.closure.flatMap(({ regions }) => regions.map(partitionOf)) ?? [];
  }

  /** Whether a partition is a section of a unit that is linked. Any context. */
  owns({ start, size, attr }: MemPartition): boolean {
    return this.loaded.some(({ units }) =>
      units.some(({ regions }) =>
        regions.some((placed) => {
          const own = partitionOf(placed);
          return own.start === start && own.size === size && own.attr === attr;
        }),
      ),
    );
  }

  // ---- what there is ----------------------------------------------------------------------------

  /** The loaded libraries in the order of their ids, for LIBRARIES_INFO. Any context. */
  libraries(): readonly LibraryInfo[] {
    return [...this.loaded]
      .sort((a, b) => a.id - b.id)
      .map(({ id, image: { header } }) => ({
        id,
        name: header.name,
        version: header.version,
        moduleCount: header.moduleCount,
      }));
  }

  /** The image of a loaded library, for tools; null when there is none. */
  image(libraryId: number): FirmwareImage | null {
    return this.library(libraryId)?.image ?? null;
  }

  /** Address of the driver record of a library module, 0 when it has none. */
  driverRecord(moduleId: number): number {
    return this.library(moduleId >> 12)?.records[moduleId & 0xfff] ?? 0;
  }

  /** What libraries have in use. Any context. */
  get use(): LibraryUse {
    const { sramBytes, dramBytes } = this.config.memory.use;
    const units = this.loaded.flatMap((library) => library.units);
    return {
      libraries: this.loaded.length,
      modules: this.modules.entries().length,
      instances: this.instances.size,
      linkedUnits: units.filter(({ state }) => state === "linked").length,
      sramBytes,
      dramBytes,
      virtualBytes: this.addresses.takenBytes,
    };
  }

  // ---- loading ----------------------------------------------------------------------------------

  /** Whether a library of this number can come through this channel, which is taken then. */
  private admit(dmaId: number, libraryId: number): number {
    if (!isLibraryId(libraryId)) {
      return this.refuse(libraryId, "libraries are numbered 1 to 15", -EINVAL);
    }
    if (this.library(libraryId) !== null) {
      return this.refuse(libraryId, "there is one of this number", -EEXIST);
    }
    const rc = this.session.use(dmaId);
    if (rc === 0) return 0;
    return this.refuse(libraryId, `DMA channel ${dmaId} cannot be had`, rc);
  }

  private *receive(libraryId: number): Blocking<number> {
    const { memory } = this.config;
    const source = `library ${libraryId}`;
    const received = yield* this.session.receive(source);
    if (typeof received === "number") {
      const reason = received === -ENOMEM ? "no DRAM for its image" : "its image did not arrive";
      return this.refuse(libraryId, reason, received);
    }
    let kept = false;
    try {
      const { image, cycles } = this.check(received, source);
      yield* this.kernel.busy(cycles);
      this.session.accepted();
      const rc = this.calls.locked(() => this.register(libraryId, image, received));
      kept = rc === 0;
      return rc;
    } finally {
      if (!kept) memory.freeDram(received.address);
    }
  }

  /** Every check of the image that arrived, and what they cost. */
  private check(
    { address, size }: Received,
    source: string,
  ): { image: FirmwareImage; cycles: number } {
    const { memory, authentication, apiVersions, costs = defaultLoadCosts } = this.config;
    const bytes = memory.dramBytes(address);
    const image = readPayload(bytes, source, apiVersions === undefined ? {} : { apiVersions });
    if (image.header.imageType !== ImageType.LIBRARY) {
      const reason = `an image of type ${image.header.imageType} is no library`;
      throw new ImageError("firmware-header", reason, source, 0x2014);
    }
    let cycles = (size / KIB) * costs.copyPerKiB;
    if (authentication !== null) {
      verifyImage(image, authentication.keys, authentication.verifier);
      cycles += costs.verify + (size / KIB) * costs.digestPerKiB;
    }
    return { image, cycles: Math.ceil(cycles) };
  }

  private register(libraryId: number, image: FirmwareImage, received: Received): number {
    const { llDomain } = this.config;
    const { address, size } = received;
    // The linker reads the image while the LL domain's page tables are in use; user code may not.
    const storage = { start: address, size, attr: MemAttr.P_RW_U_NA | MemAttr.CACHED_WB };
    const library = new Library(libraryId, image, storage);
    if (llDomain !== null) {
      const rc = addPartitions(llDomain, [storage]);
      if (rc !== 0) return this.refuse(libraryId, "its image cannot be mapped", rc);
    }
    const rc = this.drivers.add(library);
    if (rc !== 0) {
      this.drivers.remove(library);
      if (llDomain !== null) removePartitions(llDomain, [storage]);
      return rc;
    }
    this.loaded.push(library);
    const { header, modules } = image;
    const names = modules.map(({ name }) => name).join(", ");
    this.report({ kind: "loaded", libraryId, message: `${header.name} with ${names}` });
    return 0;
  }

  private unloadLocked(libraryIds: readonly number[]): number {
    const { llDomain, memory } = this.config;
    const libraries: Library[] = [];
    if (libraryIds.length === 0) return -EINVAL;
    for (const id of new Set(libraryIds)) {
      if (!isLibraryId(id)) return -EINVAL;
      const library = this.library(id);
      if (library === null) return -ENOENT;
      if (library.inUse) return this.refuse(id, "it is in use", -EBUSY);
      libraries.push(library);
    }
    for (const library of libraries) {
      const { id, storage } = library;
      this.drivers.remove(library);
      this.loaded.splice(this.loaded.indexOf(library), 1);
      if (llDomain !== null) removePartitions(llDomain, [storage]);
      memory.freeDram(storage.start);
      this.report({ kind: "unloaded", libraryId: id, message: library.image.header.name });
    }
    return 0;
  }

  private library(id: number): Library | null {
    return this.loaded.find((library) => library.id === id) ?? null;
  }

  /** Instances of modules for the LL domain run in it; those for a DP domain wait for theirs. */
  private defaultPlace(moduleId: number): MemDomain | null {
    const manifest = this.modules.find(moduleId)?.driver.manifest;
    return manifest?.domain === "DP" ? null : this.config.llDomain;
  }

  private refuse(libraryId: number, message: string, errno: number): number {
    const text = `${message} (${errnoName(errno)})`;
    this.report({ kind: "refused", libraryId, message: text, errno });
    return errno;
  }

  private report(event: LibraryEvent): void {
    this.config.onEvent?.(event);
  }
}
