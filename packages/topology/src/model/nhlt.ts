import type { ByteReader, ByteWriter } from "@sof-ts/kit";
import { DAMAGED, need } from "../container/checks.js";

/** First four bytes of the table: "NHLT". */
const NHLT_SIGNATURE = 0x544c484e;
const HEADER_BYTES = 36;
const ENDPOINT_BYTES = 19;
const FORMAT_BYTES = 40;

/** Link types of NHLT endpoints. */
export const NhltLinkType = { HDA: 0, DSP: 1, PDM: 2, SSP: 3, SLIMBUS: 4, SOUNDWIRE: 5 } as const;

/** One format of an endpoint, with the blob that configures the hardware for it. */
export interface NhltFormat {
  readonly formatTag: number;
  readonly channels: number;
  /** Frames a second. */
  readonly rate: number;
  readonly bytesPerSecond: number;
  readonly blockAlign: number;
  /** Container bits of a sample. */
  readonly bitDepth: number;
  readonly extraBytes: number;
  readonly validBits: number;
  readonly channelMask: number;
  /** 16 bytes. */
  readonly subFormat: Uint8Array;
  /** The blob: gateway configuration of the copier. */
  readonly blob: Uint8Array;
}

/** A microphone array or a serial port. */
export interface NhltEndpoint {
  /** See {@link NhltLinkType}. */
  readonly linkType: number;
  readonly instance: number;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly revision: number;
  readonly subsystemId: number;
  readonly deviceType: number;
  /** 0 playback, 1 capture. */
  readonly direction: number;
  /** SSP port or DMIC index. */
  readonly virtualBusId: number;
  /** Device configuration. */
  readonly config: Uint8Array;
  readonly formats: readonly NhltFormat[];
}

/** Intel's non-HD-audio link table, as an ACPI table without its checksum or as a topology carries it. */
export interface NhltTable {
  /** The table header after signature and length: 28 bytes, all zero in topologies. */
  readonly header: Uint8Array;
  readonly endpoints: readonly NhltEndpoint[];
}

/**
 * Reads the table that fills `reader`.
 *
 * @throws InputError for a wrong signature, length, or endpoint
 */
export function readNhlt(reader: ByteReader): NhltTable {
  const start = reader.offset;
  need(reader, HEADER_BYTES + 1, "NHLT header");
  const signature = reader.u32();
  if (signature !== NHLT_SIGNATURE) {
    throw reader.error(
      `the NHLT starts with 0x${signature.toString(16)}, expected "NHLT"`,
      start,
      DAMAGED,
    );
  }
  const length = reader.u32();
  if (length !== reader.bytes.length - start) {
    throw reader.error(
      `the NHLT has length ${length}, ${reader.bytes.length - start} bytes are there`,
      start + 4,
      DAMAGED,
    );
  }
  const header = reader.take(HEADER_BYTES - 8).slice();
  const count = reader.u8();
  const endpoints: NhltEndpoint[] = [];
  for (let i = 0; i < count; i++) endpoints.push(readEndpoint(reader));
  if (reader.remaining > 0) {
    throw reader.error(
      `${reader.remaining} bytes after the last NHLT endpoint`,
      reader.offset,
      DAMAGED,
    );
  }
  return { header, endpoints };
}

function readEndpoint(reader: ByteReader): NhltEndpoint {
  const start = reader.offset;
  need(reader, ENDPOINT_BYTES, "NHLT endpoint");
  const length = reader.u32();
  const fixed = {
    linkType: reader.u8(),
    instance: reader.u8(),
    vendorId: reader.u16(),
    deviceId: reader.u16(),
    revision: reader.u16(),
    subsystemId: reader.u32(),
    deviceType: reader.u8(),
    direction: reader.u8(),
    virtualBusId: reader.u8(),
  };
  const config = readSized(reader, "configuration of an NHLT endpoint");
  need(reader, 1, "format count of an NHLT endpoint");
  const count = reader.u8();
  const formats: NhltFormat[] = [];
  for (let i = 0; i < count; i++) formats.push(readFormat(reader));
  if (reader.offset - start !== length) {
    throw reader.error(
      `an NHLT endpoint has length ${length}, its parts take ${reader.offset - start}`,
      start,
      DAMAGED,
    );
  }
  return { ...fixed, config, formats };
}

