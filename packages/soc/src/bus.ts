import { InvariantError } from "@sof-ts/kit";
import { BusError } from "./bus-error.js";
import type { Register } from "./register.js";

/** Something that answers 32-bit accesses at byte offsets from its own base. */
export interface BusTarget {
  readonly name: string;
  readonly size: number;
  read32(offset: number): number;
  write32(offset: number, value: number): void;
  /** The registers that it declares, by offset; none where it is plain memory. */
  registers(): readonly Register[];
}

interface Mapping {
  readonly base: number;
  readonly target: BusTarget;
}

/**
 * A target that is made when it is first accessed: blocks of hundreds of registers that most machines never
 * touch would be the larger part of the cost of making one.
 */
export class LazyTarget implements BusTarget {
  readonly name: string;
  readonly size: number;
  private readonly make: () => BusTarget;
  private made: BusTarget | null = null;

  constructor(name: string, size: number, make: () => BusTarget) {
    this.name = name;
    this.size = size;
    this.make = make;
  }

  read32(offset: number): number {
    this.made ??= this.make();
    return this.made.read32(offset);
  }

  write32(offset: number, value: number): void {
    this.made ??= this.make();
    this.made.write32(offset, value);
  }

  registers(): readonly Register[] {
    this.made ??= this.make();
    return this.made.registers();
  }
}

/**
 * An address decoder: the DSP's register bus, or a BAR of the host. Callable from any context; never blocks.
 */
export class Bus {
  readonly name: string;
  private readonly mappings: Mapping[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Puts `target` at `base`. Two targets must not overlap. */
  map(base: number, target: BusTarget): void {
    for (const other of this.mappings) {
      if (base < other.base + other.target.size && other.base < base + target.size) {
        throw new InvariantError(`${this.name}: ${target.name} overlaps ${other.target.name}`);
      }
    }
    this.mappings.push({ base, target });
    this.mappings.sort((a, b) => a.base - b.base);
  }

  /** What is mapped where, by address. */
  targets(): readonly { readonly base: number; readonly target: BusTarget }[] {
    return this.mappings;
  }

  /** @throws BusError when nothing answers, or the access is not aligned */
  read32(address: number): number {
    const mapping = this.decode(address, "read");
    return mapping.target.read32(address - mapping.base);
  }

  /** @throws BusError when nothing answers, or the access is not aligned */
  write32(address: number, value: number): void {
    const mapping = this.decode(address, "write");
    mapping.target.write32(address - mapping.base, value);
  }

  private decode(address: number, access: "read" | "write"): Mapping {
    for (const mapping of this.mappings) {
      if (address >= mapping.base && address < mapping.base + mapping.target.size) return mapping;
    }
    throw new BusError(this.name, "unmapped", access, address);
  }
}
