import { type ByteReader, type ByteWriter, formatUuid, parseUuid } from "@sof-ts/kit";
import { hex, ImageError } from "./image-error.js";
import { Magic, Size } from "./layout.js";

/** A pin of a module in the extended manifest: which formats it takes, as bit masks. */
export interface ExtPin {
  readonly caps: number;
  readonly formatType: number;
  readonly sampleRates: number;
  readonly sampleSizes: number;
  readonly containers: number;
  readonly channelConfigs: number;
}

/** Frame length and the multiples of it that a module can be scheduled with. */
export interface ExtSchedule {
  readonly frameLength: number;
  readonly multiples: number;
}

/** What the extended manifest tells the host of one module. Join it to a module entry by UUID only. */
export interface ExtModule {
  readonly uuid: string;
  readonly version: readonly [number, number, number, number];
  /** Kind of module (`enum mod_type`), 9 for effects. */
  readonly moduleType: number;
  readonly initSettingsMinSize: number;
  readonly schedules: readonly ExtSchedule[];
  readonly pins: readonly ExtPin[];
}

/** The part of a file that the host keeps (`$AE1`, SOF's `fw_ext_man_cavs_header`). */
export interface ExtManifest {
  /** Bytes, header included. */
  readonly length: number;
  readonly version: readonly [number, number];
  readonly modules: readonly ExtModule[];
}

/**
 * Reads an extended manifest whose magic was seen. Each entry is bounded by its own length, which may be
 * larger than what is known of it.
 *
 * @param reader over the manifest only
 * @throws ImageError `ext-manifest` when counts and lengths contradict each other
 */
export function readExtManifest(reader: ByteReader): ExtManifest {
  const fail = (reason: string, offset: number) =>
    new ImageError("ext-manifest", reason, reader.source, reader.base + offset);
  reader.u32();
  const length = reader.u32();
  const version = [reader.u16(), reader.u16()] as const;
  const count = reader.u32();
  if (version[0] !== 1) throw fail(`version ${version[0]}.${version[1]}, not 1.x`, 8);
  const modules: ExtModule[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.offset;
    if (reader.remaining < Size.EXT_MODULE) {
      throw fail(`${count} modules do not fit, entry ${i} has ${reader.remaining} bytes`, start);
    }
    const bytes = reader.u32();
    if (bytes < Size.EXT_MODULE || bytes > length - start) {
      throw fail(`entry ${i} has a length of ${bytes}, ${length - start} bytes are left`, start);
    }
    modules.push(
      readModule(reader, bytes, () => fail(`entry ${i} is too short for its pins`, start)),
    );
    reader.offset = start + bytes;
  }
  if (reader.remaining > 0) {
    throw fail(`${reader.remaining} bytes follow the last of ${count} modules`, reader.offset);
  }
  return { length, version, modules };
}

function readModule(reader: ByteReader, bytes: number, tooShort: () => ImageError): ExtModule {
  const uuid = formatUuid(reader.take(16));
  const version = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  const moduleType = reader.u32();
  const initSettingsMinSize = reader.u32();
  const scheduleCount = reader.u16();
  const pinCount = reader.u16();
  const needed = Size.EXT_MODULE + Size.EXT_SCHEDULE * scheduleCount + Size.EXT_PIN * pinCount;
  if (needed > bytes) throw tooShort();
  const schedules: ExtSchedule[] = [];
  for (let i = 0; i < scheduleCount; i++) {
    schedules.push({ frameLength: reader.u16(), multiples: reader.u16() });
  }
  const pins: ExtPin[] = [];
  for (let i = 0; i < pinCount; i++) {
    pins.push({
      caps: reader.u32(),
      formatType: reader.u32(),
      sampleRates: reader.u32(),
      sampleSizes: reader.u32(),
      containers: reader.u32(),
      channelConfigs: reader.u32(),
    });
  }
  return { uuid, version, moduleType, initSettingsMinSize, schedules, pins };
}

/** Writes an extended manifest, version 1.0. */
export function writeExtManifest(out: ByteWriter, modules: readonly ExtModule[]): void {
  const start = out.length;
  out.u32(Magic.EXT_MANIFEST).u32(0).u16(1).u16(0).u32(modules.length);
  for (const module of modules) {
    const at = out.length;
    out.u32(0).bytes(parseUuid(module.uuid));
    for (const part of module.version) out.u16(part);
    out.u32(module.moduleType).u32(module.initSettingsMinSize);
    out.u16(module.schedules.length).u16(module.pins.length);
    for (const { frameLength, multiples } of module.schedules) out.u16(frameLength).u16(multiples);
    for (const pin of module.pins) {
      out.u32(pin.caps).u32(pin.formatType).u32(pin.sampleRates);
      out.u32(pin.sampleSizes).u32(pin.containers).u32(pin.channelConfigs);
    }
    out.patchU32(at, out.length - at);
  }
  out.patchU32(start + 4, out.length - start);
}

/**
 * Length of the extended manifest at the start of a file.
 *
 * @throws ImageError `file-size`, `ext-manifest-magic`, `ext-manifest-size`
 */
export function extManifestLength(file: Uint8Array, source: string): number {
  if (file.length <= Size.EXT_MANIFEST_HEADER) {
    throw new ImageError("file-size", `the file has ${file.length} bytes`, source, 0);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  if (magic !== Magic.EXT_MANIFEST) {
    const what =
      magic === Magic.PARTITION_DIRECTORY
        ? "the extended manifest is missing: this is the image that goes to the DSP"
        : `no extended manifest: the file begins with ${hex(magic)}`;
    throw new ImageError("ext-manifest-magic", what, source, 0);
  }
  return view.getUint32(4, true);
}
