import type { HostStreams } from "../src/index.js";
import { copier, gain, mixer } from "./payloads.js";
import type { RawHost } from "./raw-host.js";
import { bind, createPipeline, init, modules, ok, setState, unbind } from "./stream.js";

const { COPIER, GAIN, MIXIN, MIXOUT } = modules;
const HDA_LINK_OUT = 0x0800;
const PERIOD = 384;
const FRAME = 8;
const RING = PERIOD * 64;
/** Frames are numbered 1..LAST and again from 1; 0 is silence. Two numbers make a sample. */
const BITS = 15;
const LAST = (1 << BITS) - 1;

const numberOf = (frame: number): number => 1 + (frame % LAST);

/** Pipelines of mixers are numbered from here on, sources below. */
const FIRST_MIXER = 16;

/**
 * The mixing end of a playback path: mixout, gain and a copier at an HD-A link, in a pipeline of their own.
 * Two sources can be told apart in its output, because each has its own bits of the sum.
 */
export class NumberedMixer {
  readonly id: number;
  readonly core: number;
  readonly sources: (MixedSource | null)[] = [null, null];
  /** Frames that left at the link since it started. */
  framesHeard = 0;
  private readonly host: RawHost;

  constructor(host: RawHost, id: number, core: number) {
    this.host = host;
    this.id = id;
    this.core = core;
  }

  get pipelineId(): number {
    return FIRST_MIXER + this.id;
  }

  create(priority = 1): void {
    const { host, id, core, pipelineId } = this;
    const link = host.firmware.soc.gateways.get("hda", id, "playback");
    link.sink = { write: (bytes, offset, length) => this.hear(bytes, offset, length) };
    createPipeline(host, pipelineId, core, priority);
    init(host, MIXOUT, id, pipelineId, core, mixer);
    init(host, GAIN, id, pipelineId, core, gain(0x7fff_ffff));
    init(host, COPIER, pipelineId, pipelineId, core, copier(HDA_LINK_OUT | id, 2 * PERIOD));
    bind(host, [MIXOUT, id], [GAIN, id]);
    bind(host, [GAIN, id], [COPIER, pipelineId]);
  }

  start(): void {
    setState(this.host, "paused", this.pipelineId);
    setState(this.host, "running", this.pipelineId);
  }

  stop(): void {
    setState(this.host, "paused", this.pipelineId);
    setState(this.host, "reset", this.pipelineId);
  }

  destroy(): void {
    ok(this.host, 0x1200_0000 | (this.pipelineId << 16), 0);
  }

  private hear(bytes: Uint8Array, offset: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    for (let at = 0; at < length; at += FRAME) {
      const [left, right] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
      this.framesHeard++;
      this.sources[0]?.hear(this, left & LAST, right >> BITS);
      this.sources[1]?.hear(this, left >> BITS, right & LAST);
    }
  }
}

/** What a source has been heard as at one of its mixers. */
interface Ear {
  readonly mixer: NumberedMixer;
  /** Number that comes next; 0 when any may, because the mixer joined in the middle of the stream. */
  next: number;
  /** The stream has begun anew; what was under way of its last run may still be heard before. */
  restarted: boolean;
  frames: number;
}

/** A host stream that is mixed: host copier and mixin, with up to three mixers that it feeds. */
export class MixedSource {
  readonly id: number;
  readonly core: number;
  readonly faults: string[] = [];
  /** Whether silence in the middle of the stream is a fault: nobody has paused it. */
  steady = false;
  /** Which of a sample's two numbers is this stream's. */
  private readonly place: 0 | 1;
  private readonly host: RawHost;
  private readonly streams: HostStreams;
  private stream: ReturnType<HostStreams["allocate"]> = null;
  private ears: Ear[] = [];
  /** Number that comes next at each mixer, over deletions: buffers behind the mixer may hold more. */
  private readonly expected = new Map<NumberedMixer, number>();
  private fed = 0;

  constructor(host: RawHost, streams: HostStreams, id: number, core: number, place: 0 | 1) {
    this.host = host;
    this.streams = streams;
    this.id = id;
    this.core = core;
    this.place = place;
  }

  /** Frames heard at a mixer since the start. */
  heardAt(mix: NumberedMixer): number {
    return this.ears.find((ear) => ear.mixer === mix)?.frames ?? 0;
  }

