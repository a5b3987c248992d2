import { assert, InputError } from "@sof-ts/kit";

/** A piece of host memory that devices reach by its bus address. */
export interface HostBuffer {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const PAGE = 4096;
/** Above 4 GiB, so that a driver which drops the upper address word does not get away with it. */
const FIRST_ADDRESS = 0x1_0000_0000;

/**
 * The host's memory as far as devices see it: buffers at bus addresses, made by the host driver for DMA.
 */
export class HostMemory {
  private readonly buffers: HostBuffer[] = [];
  private next = FIRST_ADDRESS;

  /** Bytes allocated now. */
  get allocated(): number {
    return this.buffers.reduce((sum, buffer) => sum + buffer.bytes.length, 0);
  }

  /** Allocates `size` zeroed bytes at a page boundary, as `dma_alloc_coherent` does. */
  allocate(size: number): HostBuffer {
    assert(Number.isInteger(size) && size > 0, `allocate ${size} bytes of host memory`);
    const buffer: HostBuffer = { address: this.next, bytes: new Uint8Array(size) };
    this.next += (Math.floor((size - 1) / PAGE) + 2) * PAGE;
    this.buffers.push(buffer);
    return buffer;
  }

  /** Gives a buffer back. */
  free(buffer: HostBuffer): void {
    const index = this.buffers.indexOf(buffer);
    assert(index >= 0, "free of host memory that is not allocated");
    this.buffers.splice(index, 1);
  }

  /**
   * The bytes at a bus address.
   *
   * @throws InputError when the range is not inside one buffer
   */
  at(address: number, size: number): Uint8Array {
    for (const { address: base, bytes } of this.buffers) {
      if (address >= base && address + size <= base + bytes.length) {
        return bytes.subarray(address - base, address - base + size);
      }
    }
    throw new InputError(`no host memory at 0x${address.toString(16)}, ${size} bytes`, {
      source: "host memory",
    });
  }
}

/** One entry of a buffer descriptor list: `size` bytes at a bus address. */
export interface ScatterEntry {
  readonly address: number;
  readonly size: number;
  /** Interrupt on completion: the host hears when the position passes the end of this entry. */
  readonly interruptOnCompletion: boolean;
}

/**
 * Reads a buffer descriptor list as HD Audio lays it out: 16 bytes an entry, address (64 bits), length, bit 0
 * of the last word interrupt on completion.
 */
export function readDescriptorList(
  memory: HostMemory,
  address: number,
  entries: number,
): ScatterEntry[] {
  const bytes = memory.at(address, entries * 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: entries }, (_, index) => ({
    address:
      view.getUint32(16 * index, true) + view.getUint32(16 * index + 4, true) * 0x1_0000_0000,
    size: view.getUint32(16 * index + 8, true),
    interruptOnCompletion: (view.getUint32(16 * index + 12, true) & 1) !== 0,
  }));
}
