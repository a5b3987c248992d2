import { FirBank, firBankBytes, FirFormat, type FirResponse } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioStream, ModuleServices } from "@sof-ts/module-api";
import { adoptParams, FRAME_BYTE_ALIGN, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES } from "../common/blocks.js";
import { Equalizer, type Responses } from "../common/equalizer.js";
import { sampleBits } from "../common/wide-kernel.js";
import { firResponsesFor, MAX_BLOB_BYTES, MAX_TAPS, parseFirConfig } from "./blob.js";

const FRAME_ALIGN = 2;

/**
 * Equalizer of FIR filters, one response a channel (SOF's `eq_fir`). Until it is prepared, a blob is only
 * stored: it is checked together with the streams.
 */
export class EqFir extends Equalizer<FirResponse> {
  private readonly filter: BlockKernel;
  private bank: FirBank | null = null;
  private format: FirFormat = FirFormat.S32;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super(services, base, MAX_BLOB_BYTES);
    this.filter = (src, dst, frames) => this.bank?.run(this.format, src, dst, frames);
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
    if (this.blob.current !== null && this.check(this.blob.current) < 0) return -EINVAL;
    this.blob.validator = this.check;
    this.blob.live = true;
    this.configure();
    return 0;
  }

  override reset(): number {
    this.blob.validator = null;
    return super.reset();
  }

  protected understand(blob: Uint8Array): Responses<FirResponse> | null {
    const config = parseFirConfig(blob);
    return config === null ? null : firResponsesFor(config, this.base.audioFmt.channelsCount);
  }

  protected macsOf({ taps }: FirResponse): number {
    return taps.length;
  }

  protected install(responses: Responses<FirResponse>): BlockKernel {
    this.bank?.configure(responses);
    return this.filter;
  }
}