  create(...mixers: readonly NumberedMixer[]): void {
    const { host, id, core } = this;
    this.stream = this.streams.allocate("playback");
    if (this.stream === null) throw new Error("no host stream is left");
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    this.stream.configure({ bufferBytes: RING, periodBytes: PERIOD, format });
    createPipeline(host, id, core);
    init(host, COPIER, id, id, core, copier(this.stream.tag - 1, 2 * PERIOD));
    init(host, MIXIN, id, id, core, mixer);
    bind(host, [COPIER, id], [MIXIN, id]);
    this.ears = mixers.map((target, queue) => {
      bind(host, [MIXIN, id, queue], [MIXOUT, target.id, this.place]);
      target.sources[this.place] = this;
      return { mixer: target, next: this.expected.get(target) ?? 1, restarted: true, frames: 0 };
    });
  }

  /** Breaks the connection to a mixer. */
  leave(mix: NumberedMixer): void {
    const queue = this.ears.findIndex((ear) => ear.mixer === mix);
    unbind(this.host, [MIXIN, this.id, queue], [MIXOUT, mix.id, this.place]);
    mix.sources[this.place] = null;
    this.ears.splice(queue, 1);
  }

  /** Makes a connection to a further mixer, on the first queue behind those in use. */
  join(mix: NumberedMixer): void {
    bind(this.host, [MIXIN, this.id, this.ears.length], [MIXOUT, mix.id, this.place]);
    mix.sources[this.place] = this;
    this.ears.push({ mixer: mix, next: 0, restarted: false, frames: 0 });
  }

  start(): void {
    this.prime();
    setState(this.host, "paused", this.id);
    setState(this.host, "running", this.id);
    this.stream?.start();
  }

  /** As {@link start}, with mixers of any cores in the same messages. */
  startWith(...mixers: readonly NumberedMixer[]): void {
    this.prime();
    const ids = [...mixers.map(({ pipelineId }) => pipelineId), this.id];
    setState(this.host, "paused", ...ids);
    setState(this.host, "running", ...ids);
    this.stream?.start();
  }

  pause(): void {
    this.steady = false;
    setState(this.host, "paused", this.id);
  }

  release(): void {
    setState(this.host, "running", this.id);
  }

  stop(): void {
    this.steady = false;
    setState(this.host, "paused", this.id);
    setState(this.host, "reset", this.id);
    this.stream?.stop();
  }

  /** Breaks the connections to all mixers, as a host driver does, and deletes the pipeline. */
  destroy(): void {
    for (const { mixer: target } of [...this.ears].reverse()) this.leave(target);
    this.delete();
  }

  /** Deletes the pipeline. */
  delete(): void {
    ok(this.host, 0x1200_0000 | (this.id << 16), 0);
    this.stream?.release();
    this.stream = null;
  }

  /** Refills the host's ring; to be called at least every 60 ms of stream time. */
  feed(): void {
    const { stream } = this;
    if (stream === null) return;
    const frame = new Int32Array(2);
    const bytes = new Uint8Array(frame.buffer);
    const played = stream.position() / FRAME;
    while (this.fed - played < RING / FRAME) {
      const number = numberOf(this.fed);
      frame[this.place] = number;
      frame[1 - this.place] = number << BITS;
      stream.write((this.fed * FRAME) % RING, bytes);
      this.fed++;
    }
    stream.setApplicationPosition(this.fed * FRAME);
  }

  /** What is heard of this stream in a frame of a mix. */
  hear(at: NumberedMixer, left: number, right: number): void {
    const ear = this.ears.find(({ mixer: target }) => target === at);
    if (ear === undefined) return;
    const pausedOrNotBegun = left === 0 && right === 0 && (!this.steady || ear.frames === 0);
    if (pausedOrNotBegun) return;
    if (ear.next === 0 || (ear.restarted && left === 1)) {
      ear.next = left;
      ear.restarted = false;
    }
    ear.frames++;
    if ((left !== ear.next || right !== ear.next) && this.faults.length < 5) {
      this.faults.push(`mixer ${at.id}: heard ${left}/${right} instead of ${ear.next}`);
    }
    ear.next = (left % LAST) + 1;
    this.expected.set(at, ear.next);
  }

  private prime(): void {
    this.fed = 0;
    for (const ear of this.ears) {
      ear.restarted = true;
      ear.frames = 0;
    }
    this.feed();
  }
}
