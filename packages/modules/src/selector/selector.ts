import { createMatrixKernels, createPcmKernels, type MatrixKernel } from "@sof-ts/dsp";
import { EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  containerBytes,
  type FragmentPosition,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { BlockModule } from "../common/block-module.js";
import { type BlockKernel, BOUNCE_BYTES } from "../common/blocks.js";
import {
  chooseCoefs,
  identityCoefs,
  isIdentity,
  MATRIX_SIZE,
  parseSelectorBlob,
  type SelectorConfig,
} from "./config.js";
import { kernelWidth } from "../common/sample-width.js";

const COEF_BYTES = MATRIX_SIZE * MATRIX_SIZE * 2;
const COEFS_PARAM = 0;

const valid = (channels: number) => channels >= 1 && channels <= MAX_CHANNELS;

/** Every output channel is a weighted sum of all input channels (SOF's `selector`, "mic select"). */
export class Selector extends BlockModule implements AudioModule {
  private readonly config: SelectorConfig;
  private readonly copy: BlockKernel;
  private readonly combine: BlockKernel;
  private coefs = identityCoefs();
  /** Coefficients that came while streaming, for the next period. */
  private waiting: Int16Array | null = null;
  private kernel: MatrixKernel;
  private passes = true;
  private live = false;

  constructor(services: ModuleServices, config: SelectorConfig) {
    super(services);
    this.config = config;
    const { memory } = services.heap;
    const pcm = createPcmKernels(memory);
    const input = streamParamsOf(config.base.audioFmt);
    const outputs = config.outFormat.channelsCount;
    const frameBytes = input.channels * containerBytes(input.frameFmt);
    this.kernel = createMatrixKernels(memory).matrixS32;
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
    this.combine = (src, dst, frames) =>
      this.kernel(src, input.channels, dst, outputs, this.memory + BOUNCE_BYTES, frames);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const input = streamParamsOf(this.config.base.audioFmt);
    const output = streamParamsOf(this.config.outFormat);
    if (!valid(input.channels) || !valid(output.channels)) return -EINVAL;
    if (sources.length === 0 || sinks.length === 0 || input.frameFmt !== output.frameFmt)
      return -EINVAL;
    const kernels = createMatrixKernels(this.services.heap.memory);
    const width = kernelWidth(input);
    if (width === null) return -EINVAL;
    const byWidth = { 16: kernels.matrixS16, 24: kernels.matrixS24, 32: kernels.matrixS32 };
    this.kernel = byWidth[width];
    adoptParams(sources, input);
    adoptParams(sinks, output);
    if (this.reserve(COEF_BYTES) < 0) return -ENOMEM;
    this.live = true;
    this.apply(this.waiting ?? this.coefs);
    return 0;
  }

  reset(): number {
    this.live = false;
    return 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId !== COEFS_PARAM || position !== "single") return -EINVAL;
    const records = parseSelectorBlob(fragment);
    if (records === null) return -EINVAL;
    const inputs = this.config.base.audioFmt.channelsCount;
    const coefs = chooseCoefs(records, inputs, this.config.outFormat.channelsCount);
    if (coefs === null) return -EINVAL;
    if (this.live) this.waiting = coefs;
    else this.coefs = coefs;
    return 0;
  }

  getConfiguration(): number {
    return 0;
  }

  protected nextKernel(): BlockKernel {
    if (this.waiting !== null) this.apply(this.waiting);
    return this.passes ? this.copy : this.combine;
  }

  protected macs(source: AudioStream): number {
    return source.channels;
  }

  private apply(coefs: Int16Array): void {
    this.coefs = coefs;
    this.waiting = null;
    const { i16 } = this.services.heap.memory;
    i16.set(coefs, (this.memory + BOUNCE_BYTES) >> 1);
    const { base, outFormat } = this.config;
    this.passes = isIdentity(coefs, base.audioFmt.channelsCount, outFormat.channelsCount);
  }
}
