import { EBUSY, EINVAL } from "@sof-ts/kit";
import type { DmaControllerDescription } from "./platform.js";

/** `playback` moves towards the link, `capture` towards the host. */
export type StreamDirection = "playback" | "capture";

/**
 * Life of a channel: `idle` is nobody's, `reserved` belongs to someone, `configured` has a ring, `active`
 * moves data, `paused` keeps the ring and moves nothing.
 */
export type DmaState = "idle" | "reserved" | "configured" | "active" | "paused";

type DmaCommand = "configure" | "start" | "pause" | "resume" | "stop";

/**
 * What each command makes of each state; what is missing is refused with -EINVAL. As in Zephyr's HD-A
 * driver, starting what runs and stopping what stands are no errors.
 */
const transitions: Readonly<Record<DmaCommand, Partial<Readonly<Record<DmaState, DmaState>>>>> = {
  configure: { reserved: "configured", configured: "configured", paused: "configured" },
  start: { configured: "active", active: "active", paused: "active" },
  pause: { active: "paused", paused: "paused" },
  resume: { paused: "active", active: "active" },
  stop: { configured: "configured", active: "configured", paused: "configured" },
};

/** The DSP-side ring of a channel: `size` bytes from `start` of the audio memory. */
export interface RingConfig {
  /** The audio memory. It must not be resized (`WebAssembly.Memory.grow`) while a channel uses it. */
  readonly memory: Uint8Array;
  /** Offset of the ring in `memory`, a multiple of the controller's address alignment. */
  readonly start: number;
  /** Bytes, a multiple of the controller's size alignment. */
  readonly size: number;
}

/** What a channel needs to know of the controller that it belongs to. */
export interface ChannelOwner {
  readonly description: DmaControllerDescription;
  /** A channel was given back. */
  channelReleased(): void;
}

const EMPTY = new Uint8Array(0);

/**
 * A DMA channel between a ring in the DSP's memory and one other end. The ring has one fill level: bytes that
 * were produced into it and not yet consumed. From the host or from a capture link the DMA produces and
 * firmware consumes; towards the host or a playback link it is the other way round.
 *
 * Firmware reads or writes the ring's bytes itself and tells the channel with {@link reload}; the rules are
 * those of Zephyr's `dma_get_status` and `dma_reload`. One core at a time calls; no call blocks or
 * allocates; any context may call.
 */
export abstract class DmaChannel {
  readonly owner: ChannelOwner;
  readonly index: number;
  direction: StreamDirection;
  state: DmaState = "idle";
  /** Bytes in the ring that can be consumed; refreshed by {@link status}. */
  available = 0;
  /** Bytes of the ring that can be produced into; refreshed by {@link status}. */
  free = 0;
  /** The ring as configured. */
  memory: Uint8Array = EMPTY;
  ringStart = 0;
  ringSize = 0;
  /** Offset in {@link memory} of the next byte to consume. */
  readOffset = 0;
  /** Offset in {@link memory} of the next byte to produce. */
  writeOffset = 0;
  /** Bytes consumed and produced since the ring was last emptied (by configure or stop). */
  consumed = 0;
  produced = 0;
  /** Underruns and overruns since the channel was requested. */
  xruns = 0;
  /** Fill level of the ring, in bytes. */
  protected fill = 0;
  private ringEnd = 0;

  constructor(owner: ChannelOwner, index: number, direction: StreamDirection) {
    this.owner = owner;
    this.index = index;
    this.direction = direction;
  }

  /** Controller and number, for messages. */
  get name(): string {
    return `${this.owner.description.name}.${this.index}`;
  }

  /**
   * Brings {@link available} and {@link free} up to date.
   *
   * @returns 0, or -EPIPE once after an underrun or overrun of the link; both fields are valid also then
   */
  abstract status(): number;

