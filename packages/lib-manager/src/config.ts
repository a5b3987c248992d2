import type { SignatureVerifier, TrustedKeys } from "@sof-ts/firmware-image";
import type { Kernel, MemDomain } from "@sof-ts/kernel";
import type { ModuleDriver } from "@sof-ts/module-api";
import type {
  LibraryDmaProvider,
  LibraryEvent,
  LibraryHeap,
  LibraryMemory,
  PlaceInstance,
  WasmModuleFactory,
} from "./ports.js";

/** Who may sign libraries, and what checks it. */
export interface Authentication {
  readonly keys: TrustedKeys;
  readonly verifier: SignatureVerifier;
}

/** Cycles that loading costs beside the wait for the host. */
export interface LoadCosts {
  /** Copying and clearing memory, for each KiB. */
  readonly copyPerKiB: number;
  /** SHA-384, for each KiB. */
  readonly digestPerKiB: number;
  /** One RSA-3072 verification. */
  readonly verify: number;
}

/** Estimates for a DSP without cryptographic hardware: nothing is published. */
export const defaultLoadCosts: LoadCosts = {
  copyPerKiB: 256,
  digestPerKiB: 40_000,
  verify: 3_000_000,
};

/** What a library manager is made of; the composition root fills it in. */
export interface LibraryManagerConfig {
  readonly kernel: Kernel;
  readonly dma: LibraryDmaProvider;
  readonly memory: LibraryMemory;
  /** Virtual addresses for linked libraries (CONFIG_LIBRARY_BASE_ADDRESS and its size). */
  readonly virtualRange: { readonly base: number; readonly size: number };
  /** Runs libraries whose code is WebAssembly. */
  readonly wasm: WasmModuleFactory;
  /** The base image's modules by module id. */
  readonly baseModules: ReadonlyMap<number, ModuleDriver>;
  /** Implementations that stand in for Xtensa code of the same UUID, beside the base modules. */
  readonly standIns?: readonly ModuleDriver[];
  /** The LL user domain; null where LL runs in kernel mode and needs no mapping. */
  readonly llDomain: MemDomain | null;
  /** Where instances run; by default in the LL domain, but those of DP modules in whatever is attached. */
  readonly place?: PlaceInstance;
  /** Where driver records go: CONFIG_SOF_USERSPACE_USE_DRIVER_HEAP, else the LL user heap. */
  readonly driverHeap: LibraryHeap;
  /** Demands and checks signatures (CONFIG_LIBRARY_AUTH_SUPPORT); null to load whatever comes. */
  readonly authentication: Authentication | null;
  /** Module interfaces that are accepted; those of the image package unless given. */
  readonly apiVersions?: readonly number[];
  readonly costs?: LoadCosts;
  /** Called for each thing that happens. */
  onEvent?(event: LibraryEvent): void;
}
