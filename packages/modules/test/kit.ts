import {
  audioFormat,
  type AudioFormat,
  type BaseModuleCfg,
  baseModuleCfg,
  positionChannelMap,
} from "@sof-ts/ipc4";
import { ENODATA } from "@sof-ts/kit";
import {
  type AudioAllocator,
  AudioMemory,
  type AudioModule,
  AudioStream,
  type Direction,
  type Gateway,
  type GatewayRequest,
  type ModuleDriver,
  type ModuleServices,
  type StreamParams,
} from "@sof-ts/module-api";

/** Sample formats of the tests: container and valid bits. */
export const formats = {
  s16: { depth: 16, validBitDepth: 16 },
  s24: { depth: 32, validBitDepth: 24 },
  s32: { depth: 32, validBitDepth: 32 },
  float: { depth: 32, validBitDepth: 32, sampleType: 4 },
} as const;
export type FormatName = keyof typeof formats;

/** An IPC4 audio format with the fields that a test cares about. */
export function format(
  name: FormatName,
  channels = 2,
  rate = 48000,
  more: Partial<AudioFormat> = {},
): AudioFormat {
  return {
    samplingFrequency: rate,
    chMap: positionChannelMap(channels),
    chCfg: channels === 1 ? 0 : 1,
    interleavingStyle: 0,
    channelsCount: channels,
    sampleType: 1,
    ...formats[name],
    ...more,
  };
}

/** Bytes of one frame of a format. */
export const frameBytes = (fmt: AudioFormat) => (fmt.depth >> 3) * fmt.channelsCount;

/** Base configuration for 1 ms periods. */
export function baseConfig(
  fmt: AudioFormat,
  frames = Math.ceil(fmt.samplingFrequency / 1000),
): BaseModuleCfg {
  const bytes = frames * frameBytes(fmt);
  return { cpc: 0, ibs: bytes, obs: bytes, isPages: 0, audioFmt: fmt };
}

/** An init payload: base configuration and a tail. */
export function payload(fmt: AudioFormat, ...tail: Uint8Array[]): Uint8Array {
  return concat(baseModuleCfg.encode(baseConfig(fmt)), ...tail);
}

export const encodeFormat = (fmt: AudioFormat) => audioFormat.encode(fmt);

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Little-endian bytes of 32-bit words, signed or not. */
export function words(...values: number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value >>> 0, true));
  return out;
}

/** A bump allocator that counts, for tests of who allocates when. */
export class TestHeap implements AudioAllocator {
  readonly memory: AudioMemory;
  allocations = 0;
  readonly live = new Map<number, number>();
  /** Allocations that still succeed. */
  budget = Number.POSITIVE_INFINITY;
  private next = AudioMemory.RESERVED_BYTES;

  constructor(memory = new AudioMemory(0x80000)) {
    this.memory = memory;
  }

  alloc(byteLength: number, align = 16): number {
    this.allocations++;
    if (this.budget-- <= 0) return 0;
    const address = Math.ceil(this.next / align) * align;
    if (address + byteLength > this.memory.byteLength) return 0;
    this.next = address + byteLength;
    this.memory.u8.fill(0, address, this.next);
    this.live.set(address, byteLength);
    return address;
  }

  free(address: number): void {
    if (address === 0) return;
    if (!this.live.delete(address)) throw new Error(`free of ${address}, which is not allocated`);
  }
}

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

  reportXrun(direction: Direction): void {
    this.log.push(`xrun ${direction}`);
  }

  reportMixerUnderrun(mixed: number, expected: number): void {
    this.log.push(`mixer underrun ${mixed}/${expected}`);
  }
}

/** A ring in a heap's memory. */
export function ring(heap: AudioAllocator, byteLength: number): AudioStream {
  const address = heap.alloc(byteLength);
  if (address === 0) throw new Error(`no room for a ring of ${byteLength} bytes`);
  return new AudioStream(heap.memory, address, byteLength);
}

/** Puts bytes into a ring as its producer would. */
export function feed(stream: AudioStream, bytes: Uint8Array): void {
  const first = Math.min(bytes.length, stream.end - stream.writePtr);
  stream.memory.u8.set(bytes.subarray(0, first), stream.writePtr);
  stream.memory.u8.set(bytes.subarray(first), stream.start);
  stream.produce(bytes.length);
}

/** Takes bytes, all there are by default, out of a ring as its consumer would. */
export function drain(stream: AudioStream, limit = stream.available): Uint8Array {
  const out = new Uint8Array(limit);
  const first = Math.min(limit, stream.end - stream.readPtr);
  out.set(stream.memory.u8.subarray(stream.readPtr, stream.readPtr + first));
  out.set(stream.memory.u8.subarray(stream.start, stream.start + limit - first), first);
  stream.consume(limit);
  return out;
}

/** Makes an instance; a refusal fails the test. */
export function create(
  driver: ModuleDriver,
  services: ModuleServices,
  init: Uint8Array,
): AudioModule {
  const module = driver.create(services, init);
  if (typeof module === "number")
    throw new Error(`${driver.manifest.name} refuses its payload: ${module}`);
  return module;
}

/** Fails a test when a call failed; to have no data is no failure. */
export function must(ret: number | undefined, what: string): void {
  if (ret === undefined || (ret < 0 && ret !== -ENODATA)) throw new Error(`${what} gives ${ret}`);
}

/** One module between a source and a sink ring, run by hand. */
export class Bench {
  readonly services: TestServices;
  readonly module: AudioModule;
  readonly source: AudioStream;
  readonly sink: AudioStream;

  /** @param ringFrames frames that both rings hold */
  constructor(
    driver: ModuleDriver,
    init: Uint8Array,
    input: AudioFormat,
    output: AudioFormat = input,
    ringFrames = 192,
    services = new TestServices(),
  ) {
    this.services = services;
    this.module = create(driver, services, init);
    this.source = ring(services.heap, ringFrames * frameBytes(input));
    this.sink = ring(services.heap, ringFrames * frameBytes(output));
    this.source.producerActive = true;
    this.sink.consumerActive = true;
  }

  prepare(): number {
    return this.module.prepare([this.source], [this.sink]);
  }

  process(): number {
    return this.module.process([this.source], [this.sink]);
  }

  /** Configures with one single fragment. */
  configure(paramId: number, data: Uint8Array): number {
    return this.module.setConfiguration?.(paramId, "single", data.length, data) ?? -22;
  }

  /**
   * Feeds `input` in blocks of `blockFrames` frames and collects what comes out.
   *
   * @param between called before each block with the frames fed so far
   */
  run(input: Uint8Array, blockFrames = 48, between?: (frames: number) => void): Uint8Array {
    const bytesOfFrame = this.source.frameBytes;
    const parts: Uint8Array[] = [];
    for (let at = 0; at < input.length; at += blockFrames * bytesOfFrame) {
      between?.(at / bytesOfFrame);
      feed(this.source, input.subarray(at, at + blockFrames * bytesOfFrame));
      const ret = this.process();
      if (ret < 0) throw new Error(`process: ${ret}`);
      parts.push(drain(this.sink));
    }
    return concat(...parts);
  }
}
