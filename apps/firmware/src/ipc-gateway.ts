import type {
  AudioAllocator,
  AudioStream,
  Direction,
  Gateway,
  StreamParams,
} from "@sof-ts/module-api";

/**
 * A gateway whose data the host carries by IPCGATEWAY_CMD messages instead of by DMA (SOF's `copier_ipcgtw`). The
 * message handler fills or drains the ring under the lock of the copier's core, the copier does the rest, so
 * there is nothing to start, to stop or to ask.
 */
export class IpcGateway implements Gateway {
  readonly kind = "ipc";
  readonly nodeId: number;
  readonly direction: Direction;
  readonly stream: AudioStream;
  private readonly heap: AudioAllocator;
  private readonly onFree: () => void;
  private moved = 0;

  constructor(
    nodeId: number,
    direction: Direction,
    stream: AudioStream,
    heap: AudioAllocator,
    onFree: () => void,
  ) {
    this.nodeId = nodeId;
    this.direction = direction;
    this.stream = stream;
    this.heap = heap;
    this.onFree = onFree;
  }

  get totalBytes(): number {
    return this.moved;
  }

  prepare(params: StreamParams): number {
    this.stream.setParams(params);
    return this.reset();
  }

  start(): number {
    return 0;
  }

  stop(): number {
    this.stream.reset();
    return 0;
  }

  pause(): number {
    return 0;
  }

  release(): number {
    return 0;
  }

  reset(): number {
    this.moved = 0;
    this.stream.reset();
    return 0;
  }

  free(): void {
    this.heap.free(this.stream.start);
    this.onFree();
  }

  status(): number {
    return 0;
  }

  reload(byteCount: number): number {
    this.moved += byteCount;
    return 0;
  }
}
