import { hex, ImageError } from "./image-error.js";
import { Offset, PAGE_BYTES, Size } from "./layout.js";
import {
  isElfModule,
  LoadType,
  type ModuleEntry,
  type Segment,
  SegmentType,
} from "./module-entry.js";
import type { UnitPlace } from "./library-unit.js";

const SEGMENTS_AT = 80;
const SEGMENT_BYTES = 12;

const inMemory = (segment: Segment): boolean =>
  segment.type !== SegmentType.EMPTY && segment.pages > 0 && segment.address !== 0;

/**
 * Checks the segments and UUIDs of all modules.
 *
 * @throws ImageError `segment-range`, `segment-overlap`, `duplicate-uuid`
 */
export function checkModules(
  modules: readonly ModuleEntry[],
  payloadBytes: number,
  source: string,
  base: number,
): void {
  for (const [index, module] of modules.entries()) {
    const at = base + Offset.MODULES + index * Size.MODULE;
    for (const [number, segment] of module.segments.entries()) {
      const where = at + SEGMENTS_AT + number * SEGMENT_BYTES;
      const end = segment.fileOffset + segment.pages * PAGE_BYTES;
      if (segment.load && segment.type !== SegmentType.EMPTY && end > payloadBytes) {
        const reason = `segment ${number} of ${module.name} ends at ${hex(end)}, the image at ${hex(payloadBytes)}`;
        throw new ImageError("segment-range", reason, source, where);
      }
      const clash = module.segments.findIndex(
        (other, j) =>
          j < number && inMemory(segment) && inMemory(other) && overlaps(segment, other),
      );
      if (clash >= 0) {
        const reason = `segments ${clash} and ${number} of ${module.name} overlap at ${hex(segment.address)}`;
        throw new ImageError("segment-overlap", reason, source, where + 4);
      }
    }
  }
  const seen = new Map<string, string>();
  for (const [index, { uuid, name }] of modules.entries()) {
    const first = seen.get(uuid);
    if (first !== undefined) {
      const reason = `${first} and ${name} both have UUID ${uuid}`;
      const at = base + Offset.MODULES + index * Size.MODULE + 12;
      throw new ImageError("duplicate-uuid", reason, source, at);
    }
    seen.set(uuid, name);
  }
}

function overlaps(a: Segment, b: Segment): boolean {
  return (
    a.address < b.address + b.pages * PAGE_BYTES && b.address < a.address + a.pages * PAGE_BYTES
  );
}

/**
 * Finds the ELF objects of a payload: modules with one file offset share an object, which ends where the
 * next begins, the last with the image.
 *
 * @throws ImageError `elf-border`
 */
export function findUnits(
  modules: readonly ModuleEntry[],
  payload: Uint8Array,
  source: string,
  base: number,
): readonly UnitPlace[] {
  const starts: { offset: number; first: number; modules: ModuleEntry[] }[] = [];
  for (const [index, module] of modules.entries()) {
    if (!isElfModule(module)) continue;
    const { fileOffset } = module.segments[SegmentType.TEXT];
    const last = starts.at(-1);
    if (
      last !== undefined &&
      last.offset === fileOffset &&
      last.first + last.modules.length === index
    ) {
      last.modules.push(module);
      continue;
    }
    const least =
      last === undefined ? Offset.MODULES + modules.length * Size.MODULE : last.offset + 1;
    if (fileOffset < least || fileOffset >= payload.length || fileOffset % PAGE_BYTES !== 0) {
      const reason = `the ELF of ${module.name} begins at ${hex(fileOffset)}`;
      const at = base + Offset.MODULES + index * Size.MODULE + SEGMENTS_AT + 8;
      throw new ImageError("elf-border", reason, source, at);
    }
    starts.push({ offset: fileOffset, first: index, modules: [module] });
  }
  return starts.map(({ offset, first, modules: own }, index): UnitPlace => {
    const end = starts[index + 1]?.offset ?? payload.length;
    return {
      bytes: payload.subarray(offset, end),
      source,
      base: base + offset,
      firstModule: first,
      modules: own,
      auxiliary: own.every(({ type }) => type.loadType === LoadType.LLEXT_AUX),
    };
  });
}
