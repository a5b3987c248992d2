import { type ByteReader, type ByteWriter, formatUuid, parseUuid } from "@sof-ts/kit";
import { nameBytes, readName } from "./bytes.js";
import { Magic, NAME_BYTES } from "./layout.js";

/** How a module comes into memory (bits 3:0 of its type). */
export const LoadType = {
  /** Part of the base image. */
  BUILTIN: 0,
  /** A flat binary. */
  MODULE: 1,
  /** An ELF object with drivers. */
  LLEXT: 2,
  /** An ELF object that only serves others. */
  LLEXT_AUX: 3,
} as const;
export type LoadType = (typeof LoadType)[keyof typeof LoadType];

/** The type word of a module. */
export interface ModuleType {
  /** A {@link LoadType}. */
  readonly loadType: number;
  readonly autoStart: boolean;
  readonly lowLatency: boolean;
  readonly dataProcessing: boolean;
  readonly libraryCode: boolean;
  /** 0: base configuration at init; 1: base and extension. */
  readonly initConfig: number;
  readonly coreType: number;
  readonly userMode: boolean;
  readonly largeParam: boolean;
  readonly stackOnBss: boolean;
}

/** Kind of a segment (bits 11:8 of its flags). */
export const SegmentType = {
  TEXT: 0,
  RODATA: 1,
  BSS: 2,
  EMPTY: 15,
} as const;
export type SegmentType = (typeof SegmentType)[keyof typeof SegmentType];

/** A segment of a module. */
export interface Segment {
  readonly contents: boolean;
  readonly alloc: boolean;
  readonly load: boolean;
  readonly readOnly: boolean;
  readonly code: boolean;
  readonly data: boolean;
  /** A {@link SegmentType}. */
  readonly type: number;
  readonly pages: number;
  readonly address: number;
  /** Bytes from the partition directory. */
  readonly fileOffset: number;
}

/** An entry of the manifest (`$AME`, SOF's `sof_man_module`). */
export interface ModuleEntry {
  /** The identifying word as found: "$AME" in the manifest, 0 in an ELF's `.module`. */
  readonly magic: number;
  readonly name: string;
  /** Standard UUID text. */
  readonly uuid: string;
  readonly type: ModuleType;
  readonly hash: Uint8Array;
  readonly entryPoint: number;
  /** First configuration and how many, in the image's one table of configurations. */
  readonly configOffset: number;
  readonly configCount: number;
  readonly affinityMask: number;
  readonly maxInstances: number;
  /** Pages for each instance. */
  readonly instanceBssPages: number;
  /** Text, read-only data, bss. */
  readonly segments: readonly [Segment, Segment, Segment];
}

const bit = (word: number, index: number): boolean => ((word >>> index) & 1) === 1;
const flag = (value: boolean, index: number): number => (value ? 1 << index : 0);

/** Takes a type word apart. */
function decodeModuleType(word: number): ModuleType {
  return {
    loadType: word & 15,
    autoStart: bit(word, 4),
    lowLatency: bit(word, 5),
    dataProcessing: bit(word, 6),
    libraryCode: bit(word, 7),
    initConfig: (word >>> 8) & 15,
    coreType: (word >>> 12) & 31,
    userMode: bit(word, 17),
    largeParam: bit(word, 18),
    stackOnBss: bit(word, 19),
  };
}

/** Puts a type word together; reserved bits are 0. */
function encodeModuleType(type: ModuleType): number {
  return (
    type.loadType |
    flag(type.autoStart, 4) |
    flag(type.lowLatency, 5) |
    flag(type.dataProcessing, 6) |
    flag(type.libraryCode, 7) |
    (type.initConfig << 8) |
    (type.coreType << 12) |
    flag(type.userMode, 17) |
    flag(type.largeParam, 18) |
    flag(type.stackOnBss, 19)
  );
}

function readSegment(reader: ByteReader): Segment {
  const flags = reader.u32();
  return {
    contents: bit(flags, 0),
    alloc: bit(flags, 1),
    load: bit(flags, 2),
    readOnly: bit(flags, 3),
    code: bit(flags, 4),
    data: bit(flags, 5),
    type: (flags >>> 8) & 15,
    pages: flags >>> 16,
    address: reader.u32(),
    fileOffset: reader.u32(),
  };
}

function writeSegment(out: ByteWriter, segment: Segment): void {
  const flags =
    flag(segment.contents, 0) |
    flag(segment.alloc, 1) |
    flag(segment.load, 2) |
    flag(segment.readOnly, 3) |
    flag(segment.code, 4) |
    flag(segment.data, 5) |
    (segment.type << 8) |
    (segment.pages << 16);
  out
    .u32(flags >>> 0)
    .u32(segment.address)
    .u32(segment.fileOffset);
}

/** Reads the 116 bytes of an entry; judges nothing. */
export function readModuleEntry(reader: ByteReader): ModuleEntry {
  return {
    magic: reader.u32(),
    name: readName(reader.take(NAME_BYTES)),
    uuid: formatUuid(reader.take(16)),
    type: decodeModuleType(reader.u32()),
    hash: reader.take(32),
    entryPoint: reader.u32(),
    configOffset: reader.u16(),
    configCount: reader.u16(),
    affinityMask: reader.u32(),
    maxInstances: reader.u16(),
    instanceBssPages: reader.u16(),
    segments: [readSegment(reader), readSegment(reader), readSegment(reader)],
  };
}

/** Writes the 116 bytes of an entry. */
export function writeModuleEntry(out: ByteWriter, entry: ModuleEntry): void {
  out.u32(entry.magic).bytes(nameBytes(entry.name, NAME_BYTES)).bytes(parseUuid(entry.uuid));
  out.u32(encodeModuleType(entry.type)).bytes(entry.hash).u32(entry.entryPoint);
  out.u16(entry.configOffset).u16(entry.configCount).u32(entry.affinityMask);
  out.u16(entry.maxInstances).u16(entry.instanceBssPages);
  for (const segment of entry.segments) writeSegment(out, segment);
}

/** The identifying word of a manifest entry. */
export const MODULE_MAGIC = Magic.MODULE;

/** Whether a module is an ELF object. */
export function isElfModule(entry: ModuleEntry): boolean {
  const { loadType } = entry.type;
  return loadType === LoadType.LLEXT || loadType === LoadType.LLEXT_AUX;
}
