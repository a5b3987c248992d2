import { ByteReader, InputError } from "@sof-ts/kit";
import { BlockType, dapmTypeName, HEADER_BYTES, TPLG_ABI_VERSION, TPLG_MAGIC } from "../abi.js";
import { DAMAGED, expectWord, need, privateReader, readFixed } from "./checks.js";
import { quotedName } from "./codec.js";
import { readControl } from "./control.js";
import { foreignFile } from "./foreign.js";
import {
  graphLayout,
  linkLayout,
  manifestLayout,
  pcmLayout,
  RecordBytes,
  widgetLayout,
} from "./layouts.js";
import type {
  Block,
  BlockFields,
  LinkRecord,
  ManifestRecord,
  PcmRecord,
  TopologyFile,
  WidgetRecord,
} from "./records.js";
import { readVendorArrays } from "./vendor-array.js";

/**
 * Reads a topology file into records. Every byte ends up in a record, so `writeTopology` gives back the same
 * file. Follows the ALSA topology ABI, version 5.
 *
 * Plain function without side effects; time and memory are linear in the size of the input.
 *
 * @param bytes the whole file; not kept and not changed
 * @param source file name, for messages
 * @throws InputError with source, offset and remedy for anything that is not a complete topology
 */
export function readTopology(bytes: Uint8Array, source: string): TopologyFile {
  const reader = new ByteReader(bytes, source);
  if (bytes.length === 0) {
    throw new InputError("the file is empty", {
      source,
      offset: 0,
      remedy: "Give a topology binary (.tplg) as alsatplg writes it",
    });
  }
  const blocks: Block[] = [];
  while (reader.remaining > 0) blocks.push(readBlock(reader, blocks.length));
  return { source, blocks };
}

const CUT_SHORT = "The file is cut short: copy it or build it again";

function readBlock(reader: ByteReader, number: number): Block {
  const start = reader.offset;
  if (number === 0) foreignFile(reader);
  if (reader.remaining < HEADER_BYTES) {
    throw reader.error(
      `truncated: a block header needs ${HEADER_BYTES} bytes, ${reader.remaining} left`,
      start,
      CUT_SHORT,
    );
  }
  const magic = reader.u32();
  if (magic !== TPLG_MAGIC) {
    throw reader.error(
      `expected the block magic 0x${TPLG_MAGIC.toString(16)}, found 0x${magic.toString(16)}`,
      start,
      DAMAGED,
    );
  }
  const abi = reader.u32();
  if (abi !== TPLG_ABI_VERSION) {
    throw reader.error(
      `the block has topology ABI ${abi}, expected ${TPLG_ABI_VERSION}`,
      start + 4,
      "Build the topology again with a current alsatplg",
    );
  }
  const version = reader.u32();
  const type = reader.u32();
  expectWord(reader, HEADER_BYTES, "size of a block header");
  const vendorType = reader.u32();
  const payloadBytes = reader.u32();
  const index = reader.u32();
  const count = reader.u32();
  if (payloadBytes > reader.remaining) {
    throw reader.error(
      `truncated: the block's payload needs ${payloadBytes} bytes, ${reader.remaining} left`,
      start + 24,
      CUT_SHORT,
    );
  }
  const payload = reader.sub(payloadBytes);
  const block = readPayload(payload, type, count, { version, vendorType, index });
  if (payload.remaining > 0) {
    throw payload.error(
      `${payload.remaining} bytes left over after the ${count} elements of the block`,
      payload.offset,
      DAMAGED,
    );
  }
  return block;
}

function readPayload(reader: ByteReader, type: number, count: number, fields: BlockFields): Block {
  switch (type) {
    case BlockType.MANIFEST:
      return { kind: "manifest", ...fields, records: readRecords(reader, count, readManifest) };
    case BlockType.DAPM_WIDGET:
      return { kind: "widgets", ...fields, records: readRecords(reader, count, readWidget) };
    case BlockType.PCM:
      return { kind: "pcms", ...fields, records: readRecords(reader, count, readPcm) };
    case BlockType.BACKEND_LINK:
      return { kind: "links", ...fields, records: readRecords(reader, count, readLink) };
    case BlockType.DAPM_GRAPH: {
      const readRoute = () => readFixed(reader, graphLayout, "route");
      return { kind: "graph", ...fields, records: readRecords(reader, count, readRoute) };
    }
    default:
      return {
        kind: "opaque",
        ...fields,
        type,
        count,
        payload: reader.take(reader.remaining).slice(),
      };
  }
}

/** Reads `count` records; each takes bytes, so a wrong count ends at the end of the payload. */
function readRecords<T>(reader: ByteReader, count: number, read: (reader: ByteReader) => T): T[] {
  const records: T[] = [];
  for (let i = 0; i < count; i++) records.push(read(reader));
  return records;
}

function readManifest(reader: ByteReader): ManifestRecord {
  expectWord(reader, RecordBytes.manifest, "size of the manifest");
  const fields = readFixed(reader, manifestLayout, "manifest");
  const data = privateReader(reader, "private data of the manifest");
  return { ...fields, privateData: data.bytes.slice(), privateOffset: data.base };
}

function readWidget(reader: ByteReader): WidgetRecord {
  expectWord(reader, RecordBytes.widget, "size of a widget");
  const fields = readFixed(reader, widgetLayout, "widget");
  const name = `${dapmTypeName(fields.id)} widget ${quotedName(fields.name)}`;
  need(reader, 8, name);
  const numControls = reader.u32();
  const tuples = readVendorArrays(privateReader(reader, `private data of ${name}`), name);
  const controls = readRecords(reader, numControls, () => readControl(reader, name));
  return { ...fields, tuples, controls };
}

function readPcm(reader: ByteReader): PcmRecord {
  expectWord(reader, RecordBytes.pcm, "size of a PCM");
  const fields = readFixed(reader, pcmLayout, "PCM");
  const name = `PCM ${quotedName(fields.name)}`;
  const tuples = readVendorArrays(privateReader(reader, `private data of ${name}`), name);
  return { ...fields, tuples };
}

function readLink(reader: ByteReader): LinkRecord {
  expectWord(reader, RecordBytes.link, "size of a link");
  const fields = readFixed(reader, linkLayout, "link");
  const name = `link ${quotedName(fields.name)}`;
  const tuples = readVendorArrays(privateReader(reader, `private data of ${name}`), name);
  return { ...fields, tuples };
}
