import { type ByteReader, ByteWriter } from "@sof-ts/kit";
import { nameBytes, readName } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { hex, ImageError } from "./image-error.js";
import { DIRECTORY_SLACK_BYTES, Magic, Size } from "./layout.js";

/** An entry of the partition directory. */
export interface Partition {
  /** At most 12 characters. */
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** The directory at the start of a payload (`$CPD`, rimage's `CsePartitionDirHeader`). */
export interface PartitionDirectory {
  readonly name: string;
  readonly partitions: readonly Partition[];
}

const ENTRIES = 3;
const NAME_SIZE = 12;
const CHECKSUM_AT = 16;

/**
 * Reads the partition directory. Its entries say little: in real images for ACE platforms the code's entry
 * ends 12 bytes behind the image and the metadata's begins 12 bytes late, so parts are found without them.
 *
 * @param reader at the start of the payload
 * @param imageBytes length of the image by its page count
 * @throws ImageError `directory-magic`, `directory-checksum`, `directory-range`
 */
export function readPartitionDirectory(reader: ByteReader, imageBytes: number): PartitionDirectory {
  const { base, source, bytes } = reader;
  const bad = (reason: string, offset: number) =>
    new ImageError("directory-magic", reason, source, base + offset);
  const magic = reader.u32();
  if (magic !== Magic.PARTITION_DIRECTORY) throw bad(`${hex(magic)} in place of "$CPD"`, 0);
  const count = reader.u32();
  if (count !== ENTRIES) throw bad(`${count} directory entries, not ${ENTRIES}`, 4);
  const versions = [reader.u8(), reader.u8()];
  if (versions[0] !== 2 || versions[1] !== 1) {
    throw bad(`directory version ${versions[0]}, entry version ${versions[1]}`, 8);
  }
  const headerLength = reader.u8();
  if (headerLength !== Size.DIRECTORY_HEADER) throw bad(`header length ${headerLength}`, 10);
  reader.u8();
  const name = readName(reader.take(4));
  const checksum = reader.u32();
  const computed = directoryChecksum(bytes);
  if (checksum !== computed) {
    const reason = `checksum ${hex(checksum)}, the directory has ${hex(computed)}`;
    throw new ImageError("directory-checksum", reason, source, base + CHECKSUM_AT);
  }
  const partitions: Partition[] = [];
  for (let i = 0; i < ENTRIES; i++) {
    const at = reader.position;
    const partition = {
      name: readName(reader.take(NAME_SIZE)),
      offset: reader.u32(),
      length: reader.u32(),
    };
    reader.u32();
    if (partition.offset + partition.length > imageBytes + DIRECTORY_SLACK_BYTES) {
      const end = hex(partition.offset + partition.length);
      const reason = `partition ${partition.name} ends at ${end}, the image at ${hex(imageBytes)}`;
      throw new ImageError("directory-range", reason, source, at);
    }
    partitions.push(partition);
  }
  return { name, partitions };
}

/** CRC-32 over header and entries with a checksum of 0. */
function directoryChecksum(payload: Uint8Array): number {
  const copy = payload.slice(0, Size.DIRECTORY_HEADER + ENTRIES * Size.DIRECTORY_ENTRY);
  copy.fill(0, CHECKSUM_AT, CHECKSUM_AT + 4);
  return crc32(copy);
}

/** Puts the right checksum into the directory of a payload, in place. */
export function sealPartitionDirectory(payload: Uint8Array): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  view.setUint32(CHECKSUM_AT, directoryChecksum(payload), true);
}

/** @returns the 92 bytes of a directory of three partitions */
export function writePartitionDirectory(directory: PartitionDirectory): Uint8Array {
  const out = new ByteWriter(Size.DIRECTORY_HEADER + ENTRIES * Size.DIRECTORY_ENTRY)
    .u32(Magic.PARTITION_DIRECTORY)
    .u32(ENTRIES)
    .u8(2)
    .u8(1)
    .u8(Size.DIRECTORY_HEADER)
    .u8(0)
    .bytes(nameBytes(directory.name, 4))
    .u32(0);
  for (const { name, offset, length } of directory.partitions) {
    out.bytes(nameBytes(name, NAME_SIZE)).u32(offset).u32(length).u32(0);
  }
  const bytes = out.finish();
  sealPartitionDirectory(bytes);
  return bytes;
}
