import type {
  HostDma,
  HostDmaConfig,
  HostDmaStream,
  LinkControl,
  LinkRequest,
  LinkStream,
  StreamDirection,
} from "../src/ports.js";

/** A host DMA stream whose engine moves only when a test says so. */
export class FakeDmaStream implements HostDmaStream {
  readonly tag: number;
  readonly direction: StreamDirection;
  config: HostDmaConfig | null = null;
  ring = new Uint8Array(0);
  running = false;
  moved = 0;
  limit = Number.POSITIVE_INFINITY;
  private readonly onRelease: () => void;

  constructor(tag: number, direction: StreamDirection, onRelease: () => void) {
    this.tag = tag;
    this.direction = direction;
    this.onRelease = onRelease;
  }

  configure(config: HostDmaConfig): number {
    this.config = config;
    this.ring = new Uint8Array(config.bufferBytes);
    this.moved = 0;
    return 0;
  }
  start(): void {
    this.running = true;
  }
  stop(): void {
    this.running = false;
  }
  position(): number {
    return this.moved;
  }
  write(offset: number, bytes: Uint8Array): void {
    this.ring.set(bytes, offset);
  }
  read(offset: number, into: Uint8Array): void {
    into.set(this.ring.subarray(offset, offset + into.length));
  }
  setApplicationPosition(total: number): void {
    this.limit = total;
  }
  release(): void {
    this.onRelease();
  }
}

/** Host DMA with some streams each way; the lowest free tag is given out. */
export class FakeDma implements HostDma {
  /** Streams given out, in the order of allocation; also those that were released. */
  readonly all: FakeDmaStream[] = [];
  readonly used = { playback: new Set<number>(), capture: new Set<number>() };
  private readonly count: number;

  constructor(count = 4) {
    this.count = count;
  }

  get inUse(): number {
    return this.used.playback.size + this.used.capture.size;
  }

  streamCount(): number {
    return this.count;
  }

  allocate(direction: StreamDirection): FakeDmaStream | null {
    const used = this.used[direction];
    let tag = 1;
    while (used.has(tag)) tag++;
    if (tag > this.count) return null;
    used.add(tag);
    const stream = new FakeDmaStream(tag, direction, () => used.delete(tag));
    this.all.push(stream);
    return stream;
  }
}

/** Links that always exist; HD Audio link tags and SoundWire PDIs are counted up from the lowest free one. */
export class FakeLinks implements LinkControl {
  /** What happened, as "start Analog playback". */
  readonly events: string[] = [];
  readonly requests: LinkRequest[] = [];
  inUse = 0;
  /** Whether SSP, DMIC and SoundWire are behind HD Audio link DMA. */
  readonly hostDriven: boolean;
  private readonly tags = new Set<string>();

  constructor(hostDriven = false) {
    this.hostDriven = hostDriven;
  }

  allocate(request: LinkRequest): LinkStream | null {
    const { type, link, direction } = request;
    this.requests.push(request);
    this.inUse++;
    const hda = type === "HDA" || this.hostDriven;
    const tag = hda ? this.take(`tag ${direction}`, 1) : null;
    const alhId = type === "ALH" ? this.take(`pdi ${direction}`, 2) : null;
    const log = (what: string) => this.events.push(`${what} ${link} ${direction}`);
    return {
      tag,
      alhId,
      start: () => log("start"),
      stop: () => log("stop"),
      position: () => null,
      release: () => {
        this.inUse--;
        if (tag !== null) this.tags.delete(`tag ${direction} ${tag}`);
        if (alhId !== null) this.tags.delete(`pdi ${direction} ${alhId}`);
      },
    };
  }

  private take(kind: string, first: number): number {
    let id = first;
    while (this.tags.has(`${kind} ${id}`)) id++;
    this.tags.add(`${kind} ${id}`);
    return id;
  }
}
