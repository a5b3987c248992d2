import { IpcGatewayCmd, MAILBOX_BYTES, type MessageOfKind, Status } from "@sof-ts/ipc4";
import type { AudioStream } from "@sof-ts/module-api";
import type { AudioGraph, Component } from "@sof-ts/pipeline";
import type { UserContext } from "./context.js";
import type { UserReply } from "./exchange.js";

/** Bytes of the word that payloads of IPCGATEWAY_CMD start with, both ways. */
const WORD_BYTES = 4;

/** @returns the copier with an IPC gateway of this node id, or null */
export function ipcGatewayCopier(graph: AudioGraph, nodeId: number): Component | null {
  return (
    graph.components.find(({ module }) => {
      const gateway = module.direct?.gateway;
      return gateway?.kind === "ipc" && gateway.nodeId === nodeId;
    }) ?? null
  );
}

/**
 * IPCGATEWAY_CMD: the host reads or fills a gateway's ring by messages instead of by DMA (SOF's
 * `copier_ipcgtw_process`). Calling context: the IPC thread of the gateway's core.
 *
 * @param mailbox node id and data
 * @param out a word (bytes left, or bytes taken) and data
 */
export function* ipcGatewayCommand(
  context: UserContext,
  message: MessageOfKind<"ipc-gateway-cmd">,
  mailbox: Uint8Array,
  reply: UserReply,
  out: Uint8Array,
): Generator<number, number, number> {
  const { graph } = context;
  const words = new DataView(mailbox.buffer, mailbox.byteOffset, mailbox.byteLength);
  const copier = ipcGatewayCopier(graph, words.getUint32(0, true));
  const ring = copier?.module.direct?.gateway?.stream;
  if (copier === null || ring === undefined) return Status.FAILURE;
  if (!known.has(message.cmd)) return Status.FAILURE;
  const bound = copier.sources.length + copier.sinks.length > 0;
  const cores = yield* graph.lockComponent(copier);
  reply.payloadBytes = move(message, ring, bound, mailbox.subarray(WORD_BYTES), out);
  yield* graph.unlockComponent(copier, cores);
  reply.extension = reply.payloadBytes;
  return Status.SUCCESS;
}

const known = new Set<number>(Object.values(IpcGatewayCmd));

/** @returns bytes of the reply's payload */
function move(
  { cmd, dataSize }: MessageOfKind<"ipc-gateway-cmd">,
  ring: AudioStream,
  bound: boolean,
  data: Uint8Array,
  out: Uint8Array,
): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  if (cmd === IpcGatewayCmd.FLUSH_DATA) {
    ring.reset();
    return 0;
  }
  if (cmd === IpcGatewayCmd.SET_DATA) {
    const bytes = bound ? Math.min(dataSize, data.length, ring.free) : 0;
    fill(ring, data.subarray(0, bytes));
    view.setUint32(0, bytes, true);
    return WORD_BYTES;
  }
  const bytes = bound ? Math.min(dataSize, MAILBOX_BYTES - WORD_BYTES, ring.available) : 0;
  drain(ring, out.subarray(WORD_BYTES, WORD_BYTES + bytes));
  view.setUint32(0, bound ? ring.available : 0, true);
  return WORD_BYTES + bytes;
}

function fill(ring: AudioStream, bytes: Uint8Array): void {
  const { u8 } = ring.memory;
  const first = Math.min(bytes.length, ring.end - ring.writePtr);
  u8.set(bytes.subarray(0, first), ring.writePtr);
  u8.set(bytes.subarray(first), ring.start);
  ring.produce(bytes.length);
}

function drain(ring: AudioStream, into: Uint8Array): void {
  const { u8 } = ring.memory;
  const first = Math.min(into.length, ring.end - ring.readPtr);
  into.set(u8.subarray(ring.readPtr, ring.readPtr + first));
  into.set(u8.subarray(ring.start, ring.start + into.length - first), first);
  ring.consume(into.length);
}
