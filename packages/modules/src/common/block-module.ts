import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "./blocks.js";
import { estimateCycles } from "./cost.js";

/** What modules have in common that turn one stream into one, block by block, with a kernel for each moment. */
export abstract class BlockModule {
  readonly cost = new PeriodCost();
  protected readonly services: ModuleServices;
  /** Address of {@link BOUNCE_BYTES} and what {@link reserve} was asked for; 0 before. */
  protected memory = 0;
  /** Most frames of one call. */
  protected frameLimit = Number.MAX_SAFE_INTEGER;

  constructor(services: ModuleServices) {
    this.services = services;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -EINVAL;
    const kernel = this.nextKernel();
    const frames = Math.min(alignedFrames(source, sink), this.frameLimit);
    this.cost.cycles = estimateCycles(frames * sink.channels, this.macs(source));
    if (frames > 0) moveBlocks(source, sink, frames, kernel, this.memory);
    return 0;
  }

  free(): void {
    this.services.heap.free(this.memory);
    this.memory = 0;
  }

  /** Makes room, once, for blocks that wrap and `byteCount` bytes behind it. @returns 0 or -ENOMEM */
  protected reserve(byteCount = 0): number {
    if (this.memory === 0) this.memory = this.services.heap.alloc(BOUNCE_BYTES + byteCount);
    return this.memory === 0 ? -ENOMEM : 0;
  }

  /** Puts configuration to use that came while streaming. @returns what the next block goes through */
  protected abstract nextKernel(): BlockKernel;

  /** Multiplications for a sample that comes out. */
  protected abstract macs(source: AudioStream): number;
}
