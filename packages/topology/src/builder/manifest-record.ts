import { ByteWriter } from "@sof-ts/kit";
import type { ManifestRecord } from "../container/records.js";
import { MANIFEST_TLV_NHLT, type ManifestTotals } from "../model/manifest.js";
import {
  type NhltEndpoint,
  nhltBytes,
  type NhltFormat,
  NhltLinkType,
  type NhltTable,
  writeNhlt,
} from "../model/nhlt.js";

/** One format of an endpoint with its blob. */
export interface NhltFormatOptions {
  readonly rate: number;
  readonly channels: number;
  /** Container bits. */
  readonly bitDepth: number;
  /** As `bitDepth` when left out. */
  readonly validBits?: number;
  /** Gateway configuration of the copier. */
  readonly blob: Uint8Array;
}

/** A microphone array or a serial port. */
export interface NhltEndpointOptions {
  readonly type: "DMIC" | "SSP";
  /** SSP port; a DMIC's index. */
  readonly index: number;
  /** `"capture"` when left out, which is all a DMIC can. */
  readonly direction?: "playback" | "capture";
  readonly formats: readonly NhltFormatOptions[];
}

/** Makes an NHLT table with the ids that Intel's DSPs have. */
export function nhltTable(endpoints: readonly NhltEndpointOptions[]): NhltTable {
  return { header: new Uint8Array(28), endpoints: endpoints.map(endpointOf) };
}

function endpointOf(options: NhltEndpointOptions): NhltEndpoint {
  const dmic = options.type === "DMIC";
  return {
    linkType: dmic ? NhltLinkType.PDM : NhltLinkType.SSP,
    instance: 0,
    vendorId: 0x8086,
    deviceId: dmic ? 0xae20 : 0xae34,
    revision: 0,
    subsystemId: 0,
    deviceType: 0,
    direction: options.direction === "playback" ? 0 : 1,
    virtualBusId: options.index,
    config: dmic ? Uint8Array.of(0, 1, 0) : Uint8Array.of(0, 0),
    formats: options.formats.map(formatOf),
  };
}

function formatOf(options: NhltFormatOptions): NhltFormat {
  const { rate, channels, bitDepth, validBits = bitDepth, blob } = options;
  const blockAlign = (channels * bitDepth) / 8;
  return {
    formatTag: 0xfffe,
    channels,
    rate,
    bytesPerSecond: rate * blockAlign,
    blockAlign,
    bitDepth,
    extraBytes: 22,
    validBits,
    channelMask: 0,
    subFormat: new Uint8Array(16),
    blob,
  };
}

/** Version of SOF's topology ABI. */
export interface SofAbi {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Makes the manifest of a topology. */
export function manifestRecord(
  totals: ManifestTotals,
  abi: SofAbi,
  nhlt: NhltTable | null,
): ManifestRecord {
  const tableBytes = nhlt === null ? 0 : nhltBytes(nhlt);
  const writer = new ByteWriter(16 + tableBytes);
  writer.u16(abi.major).u16(abi.minor).u16(abi.patch);
  if (nhlt !== null) {
    writer.u16(1).u32(MANIFEST_TLV_NHLT).u32(tableBytes);
    writeNhlt(writer, nhlt);
  }
  return {
    ...totals,
    reserved: Array.from({ length: 20 }, () => 0),
    privateData: writer.finish(),
  };
}
