import {
  type AudioStream,
  containerBytes,
  type GatewayKind,
  type ModuleServices,
} from "@sof-ts/module-api";
import { periodFrames, streamParamsOf } from "../common/base-config.js";
import type { CopierConfig } from "./config.js";

/** The global word of a DMIC gateway blob: 15:0 silence, 31:16 fade-in, both in milliseconds. */
const GLOBAL_WORD_AT = 20;
const NONE = 0xffff;

const UNITY = 1024;
const ENVELOPE_END = 2 ** 15;

/**
 * Hides the start-up noise of microphones: silence, then an envelope that rises with the square of a
 * straight line, then unity (SOF's copier gain stage).
 */
export class FadeIn {
  private readonly silenceFrames: number;
  private readonly fadeFrames: number;
  private frame = 0;

  constructor(silenceFrames: number, fadeFrames: number) {
    this.silenceFrames = silenceFrames;
    this.fadeFrames = fadeFrames;
  }

  /** Begins again with silence. */
  restart(): void {
    this.frame = 0;
  }

  /** The gain (Q10) of the block that starts at the present frame. */
  get gain(): number {
    if (this.frame < this.silenceFrames) return 0;
    const faded = this.frame - this.silenceFrames;
    if (faded >= this.fadeFrames) return UNITY;
    if (faded === 0) return 0;
    // The envelope's step is rounded down in 64 bits, so it never quite reaches what a fraction would be.
    const envelope = Math.ceil((faded * ENVELOPE_END) / this.fadeFrames) - 1;
    const squared = Math.floor((envelope * envelope + 0x4000) / 0x8000);
    return Math.floor((UNITY * squared + 0x4000) / 0x8000);
  }

  /** Scales the `frames` frames that are about to be produced into `sink`. */
  apply(sink: AudioStream, frames: number): void {
    const { gain } = this;
    if (gain === UNITY) return;
    const bytes = containerBytes(sink.frameFmt);
    const samples = bytes === 2 ? sink.memory.i16 : sink.memory.i32;
    const count = frames * sink.channels;
    let at = sink.writePtr;
    for (let i = 0; i < count; i++) {
      const index = at / bytes;
      // Below unity neither width can overflow, and a double holds every product.
      samples[index] = Math.floor(((samples[index] as number) * gain + UNITY / 2) / UNITY);
      at = sink.wrap(at + bytes);
    }
  }

  /** `frames` frames are through. */
  advance(frames: number): void {
    if (this.frame < this.silenceFrames + this.fadeFrames) this.frame += frames;
  }
}

/** @returns the fade-in that a DMIC gateway's blob asks for, or null */
export function fadeInOf(
  kind: GatewayKind,
  config: CopierConfig,
  services: ModuleServices,
): FadeIn | null {
  const blob = config.gatewayConfig;
  if (kind !== "dmic" || blob.length < GLOBAL_WORD_AT + 4) return null;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const silenceMs = view.getUint16(GLOBAL_WORD_AT, true);
  const fadeMs = view.getUint16(GLOBAL_WORD_AT + 2, true);
  if ((fadeMs === 0 && silenceMs === 0) || fadeMs === NONE) return null;
  const { rate } = streamParamsOf(config.outFormat);
  const frames = periodFrames(rate, services.periodUs);
  return new FadeIn(silenceMs * frames, fadeMs * frames);
}
