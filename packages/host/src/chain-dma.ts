import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";
import { frameBytes, type PcmParams } from "./pcm-params.js";
import type { HostDma, StreamDirection } from "./ports.js";
import type { TriggerCommand } from "./trigger.js";

/** Milliseconds of audio that the chain's FIFO holds. */
const FIFO_MS = 2;

/** A DMA chain from a host stream to a link stream, which stands in for pipelines and modules. */
export class ChainDma {
  private readonly ipc: IpcTransport;
  private readonly hostDmaId: number;
  private readonly linkDmaId: number;
  private readonly scs: boolean;
  private readonly fifoBytes: number;
  /** The firmware has the chain. */
  private allocated = false;

  /** @param linkTag tag of the link stream */
  constructor(
    ipc: IpcTransport,
    dma: HostDma,
    stream: {
      readonly direction: StreamDirection;
      readonly hostTag: number;
      readonly linkTag: number;
      readonly params: PcmParams;
    },
  ) {
    const { direction, hostTag, linkTag, params } = stream;
    // Capture streams are numbered behind the playback streams, on both sides.
    const first = direction === "capture" ? dma.streamCount("playback") : 0;
    this.ipc = ipc;
    this.hostDmaId = first + hostTag - 1;
    this.linkDmaId = first + linkTag - 1;
    this.scs = params.format === "S16_LE";
    this.fifoBytes = Math.ceil((FIFO_MS * params.rate * frameBytes(params)) / 1000);
  }

  /** Carries out a trigger command of the front end. */
  *trigger(command: TriggerCommand): HostTask<void> {
    switch (command) {
      case "start":
      case "resume":
        // A size of FIFO tells the firmware that the stream is a new one.
        yield* this.send(true, true, this.fifoBytes);
        this.allocated = true;
        break;
      case "pauseRelease":
        yield* this.send(true, true, 0);
        break;
      default:
        yield* this.send(true, false, 0);
    }
  }

  /** Frees the chain; nothing is sent when it was never started. */
  *free(): HostTask<void> {
    if (!this.allocated) return;
    this.allocated = false;
    yield* this.send(false, false, 0);
  }

  private *send(allocate: boolean, enable: boolean, fifoSize: number): HostTask<void> {
    const { hostDmaId, linkDmaId, scs } = this;
    yield* this.ipc.exchange({
      message: { kind: "chain-dma", hostDmaId, linkDmaId, allocate, enable, scs, fifoSize },
    });
  }
}
