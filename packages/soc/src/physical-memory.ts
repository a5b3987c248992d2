import { assert } from "@sof-ts/kit";
import type { AddressMap } from "./address-map.js";
import { BusError } from "./bus-error.js";

/** Granularity of memory that nobody mounted; it comes into being when it is touched. */
const CHUNK = 64 * 1024;

interface Mount {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/**
 * The DSP's memories behind the caches: what uncached accesses, DMA and write-backs see. Pieces of it may be
 * bytes that someone else owns (a `WebAssembly.Memory`, the windows): they are mounted at their address. The
 * rest is zero until written. Addresses of both aliases name the same byte.
 */
export class PhysicalMemory {
  private readonly addresses: AddressMap;
  private readonly mounts: Mount[] = [];
  private readonly chunks = new Map<number, Uint8Array>();
  // Result of locate(), kept in fields so that an access allocates nothing.
  private foundBytes: Uint8Array = new Uint8Array(0);
  private foundOffset = 0;
  private foundRun = 0;

  constructor(addresses: AddressMap) {
    this.addresses = addresses;
  }

  /** Puts `bytes` at `address`. The range lies in one memory and overlaps no other mount. */
  mount(address: number, bytes: Uint8Array): void {
    const base = this.addresses.toCached(address);
    const end = base + bytes.length;
    assert(
      this.addresses.find(base, bytes.length) !== null,
      `mount at 0x${base.toString(16)}: no such memory`,
    );
    for (const other of this.mounts) {
      assert(
        end <= other.base || other.base + other.bytes.length <= base,
        `mount at 0x${base.toString(16)} overlaps one at 0x${other.base.toString(16)}`,
      );
    }
    this.mounts.push({ base, bytes });
    this.mounts.sort((a, b) => a.base - b.base);
  }

  /** Takes the mount that begins at `address` away. */
  unmount(address: number): void {
    const base = this.addresses.toCached(address);
    const index = this.mounts.findIndex((mount) => mount.base === base);
    assert(index >= 0, `nothing mounted at 0x${base.toString(16)}`);
    this.mounts.splice(index, 1);
  }

  /** The bytes of a range that lies in one mount, as a view; null elsewhere. */
  bytesAt(address: number, size: number): Uint8Array | null {
    const base = this.addresses.toCached(address);
    for (const { base: start, bytes } of this.mounts) {
      if (base >= start && base + size <= start + bytes.length)
        return bytes.subarray(base - start, base - start + size);
    }
    return null;
  }

  /**
   * Copies memory out.
   *
   * @throws BusError where there is no memory
   */
  read(address: number, into: Uint8Array, offset: number, length: number): void {
    let done = 0;
    while (done < length) {
      this.locate(address + done, "read");
      const run = Math.min(length - done, this.foundRun);
      for (let i = 0; i < run; i++)
        into[offset + done + i] = this.foundBytes[this.foundOffset + i] as number;
      done += run;
    }
  }

  /**
   * Copies into memory.
   *
   * @throws BusError where there is no memory
   */
  write(address: number, from: Uint8Array, offset: number, length: number): void {
    let done = 0;
    while (done < length) {
      this.locate(address + done, "write");
      const run = Math.min(length - done, this.foundRun);
      for (let i = 0; i < run; i++)
        this.foundBytes[this.foundOffset + i] = from[offset + done + i] as number;
      done += run;
    }
  }

  /** One byte. @throws BusError where there is no memory */
  readByte(address: number): number {
    this.locate(address, "read");
    return this.foundBytes[this.foundOffset] as number;
  }

  /** Loses what the SRAMs held, as without power; IMR is DRAM of the host and keeps its bytes. */
  losePower(): void {
    for (const number of this.chunks.keys()) {
      if (this.addresses.find(number * CHUNK) !== "imr") this.chunks.delete(number);
    }
    for (const { base, bytes } of this.mounts) {
      if (this.addresses.find(base) !== "imr") bytes.fill(0);
    }
  }

  private locate(address: number, access: "read" | "write"): void {
    const base = this.addresses.toCached(address);
    let limit = Number.POSITIVE_INFINITY;
    for (const { base: start, bytes } of this.mounts) {
      if (base < start) {
        limit = start - base;
        break;
      }
      if (base < start + bytes.length) {
        this.foundBytes = bytes;
        this.foundOffset = base - start;
        this.foundRun = bytes.length - this.foundOffset;
        return;
      }
    }
    if (this.addresses.find(base) === null)
      throw new BusError("DSP memory", "unmapped", access, address);
    const number = Math.floor(base / CHUNK);
    let chunk = this.chunks.get(number);
    if (chunk === undefined) {
      chunk = new Uint8Array(CHUNK);
      this.chunks.set(number, chunk);
    }
    this.foundBytes = chunk;
    this.foundOffset = base - number * CHUNK;
    this.foundRun = Math.min(CHUNK - this.foundOffset, limit);
  }
}
