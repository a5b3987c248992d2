import { BiquadBank, biquadBankBytes, createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  containerBytes,
  type FragmentPosition,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, FRAME_BYTE_ALIGN, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { sampleBits, wideKernel, wideScratchBytes } from "../common/wide-kernel.js";
import { MAX_BLOB_BYTES, MAX_SECTIONS, parseIirConfig, responsesFor } from "./blob.js";
import { estimateCycles } from "../common/cost.js";

const FRAME_ALIGN = 2;
const MACS_PER_SECTION = 6;

/** Equalizer of biquads, one response a channel (SOF's `eq_iir`). */
export class EqIir implements AudioModule {
  estimatedCycles = 0;
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly blob: ConfigBlob;
  private readonly copy: BlockKernel;
  private memory = 0;
  /** Multiplications a sample, on average over the channels. */
  private macs = 0;
  private bounce = 0;
  private bank: BiquadBank | null = null;
  private filter: BlockKernel | null = null;
  /** What `process` runs: the copy while nothing is to be filtered. */
  private kernel: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    const channels = base.audioFmt.channelsCount;
    this.blob = new ConfigBlob((blob) => {
      const config = parseIirConfig(blob);
      return config === null || responsesFor(config, channels) === null ? -EINVAL : 0;
    }, MAX_BLOB_BYTES);
    const pcm = createPcmKernels(services.heap.memory);
    const frameBytes = channels * (base.audioFmt.depth >> 3);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    this.kernel = this.copy;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { audioFmt } = this.base;
    const bits = sampleBits(audioFmt.validBitDepth);
    const params = streamParamsOf(audioFmt);
    if (bits === null || sources.length === 0 || sinks.length === 0) return -EINVAL;
    adoptParams(sources, params);
    // The sink carries its valid format, where that has the same container.
    const sameSize = containerBytes(params.validFmt) === containerBytes(params.frameFmt);
    adoptParams(sinks, sameSize ? { ...params, frameFmt: params.validFmt } : params);
    for (const stream of [...sources, ...sinks]) stream.setAlign(FRAME_BYTE_ALIGN, FRAME_ALIGN);
    const { heap } = this.services;
    if (this.memory === 0) {
      const bankBytes = biquadBankBytes(params.channels, MAX_SECTIONS);
      this.memory = heap.alloc(BOUNCE_BYTES + bankBytes + wideScratchBytes(bits, params.channels));
      if (this.memory === 0) return -ENOMEM;
      this.bounce = this.memory;
      const bankAt = this.memory + BOUNCE_BYTES;
      const bank = new BiquadBank(heap.memory, bankAt, bankBytes, params.channels);
      const pcm = createPcmKernels(heap.memory);
      const run: BlockKernel = (src, dst, frames) => {
        if (src !== dst && bank.leavesChannels) this.copy(src, dst, frames);
        bank.run(src, dst, frames);
      };
      this.bank = bank;
      this.filter = wideKernel(pcm, bits, params.channels, bankAt + bankBytes, run);
    }
    this.blob.live = true;
    this.blob.takeNew();
    this.configure();
    return 0;
  }

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
    this.estimatedCycles = estimateCycles(frames * source.channels, this.macs);
    if (frames === 0) return 0;
    moveBlocks(source, sink, frames, this.kernel, this.bounce);
    return 0;
  }

  reset(): number {
    this.blob.live = false;
    this.bank?.clear();
    return 0;
  }

  free(): void {
    this.services.heap.free(this.memory);
    this.memory = 0;
  }

  setConfiguration(
    _paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    return this.blob.set(position, sizeOrOffset, fragment);
  }

  getConfiguration(_paramId: number, out: Uint8Array): number {
    return this.blob.get(out);
  }

  /** Puts the blob in use to work; delays start anew. */
  private configure(): void {
    const config = this.blob.current === null ? null : parseIirConfig(this.blob.current);
    const channels = this.base.audioFmt.channelsCount;
    const responses = config === null ? null : responsesFor(config, channels);
    let sections = 0;
    for (const response of responses ?? []) sections += response?.sections.length ?? 0;
    this.macs = (sections * MACS_PER_SECTION) / channels;
    const idle = responses === null || responses.every((response) => response === null);
    if (!idle) this.bank?.configure(responses);
    this.kernel = idle || this.filter === null ? this.copy : this.filter;
  }
}
