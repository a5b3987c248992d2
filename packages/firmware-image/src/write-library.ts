import { assert, ByteWriter, InputError } from "@sof-ts/kit";
import { roundUp } from "./bytes.js";
import { writeCssHeader } from "./css-header.js";
import type { LibraryDescription, ModuleDescription, UnitDescription } from "./description.js";
import { writeExtManifest } from "./ext-manifest.js";
import { METADATA_OFFSET, writeExtensions, writeMetadata } from "./extensions.js";
import { ImageType, writeFirmwareHeader } from "./firmware-header.js";
import { FIRST_BLOCK_BYTES, NAME_BYTES, Offset, PAGE_BYTES, Size } from "./layout.js";
import { type ModuleConfig, writeModuleConfig } from "./module-config.js";
import {
  LoadType,
  MODULE_MAGIC,
  type ModuleEntry,
  type Segment,
  SegmentType,
  writeModuleEntry,
} from "./module-entry.js";
import { writePartitionDirectory } from "./partition-directory.js";
import { type ImageSigner, signPayload } from "./signature.js";
import { DEFAULT_ADDRESS, writeUnit } from "./write-unit.js";

/** Where the first ELF of an image begins, unless the manifest needs more room. */
const FIRST_UNIT = 0x8000;
const VENDOR = 0x8086;
const FEATURE_MASK = 2;
const COMPATIBILITY = 0x10_0000;
const LOAD_OFFSET = 0x4_0000;
const EFFECT = 9;

const emptySegment: Segment = {
  contents: false,
  alloc: false,
  load: false,
  readOnly: false,
  code: false,
  data: false,
  type: SegmentType.EMPTY,
  pages: 0,
  address: 0,
  fileOffset: 0,
};

const noConfig: ModuleConfig = {
  params: [0, 0, 0, 0],
  instanceBytes: 0,
  cps: 0,
  ibs: 0,
  obs: 0,
  moduleFlags: 0,
  cpc: 0,
  obls: 0,
};

/**
 * Writes a library file: extended manifest and payload, in the layout of the images for ACE platforms. The
 * same description gives the same bytes, signed or not.
 *
 * @param signer signs the image; without one it has no signature
 * @throws InputError for a description that makes no library
 */
export function writeLibrary(library: LibraryDescription, signer?: ImageSigner): Uint8Array {
  const out = new ByteWriter();
  const modules = library.units.flatMap((unit) => unit.modules);
  checkDescription(library, modules);
  writeExtManifest(
    out,
    modules.map((module) => ({
      uuid: module.uuid,
      version: [2, 5, 0, 0],
      moduleType: module.moduleType ?? EFFECT,
      initSettingsMinSize: 0,
      schedules: module.schedules ?? [],
      pins: module.pins ?? [],
    })),
  );
  return out.bytes(writePayload(library, modules, signer)).finish();
}

function checkDescription(
  library: LibraryDescription,
  modules: readonly ModuleDescription[],
): void {
  const source = `library ${library.name}`;
  if (modules.length === 0) throw new InputError("it has no module", { source });
  const names = [library.name, ...modules.map(({ name }) => name)];
  for (const name of names) {
    if (name.length >= 1 && name.length <= NAME_BYTES && /^[\x21-\x7e]+$/.test(name)) continue;
    const remedy = `Use 1 to ${NAME_BYTES} characters of ASCII without spaces`;
    throw new InputError(`"${name}" is no name for a module or library`, { source, remedy });
  }
  const empty = library.units.find((unit) => unit.modules.length === 0);
  if (empty !== undefined) throw new InputError("a unit has no module", { source });
}

