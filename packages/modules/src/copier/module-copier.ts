import type { AudioStream } from "@sof-ts/module-api";
import { alignedFrames } from "@sof-ts/module-api";
import { forBlocks } from "../common/blocks.js";
import { Copier } from "./copier.js";
import type { ConversionPlace } from "./select-conversion.js";
import { estimateCycles } from "../common/cost.js";

/** A copier between modules: converts one source for up to four sinks. */
export class ModuleCopier extends Copier {
  protected override readonly place: ConversionPlace = { kind: null, direction: "playback" };

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    if (source === undefined) return 0;
    let consumed = 0;
    let samples = 0;
    for (let i = 0; i < sinks.length; i++) {
      const sink = sinks[i] as AudioStream;
      if (!sink.consumerActive) continue;
      const conversion = this.conversions[this.pinOf(sink)];
      if (conversion === null || conversion === undefined) continue;
      const frames = alignedFrames(source, sink);
      if (frames > 0) {
        forBlocks(source, sink, frames, conversion, this.bounce);
        sink.produce(frames * sink.frameBytes);
        samples += frames * sink.channels;
      }
      // The last sink decides: one that is full holds nobody back, and may lose frames.
      consumed = frames;
    }
    this.cost.cycles = estimateCycles(samples, 0);
    if (consumed > 0) source.consume(consumed * source.frameBytes);
    return 0;
  }
}
