import type {
  AudioStream,
  Direction,
  Gateway,
  GatewayRequest,
  ModuleServices,
  StreamParams,
} from "@sof-ts/module-api";
import { ring } from "./streams.js";
import { TestHeap } from "./test-heap.js";

/** A gateway whose hardware is the test. */
export class TestGateway implements Gateway {
  readonly kind: Gateway["kind"];
  readonly direction: Direction;
  readonly nodeId: number;
  readonly stream: AudioStream;
  readonly request: GatewayRequest;
  readonly log: string[] = [];
  totalBytes = 0;
  /** What `status` answers. */
  statusResult = 0;
  reloadResult = 0;
  reloaded = 0;

  constructor(kind: Gateway["kind"], request: GatewayRequest, stream: AudioStream) {
    this.kind = kind;
    this.request = request;
    this.direction = request.direction;
    this.nodeId = request.nodeId;
    this.stream = stream;
  }

  prepare(params: StreamParams): number {
    this.log.push(`prepare ${params.channels}x${params.frameFmt}`);
    return 0;
  }
  start = () => this.note("start");
  stop = () => this.note("stop");
  pause = () => this.note("pause");
  release = () => this.note("release");
  reset = () => this.note("reset");
  free(): void {
    this.log.push("free");
  }
  status(): number {
    return this.statusResult;
  }
  reload(byteCount: number): number {
    this.reloaded += byteCount;
    this.totalBytes += byteCount;
    return this.reloadResult;
  }

  private note(what: string): number {
    this.log.push(what);
    return 0;
  }
}

/** Services that write down what a module asks for. */
export class TestServices implements ModuleServices {
  moduleId = 1;
  instanceId = 0;
  pipelineId = 0;
  core = 0;
  periodUs = 1000;
  readonly heap: TestHeap;
  readonly log: string[] = [];
  readonly peaks = new Map<number, number[]>();
  readonly gateways: TestGateway[] = [];
  readonly notifications: { eventId: number; data: Uint8Array }[] = [];
  /** Phrases that it heard. */
  readonly phrases: { readonly wordId: number; readonly score: number }[] = [];
  gatewayPeriods = 4;

  constructor(heap = new TestHeap()) {
    this.heap = heap;
  }

  readonly registers = {
    writePeakVolume: (slot: number, values: Uint32Array) => {
      this.peaks.set(slot, [...values]);
    },
    clearPeakVolume: (slot: number) => {
      this.peaks.delete(slot);
    },
    writePipelineRegisters: (slot: number, start: bigint, end: bigint) => {
      this.log.push(`pipeline ${slot} ${start} ${end}`);
    },
  };

  openGateway(request: GatewayRequest): Gateway | number {
    const type = (request.nodeId >>> 8) & 0x1f;
    const kinds: Readonly<Record<number, Gateway["kind"]>> = {
      0: "host",
      1: "host",
      8: "hda-link",
      9: "hda-link",
      11: "dmic",
      12: "ssp",
      13: "ssp",
      16: "alh",
      17: "alh",
    };
    const bytes = request.periodBytes * this.gatewayPeriods;
    const gateway = new TestGateway(kinds[type] ?? "ipc", request, ring(this.heap, bytes));
    this.gateways.push(gateway);
    return gateway;
  }

  notify(eventId: number, data: Uint8Array): void {
    this.notifications.push({ eventId, data });
  }

  reportPhrase(wordId: number, score: number): void {
    this.phrases.push({ wordId, score });
  }

  reportXrun(direction: Direction): void {
    this.log.push(`xrun ${direction}`);
  }

  reportMixerUnderrun(mixed: number, expected: number): void {
    this.log.push(`mixer underrun ${mixed}/${expected}`);
  }
}