function entryOf(
  unit: UnitDescription,
  module: ModuleDescription,
  fileOffset: number,
  configOffset: number,
): ModuleEntry {
  const auxiliary = unit.auxiliary ?? false;
  const dataProcessing = module.domain === "DP";
  const text = {
    ...emptySegment,
    contents: true,
    alloc: true,
    load: true,
    readOnly: true,
    code: true,
  };
  return {
    magic: MODULE_MAGIC,
    name: module.name,
    uuid: module.uuid,
    type: {
      loadType: auxiliary ? LoadType.LLEXT_AUX : LoadType.LLEXT,
      autoStart: false,
      lowLatency: !auxiliary && !dataProcessing,
      dataProcessing: !auxiliary && dataProcessing,
      libraryCode: false,
      initConfig: module.initConfig === "base+ext" ? 1 : 0,
      coreType: 0,
      userMode: false,
      largeParam: false,
      stackOnBss: false,
    },
    hash: new Uint8Array(32),
    entryPoint: module.entryPoint ?? 0,
    configOffset,
    configCount: module.configs?.length ?? 0,
    affinityMask: module.affinityMask ?? 0xffff_ffff,
    maxInstances: auxiliary ? 0 : module.maxInstances,
    instanceBssPages: 0,
    segments: [{ ...text, type: SegmentType.TEXT, fileOffset }, emptySegment, emptySegment],
  };
}

function writePayload(
  library: LibraryDescription,
  modules: readonly ModuleDescription[],
  signer: ImageSigner | undefined,
): Uint8Array {
  const configs = modules.flatMap((module) => module.configs ?? []);
  const tables = modules.length * Size.MODULE + configs.length * Size.MODULE_CONFIG;
  let offset = roundUp(Math.max(Offset.MODULES + tables, FIRST_UNIT), PAGE_BYTES);
  let address = DEFAULT_ADDRESS;
  let configOffset = 0;
  const entries: ModuleEntry[] = [];
  const elfs: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  for (const unit of library.units) {
    const own = unit.modules.map((module) => {
      const entry = entryOf(unit, module, offset, configOffset);
      configOffset += entry.configCount;
      return entry;
    });
    const { elf, end } = writeUnit(unit, own, address);
    entries.push(...own);
    elfs.push({ offset, bytes: elf });
    offset = roundUp(offset + elf.length, PAGE_BYTES);
    address = end;
  }
  const payload = new Uint8Array(Math.max(offset, roundUp(FIRST_BLOCK_BYTES, PAGE_BYTES)));
  const manifest = new ByteWriter();
  writeFirmwareHeader(manifest, {
    name: library.name,
    preloadPages: payload.length / PAGE_BYTES,
    imageType: ImageType.LIBRARY,
    featureMask: FEATURE_MASK,
    version: library.version,
    moduleCount: entries.length,
    compatibility: COMPATIBILITY,
    hwBufferLength: 0,
    loadOffset: LOAD_OFFSET,
  });
  for (const entry of entries) writeModuleEntry(manifest, entry);
  for (const config of configs) writeModuleConfig(manifest, { ...noConfig, ...config });
  payload.set(manifest.finish(), Offset.FIRMWARE_HEADER);
  for (const elf of elfs) payload.set(elf.bytes, elf.offset);
  seal(payload, library, signer);
  return payload;
}

/** Everything in front of the manifest; what is signed comes last. */
function seal(
  payload: Uint8Array,
  library: LibraryDescription,
  signer: ImageSigner | undefined,
): void {
  const { version } = library;
  const sha384 = (data: Uint8Array) => signer?.sha384(data) ?? new Uint8Array(Size.DIGEST);
  const metadata = writeMetadata(sha384(payload.subarray(Offset.FIRMWARE_HEADER)), payload.length);
  const extensions = writeExtensions(library.svn ?? 0, metadata, sha384(metadata));
  const codeOffset = Offset.EXTENSIONS + extensions.length;
  const partitions = [
    { name: "ADSP.man", offset: Offset.CSS, length: METADATA_OFFSET - Offset.CSS },
    { name: "ADSP.met", offset: METADATA_OFFSET, length: metadata.length },
    { name: "ADSP", offset: codeOffset, length: payload.length - codeOffset },
  ];
  payload.set(writePartitionDirectory({ name: "ADSP", partitions }), 0);
  const css = writeCssHeader({
    reserved0: 0,
    vendor: VENDOR,
    date: library.date ?? 0,
    version: [version.major, version.minor, version.hotfix, version.build],
    svn: library.svn ?? 0,
    modulus: new Uint8Array(Size.MODULUS),
    exponent: 0,
    signature: new Uint8Array(Size.SIGNATURE),
  });
  assert(css.length === Size.CSS, "the CSS header has one size");
  payload.set(css, Offset.CSS);
  payload.set(extensions, Offset.EXTENSIONS);
  if (signer !== undefined) signPayload(payload, signer);
}
