import type { ExtPin, ExtSchedule } from "./ext-manifest.js";
import type { ImageVersion } from "./firmware-header.js";
import type { UnitCode } from "./library-unit.js";
import type { ModuleConfig } from "./module-config.js";

/** One driver of a library, as its author describes it. */
export interface ModuleDescription {
  /** At most 8 characters of ASCII. */
  readonly name: string;
  /** UUID text. */
  readonly uuid: string;
  readonly maxInstances: number;
  /** The scheduling domain that the host puts it into; LL unless given. */
  readonly domain?: "LL" | "DP";
  /** What the host sends at init; base unless given. */
  readonly initConfig?: "base" | "base+ext";
  /** Cores that it may run on, as bits; all unless given. */
  readonly affinityMask?: number;
  /** Cost for given buffer sizes; fields that are not given are 0. */
  readonly configs?: readonly Partial<ModuleConfig>[];
  /** Kind of module for the host (`enum mod_type`); 9, an effect, unless given. */
  readonly moduleType?: number;
  readonly schedules?: readonly ExtSchedule[];
  readonly pins?: readonly ExtPin[];
  readonly entryPoint?: number;
}

/** One ELF object of a library: code and the drivers in it. */
export interface UnitDescription {
  readonly modules: readonly ModuleDescription[];
  /** Contents of `.text`: a WebAssembly module, or Xtensa code. */
  readonly text: Uint8Array;
  /** What `text` is; WebAssembly unless given. */
  readonly code?: UnitCode;
  /** It only serves other units. */
  readonly auxiliary?: boolean;
  /** Symbols that it needs; for WebAssembly the functions that it imports, unless given. */
  readonly imports?: readonly string[];
  /** Symbols that it offers to other units; none unless given. */
  readonly exports?: readonly string[];
  readonly rodata?: Uint8Array;
  readonly data?: Uint8Array;
  readonly bssBytes?: number;
  /** Code and constants that stay in DRAM. */
  readonly cold?: Uint8Array;
  readonly coldRodata?: Uint8Array;
  /** Address of the first section; the next free page after the unit before it unless given. */
  readonly address?: number;
  /** Module interface that it was built for; the newest known unless given. */
  readonly apiVersion?: number;
}

/** A library as its author describes it. */
export interface LibraryDescription {
  /** At most 8 characters: what LIBRARIES_INFO shows. */
  readonly name: string;
  readonly version: ImageVersion;
  readonly units: readonly UnitDescription[];
  /** Day of the build as binary-coded decimal, 0xYYYYMMDD; 0 unless given. */
  readonly date?: number;
  /** Security version number; 0 unless given. */
  readonly svn?: number;
}
