import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ByteReader, ByteWriter } from "@sof-ts/kit";
import {
  countElements,
  describeTopology,
  parseTopology,
  readTopology,
  type Topology,
  toDot,
  validateTopology,
  writeTopology,
} from "../src/index.js";
import { nhltBytes, readNhlt, writeNhlt } from "../src/model/nhlt.js";

/** What became of one topology file. */
export interface TopologyRow {
  /** Path under the folder of the corpus. */
  readonly file: string;
  /** What the file holds, or what went wrong. */
  readonly result: string;
  readonly ok: boolean;
}

/**
 * Reads every topology of a corpus: each must parse completely, hold as many elements as its manifest says,
 * come back byte for byte, and read back to the same model.
 *
 * @param folder folder with `.tplg` files at any depth
 */
export function corpusTopologies(folder: string): TopologyRow[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".tplg"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return files.map((path) => {
    const file = relative(folder, path);
    try {
      return { file, result: check(new Uint8Array(readFileSync(path)), file), ok: true };
    } catch (error) {
      return { file, result: error instanceof Error ? error.message : String(error), ok: false };
    }
  });
}

function check(bytes: Uint8Array, source: string): string {
  const topology = parseTopology(bytes, source);
  const written = writeTopology(topology.file);
  expect(sameBytes(written, bytes), "written back otherwise");
  expect(sameModel(topology, parseTopology(written, source)), "reads back as another model");
  expect(isDeepStrictEqual(readTopology(written, source), topology.file), "other records");

  const found = countElements(topology);
  const totals = topology.manifest?.totals;
  expect(
    isDeepStrictEqual(found, totals),
    `${JSON.stringify(found)}, not ${JSON.stringify(totals)}`,
  );
  expect(sameNhlt(topology), "the NHLT is written back otherwise");

  const description = describeTopology(topology);
  expect(
    description.widgets.length + description.pipelines.length === found.widgets,
    "description",
  );
  expect(toDot(topology).length > 0, "no drawing");
  return summary(topology);
}

function summary(topology: Topology): string {
  const { pipelines, widgets, pcms } = topology;
  const parts = [
    `${pipelines.length} pipelines`,
    `${widgets.length} widgets`,
    `${pcms.length} PCMs`,
  ];
  const defects = new Map<string, number>();
  for (const { severity, kind } of validateTopology(topology)) {
    if (severity !== "note") defects.set(kind, (defects.get(kind) ?? 0) + 1);
  }
  for (const [kind, times] of defects) parts.push(times === 1 ? kind : `${kind} x${times}`);
  return parts.join(", ");
}

/** The model without the records that it was made of. */
function sameModel(a: Topology, b: Topology): boolean {
  return isDeepStrictEqual({ ...a, file: null }, { ...b, file: null });
}

function sameNhlt(topology: Topology): boolean {
  const table = topology.manifest?.nhlt;
  if (table == null) return true;
  const writer = new ByteWriter(nhltBytes(table));
  writeNhlt(writer, table);
  const written = writer.finish();
  const manifest = topology.file.blocks.find((block) => block.kind === "manifest");
  const data = manifest?.records[0]?.privateData ?? new Uint8Array();
  // The table is the manifest's only TLV: behind 6 bytes of ABI, 2 of count and 8 of TLV head.
  return (
    sameBytes(data.subarray(16), written) &&
    isDeepStrictEqual(readNhlt(new ByteReader(written, topology.source)), table)
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function expect(condition: boolean, problem: string): void {
  if (!condition) throw new Error(problem);
}
