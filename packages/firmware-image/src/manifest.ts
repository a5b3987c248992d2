import { ByteReader } from "@sof-ts/kit";
import { type FirmwareHeader, readFirmwareHeader } from "./firmware-header.js";
import { hex, ImageError } from "./image-error.js";
import { extManifestLength } from "./ext-manifest.js";
import {
  FIRST_BLOCK_BYTES,
  Magic,
  MAX_MODULES,
  NAME_BYTES,
  Offset,
  PAGE_BYTES,
  Size,
} from "./layout.js";
import { type ModuleConfig, readModuleConfig } from "./module-config.js";
import { MODULE_MAGIC, type ModuleEntry, readModuleEntry } from "./module-entry.js";

/** The manifest of an image: its header and its modules. */
export interface Manifest {
  readonly header: FirmwareHeader;
  /** In the order of the image: the index is the low part of the module id. */
  readonly modules: readonly ModuleEntry[];
  /** The one table that modules refer to with {@link ModuleEntry.configOffset}. */
  readonly configs: readonly ModuleConfig[];
}

/** A {@link Manifest} and the payload that it was found in. */
export interface ModuleTable extends Manifest {
  /** Bytes in front of the payload. */
  readonly payloadOffset: number;
  readonly payload: Uint8Array;
}

/**
 * Reads what a host needs of an image file: header, modules, configurations. The checks are those of Linux's
 * loader (`sof_ipc4_fw_parse_ext_man`), so a file that it takes is taken here.
 *
 * @throws ImageError `file-size` to `module-config-range`
 */
export function readModuleTable(file: Uint8Array, source: string): ModuleTable {
  const payloadOffset = extManifestLength(file, source);
  const headerAt = payloadOffset + Offset.FIRMWARE_HEADER;
  if (file.length <= headerAt + Size.FIRMWARE_HEADER) {
    const reason = `an extended manifest of ${payloadOffset} bytes leaves no room for the header in ${file.length}`;
    throw new ImageError("ext-manifest-size", reason, source, 4);
  }
  const payload = file.subarray(payloadOffset);
  return { payloadOffset, payload, ...readManifest(payload, source, payloadOffset) };
}

/**
 * Reads the manifest of a payload.
 *
 * @param base offset of the payload in `source`
 * @throws ImageError `header-size`, `module-table`, `module-config-range`
 */
export function readManifest(payload: Uint8Array, source: string, base: number): Manifest {
  const at = base + Offset.FIRMWARE_HEADER;
  const rest = payload.subarray(Offset.FIRMWARE_HEADER);
  if (rest.length < Size.FIRMWARE_HEADER) {
    throw new ImageError("header-size", `${rest.length} bytes hold no firmware header`, source, at);
  }
  const header = readFirmwareHeader(new ByteReader(rest, source, at));
  if (rest.length <= header.headerLength) {
    const reason = `a header of ${header.headerLength} bytes in the last ${rest.length} of the file`;
    throw new ImageError("header-size", reason, source, at + 4);
  }
  const table = rest.subarray(header.headerLength);
  const tableAt = at + header.headerLength;
  const tableBytes = header.moduleCount * Size.MODULE;
  if (table.length < tableBytes) {
    const reason = `${header.moduleCount} modules need ${tableBytes} bytes, ${table.length} are left`;
    throw new ImageError("module-table", reason, source, at + 36);
  }
  const reader = new ByteReader(table, source, tableAt);
  const modules = Array.from({ length: header.moduleCount }, () => readModuleEntry(reader));
  const configs = readConfigs(reader, modules);
  return { header, modules, configs };
}

/** Reads as many configurations as any module refers to. */
function readConfigs(reader: ByteReader, modules: readonly ModuleEntry[]): readonly ModuleConfig[] {
  const room = Math.floor(reader.remaining / Size.MODULE_CONFIG);
  let count = 0;
  for (const [index, module] of modules.entries()) {
    const end = module.configOffset + module.configCount;
    if (module.configCount === 0) continue;
    if (end > room) {
      const reason = `${module.name} has configurations to number ${end}, the file has room for ${room}`;
      const at = reader.base + index * Size.MODULE + 68;
      throw new ImageError("module-config-range", reason, reader.source, at);
    }
    count = Math.max(count, end);
  }
  return Array.from({ length: count }, () => readModuleConfig(reader));
}

/** The configurations of one module. */
export function configsOf(manifest: Manifest, module: ModuleEntry): readonly ModuleConfig[] {
  const { configOffset, configCount } = module;
  return manifest.configs.slice(configOffset, configOffset + configCount);
}

/**
 * Reads how long an image is from its first block, as the firmware does before it receives the rest.
 *
 * @param block at least the first 38 KiB of the payload
 * @param base offset of the block in `source`
 * @returns bytes of the whole payload
 * @throws ImageError `header-size`, `page-count`
 */
export function readPayloadSize(block: Uint8Array, source: string, base = 0): number {
  const at = base + Offset.FIRMWARE_HEADER;
  const rest = block.subarray(Offset.FIRMWARE_HEADER);
  if (rest.length < Size.FIRMWARE_HEADER) {
    throw new ImageError("header-size", `${rest.length} bytes hold no firmware header`, source, at);
  }
  const reader = new ByteReader(rest, source, at);
  const { preloadPages } = readFirmwareHeader(reader);
  const bytes = preloadPages * PAGE_BYTES;
  if (bytes < FIRST_BLOCK_BYTES || preloadPages >= Math.floor(0xffff_ffff / PAGE_BYTES)) {
    const reason = `${preloadPages} pages are ${bytes} bytes`;
    throw new ImageError("page-count", reason, source, at + 8 + NAME_BYTES);
  }
  return bytes;
}

/**
 * Checks of the manifest that need no more than itself and the payload's length.
 *
 * @throws ImageError `module-table-end`
 */
export function checkManifestEnd(
  { header, configs }: Manifest,
  payloadBytes: number,
  source: string,
  base: number,
): void {
  const tables = header.moduleCount * Size.MODULE + configs.length * Size.MODULE_CONFIG;
  const end = Offset.FIRMWARE_HEADER + header.headerLength + tables;
  if (end > payloadBytes) {
    const reason = `the manifest ends at ${hex(end)}, the image at ${hex(payloadBytes)}`;
    throw new ImageError("module-table-end", reason, source, base + Offset.FIRMWARE_HEADER + 36);
  }
}

/**
 * Checks identifying words and counts of the manifest.
 *
 * @throws ImageError `firmware-header`, `module-count`, `module-magic`
 */
export function checkManifest(manifest: Manifest, source: string, base: number): void {
  const { header, modules } = manifest;
  const at = base + Offset.FIRMWARE_HEADER;
  if (header.magic !== Magic.FIRMWARE || header.headerLength !== Size.FIRMWARE_HEADER) {
    const reason = `${hex(header.magic)} with ${header.headerLength} bytes in place of "$AM1" with 52`;
    throw new ImageError("firmware-header", reason, source, at);
  }
  if (modules.length < 1 || modules.length > MAX_MODULES) {
    const reason = `${modules.length} modules, an image has 1 to ${MAX_MODULES}`;
    throw new ImageError("module-count", reason, source, at + 36);
  }
  for (const [index, module] of modules.entries()) {
    if (module.magic === MODULE_MAGIC) continue;
    const reason = `${hex(module.magic)} in place of "$AME" of module ${index}`;
    throw new ImageError(
      "module-magic",
      reason,
      source,
      base + Offset.MODULES + index * Size.MODULE,
    );
  }
}
