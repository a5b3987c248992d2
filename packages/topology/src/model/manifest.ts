import { ByteReader } from "@sof-ts/kit";
import { DAMAGED, need } from "../container/checks.js";
import type { ManifestRecord } from "../container/records.js";
import { type NhltTable, readNhlt } from "./nhlt.js";

/** The only TLV type that SOF's manifest knows (`SOF_MANIFEST_DATA_TYPE_NHLT`). */
export const MANIFEST_TLV_NHLT = 1;

/** Element counts that a file announces. */
export interface ManifestTotals {
  readonly controls: number;
  readonly widgets: number;
  readonly graphElements: number;
  readonly pcms: number;
  readonly links: number;
  readonly dais: number;
}

/** A piece of the manifest that is not NHLT. */
export interface ManifestTlv {
  readonly type: number;
  readonly data: Uint8Array;
}

/** SOF's manifest (`struct sof_manifest`) and the totals of ALSA's. */
export interface SofManifest {
  readonly totals: ManifestTotals;
  /** ABI of the topology's vendor tokens; null when the private data is absent. */
  readonly abi: { readonly major: number; readonly minor: number; readonly patch: number } | null;
  /** Link table with the DMIC and SSP blobs; null when the file has none. */
  readonly nhlt: NhltTable | null;
  /** TLVs of types that are not known. */
  readonly others: readonly ManifestTlv[];
}

/**
 * Reads SOF's manifest out of ALSA's.
 *
 * @throws InputError when the private data is there but cut short or contradicts itself
 */
export function makeManifest(record: ManifestRecord, source: string): SofManifest {
  const { controls, widgets, graphElements, pcms, links, dais } = record;
  const totals = { controls, widgets, graphElements, pcms, links, dais };
  if (record.privateData.length === 0) return { totals, abi: null, nhlt: null, others: [] };
  const reader = new ByteReader(record.privateData, source, record.privateOffset ?? 0);
  need(reader, 6, "ABI version of the SOF manifest");
  const abi = { major: reader.u16(), minor: reader.u16(), patch: reader.u16() };
  if (reader.remaining === 0) return { totals, abi, nhlt: null, others: [] };

  need(reader, 2, "TLV count of the SOF manifest");
  const count = reader.u16();
  let nhlt: NhltTable | null = null;
  const others: ManifestTlv[] = [];
  for (let i = 0; i < count; i++) {
    need(reader, 8, "TLV of the SOF manifest");
    const type = reader.u32();
    const size = reader.u32();
    need(reader, size, `TLV ${type} of the SOF manifest`);
    const data = reader.sub(size);
    if (type === MANIFEST_TLV_NHLT) nhlt = readNhlt(data);
    else others.push({ type, data: data.bytes.slice() });
  }
  if (reader.remaining > 0) {
    throw reader.error(
      `${reader.remaining} bytes after the ${count} TLVs of the SOF manifest`,
      reader.offset,
      DAMAGED,
    );
  }
  return { totals, abi, nhlt, others };
}
