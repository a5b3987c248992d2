import { assert } from "@sof-ts/kit";
import { namesOf } from "../names.js";

/** Kinds of gateways (SOF's `enum ipc4_connector_node_id_type`), bits 12:8 of a node id. */
export const NodeType = {
  HDA_HOST_OUTPUT: 0,
  HDA_HOST_INPUT: 1,
  HDA_HOST_INOUT: 2,
  HDA_LINK_OUTPUT: 8,
  HDA_LINK_INPUT: 9,
  HDA_LINK_INOUT: 10,
  DMIC_LINK_INPUT: 11,
  I2S_LINK_OUTPUT: 12,
  I2S_LINK_INPUT: 13,
  ALH_LINK_OUTPUT: 16,
  ALH_LINK_INPUT: 17,
  UAOL_OUTPUT: 18,
  UAOL_INPUT: 19,
  IPC_OUTPUT: 20,
  IPC_INPUT: 21,
  I2S_MULTI_OUTPUT: 22,
  I2S_MULTI_INPUT: 23,
  GPIO: 24,
  SPI_OUTPUT: 25,
  SPI_INPUT: 26,
} as const;
export type NodeType = (typeof NodeType)[keyof typeof NodeType];

/** Node id of a copier that stands between two modules. */
export const NO_NODE = 0xffff_ffff;

/** The bits of a node id that name a gateway. */
export const NODE_ID_MASK = 0x1fff;

/** First `vIndex` of a group of ALH gateways that work as one. */
export const ALH_MULTI_GATEWAY_BASE = 0x50;

/** A gateway, taken apart. */
export interface NodeId {
  /** Which one of its kind: a stream index, a port, an interface. */
  readonly vIndex: number;
  /** A {@link NodeType}, or another 5-bit number. */
  readonly type: number;
  /** Bits 31:13 in place, present when they are not zero. */
  readonly reserved?: number | undefined;
}

/** Joins the parts of a node id (SOF's `union ipc4_connector_node_id`). */
export function packNodeId(node: NodeId): number {
  const { type, vIndex, reserved = 0 } = node;
  assert(type >= 0 && type <= 0x1f && vIndex >= 0 && vIndex <= 0xff, `node ${type}:${vIndex}`);
  assert((reserved & NODE_ID_MASK) === 0, "node id: reserved bits that belong to a field");
  return ((type << 8) | vIndex | reserved) >>> 0;
}

/** Takes a node id apart. */
export function unpackNodeId(nodeId: number): NodeId {
  const reserved = (nodeId & ~NODE_ID_MASK) >>> 0;
  const node = { vIndex: nodeId & 0xff, type: (nodeId >>> 8) & 0x1f };
  return reserved === 0 ? node : { ...node, reserved };
}

/** Whether two ids name the same gateway. */
export const sameNode = (a: number, b: number): boolean => ((a ^ b) & NODE_ID_MASK) === 0;

/** Which way audio runs through a gateway: from the host out, or in to the host. */
export type NodeDirection = "playback" | "capture";

/**
 * The firmware's rule for a gateway's direction: even types play, odd types capture, the IPC gateways the
 * other way round.
 */
export function nodeDirection(nodeId: number): NodeDirection {
  const { type } = unpackNodeId(nodeId);
  const even = (type & 1) === 0;
  const swapped = type === NodeType.IPC_OUTPUT || type === NodeType.IPC_INPUT;
  return even !== swapped ? "playback" : "capture";
}

const directed = (direction: NodeDirection, output: NodeType, input: NodeType, vIndex: number) =>
  packNodeId({ type: direction === "playback" ? output : input, vIndex });

/** Node of a host DMA stream; `streamTag` counts from 1. */
export const hdaHostNode = (direction: NodeDirection, streamTag: number): number =>
  directed(direction, NodeType.HDA_HOST_OUTPUT, NodeType.HDA_HOST_INPUT, streamTag - 1);

/** Node of an HDA link stream; `streamTag` counts from 1. */
export const hdaLinkNode = (direction: NodeDirection, streamTag: number): number =>
  directed(direction, NodeType.HDA_LINK_OUTPUT, NodeType.HDA_LINK_INPUT, streamTag - 1);

/** Node of an I2S (SSP) port and a group of its TDM slots. */
export const sspNode = (direction: NodeDirection, port: number, slotGroup = 0): number =>
  directed(direction, NodeType.I2S_LINK_OUTPUT, NodeType.I2S_LINK_INPUT, port * 16 + slotGroup);

/** Node of a digital microphone interface. */
export const dmicNode = (dmic: number): number =>
  packNodeId({ type: NodeType.DMIC_LINK_INPUT, vIndex: dmic & 7 });

/** Node of a SoundWire (ALH) stream. */
export const alhNode = (direction: NodeDirection, pdi: number): number =>
  directed(direction, NodeType.ALH_LINK_OUTPUT, NodeType.ALH_LINK_INPUT, pdi);

/** Node of a group of SoundWire streams that work as one; `group` is 0..7. */
export const alhGroupNode = (direction: NodeDirection, group: number): number =>
  alhNode(direction, ALH_MULTI_GATEWAY_BASE + group);

const typeNames = namesOf(NodeType);

/** @returns "HDA_HOST_OUTPUT", or the number as text for a type that the protocol does not have */
export const nodeTypeName = (type: number): string => typeNames(type) ?? `type ${type}`;

/** Says which gateway a node id means: "HDA_HOST_OUTPUT stream 0 (tag 1)", "I2S_LINK_OUTPUT port 2". */
export function describeNodeId(nodeId: number): string {
  if (nodeId === NO_NODE) return "none";
  const { type, vIndex } = unpackNodeId(nodeId);
  return `${nodeTypeName(type)} ${describeIndex(type, vIndex)}`;
}

function describeIndex(type: number, vIndex: number): string {
  switch (type) {
    case NodeType.HDA_HOST_OUTPUT:
    case NodeType.HDA_HOST_INPUT:
    case NodeType.HDA_LINK_OUTPUT:
    case NodeType.HDA_LINK_INPUT:
      return `stream ${vIndex} (tag ${vIndex + 1})`;
    case NodeType.I2S_LINK_OUTPUT:
    case NodeType.I2S_LINK_INPUT: {
      const group = vIndex & 0xf;
      return `port ${vIndex >> 4}${group === 0 ? "" : ` slot group ${group}`}`;
    }
    case NodeType.ALH_LINK_OUTPUT:
    case NodeType.ALH_LINK_INPUT:
      return vIndex >= ALH_MULTI_GATEWAY_BASE
        ? `group ${vIndex - ALH_MULTI_GATEWAY_BASE}`
        : `PDI ${vIndex}`;
    default:
      return `${vIndex}`;
  }
}
