import { createPcmKernels, FirBank, firBankBytes, FirFormat } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type FragmentPosition,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, FRAME_BYTE_ALIGN, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, moveBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { sampleBits } from "../common/wide-kernel.js";
import { firResponsesFor, MAX_BLOB_BYTES, MAX_TAPS, parseFirConfig } from "./blob.js";
import { estimateCycles } from "../common/cost.js";

const FRAME_ALIGN = 2;

const validate = (blob: Uint8Array) => (parseFirConfig(blob) === null ? -EINVAL : 0);

/** Equalizer of FIR filters, one response a channel (SOF's `eq_fir`). */
export class EqFir implements AudioModule {
  estimatedCycles = 0;
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  // Until it is prepared, a blob is only stored: it is checked together with the streams.
  private readonly blob = new ConfigBlob(null, MAX_BLOB_BYTES);
  private readonly copy: BlockKernel;
  private readonly filter: BlockKernel;
  private memory = 0;
  /** Taps of a channel, on average. */
  private macs = 0;
  private bank: FirBank | null = null;
  private format: FirFormat = FirFormat.S32;
  private kernel: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    const pcm = createPcmKernels(services.heap.memory);
    const frameBytes = base.audioFmt.channelsCount * (base.audioFmt.depth >> 3);
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    this.filter = (src, dst, frames) => this.bank?.run(this.format, src, dst, frames);
    this.kernel = this.copy;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { audioFmt } = this.base;
    const bits = sampleBits(audioFmt.validBitDepth);
    if (bits === null || sources.length === 0 || sinks.length === 0) return -EINVAL;
    const params = streamParamsOf(audioFmt);
    adoptParams(sources, params);
    adoptParams(sinks, params);
    for (const stream of [...sources, ...sinks]) stream.setAlign(FRAME_BYTE_ALIGN, FRAME_ALIGN);
    this.format = bits === 16 ? FirFormat.S16 : bits === 24 ? FirFormat.S24 : FirFormat.S32;
    if (this.memory === 0) {
      const { heap } = this.services;
      const bytes = firBankBytes(params.channels, MAX_TAPS);
      this.memory = heap.alloc(BOUNCE_BYTES + bytes);
      if (this.memory === 0) return -ENOMEM;
      this.bank = new FirBank(heap.memory, this.memory + BOUNCE_BYTES, bytes, params.channels);
    }
    this.blob.takeNew();
    if (this.blob.current !== null && validate(this.blob.current) < 0) return -EINVAL;
    this.blob.validator = validate;
    this.blob.live = true;
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
    moveBlocks(source, sink, frames, this.kernel, this.memory);
    return 0;
  }

  reset(): number {
    this.blob.live = false;
    this.blob.validator = null;
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

  /** Puts the blob in use to work; histories start with silence. */
  private configure(): void {
    const config = this.blob.current === null ? null : parseFirConfig(this.blob.current);
    const responses =
      config === null ? [] : firResponsesFor(config, this.base.audioFmt.channelsCount);
    const taps = responses.reduce((sum, response) => sum + (response?.taps.length ?? 0), 0);
    this.macs = taps / Math.max(1, responses.length);
    const idle = responses.every((response) => response === null);
    if (!idle) this.bank?.configure(responses);
    this.kernel = idle ? this.copy : this.filter;
  }
}