function readFormat(reader: ByteReader): NhltFormat {
  need(reader, FORMAT_BYTES, "NHLT format");
  return {
    formatTag: reader.u16(),
    channels: reader.u16(),
    rate: reader.u32(),
    bytesPerSecond: reader.u32(),
    blockAlign: reader.u16(),
    bitDepth: reader.u16(),
    extraBytes: reader.u16(),
    validBits: reader.u16(),
    channelMask: reader.u32(),
    subFormat: reader.take(16).slice(),
    blob: readSized(reader, "blob of an NHLT format"),
  };
}

function readSized(reader: ByteReader, what: string): Uint8Array {
  need(reader, 4, `size of the ${what}`);
  const size = reader.u32();
  need(reader, size, what);
  return reader.take(size).slice();
}

function formatBytes(format: NhltFormat): number {
  return FORMAT_BYTES + 4 + format.blob.length;
}

function endpointBytes(endpoint: NhltEndpoint): number {
  let total = ENDPOINT_BYTES + 4 + endpoint.config.length + 1;
  for (const format of endpoint.formats) total += formatBytes(format);
  return total;
}

/** @returns bytes of the table that {@link writeNhlt} writes */
export function nhltBytes(table: NhltTable): number {
  let total = HEADER_BYTES + 1;
  for (const endpoint of table.endpoints) total += endpointBytes(endpoint);
  return total;
}

/** Writes the table; what {@link readNhlt} read comes out the same. */
export function writeNhlt(writer: ByteWriter, table: NhltTable): void {
  writer.u32(NHLT_SIGNATURE).u32(nhltBytes(table)).bytes(table.header).u8(table.endpoints.length);
  for (const endpoint of table.endpoints) {
    writer.u32(endpointBytes(endpoint)).u8(endpoint.linkType).u8(endpoint.instance);
    writer.u16(endpoint.vendorId).u16(endpoint.deviceId).u16(endpoint.revision);
    writer.u32(endpoint.subsystemId).u8(endpoint.deviceType).u8(endpoint.direction);
    writer.u8(endpoint.virtualBusId).u32(endpoint.config.length).bytes(endpoint.config);
    writer.u8(endpoint.formats.length);
    for (const format of endpoint.formats) {
      writer.u16(format.formatTag).u16(format.channels).u32(format.rate);
      writer.u32(format.bytesPerSecond).u16(format.blockAlign).u16(format.bitDepth);
      writer.u16(format.extraBytes).u16(format.validBits).u32(format.channelMask);
      writer.bytes(format.subFormat).u32(format.blob.length).bytes(format.blob);
    }
  }
}

/** What to look for in the table. */
export interface NhltQuery {
  readonly type: "DMIC" | "SSP";
  /** SSP port; a DMIC's index. Left out, any endpoint of the type will do. */
  readonly index?: number;
  readonly direction?: "playback" | "capture";
  readonly channels: number;
  readonly rate: number;
  /** Container bits. */
  readonly bitDepth: number;
  /** Left out, any count of valid bits will do. */
  readonly validBits?: number;
}

/** @returns the blob of the first format that fits, null when there is none */
export function findNhltBlob(table: NhltTable, query: NhltQuery): Uint8Array | null {
  const linkType = query.type === "DMIC" ? NhltLinkType.PDM : NhltLinkType.SSP;
  for (const endpoint of table.endpoints) {
    if (endpoint.linkType !== linkType) continue;
    if (query.index !== undefined && endpoint.virtualBusId !== query.index) continue;
    const direction = endpoint.direction === 0 ? "playback" : "capture";
    if (query.direction !== undefined && direction !== query.direction) continue;
    for (const format of endpoint.formats) {
      const fits =
        format.channels === query.channels &&
        format.rate === query.rate &&
        format.bitDepth === query.bitDepth &&
        (query.validBits === undefined || format.validBits === query.validBits);
      if (fits) return format.blob;
    }
  }
  return null;
}
