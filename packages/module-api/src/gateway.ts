import type { AudioStream, StreamParams } from "./audio-stream.js";

/** Which way a gateway's data goes: `playback` from the host to the outside, `capture` the other way round. */
export type Direction = "playback" | "capture";

/** Where the far end of a gateway is. */
export type GatewayKind = "host" | "hda-link" | "dmic" | "ssp" | "alh" | "ipc";

/** What a copier asks for when it opens its gateway (IPC4 `copier_gateway_cfg`). */
export interface GatewayRequest {
  /** IPC4 node id: 7:0 index, 12:8 DMA type. */
  readonly nodeId: number;
  readonly direction: Direction;
  /** Bytes that the host asks the DMA buffer to have; the firmware rounds it to its own periods. */
  readonly dmaBufferBytes: number;
  /** Bytes that move in one scheduling period. */
  readonly periodBytes: number;
  /** The gateway's configuration blob as the host sent it. */
  readonly config: Uint8Array;
}

/**
 * One DMA channel with its ring, at the edge of the graph. For a playback host gateway and a capture link
 * gateway the copier is the consumer of `stream`; otherwise it is the producer.
 *
 * Calling context: the LL thread of the owning core for `status` and `reload`, the IPC or trigger task for
 * the rest. Nothing here blocks.
 */
export interface Gateway {
  readonly kind: GatewayKind;
  readonly direction: Direction;
  readonly nodeId: number;
  /** The DMA ring in audio memory. Its `available` is true as of the last `status`. */
  readonly stream: AudioStream;
  /** @returns 0, or a negative errno when the hardware cannot take these params */
  prepare(params: StreamParams): number;
  start(): number;
  stop(): number;
  pause(): number;
  release(): number;
  reset(): number;
  /** Gives the channel back. */
  free(): void;
  /** Brings `stream.available` up to date. @returns 0, or -EPIPE when the hardware under- or overran since the last call */
  status(): number;
  /**
   * Tells the hardware that the copier consumed or produced `byteCount` bytes; the copier has moved
   * `stream` on by then.
   *
   * @returns 0 or a negative errno
   */
  reload(byteCount: number): number;
  /** Bytes that went through since `start`: the link position that the host reads. */
  readonly totalBytes: number;
}
