import { createPcmKernels, type PcmKernels } from "@sof-ts/dsp";
import { type AudioFormat, audioFormat } from "@sof-ts/ipc4";
import { ByteReader, EINVAL, ENOMEM } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  containerBytes,
  type FragmentPosition,
  type Gateway,
  type ModuleServices,
  type Trigger,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, streamParamsOf } from "../common/base-config.js";
import { type BlockKernel, BOUNCE_BYTES } from "../common/blocks.js";
import { COPIER_PINS, type CopierConfig } from "./config.js";
import { type ConversionPlace, IDENTITY_MAP, selectConversion } from "./select-conversion.js";

/** Large parameters of a copier (SOF's `enum ipc4_copier_module_config_params`). */
const Param = {
  SET_SINK_FORMAT: 2,
  LLP_READING: 4,
  LLP_READING_EXTENDED: 5,
  ATTENUATION: 6,
  CHANNEL_MAP: 7,
} as const;

const SINK_FORMAT_BYTES = 52;
const MAX_ATTENUATION = 31;

/** What all copiers share: formats and conversions of the output pins, and the parameters that set them. */
export abstract class Copier implements AudioModule {
  readonly cost = new PeriodCost();
  readonly gateway: Gateway | null;
  protected readonly services: ModuleServices;
  protected readonly config: CopierConfig;
  protected readonly kernels: PcmKernels;
  /** Room for a frame that wraps in a ring; allocated with the instance. */
  protected readonly bounce: number;
  /** Conversion of each output pin, null where the host has not given a format. */
  protected readonly conversions: (BlockKernel | null)[] = [null, null, null, null];
  /** Right shift of what a host playback copier produces. */
  protected attenuation = 0;
  /** Between start and stop. */
  protected active = false;
  private readonly formats: (AudioFormat | null)[];
  private readonly boundStreams: AudioStream[] = [];
  private readonly boundPins: number[] = [];
  private channelMap: number;

  constructor(
    services: ModuleServices,
    config: CopierConfig,
    gateway: Gateway | null,
    channelMap = IDENTITY_MAP,
  ) {
    this.services = services;
    this.config = config;
    this.gateway = gateway;
    this.channelMap = channelMap;
    this.kernels = createPcmKernels(services.heap.memory);
    this.bounce = services.heap.alloc(BOUNCE_BYTES);
    this.formats = [config.outFormat, null, null, null];
  }

  /** Whether memory for the instance was there. */
  get complete(): boolean {
    return this.bounce !== 0;
  }

  abstract process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number;

  /** Where the conversions stand: decides left alignment of 24 bits. */
  protected abstract readonly place: ConversionPlace;

  /** Whether output pin 0 is the gateway's, whose format is fixed. */
  protected get gatewayIsSink(): boolean {
    return false;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const ret = this.updateConversion(0);
    if (ret < 0) return ret;
    adoptParams(sources, streamParamsOf(this.config.base.audioFmt));
    for (const sink of sinks) this.adoptPinFormat(sink, this.pinOf(sink));
    return 0;
  }

  reset(): number {
    this.active = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
    this.gateway?.free();
  }

  trigger(command: Trigger): number {
    if (command === "start" || command === "release") this.active = true;
    if (command === "stop" || command === "pause") this.active = false;
    return 0;
  }

  bind(info: BindInfo): number {
    if (info.side !== "source") return 0;
    if (info.queueId >= COPIER_PINS || this.formats[info.queueId] === null) return -EINVAL;
    this.boundStreams.push(info.stream);
    this.boundPins.push(info.queueId);
    this.adoptPinFormat(info.stream, info.queueId);
    return 0;
  }

