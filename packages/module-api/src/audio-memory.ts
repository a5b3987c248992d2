import { assert } from "@sof-ts/kit";

/**
 * The memory that audio samples and the state of DSP kernels live in: one per memory domain. It is a
 * `WebAssembly.Memory` of fixed size, so its views stay valid for its life and WebAssembly kernels work in
 * place. Addresses are byte offsets into it; 0 is never handed out.
 */
export class AudioMemory {
  /** Low bytes kept for the constant tables of DSP kernels; no allocator hands them out. */
  static readonly RESERVED_BYTES = 0x20000;
  static readonly PAGE_BYTES = 0x10000;

  readonly wasm: WebAssembly.Memory;
  readonly byteLength: number;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly i64: BigInt64Array;

  /** @param byteLength rounded up to whole 64 KiB pages; has to be above {@link AudioMemory.RESERVED_BYTES} */
  constructor(byteLength: number) {
    const pages = Math.ceil(byteLength / AudioMemory.PAGE_BYTES);
    assert(
      pages * AudioMemory.PAGE_BYTES > AudioMemory.RESERVED_BYTES,
      "audio memory has no room past its tables",
    );
    this.wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const buffer = this.wasm.buffer;
    this.byteLength = buffer.byteLength;
    this.u8 = new Uint8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }
}

/** An object that lies in memory that an allocator handed out, where no core's cache holds it. */
export interface PlacedObject {
  /** Name in the reports of a checked run. */
  readonly name: string;
  readonly address: number;
  /** In bytes. */
  readonly size: number;
  /** Fields that two sides use without a lock on purpose: atomic counters, flags that are only looked at. */
  readonly unchecked?: readonly string[];
}

/** Hands out parts of an {@link AudioMemory}. Calling context: any thread; does not block. */
export interface AudioAllocator {
  readonly memory: AudioMemory;
  /**
   * @param align a power of two, 16 by default
   * @returns the address of `byteLength` zeroed bytes, or 0 when there is no room
   */
  alloc(byteLength: number, align?: number): number;
  /** Gives back what `alloc` returned; address 0 is ignored. */
  free(address: number): void;
  /** Takes note of an object in what `alloc` returned. @returns what the firmware uses in its place */
  place?<T extends object>(object: T, where: PlacedObject): T;
}

/** An object as the firmware is to use it: instrumented where the allocator looks at what lies in its memory. */
export function placed<T extends object>(heap: AudioAllocator, object: T, where: PlacedObject): T {
  return heap.place === undefined ? object : heap.place(object, where);
}
