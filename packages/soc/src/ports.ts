import type { Cycles, EventQueue } from "@sof-ts/kit";

/**
 * Takes an interrupt to a core. The RTOS stands behind it: it latches the interrupt and runs the handler as
 * soon as the core unmasks interrupts.
 */
export interface InterruptSink {
  /** @param cpu core number @param irq line number as in the platform description */
  raise(cpu: number, irq: number): void;
}

/** Takes the interrupt line of the audio function to the host's processor. */
export interface HostInterruptSink {
  /** A cause became active; the host reads the registers to learn which. */
  raise(): void;
}

/**
 * Tells the present instant, in core clock cycles. An `EventQueue` is one; an RTOS whose cores run ahead of
 * the queue gives the running core's own time.
 */
export interface TimeSource {
  readonly now: Cycles;
}

/** The instant from which a device counts: the caller's own, and never before the queue's. */
export function presentInstant(time: TimeSource, queue: EventQueue): Cycles {
  return time.now > queue.now ? time.now : queue.now;
}

/** The far end of a playback link (a codec, a speaker, a WAV file). */
export interface LinkSink {
  /**
   * Takes samples off the link, in stream order. `bytes` is live DMA memory: copy what you keep. A frame may
   * be split over two calls where the ring wraps.
   */
  write(bytes: Uint8Array, offset: number, length: number): void;
  /**
   * Told of `length` bytes of silence that the link plays because its ring ran dry; without this method they
   * are written like samples.
   */
  starve?(length: number): void;
}

/** The far end of a capture link (a codec, a microphone, a WAV file). */
export interface LinkSource {
  /**
   * Puts the next `length` bytes of the stream at `offset`.
   *
   * @returns bytes delivered; the link carries silence for the rest
   */
  read(into: Uint8Array, offset: number, length: number): number;
}
