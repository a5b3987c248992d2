import { type AudioAllocator, AudioStream, placed, type StreamParams } from "@sof-ts/module-api";
import type { Component, PinFormat } from "./component.js";

/** Bytes that a buffer's object takes in the user heap of a 32-bit machine, and where its stream begins in it. */
const BUFFER_BYTES = 128;
const STREAM_OFFSET = 48;
/** Of a ring between two cores: an atomic counter, and flags that the other side only looks at. */
const SHARED_FIELDS = ["available", "producerActive", "consumerActive"] as const;

/** Identifies a buffer among the sinks of its source: sink queue in 31:16, source queue in 15:0. */
export function bufferId(sourceQueue: number, sinkQueue: number): number {
  return (sinkQueue << 16) | sourceQueue;
}

/**
 * A connection of the graph: the ring between two components (SOF's `comp_buffer`). It exists from BIND to
 * UNBIND; an end whose component was deleted first is null.
 */
export class ComponentBuffer {
  readonly id: number;
  readonly sourceQueue: number;
  readonly sinkQueue: number;
  readonly stream: AudioStream;
  /** The core of the source, in whose heap the ring lies. */
  readonly core: number;
  source: Component | null = null;
  sink: Component | null = null;
  private readonly heap: AudioAllocator;
  private readonly address: number;

  constructor(
    heap: AudioAllocator,
    address: number,
    stream: AudioStream,
    sourceQueue: number,
    sinkQueue: number,
    core: number,
  ) {
    this.id = bufferId(sourceQueue, sinkQueue);
    this.sourceQueue = sourceQueue;
    this.sinkQueue = sinkQueue;
    this.heap = heap;
    this.address = address;
    this.stream = stream;
    this.core = core;
  }

  /** Gives object and ring back. Both ends are detached. */
  free(): void {
    this.heap.free(this.stream.start);
    this.heap.free(this.address);
  }
}

/** Bytes per period and format at one end of a connection: the pin's own where it has some, else pin 0's. */
export function pinOf(
  pins: readonly PinFormat[],
  queue: number,
  baseBytes: number,
  baseParams: StreamParams,
): PinFormat {
  const pin = queue === 0 ? undefined : pins[queue];
  return pin !== undefined && pin.bytes > 0 ? pin : { bytes: baseBytes, params: baseParams };
}

/**
 * Makes the ring for a connection, sized as SOF's IPC4 `ipc_comp_connect`: two periods of the larger side
 * behind an LL source, two periods of the sink behind a DP source. Between two cores it is twice that, because
 * two periods are under way there and a third comes when the order of the cores' ticks changes.
 *
 * @param shared whether more than one core uses the ring
 * @returns the buffer, or null when the size is 0 or memory is short
 */
export function createBuffer(
  heap: AudioAllocator,
  source: Component,
  sink: Component,
  queues: { readonly source: number; readonly sink: number },
  shared: boolean,
): ComponentBuffer | null {
  const { source: sourceQueue, sink: sinkQueue } = queues;
  const output = pinOf(source.pins.outputPins, sourceQueue, source.pins.obs, source.pins.params);
  const input = pinOf(sink.pins.inputPins, sinkQueue, sink.pins.ibs, sink.pins.params);
  const period = source.dataProcessing ? input.bytes : Math.max(output.bytes, input.bytes);
  const size = (shared ? 4 : 2) * period;
  if (size === 0) return null;
  const address = heap.alloc(BUFFER_BYTES);
  if (address === 0) return null;
  const ring = heap.alloc(size);
  if (ring === 0) {
    heap.free(address);
    return null;
  }
  const name = `${source.name} ${source.instanceId} to ${sink.name} ${sink.instanceId}`;
  const stream = placed(heap, new AudioStream(heap.memory, ring, size, shared), {
    name: `ring from ${name}`,
    address: address + STREAM_OFFSET,
    size: BUFFER_BYTES - STREAM_OFFSET,
    ...(shared ? { unchecked: SHARED_FIELDS } : {}),
  });
  stream.setParams(input.params);
  stream.sourceQueue = sourceQueue;
  stream.sinkQueue = sinkQueue;
  const { core } = source;
  const made = new ComponentBuffer(heap, address, stream, sourceQueue, sinkQueue, core);
  const place = { address, size: STREAM_OFFSET };
  return placed(heap, made, { name: `buffer from ${name}`, ...place });
}
