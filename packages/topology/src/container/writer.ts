import { ByteWriter } from "@sof-ts/kit";
import { BlockType, HEADER_BYTES, TPLG_ABI_VERSION, TPLG_MAGIC } from "../abi.js";
import { writeControl, writeSized } from "./control.js";
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
  LinkRecord,
  ManifestRecord,
  PcmRecord,
  TopologyFile,
  WidgetRecord,
} from "./records.js";
import { topologyBytes } from "./sizes.js";
import { writeVendorArrays } from "./vendor-array.js";

/**
 * Writes records as a topology file (ALSA topology ABI, version 5). What `readTopology` read comes out byte
 * for byte the same.
 *
 * @returns a new array with the whole file
 * @throws InvariantError for a record that does not fit the ABI, for example a name of more than 44 bytes
 */
export function writeTopology(file: TopologyFile): Uint8Array {
  const writer = new ByteWriter(topologyBytes(file));
  for (const block of file.blocks) writeBlock(writer, block);
  return writer.finish();
}

function writeBlock(writer: ByteWriter, block: Block): void {
  const start = writer.length;
  writer.u32(TPLG_MAGIC).u32(TPLG_ABI_VERSION).u32(block.version);
  writer.u32(block.kind === "opaque" ? block.type : blockTypes[block.kind]);
  writer.u32(HEADER_BYTES).u32(block.vendorType).u32(0).u32(block.index);
  writer.u32(block.kind === "opaque" ? block.count : block.records.length);
  writePayload(writer, block);
  writer.patchU32(start + 24, writer.length - start - HEADER_BYTES);
}

const blockTypes = {
  manifest: BlockType.MANIFEST,
  widgets: BlockType.DAPM_WIDGET,
  pcms: BlockType.PCM,
  links: BlockType.BACKEND_LINK,
  graph: BlockType.DAPM_GRAPH,
};

function writePayload(writer: ByteWriter, block: Block): void {
  switch (block.kind) {
    case "manifest":
      for (const record of block.records) writeManifest(writer, record);
      break;
    case "widgets":
      for (const record of block.records) writeWidget(writer, record);
      break;
    case "pcms":
      for (const record of block.records) writePcm(writer, record);
      break;
    case "links":
      for (const record of block.records) writeLink(writer, record);
      break;
    case "graph":
      for (const record of block.records) graphLayout.write(writer, record);
      break;
    case "opaque":
      writer.bytes(block.payload);
  }
}

function writeManifest(writer: ByteWriter, record: ManifestRecord): void {
  writer.u32(RecordBytes.manifest);
  manifestLayout.write(writer, record);
  writer.u32(record.privateData.length).bytes(record.privateData);
}

function writeWidget(writer: ByteWriter, record: WidgetRecord): void {
  writer.u32(RecordBytes.widget);
  widgetLayout.write(writer, record);
  writer.u32(record.controls.length);
  writeSized(writer, (inner) => writeVendorArrays(inner, record.tuples));
  for (const control of record.controls) writeControl(writer, control);
}

function writePcm(writer: ByteWriter, record: PcmRecord): void {
  writer.u32(RecordBytes.pcm);
  pcmLayout.write(writer, record);
  writeSized(writer, (inner) => writeVendorArrays(inner, record.tuples));
}

function writeLink(writer: ByteWriter, record: LinkRecord): void {
  writer.u32(RecordBytes.link);
  linkLayout.write(writer, record);
  writeSized(writer, (inner) => writeVendorArrays(inner, record.tuples));
}
