import { EINVAL } from "@sof-ts/kit";
import type { HostDma, HostDmaConfig, HostDmaStream, StreamDirection } from "@sof-ts/host";
import type { HostStream, Soc } from "@sof-ts/soc";

/** The host's HD Audio streams: each a ring in host memory in front of the host DMA channel of its tag. */
export class HostStreams implements HostDma {
  private readonly soc: Soc;
  private readonly taken = new Set<HostStream>();

  constructor(soc: Soc) {
    this.soc = soc;
  }

  /** Streams allocated and not released. */
  get inUse(): number {
    return this.taken.size;
  }

  streamCount(direction: StreamDirection): number {
    return this.streams(direction).length;
  }

  /** @param tag stream to take; without one the first that is free */
  allocate(direction: StreamDirection, tag?: number): HostDmaStream | null {
    const stream = this.streams(direction).find(
      (candidate) =>
        !this.taken.has(candidate) && (tag === undefined || candidate.index === tag - 1),
    );
    if (stream === undefined) return null;
    this.taken.add(stream);
    return new RingStream(this.soc, stream, () => this.taken.delete(stream));
  }

  private streams(direction: StreamDirection): readonly HostStream[] {
    const { dma } = this.soc;
    return direction === "playback" ? dma.playbackStreams : dma.captureStreams;
  }
}

class RingStream implements HostDmaStream {
  readonly tag: number;
  private readonly soc: Soc;
  private readonly stream: HostStream;
  private readonly onRelease: () => void;
  private buffer: ReturnType<Soc["hostMemory"]["allocate"]> | null = null;

  constructor(soc: Soc, stream: HostStream, onRelease: () => void) {
    this.tag = stream.index + 1;
    this.soc = soc;
    this.stream = stream;
    this.onRelease = onRelease;
  }

  configure(config: HostDmaConfig): number {
    const { bufferBytes, periodBytes } = config;
    if (bufferBytes <= 0 || periodBytes <= 0 || bufferBytes % periodBytes !== 0) return -EINVAL;
    this.drop();
    this.buffer = this.soc.hostMemory.allocate(bufferBytes);
    this.stream.attach(this.soc.hostMemory, [
      { address: this.buffer.address, size: bufferBytes, interruptOnCompletion: false },
    ]);
    return 0;
  }

  start(): void {
    this.stream.start();
  }

  stop(): void {
    this.stream.stop();
  }

  position(): number {
    return this.stream.position;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.buffer?.bytes.set(bytes, offset);
  }

  read(offset: number, into: Uint8Array): void {
    if (this.buffer !== null) into.set(this.buffer.bytes.subarray(offset, offset + into.length));
  }

  setApplicationPosition(total: number): void {
    if (total === Number.POSITIVE_INFINITY) this.stream.clearApplicationPosition();
    else this.stream.setApplicationPosition(total);
  }

  release(): void {
    this.drop();
    this.onRelease();
  }

  private drop(): void {
    if (this.buffer === null) return;
    this.stream.stop();
    this.stream.detach();
    this.soc.hostMemory.free(this.buffer);
    this.buffer = null;
  }
}
