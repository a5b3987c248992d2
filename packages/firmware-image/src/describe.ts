import type { FirmwareImage } from "./image.js";
import { hex } from "./image-error.js";
import { apiVersionText, type LibraryUnit } from "./library-unit.js";
import { ImageType } from "./firmware-header.js";
import { configsOf } from "./manifest.js";
import { LoadType, type ModuleEntry } from "./module-entry.js";

const imageTypes = new Map<number, string>([
  [ImageType.ROM_EXTENSION, "ROM extension"],
  [ImageType.MAIN, "base firmware"],
  [ImageType.LIBRARY, "library"],
]);
const loadTypes = new Map<number, string>([
  [LoadType.BUILTIN, "built in"],
  [LoadType.MODULE, "flat binary"],
  [LoadType.LLEXT, "ELF"],
  [LoadType.LLEXT_AUX, "auxiliary ELF"],
]);

/**
 * Lists the contents of an image for people, one line a thing.
 *
 * @returns lines without newlines
 */
export function describeImage(image: FirmwareImage): readonly string[] {
  const { header, modules, payload, units } = image;
  const { major, minor, hotfix, build } = header.version;
  const kind = imageTypes.get(header.imageType) ?? `image of type ${header.imageType}`;
  const lines = [
    `${kind} ${header.name} ${major}.${minor}.${hotfix}.${build}, ${payload.length / 1024} KiB, ${modules.length} modules`,
  ];
  for (const [index, module] of modules.entries()) {
    lines.push(describeModule(index, module));
    for (const { ibs, obs, cpc } of configsOf(image, module)) {
      lines.push(`    ibs ${ibs}, obs ${obs}: ${cpc} cycles`);
    }
  }
  for (const unit of units) lines.push(...describeUnit(unit));
  return lines;
}

function describeModule(index: number, module: ModuleEntry): string {
  const { type } = module;
  const domains = [type.lowLatency ? "LL" : "", type.dataProcessing ? "DP" : ""].filter(Boolean);
  const parts = [
    loadTypes.get(type.loadType) ?? `load type ${type.loadType}`,
    domains.join(" and "),
    `at most ${module.maxInstances} instances`,
    type.initConfig === 1 ? "extended init" : "",
  ];
  return `  ${index} ${module.name.padEnd(8)} ${module.uuid} ${parts.filter(Boolean).join(", ")}`;
}

function describeUnit(unit: LibraryUnit): readonly string[] {
  const { elf, code, regions, imports, exports, modules } = unit;
  const names = modules.map(({ name }) => name).join(", ");
  const lines = [
    `  ELF of ${names} at ${hex(elf.base)}: ${code}, interface ${apiVersionText(unit.apiVersion)}, ${elf.length} bytes`,
  ];
  for (const { kind, address, size, sections } of regions) {
    const members = sections.map(({ name }) => name).join(" ");
    lines.push(`    ${kind} ${hex(address)}, ${size / 1024} KiB: ${members}`);
  }
  if (imports.length > 0) lines.push(`    needs ${imports.join(", ")}`);
  if (exports.length > 0) lines.push(`    offers ${exports.map(({ name }) => name).join(", ")}`);
  return lines;
}
