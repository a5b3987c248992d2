import { createPcmKernels } from "@sof-ts/dsp";
import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES, forBlocks } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import { parseControl, SWITCH_PARAM } from "../common/control-payload.js";
import { ParsedBlob } from "../common/parsed-blob.js";

const Param = { CONFIG: 0, DATA: 1 } as const;
const CONFIG_BYTES = 32;
const ENABLED_OFFSET = 20;
const RATE_OFFSET = 24;
const rates = [16000, 48000];

interface RtnrConfig {
  readonly enabled: boolean;
  readonly rate: number;
}

function parseRtnrBlob(blob: Uint8Array): RtnrConfig | number {
  if (blob.length !== CONFIG_BYTES) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== CONFIG_BYTES) return -EINVAL;
  return {
    enabled: view.getInt32(ENABLED_OFFSET, true) !== 0,
    rate: view.getUint32(RATE_OFFSET, true),
  };
}

/** Stands in for Realtek's noise reduction: takes its configuration and passes the audio through. */
export class Rtnr implements AudioModule {
  /** What the switch and the configuration say; the stand-in copies in both states. */
  enabled = false;
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly config = new ParsedBlob(parseRtnrBlob);
  private readonly data = new ConfigBlob();
  private readonly bounce: number;
  private readonly copy: BlockKernel;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
    this.bounce = services.heap.alloc(BOUNCE_BYTES);
    const pcm = createPcmKernels(services.heap.memory);
    const frameBytes = (base.audioFmt.depth >> 3) * base.audioFmt.channelsCount;
    this.copy = (src, dst, frames) => pcm.copyBytes(src, dst, frames * frameBytes);
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.bounce !== 0;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    const config = this.config.takeNew() ?? this.config.current;
    if (config === null || !rates.includes(config.rate)) return -EINVAL;
    if (params.frameFmt === FrameFmt.INVALID || params.channels === 0) return -EINVAL;
    if (!rates.includes(params.rate)) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.enabled = config.enabled;
    this.config.live = true;
    this.data.live = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    const config = this.config.takeNew();
    if (config !== null) this.enabled = config.enabled;
    this.data.takeNew();
    const frames = alignedFrames(source, sink);
    if (frames === 0) return 0;
    forBlocks(source, sink, frames, this.copy, this.bounce);
    source.consume(frames * source.frameBytes);
    sink.produce(frames * sink.frameBytes);
    return 0;
  }

  reset(): number {
    this.config.live = false;
    this.data.live = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === SWITCH_PARAM) return this.setSwitch(fragment);
    if (paramId === Param.CONFIG) return this.config.set(position, sizeOrOffset, fragment);
    return paramId === Param.DATA ? this.data.set(position, sizeOrOffset, fragment) : -EINVAL;
  }

  getConfiguration(): number {
    return -EINVAL;
  }

  /** Any channel that is switched on switches the module on. */
  private setSwitch(payload: Uint8Array): number {
    const control = parseControl(payload);
    if (control === null) return -EINVAL;
    this.enabled = control.values.some(({ value }) => value !== 0);
    return 0;
  }
}
