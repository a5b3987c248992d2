import {
  alhGroupNode,
  alhNode,
  type CopierConfig,
  type CopierGateway,
  decodeCopierConfig,
  dmicNode,
  encodeAlhBlob,
  hdaHostNode,
  hdaLinkNode,
  NO_NODE,
  NodeType,
  sspNode,
  unpackNodeId,
} from "@sof-ts/ipc4";
import { InputError } from "@sof-ts/kit";

/** What a copier is at the end of. */
export type CopierEnd = "host" | "hda" | "ssp" | "dmic" | "alh" | "none";

/** What a copier is for. */
export interface CopierRole {
  readonly end: CopierEnd;
  readonly direction: "playback" | "capture";
}

/** What is known of a copier whose payload the log does not have. */
export interface CopierClues {
  /** What the driver calls it. */
  readonly name: string | undefined;
  /** Bytes of its init payload. */
  readonly size: number;
  /** Whether a connection starts at it, anywhere in the log. */
  readonly feeds: boolean;
  /** Whether a connection ends at it. */
  readonly isFed: boolean;
  /** Whether it is the first module that its pipeline gets. */
  readonly first: boolean;
  /** Direction of the last trigger in front of it. */
  readonly direction: "playback" | "capture" | undefined;
}

/** Bytes of a copier's init payload in front of the gateway's configuration. */
const HEAD_BYTES = 80;
const SSP_SIZE = 164;
const ALH_GROUP_SIZE = 216;

/**
 * Guesses what a copier is for. In this order: the driver's name for it, the size of its payload (a link's
 * configuration has the size of its kind), and its place: the first module of a pipeline takes from the
 * host, a later one gives to an HD Audio link.
 */
export function guessRole(clues: CopierClues): CopierRole {
  const end = endOf(clues);
  const source = clues.feeds || (!clues.isFed && clues.first);
  const named = directionOfName(clues.name);
  if (end === "dmic") return { end, direction: "capture" };
  const byPlace = source === (end === "host") ? "playback" : "capture";
  // A connection in the log is certain, a trigger may be another stream's.
  const placed = clues.feeds !== clues.isFed ? byPlace : (clues.direction ?? byPlace);
  return { end, direction: named ?? placed };
}

function endOf({ name, size, first }: CopierClues): CopierEnd {
  const text = name?.toLowerCase() ?? "";
  if (/host/.test(text)) return "host";
  if (/dmic/.test(text)) return "dmic";
  if (/ssp/.test(text)) return "ssp";
  if (/alh|sdw/.test(text)) return "alh";
  if (/hda|analog|idisp/.test(text)) return "hda";
  if (/module/.test(text)) return "none";
  if (size === SSP_SIZE) return "ssp";
  if (size === ALH_GROUP_SIZE) return "alh";
  return first ? "host" : "hda";
}

function directionOfName(name: string | undefined): "playback" | "capture" | undefined {
  if (name === undefined) return undefined;
  if (/playback/i.test(name)) return "playback";
  return /capture/i.test(name) ? "capture" : undefined;
}

/** Streams of a kind that made-up gateways use; then they start over. */
const STREAMS = 8;

/** Gives each made-up gateway a stream of its own, as the driver does. */
export class GatewayNumbers {
  private readonly next = new Map<string, number>();

  /** Takes the gateway of a payload that the log has. */
  take(nodeId: number): void {
    if (nodeId === NO_NODE) return;
    const { type, vIndex } = unpackNodeId(nodeId);
    const key = String(type);
    this.next.set(key, Math.max(this.next.get(key) ?? 0, (vIndex % STREAMS) + 1));
  }

  /** A gateway for a role. Links that the log does not name are counted from 0 like the rest. */
  make({ end, direction }: CopierRole, size: number, bufferBytes: number): CopierGateway {
    const config = new Uint8Array(Math.max(4, (size - HEAD_BYTES) & ~3));
    const gateway = (nodeId: number, configData: Uint8Array = config): CopierGateway => ({
      nodeId,
      dmaBufferSize: end === "none" ? 0 : bufferBytes,
      configData,
    });
    const playback = direction === "playback";
    switch (end) {
      case "none":
        return gateway(NO_NODE);
      case "host": {
        const type = playback ? NodeType.HDA_HOST_OUTPUT : NodeType.HDA_HOST_INPUT;
        return gateway(hdaHostNode(direction, this.number(type) + 1));
      }
      case "hda": {
        const type = playback ? NodeType.HDA_LINK_OUTPUT : NodeType.HDA_LINK_INPUT;
        return gateway(hdaLinkNode(direction, this.number(type) + 1));
      }
      case "ssp": {
        const type = playback ? NodeType.I2S_LINK_OUTPUT : NodeType.I2S_LINK_INPUT;
        return gateway(sspNode(direction, this.number(type) % 3));
      }
      case "dmic":
        return gateway(dmicNode(this.number(NodeType.DMIC_LINK_INPUT) % 2));
      case "alh": {
        const type = playback ? NodeType.ALH_LINK_OUTPUT : NodeType.ALH_LINK_INPUT;
        const first = this.number(type) * 2;
        if (config.length < 24) return gateway(alhNode(direction, first));
        return gateway(alhGroupNode(direction, first >> 1), alhPair(first, config.length));
      }
    }
  }

  private number(type: number): number {
    const key = String(type);
    const number = this.next.get(key) ?? 0;
    this.next.set(key, number + 1);
    return number % STREAMS;
  }
}

/** Two SoundWire endpoints that work as one, in as many bytes as the payload has. */
function alhPair(first: number, length: number): Uint8Array {
  const blob = encodeAlhBlob({
    attributes: { lpBufferAlloc: false, allocFromRegFile: false },
    mappings: [
      { alhId: first, channelMask: 3 },
      { alhId: first + 1, channelMask: 3 },
    ],
  });
  const padded = new Uint8Array(length);
  padded.set(blob);
  return padded;
}

/** @returns a copier's init payload taken apart; null when it is none */
export function copierConfigOf(payload: Uint8Array): CopierConfig | null {
  try {
    return decodeCopierConfig(payload);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
