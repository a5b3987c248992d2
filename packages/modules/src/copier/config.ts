import { type AudioFormat, audioFormat, type BaseModuleCfg, baseModuleCfg } from "@sof-ts/ipc4";
import { ByteReader, EINVAL } from "@sof-ts/kit";
import type { Direction } from "@sof-ts/module-api";

/** Gateway of a copier between two modules. */
export const NO_GATEWAY = 0xffffffff;

/** Output pins of a copier. */
export const COPIER_PINS = 4;

const MIN_PAYLOAD = 84;
const FAST_MODE = 1;

/** Init payload of a copier (SOF's `struct ipc4_copier_module_cfg`). */
export interface CopierConfig {
  readonly base: BaseModuleCfg;
  /** Format of output pin 0. */
  readonly outFormat: AudioFormat;
  /** Whether a host copier moves all there is, not one period a tick. */
  readonly fastMode: boolean;
  /** {@link NO_GATEWAY} or an IPC4 node id. */
  readonly nodeId: number;
  readonly dmaBufferBytes: number;
  readonly gatewayConfig: Uint8Array;
}

/** @returns the configuration, or -EINVAL when the payload is shorter than it says */
export function parseCopierConfig(payload: Uint8Array): CopierConfig | number {
  if (payload.length < MIN_PAYLOAD) return -EINVAL;
  const reader = new ByteReader(payload, "copier configuration");
  const base = baseModuleCfg.read(reader);
  const outFormat = audioFormat.read(reader);
  const features = reader.u32();
  const nodeId = reader.u32();
  const dmaBufferBytes = reader.u32();
  const configWords = reader.u32();
  if (configWords > 1 && configWords > payload.length >> 2) return -EINVAL;
  if (MIN_PAYLOAD + (configWords - 1) * 4 > payload.length) return -EINVAL;
  return {
    base,
    outFormat,
    fastMode: (features & FAST_MODE) !== 0,
    nodeId,
    dmaBufferBytes,
    // Outlives the message, whose mailbox is used again.
    gatewayConfig: reader.take(configWords * 4).slice(),
  };
}

const IPC_OUTPUT = 20;
const IPC_INPUT = 21;

/** Gateway types that a copier may have (SOF's `enum ipc4_gateway_class`). */
const known = new Set([0, 1, 8, 9, 11, 12, 13, 16, 17, IPC_OUTPUT, IPC_INPUT]);

/** @returns the direction of a node, or null for a DMA type that no copier serves */
export function nodeDirection(nodeId: number): Direction | null {
  const type = (nodeId >>> 8) & 0x1f;
  if (!known.has(type)) return null;
  if (type === IPC_OUTPUT) return "capture";
  if (type === IPC_INPUT) return "playback";
  return type % 2 === 0 ? "playback" : "capture";
}
