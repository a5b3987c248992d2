import {
  createSrcKernels,
  planSrcStage,
  resetSrcStage,
  srcFilter,
  type SrcKernels,
  type SrcPlan,
  srcStageBytes,
} from "@sof-ts/dsp";
import type { AudioAllocator } from "@sof-ts/module-api";
import type { SampleBits } from "../common/wide-kernel.js";

interface Stage {
  readonly plan: SrcPlan;
  readonly address: number;
  /** Most frames that wait in it. */
  readonly room: number;
  /** Frames that were handed over and not yet converted. */
  waiting: number;
}

/** Rates and block sizes that a chain is made for. */
export interface ChainShape {
  readonly channels: number;
  readonly width: SampleBits;
  /** Frames of a period on either side. */
  readonly sourceFrames: number;
  readonly sinkFrames: number;
}

/** Multiplications for each sample that comes into filters in a row. */
function macsOf(names: readonly string[]): number {
  let rate = 1;
  let macs = 0;
  for (const name of names) {
    const { interpolation, decimation, subFilterLength } = srcFilter(name);
    rate = (rate * interpolation) / decimation;
    macs += rate * subFilterLength;
  }
  return macs;
}

/** One or two stages of a rate conversion with what lies between them. */
export class StageChain {
  readonly kernels: SrcKernels;
  /** Multiplications for each sample that comes in. */
  readonly macs: number;
  private readonly heap: AudioAllocator;
  private readonly shape: ChainShape;
  private readonly first: Stage;
  private readonly second: Stage | null;
  private readonly memory: number;
  /** Left-aligned samples on their way out of a stage. */
  private readonly scratch: number;

  /** @param names one or two filters */
  constructor(heap: AudioAllocator, names: readonly string[], shape: ChainShape) {
    this.heap = heap;
    this.shape = shape;
    this.kernels = createSrcKernels(heap.memory);
    const { channels, sourceFrames, sinkFrames } = shape;
    this.macs = macsOf(names);
    const plans = names.map((name) => planSrcStage(srcFilter(name)));
    const one = plans[0] as SrcPlan;
    const two = plans[1] ?? null;
    const oneRoom = sourceFrames + one.filter.decimation;
    const blocks = Math.floor(sourceFrames / one.filter.decimation) + 1;
    // What waits between the stages: two periods and an eighth.
    const between = 2 * one.filter.interpolation * blocks;
    const twoRoom = between + (between >> 3);
    const oneBytes = srcStageBytes(one, channels, oneRoom);
    const twoBytes = two === null ? 0 : srcStageBytes(two, channels, twoRoom);
    const outBlocks = two === null ? one.filter.interpolation : two.filter.interpolation;
    const scratchFrames = Math.max(blocks * one.filter.interpolation, sinkFrames + outBlocks);
    this.memory = heap.alloc(oneBytes + twoBytes + scratchFrames * channels * 4);
    this.first = { plan: one, address: this.memory, room: oneRoom, waiting: 0 };
    this.second =
      two === null
        ? null
        : { plan: two, address: this.memory + oneBytes, room: twoRoom, waiting: 0 };
    this.scratch = this.memory + oneBytes + twoBytes;
  }

  /** Whether memory for the chain was there. */
  get complete(): boolean {
    return this.memory !== 0;
  }

  /** Frames of delay, counted at the sink. */
  get latencyFrames(): number {
    let frames = 0;
    for (const stage of [this.first, this.second]) {
      if (stage === null) continue;
      const { filter, inputStep } = stage.plan;
      const { interpolation: l, decimation: m, subFilterLength } = filter;
      const delay = (l - 1) * inputStep + (l * subFilterLength - 1) / (2 * l);
      frames = ((frames + delay) * l) / m;
    }
    return Math.round(frames);
  }

  /** Starts from silence. */
  reset(): void {
    const { channels, width } = this.shape;
    for (const stage of [this.first, this.second]) {
      if (stage === null) continue;
      const { plan, address, room } = stage;
      stage.waiting = 0;
      resetSrcStage(this.heap.memory, plan, { address, channels, width, unusedFrames: room });
    }
  }

  free(): void {
    this.heap.free(this.memory);
  }

  /**
   * Frames that the chain takes now of those that wait at the source, in whole blocks.
   *
   * @param sinkFree free frames of the sink
   */
  wants(available: number, sinkFree: number): number {
    const { interpolation, decimation } = this.first.plan.filter;
    let blocks: number;
    if (this.second === null) {
      const out = Math.min(sinkFree, this.shape.sinkFrames + interpolation);
      blocks = Math.min(Math.floor(out / interpolation), Math.floor(available / decimation));
    } else {
      const most = Math.min(available, this.shape.sourceFrames + decimation);
      const room = this.second.room - this.second.waiting;
      blocks = Math.min(Math.floor(most / decimation), Math.floor(room / interpolation));
    }
    return blocks * decimation;
  }

  /** Takes frames of the source, without wrap. */
  take(src: number, frames: number): void {
    this.kernels.append(this.first.address, src, frames);
    this.first.waiting += frames;
  }

  /**
   * Converts what was taken.
   *
   * @returns frames that wait for the sink at {@link output}
   */
  run(sinkFree: number): number {
    const frames = this.runStage(this.first, Number.POSITIVE_INFINITY);
    if (this.second === null) return frames;
    if (frames > 0) {
      this.kernels.appendWide(this.second.address, this.scratch, frames);
      this.second.waiting += frames;
    }
    const { interpolation } = this.second.plan.filter;
    const most = Math.min(sinkFree, this.shape.sinkFrames + interpolation);
    return this.runStage(this.second, Math.floor(most / interpolation));
  }

  /** Address of the frames that {@link run} made, left-aligned 32-bit samples. */
  get output(): number {
    return this.scratch;
  }

  private runStage(stage: Stage, most: number): number {
    const { interpolation, decimation } = stage.plan.filter;
    const blocks = Math.min(most, Math.floor(stage.waiting / decimation));
    if (blocks === 0) return 0;
    this.kernels.run(stage.address, blocks, this.scratch);
    stage.waiting -= blocks * decimation;
    return blocks * interpolation;
  }
}
