import type { FirmwareImage, LibraryUnit, ModuleEntry, Region } from "@sof-ts/firmware-image";
import type { MemDomain, MemPartition } from "@sof-ts/kernel";
import { assert } from "@sof-ts/kit";
import type { WasmCode } from "./ports.js";
import { type LinkEvent, type LinkState, linkTransitions, nextState } from "./states.js";

/** A region of a unit in memory. */
export interface PlacedRegion {
  readonly region: Region;
  readonly address: number;
  readonly size: number;
}

/** A memory domain that can use a unit, and how often it was given to it. */
export interface DomainUse {
  readonly domain: MemDomain;
  count: number;
  /** What was added to the domain for the unit. */
  readonly partitions: readonly MemPartition[];
}

/** Two units that depend on each other through the symbols named. */
export interface Dependency {
  readonly unit: LinkUnit;
  readonly symbols: readonly string[];
}

/**
 * A unit of a loaded library: linked and mapped once for all its users. Kernel memory: no user thread can
 * change it.
 */
export class LinkUnit {
  readonly library: Library;
  readonly unit: LibraryUnit;
  /** Names of its modules. */
  readonly name: string;
  state: LinkState = "unlinked";
  /** Module instances that live. */
  instances = 0;
  /** Linked units that call this one. */
  dependents = 0;
  /** While linked. */
  dependencies: readonly Dependency[] = [];
  regions: readonly PlacedRegion[] = [];
  /** First virtual address of the regions in SRAM; 0 when there are none. */
  virtualBase = 0;
  code: WasmCode | null = null;
  /** While linked: this unit and everything that it calls, directly or not, each once. */
  closure: readonly LinkUnit[] = [];
  readonly domains: DomainUse[] = [];
  /** Symbols that it offers. */
  readonly offers: ReadonlySet<string>;

  constructor(library: Library, unit: LibraryUnit) {
    this.library = library;
    this.unit = unit;
    this.name = unit.modules.map(({ name }) => name).join(", ");
    this.offers = new Set(unit.exports.map(({ name }) => name));
  }

  get useCount(): number {
    return this.instances + this.dependents;
  }

  moveOn(event: LinkEvent): void {
    this.state = nextState(linkTransitions, this.state, event);
  }
}

/** A library that the host has loaded. */
export class Library {
  readonly id: number;
  readonly image: FirmwareImage;
  /** Where its image lies in DRAM. */
  readonly storage: MemPartition;
  readonly units: readonly LinkUnit[];
  /** Addresses of the driver records, by manifest index; 0 for modules that have none. */
  readonly records: number[] = [];

  constructor(id: number, image: FirmwareImage, storage: MemPartition) {
    this.id = id;
    this.image = image;
    this.storage = storage;
    this.units = image.units.map((unit) => new LinkUnit(this, unit));
  }

  /** Whether an instance or another library uses a unit of this one. */
  get inUse(): boolean {
    return this.units.some((unit) => unit.useCount > 0);
  }

  module(index: number): ModuleEntry | null {
    return this.image.modules[index] ?? null;
  }

  /** The unit that implements a module; null for modules that are no ELF. */
  unitOf(index: number): LinkUnit | null {
    return (
      this.units.find(
        ({ unit }) => index >= unit.firstModule && index < unit.firstModule + unit.modules.length,
      ) ?? null
    );
  }
}

/** Number of a module among the modules of its unit. */
export function indexInUnit(unit: LinkUnit, moduleIndex: number): number {
  const index = moduleIndex - unit.unit.firstModule;
  assert(index >= 0 && index < unit.unit.modules.length, "the module is in another unit");
  return index;
}
