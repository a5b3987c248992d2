import type { MemDomain } from "@sof-ts/kernel";
import { assert, EFAULT, ENOENT, ENOMEM } from "@sof-ts/kit";
import type { ModuleDriver } from "@sof-ts/module-api";
import { moduleIdOf, type ModuleRegistry } from "./directory.js";
import { type InstanceMaker, libraryDriver, manifestOf } from "./driver.js";
import type { InstanceCalls } from "./instance-calls.js";
import { indexInUnit, type Library } from "./library.js";
import type { LibraryHeap, WasmModuleFactory } from "./ports.js";

/** Bytes of a driver record: UUID, name, operations. */
export const DRIVER_RECORD_BYTES = 64;

export interface LibraryDriversConfig {
  readonly registry: ModuleRegistry;
  readonly heap: LibraryHeap;
  readonly llDomain: MemDomain | null;
  readonly wasm: WasmModuleFactory;
  /** Implementations of modules whose code cannot run here, by UUID. */
  readonly standIns: ReadonlyMap<string, ModuleDriver>;
  readonly calls: InstanceCalls;
  refuse(libraryId: number, message: string, errno: number): number;
}

/** Puts the drivers of libraries into the registry and takes them out. Supervisor only; does not block. */
export class LibraryDrivers {
  private readonly config: LibraryDriversConfig;

  constructor(config: LibraryDriversConfig) {
    this.config = config;
  }

  /**
   * Registers a driver for each module that can have instances, with its record in memory that user threads
   * can read.
   *
   * @returns 0; -ENOMEM; -EFAULT when the LL domain cannot read a record; what was added until then is for
   *   {@link remove}
   */
  add(library: Library): number {
    const { heap, llDomain, registry, refuse } = this.config;
    const { id, image, records } = library;
    for (const [index, entry] of image.modules.entries()) {
      records.push(0);
      if (library.unitOf(index)?.unit.auxiliary === true) continue;
      const record = heap.alignedAlloc(8, DRIVER_RECORD_BYTES);
      if (record === 0) return refuse(id, `no memory for the driver of ${entry.name}`, -ENOMEM);
      records[index] = record;
      if (llDomain !== null && !llDomain.allows(record, DRIVER_RECORD_BYTES, false)) {
        const reason = `user space cannot read the driver of ${entry.name} at 0x${record.toString(16)}`;
        return refuse(id, reason, -EFAULT);
      }
      registry.add(moduleIdOf(id, index), this.driverOf(library, index));
    }
    return 0;
  }

  /** Takes out whatever {@link add} put in. */
  remove({ id, records }: Library): void {
    for (const [index, record] of records.entries()) {
      this.config.registry.remove(moduleIdOf(id, index));
      if (record !== 0) this.config.heap.free(record);
    }
    records.length = 0;
  }

  private driverOf(library: Library, index: number): ModuleDriver {
    const entry = library.module(index);
    assert(entry !== null, "the module is in the manifest");
    const unit = library.unitOf(index);
    const { wasm, standIns, calls } = this.config;
    const manifest = manifestOf(library.image, entry);
    const isolated = unit?.unit.code === "wasm";
    const maker: InstanceMaker = {
      acquire: calls.acquire,
      release: calls.release,
      make: (services, payload) => {
        if (unit === null || !isolated) {
          return standIns.get(entry.uuid)?.create(services, payload) ?? -ENOENT;
        }
        const { code } = unit;
        assert(code !== null, `${unit.name} is linked while an instance is made`);
        return wasm.create(code, {
          name: entry.name,
          uuid: entry.uuid,
          index: indexInUnit(unit, index),
          entryPoint: entry.entryPoint,
          services,
          payload,
        });
      },
    };
    const pins = isolated ? wasm : (standIns.get(entry.uuid) ?? {});
    return libraryDriver(moduleIdOf(library.id, index), manifest, maker, isolated, pins);
  }
}