  unbind(info: BindInfo): number {
    const index = this.boundStreams.indexOf(info.stream);
    if (info.side !== "source" || index < 0) return 0;
    this.boundStreams.splice(index, 1);
    this.boundPins.splice(index, 1);
    return 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (position !== "single") return -EINVAL;
    if (paramId === Param.SET_SINK_FORMAT) return this.setSinkFormat(fragment);
    if (paramId === Param.ATTENUATION) return this.setAttenuation(fragment);
    if (paramId === Param.CHANNEL_MAP) return this.setChannelMap(fragment);
    return -EINVAL;
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    const extended = paramId === Param.LLP_READING_EXTENDED;
    if (!extended && paramId !== Param.LLP_READING) return -EINVAL;
    const bytes = extended ? 24 : 16;
    if (!this.atLink || out.length < bytes) return -EINVAL;
    out.fill(0, 0, bytes);
    if (!this.active || this.gateway === null) return bytes;
    const view = new DataView(out.buffer, out.byteOffset, bytes);
    view.setBigUint64(0, BigInt(this.gateway.totalBytes), true);
    view.setBigUint64(8, this.services.wallClock?.() ?? 0n, true);
    return bytes;
  }

  /** Output pin that a sink stream hangs on. */
  protected pinOf(sink: AudioStream): number {
    for (let i = 0; i < this.boundStreams.length; i++) {
      if (this.boundStreams[i] === sink) return this.boundPins[i] as number;
    }
    return 0;
  }

  /** Whether the gateway is that of a link (a DAI). */
  protected get atLink(): boolean {
    return this.gateway !== null && this.gateway.kind !== "host" && this.gateway.kind !== "ipc";
  }

  private adoptPinFormat(sink: AudioStream, pin: number): void {
    const format = this.formats[pin];
    if (format !== null && format !== undefined) adoptParams([sink], streamParamsOf(format));
  }

  private updateConversion(pin: number): number {
    const format = this.formats[pin];
    if (format === null || format === undefined) return 0;
    const conversion = this.conversionTo(format);
    if (conversion === null) return -EINVAL;
    this.conversions[pin] = conversion;
    return 0;
  }

  private conversionTo(format: AudioFormat): BlockKernel | null {
    const { audioFmt } = this.config.base;
    return selectConversion(this.kernels, audioFmt, format, this.place, this.channelMap);
  }

  private setSinkFormat(data: Uint8Array): number {
    if (data.length < SINK_FORMAT_BYTES) return -EINVAL;
    const reader = new ByteReader(data, "SET_SINK_FORMAT");
    const pin = reader.u32();
    if (pin >= COPIER_PINS) return -EINVAL;
    const source = reader.take(audioFormat.size);
    const base = audioFormat.encode(this.config.base.audioFmt);
    if (!base.every((byte, index) => byte === source[index])) return -EINVAL;
    if (pin === 0 && this.gatewayIsSink) return -EINVAL;
    const format = audioFormat.read(reader);
    const conversion = this.conversionTo(format);
    if (conversion === null) return -EINVAL;
    this.formats[pin] = format;
    this.conversions[pin] = conversion;
    for (const stream of this.boundStreams) {
      if (this.pinOf(stream) === pin) this.adoptPinFormat(stream, pin);
    }
    return 0;
  }

  private setAttenuation(data: Uint8Array): number {
    if (data.length !== 4) return -EINVAL;
    const shift = new ByteReader(data, "ATTENUATION").u32();
    const { frameFmt } = streamParamsOf(this.config.outFormat);
    if (shift > MAX_ATTENUATION || containerBytes(frameFmt) !== 4) return -EINVAL;
    this.attenuation = shift;
    return 0;
  }

  private setChannelMap(data: Uint8Array): number {
    if (data.length !== 4 || !this.atLink) return -EINVAL;
    const before = this.channelMap;
    this.channelMap = new ByteReader(data, "CHANNEL_MAP").u32();
    const updated: (BlockKernel | null)[] = [];
    for (const format of this.formats) {
      const conversion = format === null ? null : this.conversionTo(format);
      if (format !== null && conversion === null) {
        this.channelMap = before;
        return -EINVAL;
      }
      updated.push(conversion);
    }
    for (let pin = 0; pin < COPIER_PINS; pin++) this.conversions[pin] = updated[pin] ?? null;
    return 0;
  }
}

/** What `create` answers when {@link Copier.complete} is false. */
export const OUT_OF_MEMORY = -ENOMEM;
