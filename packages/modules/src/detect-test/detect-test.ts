import type { BaseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL, ENOTCONN } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  containerBytes,
  type FragmentPosition,
  FrameFmt,
  type ModuleServices,
  PeriodCost,
} from "@sof-ts/module-api";
import { adoptParams, MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { ConfigBlob } from "../common/config-blob.js";
import { estimateCycles } from "../common/cost.js";
import { type HistoryProvider, historyProvider } from "../common/history.js";
import {
  type DetectConfig,
  defaultDetectConfig,
  encodeDetectConfig,
  parseDetectConfig,
} from "./config.js";

const Param = { MODEL: 1, SET_CONFIG: 2, GET_CONFIG: 3 } as const;

/** What the host is told of a phrase. */
const WORD_ID = 1;
const FULL_SCORE = 8192;

/** A detector for tests: takes a loud sound for the key phrase (SOF's `detect_test`). */
export class DetectTest implements AudioModule {
  readonly cost = new PeriodCost();
  private readonly services: ModuleServices;
  private readonly base: BaseModuleCfg;
  private readonly model = new ConfigBlob();
  private config: DetectConfig = defaultDetectConfig;
  private history: HistoryProvider | null = null;
  private detected = false;
  private level = 0;
  private frames = 0;

  constructor(services: ModuleServices, base: BaseModuleCfg) {
    this.services = services;
    this.base = base;
  }

  prepare(sources: readonly AudioStream[]): number {
    if (sources.length === 0) return -ENOTCONN;
    const params = streamParamsOf(this.base.audioFmt);
    if (params.frameFmt === FrameFmt.INVALID || params.frameFmt === FrameFmt.FLOAT) return -EINVAL;
    if (params.channels < 1 || params.channels > MAX_CHANNELS) return -EINVAL;
    if (containerBytes(params.frameFmt) % 2 !== 0) return -EINVAL;
    adoptParams(sources, params);
    this.model.live = true;
    this.restart();
    return 0;
  }

  process(sources: readonly AudioStream[]): number {
    const source = sources[0];
    if (source === undefined) return -ENOTCONN;
    this.model.takeNew();
    const frames = source.availableFrames;
    this.cost.cycles = estimateCycles(frames, 1);
    if (frames === 0) return 0;
    if (!this.detected && this.hears(source, frames)) this.detect();
    this.frames += frames;
    source.consume(frames * source.frameBytes);
    return 0;
  }

  reset(): number {
    this.model.live = false;
    this.restart();
    return 0;
  }

  free(): void {
    this.history = null;
  }

  bind(info: BindInfo): number {
    if (info.side === "sink") this.history = historyProvider(info.peer);
    return 0;
  }

  unbind(info: BindInfo): number {
    if (info.side === "sink") this.history = null;
    return 0;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (paramId === Param.MODEL) return this.model.set(position, sizeOrOffset, fragment);
    if (paramId !== Param.SET_CONFIG || position !== "single") return -EINVAL;
    const config = parseDetectConfig(fragment);
    if (typeof config === "number") return config;
    this.config = config;
    return 0;
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    if (paramId !== Param.GET_CONFIG) return -EINVAL;
    const bytes = encodeDetectConfig(this.config);
    if (bytes.length > out.length) return -EINVAL;
    out.set(bytes);
    return bytes.length;
  }

  private restart(): void {
    this.detected = false;
    this.level = 0;
    this.frames = 0;
  }

  /** Follows the level of channel 0. @returns whether it rose over the threshold after the preamble */
  private hears(source: AudioStream, frames: number): boolean {
    const narrow = containerBytes(source.frameFmt) === 2;
    const view = narrow ? source.memory.i16 : source.memory.i32;
    const valid = this.base.audioFmt.validBitDepth;
    const down = Math.max(valid - 16, 0);
    const { activationShift, activationThreshold, preambleMs } = this.config;
    const first = Math.ceil((preambleMs * source.rate) / 1000);
    let src = source.readPtr;
    for (let i = 0; i < frames; i++) {
      const magnitude = Math.abs((view[src >> (narrow ? 1 : 2)] as number) >> down);
      this.level += (magnitude - this.level) / 2 ** activationShift;
      if (this.frames + i >= first && this.level > activationThreshold) return true;
      src = source.wrap(src + source.frameBytes);
    }
    return false;
  }

  private detect(): void {
    this.detected = true;
    this.services.reportPhrase?.(WORD_ID, FULL_SCORE);
    // What the history refuses the host does not get; the phrase is detected all the same.
    this.history?.drainHistory(this.config.drainMs);
  }
}
