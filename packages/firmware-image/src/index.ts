export { type CssHeader } from "./css-header.js";
export type { LibraryDescription, ModuleDescription, UnitDescription } from "./description.js";
export { describeImage } from "./describe.js";
export { ElfMachine, SectionFlag, SectionType } from "./elf/constants.js";
export { type ElfFile, type ElfSection, readElf } from "./elf/elf-file.js";
export { type ElfInput, type SectionInput, type WordPointer, writeElf } from "./elf/elf-writer.js";
export type { ExportedSymbol } from "./elf/exports.js";
export type { Region, RegionKind } from "./elf/regions.js";
export type { ElfRelocation } from "./elf/relocations.js";
export type { ElfSymbol } from "./elf/symbols.js";
export type { ExtManifest, ExtModule, ExtPin, ExtSchedule } from "./ext-manifest.js";
export { type Extension, type Extensions, ExtensionType, type Metadata } from "./extensions.js";
export { type FirmwareHeader, ImageType, type ImageVersion } from "./firmware-header.js";
export { type FirmwareImage, readImage, type ReadOptions, readPayload } from "./image.js";
export { type ImageCheck, imageChecks, ImageError, loadStatus } from "./image-error.js";
export {
  defaultApiVersions,
  FIRST_BLOCK_BYTES,
  MAX_LIBRARIES,
  MAX_MODULES,
  moduleApiVersion,
  PAGE_BYTES,
} from "./layout.js";
export { apiVersionText, codeSection, type LibraryUnit, type UnitCode } from "./library-unit.js";
export {
  configsOf,
  type Manifest,
  type ModuleTable,
  readModuleTable,
  readPayloadSize,
} from "./manifest.js";
export type { ModuleConfig } from "./module-config.js";
export {
  isElfModule,
  LoadType,
  type ModuleEntry,
  type ModuleType,
  type Segment,
  SegmentType,
} from "./module-entry.js";
export { ImageMutator, type Mutant } from "./mutate.js";
export { type NodeImageCrypto, nodeImageCrypto } from "./node-crypto.js";
export type { Partition, PartitionDirectory } from "./partition-directory.js";
export {
  type ImageSigner,
  type PublicKey,
  type SignatureVerifier,
  type TrustedKeys,
  verifyImage,
} from "./signature.js";
export {
  readWasmInterface,
  type WasmExport,
  type WasmImport,
  type WasmInterface,
  type WasmKind,
} from "./wasm-interface.js";
export { writeLibrary } from "./write-library.js";
