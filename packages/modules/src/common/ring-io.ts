import { assert } from "@sof-ts/kit";
import type { AudioStream } from "@sof-ts/module-api";
import { BOUNCE_BYTES } from "./blocks.js";

/** Takes or gives `frames` frames at `address`, which do not wrap. */
export type FrameKernel = (address: number, frames: number) => void;

/**
 * Hands the oldest `frames` frames of a ring to `kernel`, in stretches without wrap; a frame that lies across
 * the end goes through `bounce`. The ring moves on.
 *
 * Calling context: `process`; does not allocate.
 *
 * @param bounce address of {@link BOUNCE_BYTES} bytes
 */
export function takeFrames(
  source: AudioStream,
  frames: number,
  kernel: FrameKernel,
  bounce: number,
): void {
  const { frameBytes } = source;
  assert(frameBytes <= BOUNCE_BYTES, "frames of at most 8 channels");
  for (let left = frames; left > 0;) {
    const straight = Math.min(left, Math.floor((source.end - source.readPtr) / frameBytes));
    if (straight > 0) {
      kernel(source.readPtr, straight);
    } else {
      const { u8 } = source.memory;
      for (let i = 0; i < frameBytes; i++) {
        u8[bounce + i] = u8[source.wrap(source.readPtr + i)] as number;
      }
      kernel(bounce, 1);
    }
    const done = Math.max(straight, 1);
    source.consume(done * frameBytes);
    left -= done;
  }
}

/** The other way round: lets `kernel` write `frames` frames to a ring, which moves on. */
export function giveFrames(
  sink: AudioStream,
  frames: number,
  kernel: FrameKernel,
  bounce: number,
): void {
  const { frameBytes } = sink;
  assert(frameBytes <= BOUNCE_BYTES, "frames of at most 8 channels");
  for (let left = frames; left > 0;) {
    const straight = Math.min(left, Math.floor((sink.end - sink.writePtr) / frameBytes));
    if (straight > 0) {
      kernel(sink.writePtr, straight);
    } else {
      kernel(bounce, 1);
      const { u8 } = sink.memory;
      for (let i = 0; i < frameBytes; i++) {
        u8[sink.wrap(sink.writePtr + i)] = u8[bounce + i] as number;
      }
    }
    const done = Math.max(straight, 1);
    sink.produce(done * frameBytes);
    left -= done;
  }
}
