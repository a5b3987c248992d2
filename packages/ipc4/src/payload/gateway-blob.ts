import { assert, ByteReader, InputError } from "@sof-ts/kit";
import { array, flag, nested, reserved, reservedBits, u32, u8 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { concat, encodeCounted } from "./lists.js";
import { type Tlv, TLV_HEADER_BYTES } from "./tlv.js";

/** First word of every gateway configuration (SOF's `union ipc4_gateway_attributes`). */
export interface GatewayAttributes {
  /** Put the DMA buffer into low-power memory. */
  readonly lpBufferAlloc: boolean;
  /** Put the DMA buffer into the register file. */
  readonly allocFromRegFile: boolean;
  readonly reserved?: number | undefined;
}

/** Reads and writes the 4 bytes of {@link GatewayAttributes}. */
export const gatewayAttributes: Codec<GatewayAttributes> = struct("gateway_attributes", 4, {
  lpBufferAlloc: flag(0, 0),
  allocFromRegFile: flag(0, 1),
  reserved: reservedBits(0, 2, 30),
});

/** Configuration of an IPC gateway (SOF's `struct ipc4_ipc_gateway_config_blob`). */
export interface IpcGatewayBlob {
  readonly attributes: GatewayAttributes;
  /** Bytes. */
  readonly bufferSize: number;
  readonly notifyHigh: boolean;
  readonly notifyLow: boolean;
  readonly reservedFlags?: number | undefined;
  readonly thresholdHigh: number;
  readonly thresholdLow: number;
}

/** Reads and writes the 20 bytes of an {@link IpcGatewayBlob}. */
export const ipcGatewayBlob: Codec<IpcGatewayBlob> = struct("ipc_gateway_config_blob", 20, {
  attributes: nested(0, gatewayAttributes),
  bufferSize: u32(4),
  notifyHigh: flag(8, 0),
  notifyLow: flag(8, 1),
  reservedFlags: reservedBits(8, 2, 30),
  thresholdHigh: u32(12),
  thresholdLow: u32(16),
});

/** One of the SoundWire streams of a group. */
export interface AlhMapping {
  readonly alhId: number;
  /** Channels of the copier's stream that go to or come from this one. */
  readonly channelMask: number;
}

const alhMapping = struct("alh mapping", 8, { alhId: u32(0), channelMask: u32(4) });

/** SoundWire streams that a group can have. */
export const MAX_ALH_GATEWAYS = 16;

/** Configuration of a group of SoundWire streams (SOF's `struct sof_alh_configuration_blob`). */
export interface AlhBlob {
  readonly attributes: GatewayAttributes;
  /** At most {@link MAX_ALH_GATEWAYS}. */
  readonly mappings: readonly AlhMapping[];
  /** What follows: the TLVs of newer hosts. */
  readonly tail?: Uint8Array | undefined;
}

/**
 * Reads a SoundWire group's configuration.
 *
 * @throws InputError when bytes are missing or the count is over {@link MAX_ALH_GATEWAYS}
 */
export function decodeAlhBlob(blob: Uint8Array, source = "ALH gateway blob"): AlhBlob {
  const reader = new ByteReader(blob, source);
  const attributes = gatewayAttributes.read(reader);
  const count = reader.u32("count of ALH gateways");
  if (count > MAX_ALH_GATEWAYS) {
    throw reader.error(`${count} ALH gateways, at most ${MAX_ALH_GATEWAYS}`, 4);
  }
  const mappings: AlhMapping[] = [];
  for (let i = 0; i < count; i++) mappings.push(alhMapping.read(reader));
  const tail = reader.remaining > 0 ? { tail: new Uint8Array(reader.take(reader.remaining)) } : {};
  return { attributes, mappings, ...tail };
}

/** @returns attributes, count, mappings, tail */
export function encodeAlhBlob(blob: AlhBlob): Uint8Array {
  assert(blob.mappings.length <= MAX_ALH_GATEWAYS, `${blob.mappings.length} ALH gateways`);
  const { attributes, mappings, tail = new Uint8Array(0) } = blob;
  return concat(gatewayAttributes.encode(attributes), encodeCounted(alhMapping, mappings), tail);
}

/** How a DMA reaches a link. */
export const DmaMethod = {
  INVALID: 0,
  HDA: 1,
  GPDMA: 2,
} as const;
export type DmaMethod = (typeof DmaMethod)[keyof typeof DmaMethod];

/** TLV type of a {@link DmaConfig} in a gateway blob. */
export const DMA_CONFIG_TLV_TYPE = 0x1000;

/** TLV type of a {@link HostCopierGroup} in a gateway blob. */
export const HOST_COPIER_TLV_TYPE = 0;

/** One endpoint of a DMA stream. */
export interface DmaDevice {
  readonly deviceAddress: number;
  readonly channelMask: number;
}

/** What the host says about the DMA of a link (SOF's `struct ipc_dma_config`). */
export interface DmaConfig {
  /** A {@link DmaMethod}. */
  readonly dmaMethod: number;
  readonly preAllocatedByHost: number;
  readonly reserved?: Uint8Array | undefined;
  readonly dmaChannelId: number;
  readonly streamId: number;
  /** How many of `devices` count. */
  readonly deviceCount: number;
  /** Always 16. */
  readonly devices: readonly DmaDevice[];
  /** Bytes for the DMA driver itself. */
  readonly privateConfig: Uint8Array;
}

const dmaDevice = struct("dma_device", 8, { deviceAddress: u32(0), channelMask: u32(4) });

const dmaConfigHead = struct("dma_config", 148, {
  dmaMethod: u8(0),
  preAllocatedByHost: u8(1),
  reserved: reserved(2, 2),
  dmaChannelId: u32(4),
  streamId: u32(8),
  deviceCount: u32(12),
  devices: array(16, 16, dmaDevice),
  privateConfigSize: u32(144),
});

/**
 * Reads the value of a DMA configuration TLV.
 *
 * @throws InputError when bytes are missing or more than 16 devices are claimed
 */
export function decodeDmaConfig(value: Uint8Array, source = "DMA config TLV"): DmaConfig {
  const reader = new ByteReader(value, source);
  const { privateConfigSize, ...config } = dmaConfigHead.read(reader);
  if (config.deviceCount > 16) {
    throw reader.error(
      `${config.deviceCount} devices, at most 16`,
      dmaConfigHead.offsets.deviceCount,
    );
  }
  const privateConfig = new Uint8Array(reader.take(privateConfigSize, "private DMA config"));
  return { ...config, privateConfig };
}

/** @returns the TLV to append to a gateway blob */
export function dmaConfigTlv(config: DmaConfig): Tlv {
  const head = dmaConfigHead.encode({ ...config, privateConfigSize: config.privateConfig.length });
  const value = concat(head, config.privateConfig);
  return { type: DMA_CONFIG_TLV_TYPE, value };
}

/**
 * Finds the DMA configuration that ends a gateway blob. A link's own blob does not state its length, so
 * the TLV is looked for from the end: it is the one whose lengths reach exactly there.
 *
 * @returns its configuration and its offset in `blob`, undefined when the blob has none
 */
export function findDmaConfig(
  blob: Uint8Array,
): { readonly config: DmaConfig; readonly offset: number } | undefined {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  for (
    let offset = (blob.length - TLV_HEADER_BYTES - dmaConfigHead.size) & ~3;
    offset >= 0;
    offset -= 4
  ) {
    if (view.getUint32(offset, true) !== DMA_CONFIG_TLV_TYPE) continue;
    const length = view.getUint32(offset + 4, true);
    if (offset + TLV_HEADER_BYTES + length !== blob.length) continue;
    const value = blob.subarray(offset + TLV_HEADER_BYTES);
    if (dmaConfigHead.decode(value).privateConfigSize !== length - dmaConfigHead.size) continue;
    try {
      return { config: decodeDmaConfig(value), offset };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return undefined;
}

/** Host copiers that start and stop together. */
export interface HostCopierGroup {
  readonly groupId: number;
  /** Period of the firmware's position updates; the same in all members. */
  readonly fpiUpdatePeriodUs: number;
}

/** Reads and writes the 8 bytes of a {@link HostCopierGroup}, value of a TLV after the attributes. */
export const hostCopierGroup: Codec<HostCopierGroup> = struct("host copier sync group", 8, {
  groupId: u32(0),
  fpiUpdatePeriodUs: u32(4),
});

/**
 * The DAI that the firmware takes for a SoundWire stream.
 *
 * @param alhId stream id, of a group's mapping or the `vIndex` of a single gateway
 * @param groupShift 4 on cAVS and ACE 1.5, 0 on later platforms
 * @param firstStream 7 where the general-purpose DMA serves SoundWire, else 0
 */
export function alhDaiIndex(alhId: number, groupShift: number, firstStream: number): number {
  return ((alhId & 0xf0) << groupShift) + ((alhId & 0xf) - firstStream);
}
