import { BiquadBank, biquadBankBytes, type BiquadResponse, createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import { type AudioStream, containerBytes, type ModuleServices } from "@sof-ts/module-api";
import { adoptParams, FRAME_BYTE_ALIGN, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES } from "../common/blocks.js";
import { Equalizer, type Responses } from "../common/equalizer.js";
import { sampleBits, wideKernel, wideScratchBytes } from "../common/wide-kernel.js";
import { MAX_BLOB_BYTES, MAX_SECTIONS, parseIirConfig, responsesFor } from "./blob.js";

const FRAME_ALIGN = 2;
const MACS_PER_SECTION = 6;

/** Equalizer of biquads, one response a channel (SOF's `eq_iir`). */
export class EqIir extends Equalizer<BiquadResponse> {
  private bank: BiquadBank | null = null;
  private filter: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super(services, base, MAX_BLOB_BYTES);
    this.blob.validator = this.check;
    this.filter = this.copy;
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

  override reset(): number {
    this.bank?.clear();
    return super.reset();
  }

  protected understand(blob: Uint8Array): Responses<BiquadResponse> | null {
    const config = parseIirConfig(blob);
    return config === null ? null : responsesFor(config, this.base.audioFmt.channelsCount);
  }

  protected macsOf({ sections }: BiquadResponse): number {
    return sections.length * MACS_PER_SECTION;
  }

  protected install(responses: Responses<BiquadResponse>): BlockKernel {
    this.bank?.configure(responses);
    return this.filter;
  }
}
