import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioMemory,
  type AudioModule,
  type AudioStream,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { ControlledModule } from "../common/blob-module.js";
import { estimateCycles } from "../common/cost.js";
import { parseControl } from "../common/control-payload.js";
import { ParsedBlob } from "../common/parsed-blob.js";
import { kernelWidth } from "../common/sample-width.js";
import type { SampleBits } from "../common/wide-kernel.js";

const RATE = 48000;
/** The library works on 10 ms. */
const BLOCK_FRAMES = 480;
const CONFIG_BYTES = 68;
const ACTIVE_CHANNEL_OFFSET = 64;

/** @returns the channel that is reduced, or -EINVAL */
function parseIgoBlob(blob: Uint8Array): { readonly activeChannel: number } | number {
  if (blob.length !== CONFIG_BYTES) return -EINVAL;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const activeChannel = view.getUint32(ACTIVE_CHANNEL_OFFSET, true);
  return activeChannel < MAX_CHANNELS ? { activeChannel } : -EINVAL;
}

/**
 * Stands in for Intelligo's noise reduction as SOF's stub of its library does: one channel goes through 16
 * bits, and is silent when the reduction is switched on.
 */
export class IgoNr extends ControlledModule implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly base: BaseModuleCfg;
  private readonly memory: AudioMemory;
  protected readonly blob = new ParsedBlob(parseIgoBlob);
  private readonly enabled: boolean[] = Array.from({ length: MAX_CHANNELS }, () => false);
  private width: SampleBits = 32;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    super();
    this.base = base;
    this.memory = services.heap.memory;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (sources.length === 0 || sinks.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    const width = kernelWidth(params);
    if (width === null || params.rate !== RATE) return -EINVAL;
    if (params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    adoptParams(sources, params);
    adoptParams(sinks, params);
    this.width = width;
    this.blob.takeNew();
    this.blob.live = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const source = sources[0];
    const sink = sinks[0];
    if (source === undefined || sink === undefined) return -ENOTCONN;
    this.blob.takeNew();
    let frames = 0;
    while (source.availableFrames >= BLOCK_FRAMES && sink.freeFrames >= BLOCK_FRAMES) {
      this.block(source, sink);
      source.consume(BLOCK_FRAMES * source.frameBytes);
      sink.produce(BLOCK_FRAMES * sink.frameBytes);
      frames += BLOCK_FRAMES;
    }
    this.cost.cycles = estimateCycles(frames * source.channels, 0);
    return 0;
  }

  free(): void {
    // Nothing is held.
  }

  private block(source: AudioStream, sink: AudioStream): void {
    const { channels } = source;
    const active = this.blob.current?.activeChannel ?? 0;
    const view = this.width === 16 ? this.memory.i16 : this.memory.i32;
    const shift = this.width === 16 ? 1 : 2;
    const step = 1 << shift;
    let src = source.readPtr;
    let dst = sink.writePtr;
    for (let frame = 0; frame < BLOCK_FRAMES; frame++) {
      for (let ch = 0; ch < channels; ch++) {
        const x = view[src >> shift] as number;
        view[dst >> shift] = ch === active ? this.reduce(x, ch) : x;
        src = source.wrap(src + step);
        dst = sink.wrap(dst + step);
      }
    }
  }

  /** The library takes and gives 16 bits; its stub writes nothing. */
  private reduce(x: number, channel: number): number {
    if (this.enabled[channel]) return 0;
    if (this.width === 16) return x;
    const bits = this.width - 16;
    const rounded = ((x >> (bits - 1)) + 1) >> 1;
    return Math.min(Math.max(rounded, -0x8000), 0x7fff) << bits;
  }

  protected override setSwitch(payload: Uint8Array): number {
    const control = parseControl(payload);
    if (control === null || control.values.some(({ channel }) => channel >= MAX_CHANNELS))
      return -EINVAL;
    for (const { channel, value } of control.values) this.enabled[channel] = value !== 0;
    return 0;
  }
}
