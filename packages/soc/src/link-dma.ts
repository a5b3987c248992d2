import { assert, type Cycles, EINVAL, EPIPE, type EventQueue, SimEvent } from "@sof-ts/kit";
import {
  type ChannelOwner,
  DmaChannel,
  type RingConfig,
  type StreamDirection,
} from "./dma-channel.js";
import { FrameClock } from "./frame-clock.js";
import type { GatewayListener, LinkGateway } from "./link-gateway.js";
import type { TimeSource } from "./ports.js";

/** The ring and the link of a link DMA channel. */
export interface LinkDmaConfig extends RingConfig {
  /** The gateway to serve; must be configured. It gives the direction, frame size and rate. */
  readonly gateway: LinkGateway;
  /**
   * Frames move in blocks at the points of this grid of absolute time, in microseconds; 0 moves each frame
   * at its own instant. A low-latency pipeline wants its tick here.
   */
  readonly periodUs?: number;
}

/** Shared surroundings of the link channels of one machine. */
export interface LinkDmaContext {
  readonly time: TimeSource;
  readonly queue: EventQueue;
  readonly coreClockHz: number;
  /** Counter read with the link position (`llp`/`wclk` pairs). */
  readonly wallClock: { read(): number };
}

const SILENCE = new Uint8Array(4096);
/** Takes samples that nobody wants. */
const SCRATCH = new Uint8Array(4096);

/**
 * A DMA channel between a ring and a link gateway: HD-A link output and input, or a general-purpose channel
 * serving SSP, DMIC or ALH. Its position follows virtual time at the link's exact rate; transfers are worked
 * out when someone looks, so a channel nobody looks at costs nothing.
 *
 * A playback link begins to clock out with the first whole period of data after the start. Later, when the ring runs dry, it
 * plays silence or repeats old data (the gateway's `underrunMode`), and the next {@link status} returns
 * -EPIPE; in capture, what does not fit is dropped and reported likewise.
 */
export class LinkDmaChannel extends DmaChannel implements GatewayListener {
  /** Bytes of silence or repetition that the link played, and bytes it dropped, since configure. */
  lostBytes = 0;
  /** Result of {@link readPosition}: bytes moved, and the wall clock at that instant. */
  linkPosition = 0;
  linkPositionWallClock = 0;
  private gateway: LinkGateway | null = null;
  private frameBytes = 1;
  private xrunPending = false;
  private readonly clock: FrameClock;
  private readonly context: LinkDmaContext;
  private periodCallback: (() => void) | null = null;
  private readonly periodEvent: SimEvent;

  constructor(
    owner: ChannelOwner,
    index: number,
    direction: StreamDirection,
    context: LinkDmaContext,
  ) {
    super(owner, index, direction);
    this.context = context;
    this.clock = new FrameClock(context.coreClockHz);
    this.periodEvent = new SimEvent(`period of ${this.name}`, () => this.periodElapsed());
  }

  /**
   * Takes over ring and gateway.
   *
   * @returns 0, -EBUSY while active or when another channel serves the gateway, -EINVAL for a ring that does
   * not fit, a gateway without format, or one of the other direction on a directed (HD-A) controller
   */
  configure(config: LinkDmaConfig): number {
    const { gateway, periodUs = 0 } = config;
    if (gateway.frameBytes === 0 || config.size < gateway.frameBytes) return -EINVAL;
    const { direction } = gateway.description;
    const { serves } = this.owner.description;
    if (serves !== "both" && serves !== direction) return -EINVAL;
    const period = periodUs === 0 ? 1 : (periodUs * this.context.coreClockHz) / 1_000_000;
    assert(Number.isInteger(period), `a period of ${periodUs} us is not a whole number of cycles`);
    if (this.gateway !== gateway) {
      const joined = gateway.join(this);
      if (joined !== 0) return joined;
    }
    const result = this.configureRing(config);
    if (result !== 0) {
      if (this.gateway !== gateway) gateway.join(null);
      return result;
    }
    if (this.gateway !== null && this.gateway !== gateway) this.gateway.join(null);
    this.gateway = gateway;
    this.direction = direction;
    this.frameBytes = gateway.frameBytes;
    this.clock.configure(gateway.rateHz, period);
    this.xrunPending = false;
    this.lostBytes = 0;
    return 0;
  }

  status(): number {
    this.settle();
    this.available = this.fill;
    this.free = this.ringSize - this.fill;
    if (!this.xrunPending) return 0;
    this.xrunPending = false;
    return -EPIPE;
  }

  reload(bytes: number): number {
    this.settle();
    if (this.direction === "playback") {
      if (bytes < 0 || bytes > this.ringSize - this.fill) return -EINVAL;
      this.produce(bytes);
      if (!this.clock.counting) this.beginWhenReady();
    } else {
      if (bytes < 0 || bytes > this.fill) return -EINVAL;
      this.consume(bytes);
    }
    return 0;
  }

  get position(): number {
    this.settle();
    return this.direction === "playback" ? this.consumed : this.produced;
  }

  /** Reads the linear link position and the wall clock at one instant, into the fields of that name. */
  readPosition(): void {
    this.linkPosition = this.position;
    this.linkPositionWallClock = this.context.wallClock.read();
  }

