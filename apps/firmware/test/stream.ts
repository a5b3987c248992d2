import { type Firmware, HostStreams } from "../src/index.js";
import { copier, gain, mixer, words } from "./payloads.js";
import type { RawHost } from "./raw-host.js";

const COPIER = 4;
const GAIN = 6;
const MIXIN = 2;
const MIXOUT = 3;
const HDA_LINK_OUT = 0x0800;
const PERIOD = 384;
const RING = PERIOD * 64;

/** Sends a message that has to succeed. */
export function ok(host: RawHost, primary: number, extension: number, payload?: Uint8Array): void {
  const status = host.status(primary, extension, payload);
  if (status !== 0)
    throw new Error(`0x${primary.toString(16)}|0x${extension.toString(16)} got status ${status}`);
}

/** Turns a secondary core on or off. */
export function setCore(host: RawHost, core: number, on: boolean): void {
  ok(host, 0x4700_0000, 0, words([1 << core, on ? 1 << core : 0]));
}

export function createPipeline(host: RawHost, id: number, core: number, priority = 0): void {
  ok(host, 0x1100_0001 | (id << 16) | (priority << 11), core << 20);
}

export function init(
  host: RawHost,
  module: number,
  instance: number,
  pipeline: number,
  core: number,
  payload: Uint8Array,
): void {
  ok(
    host,
    0x4000_0000 | (instance << 16) | module,
    (core << 24) | (pipeline << 16) | (payload.length / 4),
    payload,
  );
}

type End = readonly [module: number, instance: number, queue?: number];

export function bind(host: RawHost, source: End, sink: End): void {
  const queues = ((sink[2] ?? 0) << 24) | ((source[2] ?? 0) << 27);
  ok(host, 0x4500_0000 | (source[1] << 16) | source[0], queues | (sink[1] << 16) | sink[0]);
}

export function unbind(host: RawHost, source: End, sink: End): void {
  const queues = ((sink[2] ?? 0) << 24) | ((source[2] ?? 0) << 27);
  ok(host, 0x4600_0000 | (source[1] << 16) | source[0], queues | (sink[1] << 16) | sink[0]);
}

export function setState(
  host: RawHost,
  state: "reset" | "paused" | "running",
  ...ids: number[]
): void {
  ok(
    host,
    0x1300_0000 | { reset: 2, paused: 3, running: 4 }[state],
    1,
    words([ids.length, ...ids]),
  );
}

/** Numbered samples: the stream in the high bits, the frame below, so that any loss or repetition shows. */
function sampleOf(stream: number, frame: number, channel: number): number {
  return ((stream + 1) << 24) | (channel << 23) | (frame & 0x7f_ffff);
}

/**
 * A playback stream of its own: host copier and gain, then a DAI copier on an HD-A link. Feeds numbered
 * samples and checks what comes out of the link.
 */
export class NumberedStream {
  readonly id: number;
  readonly core: number;
  /** Frames heard since the start, and what was wrong with them. */
  framesHeard = 0;
  readonly faults: string[] = [];
  private readonly host: RawHost;
  private readonly streams: HostStreams;
  private stream: ReturnType<HostStreams["allocate"]> = null;
  private framesFed = 0;
  private nextFrame = 0;

  constructor(host: RawHost, streams: HostStreams, id: number, core: number) {
    this.host = host;
    this.streams = streams;
    this.id = id;
    this.core = core;
  }

  /** Pipeline, modules and connections; the link's far end checks every frame. */
  create(): void {
    const { host, id, core } = this;
    this.stream = this.streams.allocate("playback");
    if (this.stream === null) throw new Error("no host stream is left");
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    this.stream.configure({ bufferBytes: RING, periodBytes: PERIOD, format });
    const link = this.firmware.soc.gateways.get("hda", id, "playback");
    link.sink = { write: (bytes, offset, length) => this.hear(bytes, offset, length) };
    createPipeline(host, id, core);
    init(host, COPIER, 2 * id, id, core, copier(this.stream.tag - 1, 2 * PERIOD));
    init(host, GAIN, id, id, core, gain(0x7fff_ffff));
    init(host, COPIER, 2 * id + 1, id, core, copier(HDA_LINK_OUT | id, 2 * PERIOD));
    bind(host, [COPIER, 2 * id], [GAIN, id]);
    bind(host, [GAIN, id], [COPIER, 2 * id + 1]);
  }

  start(): void {
    this.framesFed = 0;
    this.nextFrame = 0;
    this.framesHeard = 0;
    this.feed();
    setState(this.host, "paused", this.id);
    setState(this.host, "running", this.id);
    this.stream?.start();
  }

  pause(): void {
    setState(this.host, "paused", this.id);
  }

  release(): void {
    setState(this.host, "running", this.id);
  }

  stop(): void {
    setState(this.host, "paused", this.id);
    setState(this.host, "reset", this.id);
    this.stream?.stop();
  }

  destroy(): void {
    ok(this.host, 0x1200_0000 | (this.id << 16), 0);
    this.stream?.release();
    this.stream = null;
  }

  /** Refills the host's ring; to be called at least every 60 ms of stream time. */
  feed(): void {
    const { stream } = this;
    if (stream === null) return;
    const frames = new Int32Array(2);
    const bytes = new Uint8Array(frames.buffer);
    const played = stream.position() / 8;
    while (this.framesFed - played < RING / 8) {
      frames[0] = sampleOf(this.id, this.framesFed, 0);
      frames[1] = sampleOf(this.id, this.framesFed, 1);
      stream.write((this.framesFed * 8) % RING, bytes);
      this.framesFed++;
    }
    stream.setApplicationPosition(this.framesFed * 8);
  }

  private get firmware(): Firmware {
    return this.host.firmware;
  }

  private hear(bytes: Uint8Array, offset: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    for (let at = 0; at < length; at += 8) {
      const [left, right] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
      this.framesHeard++;
      if (left === 0 && right === 0 && this.nextFrame === 0) continue;
      if (
        left !== sampleOf(this.id, this.nextFrame, 0) ||
        right !== sampleOf(this.id, this.nextFrame, 1)
      ) {
        if (this.faults.length < 5) {
          this.faults.push(
            `frame ${this.nextFrame}: heard ${left.toString(16)} ${right.toString(16)}`,
          );
        }
      }
      this.nextFrame++;
    }
  }
}

/** Runs the machine in steps short enough for every stream's ring. */
export function run(host: RawHost, ms: number, streams: readonly { feed(): void }[]): void {
  for (let left = ms; left > 0; left -= 40) {
    host.run(Math.min(40, left));
    for (const stream of streams) stream.feed();
  }
}

export const modules = { COPIER, GAIN, MIXIN, MIXOUT, mixer } as const;
