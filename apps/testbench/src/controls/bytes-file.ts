import { ByteReader, InputError } from "@sof-ts/kit";
import { SOF_ABI_HEADER_BYTES, SOF_ABI_MAGIC } from "@sof-ts/topology";

/** What a file of a bytes control holds. */
export interface BytesPayload {
  /** Without ABI header. */
  readonly data: Uint8Array;
  /** Parameter that the header names; null without a header. */
  readonly paramId: number | null;
}

/** Major version of the ABI that payloads are of. */
const ABI_MAJOR = 3;
/** "SOF\0": the header's magic before IPC4. */
const IPC3_MAGIC = 0x0046_4f53;
/** Tag and length that ALSA's `cset-tlv` files have in front of everything. */
const TLV_HEADER_BYTES = 8;

/**
 * Reads the file formats that SOF's tuning tools write for bytes controls:
 *
 * - binary: the payload alone, with the ABI header (`struct sof_abi_hdr`) in front, or with ALSA's tag and
 *   length in front of that (use case manager files)
 * - text: numbers between commas or white space. `sof-ctl` writes 32-bit words, topology sources hold
 *   hexadecimal bytes (`bytes "0x53,0x4f,..."`); both with or without the ABI header
 *
 * @param raw take everything as payload, whatever it looks like
 * @param source file name, for errors
 * @throws InputError for numbers that are none, and for a header that does not fit what follows
 */
export function readBytesFile(file: Uint8Array, source: string, raw = false): BytesPayload {
  if (file.length === 0) throw new InputError("the file is empty", { source });
  const bytes = isText(file) ? readBytesText(new TextDecoder().decode(file), source) : file;
  return raw ? { data: bytes, paramId: null } : splitHeader(bytes, source);
}

/**
 * Reads bytes in text form.
 *
 * @throws InputError that names the first entry that is no number
 */
export function readBytesText(text: string, source: string): Uint8Array {
  // Topology sources have the numbers in quotes behind a keyword, over several lines.
  const quoted = /\bbytes\s+"([^"]*)"/.exec(text)?.[1] ?? text;
  const entries = quoted.split(/[\s,\\]+/).filter((entry) => entry !== "");
  if (entries.length === 0) throw new InputError("there are no numbers", { source });
  if (entries.every((entry) => /^(0x)?[0-9a-f]{1,2}$/i.test(entry)) && isHex(entries)) {
    return Uint8Array.from(entries, (entry) => Number.parseInt(entry, 16));
  }
  const words = new DataView(new ArrayBuffer(4 * entries.length));
  for (const [index, entry] of entries.entries()) {
    const value = /^(0x[0-9a-f]+|-?\d+)$/i.test(entry) ? Number(entry) : Number.NaN;
    if (!(value >= -0x8000_0000 && value <= 0xffff_ffff)) {
      throw new InputError(`number ${index + 1}, "${entry.slice(0, 20)}", is no 32-bit word`, {
        source,
        remedy: "Use decimal or 0x words as sof-ctl writes them, or 0x bytes of two digits",
      });
    }
    words.setUint32(4 * index, value >>> 0, true);
  }
  return new Uint8Array(words.buffer);
}

/** Decimal entries are words; bytes all say that they are hexadecimal, or one shows it by a letter. */
const isHex = (entries: readonly string[]): boolean =>
  entries.every((entry) => /^0x/i.test(entry)) ||
  (entries.every((entry) => /^[0-9a-f]{2}$/i.test(entry)) &&
    entries.some((entry) => /[a-f]/i.test(entry)));

/** Takes ABI header and ALSA's tag off a payload that has them. */
function splitHeader(bytes: Uint8Array, source: string): BytesPayload {
  if (startOfHeader(bytes, IPC3_MAGIC) !== null) {
    throw new InputError("the ABI header is of IPC3", {
      source,
      offset: 0,
      remedy: "Take the file that the tuning tool wrote for IPC4, whose header begins with SOF4",
    });
  }
  const start = startOfHeader(bytes, SOF_ABI_MAGIC);
  if (start === null) return { data: bytes, paramId: null };
  const reader = new ByteReader(bytes, source);
  reader.offset = start + 4;
  if (bytes.length < start + SOF_ABI_HEADER_BYTES) {
    throw new InputError(`the ABI header is cut after ${bytes.length - start} bytes`, {
      source,
      offset: bytes.length,
    });
  }
  const paramId = reader.u32();
  const size = reader.u32();
  const abi = reader.u32();
  const data = bytes.subarray(start + SOF_ABI_HEADER_BYTES);
  if (size !== data.length) {
    throw new InputError(`the ABI header announces ${size} bytes, ${data.length} follow`, {
      source,
      offset: start + 8,
    });
  }
  if (abi !== 0 && abi >>> 24 !== ABI_MAJOR) {
    const version = `${abi >>> 24}.${(abi >>> 12) & 0xfff}.${abi & 0xfff}`;
    throw new InputError(`the payload is of ABI ${version}, this firmware takes ${ABI_MAJOR}.x`, {
      source,
      offset: start + 12,
    });
  }
  return { data, paramId };
}

/** Where the ABI header begins; null without one. */
function startOfHeader(bytes: Uint8Array, magic: number): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magicAt = (offset: number): boolean =>
    bytes.length >= offset + 4 && view.getUint32(offset, true) === magic;
  if (magicAt(0)) return 0;
  const tagged =
    magicAt(TLV_HEADER_BYTES) && view.getUint32(4, true) === bytes.length - TLV_HEADER_BYTES;
  return tagged ? TLV_HEADER_BYTES : null;
}

const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13);
