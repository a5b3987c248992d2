import type {
  AudioStream,
  Direction,
  Gateway,
  GatewayKind,
  StreamParams,
} from "@sof-ts/module-api";

/** A gateway that does what another one does; what is to be different is overridden. */
export abstract class GatewayDecorator implements Gateway {
  readonly kind: GatewayKind;
  readonly nodeId: number;
  readonly direction: Direction;
  readonly stream: AudioStream;
  protected readonly inner: Gateway;

  constructor(inner: Gateway) {
    this.inner = inner;
    this.kind = inner.kind;
    this.nodeId = inner.nodeId;
    this.direction = inner.direction;
    this.stream = inner.stream;
  }

  get totalBytes(): number {
    return this.inner.totalBytes;
  }

  prepare(params: StreamParams): number {
    return this.inner.prepare(params);
  }

  start(): number {
    return this.inner.start();
  }

  stop(): number {
    return this.inner.stop();
  }

  pause(): number {
    return this.inner.pause();
  }

  release(): number {
    return this.inner.release();
  }

  reset(): number {
    return this.inner.reset();
  }

  free(): void {
    this.inner.free();
  }

  status(): number {
    return this.inner.status();
  }

  reload(byteCount: number): number {
    return this.inner.reload(byteCount);
  }
}
