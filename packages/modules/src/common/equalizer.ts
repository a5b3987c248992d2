import { createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { BlobModule } from "./blob-module.js";
import { type BlockKernel, moveBlocks } from "./blocks.js";
import { ConfigBlob } from "./config-blob.js";
import { estimateCycles } from "./cost.js";

/** A response for each channel, null for a channel that passes unchanged. */
export type Responses<R> = readonly (R | null)[];

/**
 * A filter for each channel, told by a blob: what the equalizers have in common. A blob is understood when it
 * arrives, in the IPC thread; `process` only puts it to work.
 */
export abstract class Equalizer<R> extends BlobModule implements AudioModule {
  readonly cost = new PeriodCost();
  protected readonly services: ModuleServices;
  protected readonly base: BaseModuleCfg;
  protected readonly blob: ConfigBlob;
  protected readonly copy: BlockKernel;
  /** The instance's memory, a bounce buffer first; 0 until it is prepared. */
  protected memory = 0;
  /** What the latest blob that was not refused says. */
  private latest: Responses<R> | null = null;
  /** Multiplications a sample, on average over the channels. */
  private macs = 0;
  /** What `process` runs: the copy while nothing is to be filtered. */
  private kernel: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg, maxBlobBytes: number) {
    super();
    this.services = services;
    this.base = base;
    this.blob = new ConfigBlob(null, maxBlobBytes);
    const { channelsCount, depth } = base.audioFmt;
    const frameBytes = channelsCount * (depth >> 3);
    const pcm = createPcmKernels(services.heap.memory);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    this.kernel = this.copy;
  }

  abstract prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number;

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    // A connection can go while the module runs.
    if (source === undefined || sink === undefined) return 0;
    if (this.blob.hasNew) {
      this.blob.takeNew();
      this.configure();
    }
    const frames = alignedFrames(source, sink);
    this.cost.cycles = estimateCycles(frames * source.channels, this.macs);
    if (frames === 0) return 0;
    moveBlocks(source, sink, frames, this.kernel, this.memory);
    return 0;
  }

  free(): void {
    this.services.heap.free(this.memory);
    this.memory = 0;
  }

  /** @returns a response for each channel of the stream, or null for a blob that cannot be */
  protected abstract understand(blob: Uint8Array): Responses<R> | null;

  /** Multiplications that a response costs a sample. */
  protected abstract macsOf(response: R): number;

  /** Puts responses to work, with delays of silence. @returns the kernel that runs them */
  protected abstract install(responses: Responses<R>): BlockKernel;

  /** @returns 0, or -EINVAL for a blob that cannot be; remembers what it says */
  protected readonly check = (blob: Uint8Array): number => {
    const responses = this.understand(blob);
    if (responses === null) return -EINVAL;
    this.latest = responses;
    return 0;
  };

  /** Puts the latest blob to work. */
  protected configure(): void {
    const responses = this.latest ?? [];
    let macs = 0;
    let idle = true;
    for (const response of responses) {
      if (response === null) continue;
      macs += this.macsOf(response);
      idle = false;
    }
    this.macs = macs / Math.max(1, responses.length);
    this.kernel = idle ? this.copy : this.install(responses);
  }
}
