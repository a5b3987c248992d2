import type { Blocking, MemDomain } from "@sof-ts/kernel";
import type { ImageError } from "@sof-ts/firmware-image";
import type { AudioModule, ModuleServices } from "@sof-ts/module-api";

/** A host DMA channel that a library comes through. */
export interface LibraryDma {
  /**
   * Takes the next bytes of the stream. Calling context: a kernel thread; blocks.
   *
   * @param into is filled as a whole
   * @param timeoutUs longest wait for this block
   * @returns 0; -ETIMEDOUT when the host did not send enough in time; another negative errno of the channel
   */
  readBlock(into: Uint8Array, timeoutUs: number): Blocking<number>;
  /** Stops the channel and gives it back. Calling context: a kernel thread; does not block. */
  close(): void;
}

/** Where DMA channels come from. */
export interface LibraryDmaProvider {
  /**
   * Takes host DMA channel `dmaId` (stream tag - 1), ready for the host to start its side. Calling context: a
   * kernel thread; does not block.
   *
   * @returns the channel; -EINVAL when there is no such channel; another negative errno when it is taken
   */
  open(dmaId: number): LibraryDma | number;
}

/** The memories of libraries. Calling context: supervisor mode; nothing blocks. */
export interface LibraryMemory {
  /** Bytes of SRAM pages and of DRAM blocks that are taken, for leak checks. */
  readonly use: { readonly sramBytes: number; readonly dramBytes: number };
  /**
   * Takes whole zeroed pages of DRAM: images, and sections that stay there.
   *
   * @returns a page-aligned address, 0 when there is no room
   */
  allocDram(size: number): number;
  freeDram(address: number): void;
  /** The bytes of a block that `allocDram` gave. */
  dramBytes(address: number): Uint8Array;
  /**
   * Backs a range of virtual addresses with zeroed pages of SRAM.
   *
   * @returns its bytes, null when there is no SRAM left
   */
  mapSram(address: number, size: number): Uint8Array | null;
  /** Takes away what `mapSram` gave at this address. */
  unmapSram(address: number): void;
  /** Code or data was written through this core's cache and is about to be used on any core. */
  publish?(address: number, size: number): void;
}

/** Allocates small records (SOF's driver heap, or the LL user heap). */
export interface LibraryHeap {
  /** @returns an address, 0 when there is no room */
  alignedAlloc(align: number, bytes: number): number;
  free(address: number): void;
}

/** A compiled WebAssembly module; what it is only its factory knows. */
export interface WasmCode {
  readonly kind: "wasm-code";
}

/** A unit whose functions another one calls. */
export interface WasmDependency {
  readonly name: string;
  readonly code: WasmCode;
  /** The imported symbols that it offers. */
  readonly symbols: readonly string[];
}

/** What is compiled when a unit is linked. */
export interface WasmUnit {
  readonly libraryId: number;
  /** Names of its modules, for messages. */
  readonly name: string;
  /** The WebAssembly module. */
  readonly bytes: Uint8Array;
  /** It only serves other units: no instance is made of it. */
  readonly auxiliary: boolean;
  readonly exports: readonly string[];
  readonly dependencies: readonly WasmDependency[];
}

/** What an instance is made for. */
export interface WasmInstanceRequest {
  readonly name: string;
  readonly uuid: string;
  /** Which of the unit's modules, from 0. */
  readonly index: number;
  readonly entryPoint: number;
  readonly services: ModuleServices;
  /** INIT_INSTANCE payload. */
  readonly payload: Uint8Array;
}

/** Runs WebAssembly modules; the sandbox is behind it. */
export interface WasmModuleFactory {
  /** Most sources and sinks that any of its instances may have; 1 unless given. */
  readonly maxSources?: number;
  readonly maxSinks?: number;
  /** Whether the firmware itself offers a function of this name to libraries. */
  provides(symbol: string): boolean;
  /**
   * Checks and compiles a unit, once each time that it is linked. Calling context: supervisor mode with a
   * spinlock held; does not block.
   *
   * @returns the code; a negative errno when it is no good (-ENOEXEC)
   */
  compile(unit: WasmUnit): WasmCode | number;
  /** The unit was unlinked: no instance of its code is left. Calling context as `compile`. */
  release(code: WasmCode): void;
  /**
   * Makes an instance. Calling context: the thread that makes module instances, in user mode; does not block.
   *
   * @returns the instance or a negative errno
   */
  create(code: WasmCode, request: WasmInstanceRequest): AudioModule | number;
}

/** An instance that is being made: its code has to be mapped somewhere. */
export interface Placement {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly core: number;
}

/**
 * Decides the memory domain that an instance runs in.
 *
 * @returns the domain; null when whoever runs the instance attaches its domain by itself
 */
export type PlaceInstance = (placement: Placement) => MemDomain | null;

/** Something that happened to a library, for logs. */
export interface LibraryEvent {
  readonly kind: "loaded" | "unloaded" | "linked" | "unlinked" | "refused";
  readonly libraryId: number;
  /** One line for people. */
  readonly message: string;
  /** Negative errno of a refusal. */
  readonly errno?: number;
  /** The check behind it when an image was refused. */
  readonly error?: ImageError;
}
