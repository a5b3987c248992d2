import { assert, ByteWriter, ENOSPC } from "@sof-ts/kit";
import {
  alhGroupNode,
  alhNode,
  type CopierGateway,
  DmaMethod,
  dmaConfigTlv,
  dmicNode,
  encodeAlhBlob,
  encodeTlvs,
  gatewayAttributes,
  hdaHostNode,
  hdaLinkNode,
  MAX_ALH_GATEWAYS,
  NO_NODE,
  sspNode,
  type Tlv,
} from "@sof-ts/ipc4";
import { HostError } from "./host-error.js";
import type { LinkStream, StreamDirection } from "./ports.js";
import type { BackEndSetup } from "./back-end.js";

/** Host DMA buffer of a copier, in periods of 1 ms, when the topology asks for no deeper one. */
const MIN_BUFFER_MS = 2;

/** Sizes that a gateway's buffer follows from. */
export interface GatewaySizes {
  readonly ibs: number;
  readonly obs: number;
}

const attributes = (lowPower: boolean): Uint8Array =>
  gatewayAttributes.encode({ lpBufferAlloc: lowPower, allocFromRegFile: false });

/** @returns the gateway of a copier between two modules: none, with one word of configuration */
export function noGateway(): CopierGateway {
  return { nodeId: NO_NODE, dmaBufferSize: 0, configData: new Uint8Array(4) };
}

/** @returns the gateway of a host copier */
export function hostGateway(
  direction: StreamDirection,
  streamTag: number,
  sizes: GatewaySizes,
  options: { readonly deepBufferMs: number; readonly lowPower: boolean },
): CopierGateway {
  const periods = Math.max(MIN_BUFFER_MS, options.deepBufferMs);
  return {
    nodeId: hdaHostNode(direction, streamTag),
    dmaBufferSize: direction === "playback" ? periods * sizes.ibs : MIN_BUFFER_MS * sizes.obs,
    configData: attributes(options.lowPower),
  };
}

/**
 * The gateway of a DAI copier, by the kind of its link.
 *
 * @param alhGroup number of the group when several SoundWire streams work as one, else null
 */
export function daiGateway(
  setup: BackEndSetup,
  sizes: GatewaySizes,
  lowPower: boolean,
  alhGroup: number | null,
): CopierGateway {
  const { direction } = setup;
  const dmaBufferSize = MIN_BUFFER_MS * (direction === "playback" ? sizes.ibs : sizes.obs);
  const first = setup.streams[0];
  assert(first !== undefined, "a back end without a link stream");
  switch (setup.type) {
    case "HDA":
      return {
        nodeId: hdaLinkNode(direction, hostTag(first)),
        dmaBufferSize,
        configData: attributes(lowPower),
      };
    case "SSP":
      return {
        nodeId: sspNode(direction, setup.index),
        dmaBufferSize,
        configData: withDmaConfig(setup.blob ?? new Uint8Array(0), setup, []),
      };
    case "DMIC":
      return {
        nodeId: dmicNode(setup.index),
        dmaBufferSize,
        configData: withDmaConfig(setup.blob ?? new Uint8Array(0), setup, []),
      };
    case "ALH":
      return {
        nodeId:
          alhGroup === null
            ? alhNode(direction, soundWireId(first))
            : alhGroupNode(direction, alhGroup),
        dmaBufferSize,
        configData: alhConfig(setup, lowPower),
      };
  }
}

function hostTag(stream: LinkStream): number {
  assert(stream.tag !== null, "an HD Audio link stream has a tag");
  return stream.tag;
}

function soundWireId(stream: LinkStream): number {
  assert(stream.alhId !== null, "a SoundWire link stream has a PDI");
  return stream.alhId;
}

/** Always the whole structure of 16 places, as the driver sends it. */
function alhConfig(setup: BackEndSetup, lowPower: boolean): Uint8Array {
  const { streams } = setup;
  if (streams.length > MAX_ALH_GATEWAYS) {
    throw new HostError(`${streams.length} SoundWire streams in one back end`, { errno: ENOSPC });
  }
  const masks = channelMasks(setup);
  const mappings = streams.map((stream, i) => ({
    alhId: soundWireId(stream),
    channelMask: masks[i] as number,
  }));
  const rest = new Uint8Array((MAX_ALH_GATEWAYS - mappings.length) * 8);
  const blob = encodeAlhBlob({
    attributes: { lpBufferAlloc: lowPower, allocFromRegFile: false },
    mappings,
    tail: rest,
  });
  return withDmaConfig(blob, setup, mappings);
}

/** In playback every endpoint gets all channels; in capture each gives its share. */
function channelMasks({ direction, streams, channels }: BackEndSetup): number[] {
  const ones = (count: number) => 2 ** count - 1;
  if (direction === "playback") return streams.map(() => ones(channels));
  const step = Math.floor(channels / streams.length);
  return streams.map((_, i) => ones(step) * 2 ** (i * step));
}

/** Where the host drives the link DMA, a TLV for each link stream says which channel serves it. */
function withDmaConfig(
  blob: Uint8Array,
  { streams }: BackEndSetup,
  mappings: readonly { readonly alhId: number; readonly channelMask: number }[],
): Uint8Array {
  const tlvs: Tlv[] = [];
  streams.forEach(({ tag }, i) => {
    if (tag === null) return;
    const mapping = mappings[i];
    const device = { deviceAddress: mapping?.alhId ?? 0, channelMask: mapping?.channelMask ?? 0 };
    const unused = { deviceAddress: 0, channelMask: 0 };
    tlvs.push(
      dmaConfigTlv({
        dmaMethod: DmaMethod.HDA,
        preAllocatedByHost: 1,
        dmaChannelId: tag - 1,
        streamId: tag,
        deviceCount: mapping === undefined ? 0 : 1,
        devices: Array.from({ length: 16 }, (_, place) => (place === 0 ? device : unused)),
        privateConfig: new Uint8Array(0),
      }),
    );
  });
  if (tlvs.length === 0) return blob;
  const list = encodeTlvs(tlvs);
  return new ByteWriter(blob.length + list.length).bytes(blob).bytes(list).finish();
}
