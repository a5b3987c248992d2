import type { AccessSite } from "./violation.js";

/** What the checkers have to know of an object. */
export interface WatchOptions {
  /** Name in reports. */
  readonly name: string;
  /** Where it lies in the machine's memory; 0, the default, for an object without an address. */
  readonly address?: number;
  /** Bytes that it takes, 4 unless given. */
  readonly size?: number;
  /** It lies in the cached alias, so each core sees it through its own cache. Default: uncached. */
  readonly cached?: boolean;
  /** Fields that the checkers leave alone, for accesses that are meant to be unordered. */
  readonly unchecked?: readonly string[];
}

/** Bytes of a field: a word of the 32-bit machine. */
export const FIELD_BYTES = 4;

/** An object under watch: its place in memory, and its life. */
export class Watched {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly cached: boolean;
  readonly unchecked: ReadonlySet<string>;
  /** Where it came to be. */
  readonly born: AccessSite;
  /** Where it was freed; null while it lives. */
  freed: AccessSite | null = null;
  private readonly offsets = new Map<string, number>();

  constructor(options: WatchOptions, born: AccessSite) {
    this.name = options.name;
    this.address = options.address ?? 0;
    this.size = options.size ?? FIELD_BYTES;
    this.cached = options.cached ?? false;
    this.unchecked = new Set(options.unchecked);
    this.born = born;
  }

  /** Fields lie one after the other, in the order in which they are named first, as far as there is room. */
  addressOf(field: string): number {
    if (this.address === 0) return 0;
    let offset = this.offsets.get(field);
    if (offset === undefined) {
      offset = Math.min(this.offsets.size * FIELD_BYTES, Math.max(0, this.size - FIELD_BYTES));
      this.offsets.set(field, offset);
    }
    return this.address + offset;
  }
}
