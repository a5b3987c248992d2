import { HEADER_BYTES } from "../abi.js";
import { RecordBytes } from "./layouts.js";
import type { Block, ControlRecord, TopologyFile, VendorArray, WidgetRecord } from "./records.js";
import { vendorArrayBytes } from "./vendor-array.js";

/** @returns bytes of the file that `writeTopology` makes, so that it allocates once */
export function topologyBytes(file: TopologyFile): number {
  return sum(file.blocks, (block) => HEADER_BYTES + payloadBytes(block));
}

function payloadBytes(block: Block): number {
  switch (block.kind) {
    case "manifest":
      return sum(block.records, (record) => RecordBytes.manifest + record.privateData.length);
    case "widgets":
      return sum(block.records, widgetBytes);
    case "pcms":
      return sum(block.records, (record) => RecordBytes.pcm + tupleBytes(record.tuples));
    case "links":
      return sum(block.records, (record) => RecordBytes.link + tupleBytes(record.tuples));
    case "graph":
      return block.records.length * RecordBytes.graph;
    case "opaque":
      return block.payload.length;
  }
}

function widgetBytes(widget: WidgetRecord): number {
  return RecordBytes.widget + tupleBytes(widget.tuples) + sum(widget.controls, controlBytes);
}

function controlBytes(control: ControlRecord): number {
  const data = control.kind === "bytes" ? control.privateData.length : tupleBytes(control.tuples);
  return RecordBytes[control.kind] + data;
}

function tupleBytes(arrays: readonly VendorArray[]): number {
  return sum(arrays, vendorArrayBytes);
}

function sum<T>(items: readonly T[], bytes: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += bytes(item);
  return total;
}
