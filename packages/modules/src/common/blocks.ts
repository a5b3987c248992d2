import { assert } from "@sof-ts/kit";
import type { AudioStream } from "@sof-ts/module-api";

/** Processes `frames` whole frames from `src` to `dst`, both without wrap. Made at prepare, not per call. */
export type BlockKernel = (src: number, dst: number, frames: number) => void;

/** Most bytes of one frame: 8 channels of 4 bytes. */
const FRAME_BYTES = 32;

/** Bytes that {@link forBlocks} needs at `bounce`. */
export const BOUNCE_BYTES = 2 * FRAME_BYTES;

/**
 * Runs `kernel` over `frames` frames from the oldest frame of `source` to the free space of `sink`, once for
 * each stretch that wraps in neither. A frame that lies across the end of a ring goes through `bounce`.
 * Neither ring moves on.
 *
 * Calling context: `process`; does not allocate.
 *
 * @param bounce address of {@link BOUNCE_BYTES} bytes; 0 when no frame of either ring wraps
 */
export function forBlocks(
  source: AudioStream,
  sink: AudioStream,
  frames: number,
  kernel: BlockKernel,
  bounce: number,
): void {
  const src = source.readPtr;
  const dst = sink.writePtr;
  const inBytes = source.frameBytes;
  const outBytes = sink.frameBytes;
  if (src + frames * inBytes <= source.end && dst + frames * outBytes <= sink.end) {
    kernel(src, dst, frames);
    return;
  }
  wrappedBlocks(source, sink, src, dst, frames, kernel, bounce);
}

/** {@link forBlocks}, and both rings move on by `frames`. */
export function moveBlocks(
  source: AudioStream,
  sink: AudioStream,
  frames: number,
  kernel: BlockKernel,
  bounce: number,
): void {
  forBlocks(source, sink, frames, kernel, bounce);
  source.consume(frames * source.frameBytes);
  sink.produce(frames * sink.frameBytes);
}

function wrappedBlocks(
  source: AudioStream,
  sink: AudioStream,
  start: number,
  target: number,
  frames: number,
  kernel: BlockKernel,
  bounce: number,
): void {
  const inBytes = source.frameBytes;
  const outBytes = sink.frameBytes;
  let src = start;
  let dst = target;
  for (let left = frames; left > 0;) {
    const straight = Math.min(
      left,
      Math.floor((source.end - src) / inBytes),
      Math.floor((sink.end - dst) / outBytes),
    );
    if (straight > 0) kernel(src, dst, straight);
    else bounceFrame(source, sink, src, dst, kernel, bounce);
    const done = Math.max(straight, 1);
    left -= done;
    src = source.wrap(src + done * inBytes);
    dst = sink.wrap(dst + done * outBytes);
  }
}

function bounceFrame(
  source: AudioStream,
  sink: AudioStream,
  src: number,
  dst: number,
  kernel: BlockKernel,
  bounce: number,
): void {
  assert(bounce !== 0, "a frame wraps in a ring that was taken for one of whole frames");
  const { u8 } = source.memory;
  const target = bounce + FRAME_BYTES;
  for (let i = 0; i < source.frameBytes; i++) {
    u8[bounce + i] = u8[source.wrap(src + i)] as number;
  }
  kernel(bounce, target, 1);
  for (let i = 0; i < sink.frameBytes; i++) {
    u8[sink.wrap(dst + i)] = u8[target + i] as number;
  }
}