  /**
   * Runs `callback` each time frames fall due, as the buffer segment interrupt does; null turns it off.
   * Without a callback a channel schedules no events.
   */
  onPeriod(callback: (() => void) | null): void {
    this.periodCallback = callback;
    this.schedulePeriod();
  }

  gatewayStarted(): void {
    this.beginWhenReady();
  }

  gatewayStopping(): void {
    this.settle();
    this.haltClock();
  }

  override pause(): number {
    const result = super.pause();
    this.haltClock();
    return result;
  }

  override stop(): number {
    const result = super.stop();
    this.haltClock();
    return result;
  }

  protected onStart(): void {
    this.beginWhenReady();
  }

  protected onRelease(): void {
    this.haltClock();
    this.periodCallback = null;
    this.gateway?.join(null);
    this.gateway = null;
  }

  protected settle(): void {
    this.settleUntil(this.context.time.now);
  }

  private settleUntil(now: Cycles): void {
    const frames = this.clock.advance(now);
    if (frames === 0) return;
    const due = frames * this.frameBytes;
    if (this.direction === "playback") this.play(due);
    else this.record(due);
  }

  private beginWhenReady(): void {
    if (this.state !== "active" || this.gateway?.running !== true || this.clock.counting) return;
    if (this.direction === "playback" && this.fill < this.startBytes) return;
    this.clock.begin(this.context.time.now);
    this.schedulePeriod();
  }

  /** A period, or all that the ring holds: a rate converter may give less than a period at first. */
  private get startBytes(): number {
    const period = this.clock.periodFrames * this.frameBytes;
    return period < this.ringSize ? period : this.ringSize - (this.ringSize % this.frameBytes);
  }

  private haltClock(): void {
    this.clock.halt();
    this.context.queue.cancel(this.periodEvent);
  }

  private play(due: number): void {
    const whole = this.fill - (this.fill % this.frameBytes);
    if (due <= whole) {
      this.send(due);
      return;
    }
    this.send(whole);
    this.xrun(due - whole);
    const gateway = this.gateway as LinkGateway;
    if (gateway.underrunMode === "repeat") this.repeat(due - whole);
    else this.playSilence(due - whole);
  }

  private send(bytes: number): void {
    const sink = (this.gateway as LinkGateway).sink;
    let left = bytes;
    while (left > 0) {
      const run = this.readRun;
      const chunk = left < run ? left : run;
      if (sink !== null) sink.write(this.memory, this.readOffset, chunk);
      this.consume(chunk);
      left -= chunk;
    }
  }

  private playSilence(bytes: number): void {
    const sink = (this.gateway as LinkGateway).sink;
    if (sink === null) return;
    if (sink.starve !== undefined) {
      sink.starve(bytes);
      return;
    }
    for (let left = bytes; left > 0; left -= SILENCE.length) {
      sink.write(SILENCE, 0, left < SILENCE.length ? left : SILENCE.length);
    }
  }

  /** Plays on around the ring without consuming, as a cyclic descriptor list does. */
  private repeat(bytes: number): void {
    const sink = (this.gateway as LinkGateway).sink;
    if (sink === null) return;
    let offset = this.readOffset;
    let left = bytes;
    while (left > 0) {
      const run = this.ringStart + this.ringSize - offset;
      const chunk = left < run ? left : run;
      sink.write(this.memory, offset, chunk);
      offset = chunk === run ? this.ringStart : offset + chunk;
      left -= chunk;
    }
  }

  private record(due: number): void {
    const room = this.ringSize - this.fill;
    const fits = room - (room % this.frameBytes);
    const taken = due < fits ? due : fits;
    let left = taken;
    while (left > 0) {
      const run = this.writeRun;
      const chunk = left < run ? left : run;
      this.receive(this.writeOffset, chunk);
      this.produce(chunk);
      left -= chunk;
    }
    if (taken < due) {
      this.xrun(due - taken);
      this.drop(due - taken);
    }
  }

  private receive(offset: number, bytes: number): void {
    const source = (this.gateway as LinkGateway).source;
    const got = source === null ? 0 : source.read(this.memory, offset, bytes);
    if (got < bytes) this.memory.fill(0, offset + got, offset + bytes);
  }

  /** The far end goes on while the ring is full: its samples are lost. */
  private drop(bytes: number): void {
    const source = (this.gateway as LinkGateway).source;
    if (source === null) return;
    for (let left = bytes; left > 0; left -= SCRATCH.length) {
      source.read(SCRATCH, 0, Math.min(left, SCRATCH.length));
    }
  }

  private xrun(bytes: number): void {
    this.xrunPending = true;
    this.xruns++;
    this.lostBytes += bytes;
  }

  private schedulePeriod(): void {
    const { queue } = this.context;
    if (this.periodCallback === null || !this.clock.counting) queue.cancel(this.periodEvent);
    else queue.schedule(this.periodEvent, this.clock.nextDue);
  }

  private periodElapsed(): void {
    // A core may lag behind the queue; what the event announces has come in any case.
    this.settleUntil(this.context.queue.now);
    this.schedulePeriod();
    this.periodCallback?.();
  }
}
