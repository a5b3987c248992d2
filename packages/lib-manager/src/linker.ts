import { codeSection, type Region } from "@sof-ts/firmware-image";
import { ENODATA, ENOEXEC, ENOMEM } from "@sof-ts/kit";
import type { AddressSpace } from "./address-space.js";
import type { Dependency, Library, LinkUnit, PlacedRegion } from "./library.js";
import type { LibraryMemory, WasmModuleFactory } from "./ports.js";

export interface LinkerConfig {
  readonly memory: LibraryMemory;
  readonly addresses: AddressSpace;
  readonly factory: WasmModuleFactory;
  /** Loaded libraries in the order in which they were loaded. */
  libraries(): readonly Library[];
  /** One line about a unit. */
  report(
    unit: LinkUnit,
    kind: "linked" | "unlinked" | "refused",
    message: string,
    errno?: number,
  ): void;
}

/**
 * Puts the code of units in place and takes it away: memory, symbols, dependencies. Calling context:
 * supervisor mode, under the manager's lock; does not block.
 */
export class Linker {
  private readonly config: LinkerConfig;

  constructor(config: LinkerConfig) {
    this.config = config;
  }

  /**
   * Links a unit and what it depends on, unless that is so already. The caller counts its own use.
   *
   * @returns 0; -ENOMEM; -ENODATA for a symbol that nothing offers; -ENOEXEC for code that does not compile or
   *   a circle of dependencies. After a failure everything is as before.
   */
  link(unit: LinkUnit): number {
    if (unit.state === "linked") return 0;
    if (unit.state === "linking") {
      return this.refuse(unit, "it depends on itself through other units", -ENOEXEC);
    }
    unit.moveOn("first-use");
    const rc = this.resolve(unit) || this.place(unit) || this.compile(unit);
    if (rc === 0) {
      unit.moveOn("in-place");
      const where = unit.regions.map(
        ({ region, address }) => `${region.kind} 0x${address.toString(16)}`,
      );
      this.config.report(unit, "linked", `${unit.name} is in place: ${where.join(", ")}`);
      return 0;
    }
    this.takeApart(unit);
    unit.moveOn("failed");
    return rc;
  }

  /** Unlinks a unit if nothing uses it any more, and then what only it used. */
  unlinkIfUnused(unit: LinkUnit): void {
    if (unit.state !== "linked" || unit.useCount > 0) return;
    if (unit.code !== null) this.config.factory.release(unit.code);
    this.takeApart(unit);
    unit.moveOn("last-use-gone");
    this.config.report(unit, "unlinked", `${unit.name} is out of memory`);
  }

  private refuse(unit: LinkUnit, message: string, errno: number): number {
    this.config.report(unit, "refused", `${unit.name}: ${message}`, errno);
    return errno;
  }

  /** Finds who offers each symbol, links and counts those units. */
  private resolve(unit: LinkUnit): number {
    const found: { unit: LinkUnit; symbols: string[] }[] = [];
    for (const symbol of unit.unit.imports) {
      if (this.config.factory.provides(symbol)) continue;
      const provider = this.provider(unit, symbol);
      if (provider === null) {
        return this.refuse(
          unit,
          `it needs ${symbol}, which nothing that is loaded offers`,
          -ENODATA,
        );
      }
      const known = found.find((dependency) => dependency.unit === provider);
      if (known === undefined) found.push({ unit: provider, symbols: [symbol] });
      else known.symbols.push(symbol);
    }
    const linked: Dependency[] = [];
    for (const dependency of found) {
      const rc = this.link(dependency.unit);
      if (rc !== 0) {
        unit.dependencies = linked;
        return this.refuse(unit, `${dependency.unit.name}, which it needs, cannot be linked`, rc);
      }
      dependency.unit.dependents++;
      linked.push(dependency);
    }
    unit.dependencies = linked;
    unit.closure = [...new Set([unit, ...linked.flatMap((dependency) => dependency.unit.closure)])];
    return 0;
  }

  /** First the other units of the same library, then the other libraries in the order of their loading. */
  private provider(unit: LinkUnit, symbol: string): LinkUnit | null {
    const others = this.config.libraries().filter((library) => library !== unit.library);
    for (const library of [unit.library, ...others]) {
      for (const candidate of library.units) {
        if (candidate === unit || candidate.unit.code !== "wasm") continue;
        if (candidate.offers.has(symbol)) return candidate;
      }
    }
    return null;
  }

  /** Gives every region memory and fills it. Regions in SRAM keep their distances. */
  private place(unit: LinkUnit): number {
    const { memory, addresses } = this.config;
    const { regions } = unit.unit;
    const inSram = regions.filter(({ detached }) => !detached);
    let delta = 0;
    if (inSram.length > 0) {
      const start = Math.min(...inSram.map(({ address }) => address));
      const span = Math.max(...inSram.map(({ address, size }) => address + size)) - start;
      // WebAssembly code has no addresses in it, so any place will do when its own is taken.
      const base = addresses.reserve(start, span) ? start : addresses.allocate(span);
      if (base === 0) {
        return this.refuse(unit, `no ${span} bytes of addresses are free`, -ENOMEM);
      }
      unit.virtualBase = base;
      delta = base - start;
    }
    const placed: PlacedRegion[] = [];
    unit.regions = placed;
    for (const region of regions) {
      const address = region.detached ? memory.allocDram(region.size) : region.address + delta;
      const bytes = region.detached
        ? address === 0
          ? null
          : memory.dramBytes(address)
        : memory.mapSram(address, region.size);
      if (bytes === null) {
        return this.refuse(unit, `no memory for ${region.size} bytes of ${region.kind}`, -ENOMEM);
      }
      placed.push({ region, address, size: region.size });
      fill(region, bytes);
      memory.publish?.(address, region.size);
    }
    return 0;
  }

  private compile(unit: LinkUnit): number {
    const section = codeSection(unit.unit);
    if (section === null) return this.refuse(unit, "it has no code", -ENOEXEC);
    const dependencies = unit.dependencies.flatMap(({ unit: { name, code }, symbols }) =>
      code === null ? [] : [{ name, code, symbols }],
    );
    const code = this.config.factory.compile({
      libraryId: unit.library.id,
      name: unit.name,
      bytes: section.bytes,
      auxiliary: unit.unit.auxiliary,
      exports: unit.unit.exports.map(({ name }) => name),
      dependencies,
    });
    if (typeof code === "number") return this.refuse(unit, "its code does not compile", code);
    unit.code = code;
    return 0;
  }

  /** Undoes as much of a link as was done. */
  private takeApart(unit: LinkUnit): void {
    const { memory, addresses } = this.config;
    unit.code = null;
    for (const { region, address } of unit.regions) {
      if (region.detached) memory.freeDram(address);
      else memory.unmapSram(address);
    }
    unit.regions = [];
    if (unit.virtualBase !== 0) addresses.release(unit.virtualBase);
    unit.virtualBase = 0;
    const { dependencies } = unit;
    unit.dependencies = [];
    unit.closure = [];
    for (const { unit: dependency } of dependencies) {
      dependency.dependents--;
      this.unlinkIfUnused(dependency);
    }
  }
}

/** Copies the sections of a region; .bss has no contents and the memory is zero. */
function fill(region: Region, bytes: Uint8Array): void {
  for (const section of region.sections) bytes.set(section.bytes, section.address - region.address);
}