  /**
   * Tells that firmware consumed or produced `bytes`, from the read or write offset on.
   *
   * @returns 0, or -EINVAL for more than is there, or when the channel is not configured
   */
  abstract reload(bytes: number): number;

  /** Bytes moved between the ring and the other end since the ring was last emptied. */
  abstract get position(): number;

  /** Starts moving data, or goes on after a pause. @returns 0, or -EINVAL when it is not configured */
  start(): number {
    const result = this.command("start");
    if (result === 0) this.onStart();
    return result;
  }

  /** Stops moving data and keeps the ring. @returns 0, or -EINVAL when the channel is not active */
  pause(): number {
    this.settle();
    return this.command("pause");
  }

  /** Goes on after a pause. @returns 0, or -EINVAL when the channel is not paused */
  resume(): number {
    const result = this.command("resume");
    if (result === 0) this.onStart();
    return result;
  }

  /** Stops moving data and empties the ring. @returns 0, or -EINVAL when it is not configured */
  stop(): number {
    this.settle();
    const result = this.command("stop");
    if (result === 0) this.rewind();
    return result;
  }

  /** Gives the channel back to its controller, from any state; nothing happens when it is idle. */
  release(): void {
    if (this.state === "idle") return;
    this.settle();
    this.state = "idle";
    this.onRelease();
    this.memory = EMPTY;
    this.ringStart = 0;
    this.ringSize = 0;
    this.ringEnd = 0;
    this.rewind();
    this.owner.channelReleased();
  }

  /** Takes the channel; called by its controller. */
  reserve(): void {
    this.state = "reserved";
    this.xruns = 0;
  }

  /** Takes over the ring. @returns 0, -EBUSY while active, -EINVAL for a ring that does not fit */
  protected configureRing(ring: RingConfig): number {
    if (this.state === "active") return -EBUSY;
    const { addressAlignment, sizeAlignment } = this.owner.description;
    const { memory, start, size } = ring;
    if (size <= 0 || start < 0 || start + size > memory.length) return -EINVAL;
    if (start % addressAlignment !== 0 || size % sizeAlignment !== 0) return -EINVAL;
    const result = this.command("configure");
    if (result !== 0) return result;
    this.memory = memory;
    this.ringStart = start;
    this.ringSize = size;
    this.ringEnd = start + size;
    this.rewind();
    return 0;
  }

  /** Bytes from the read offset to the end of the ring's memory. */
  protected get readRun(): number {
    return this.ringEnd - this.readOffset;
  }

  /** Bytes from the write offset to the end of the ring's memory. */
  protected get writeRun(): number {
    return this.ringEnd - this.writeOffset;
  }

  /** Moves the read offset by bytes that were consumed; at most the ring's size. */
  protected consume(bytes: number): void {
    this.fill -= bytes;
    this.consumed += bytes;
    const next = this.readOffset + bytes;
    this.readOffset = next >= this.ringEnd ? next - this.ringSize : next;
  }

  /** Moves the write offset by bytes that were produced; at most the ring's size. */
  protected produce(bytes: number): void {
    this.fill += bytes;
    this.produced += bytes;
    const next = this.writeOffset + bytes;
    this.writeOffset = next >= this.ringEnd ? next - this.ringSize : next;
  }

  /** Empties the ring and zeroes the positions. */
  protected rewind(): void {
    this.readOffset = this.ringStart;
    this.writeOffset = this.ringStart;
    this.fill = 0;
    this.consumed = 0;
    this.produced = 0;
    this.available = 0;
    this.free = this.ringSize;
  }

  /** The channel became active. */
  protected abstract onStart(): void;
  /** The channel is about to leave `active`: do what is due until now. */
  protected abstract settle(): void;
  /** The channel goes back to its controller. */
  protected abstract onRelease(): void;

  private command(command: DmaCommand): number {
    const next = transitions[command][this.state];
    if (next === undefined) return -EINVAL;
    this.state = next;
    return 0;
  }
}
