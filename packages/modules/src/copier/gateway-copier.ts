import { EPIPE } from "@sof-ts/kit";
import {
  type AudioStream,
  containerBytes,
  type Direction,
  type Gateway,
  type ModuleServices,
  type StreamParams,
  type Trigger,
} from "@sof-ts/module-api";
import { adoptParams, periodFrames } from "../common/base-config.js";
import type { CopierConfig } from "./config.js";
import { Copier } from "./copier.js";
import type { ConversionPlace } from "./select-conversion.js";
import { PipelineRegisters } from "./pipeline-registers.js";

/** Scheduling periods of data between two position updates to the host. */
const POSITION_UPDATE_PERIODS = 10;

/** A copier at a DMA gateway: life cycle of the channel, xruns and positions. */
export abstract class GatewayCopier extends Copier {
  declare readonly gateway: Gateway;
  readonly direction: Direction;
  protected readonly place: ConversionPlace;
  /** Frames that may move in one period. */
  protected frameLimit = 0;
  private readonly registers: PipelineRegisters | null;
  private xrun = false;
  /** Bytes between two position updates to the host; 0 where none are wanted. */
  private updateBytes = 0;
  private sinceUpdate = 0;

  constructor(
    services: ModuleServices,
    config: CopierConfig,
    gateway: Gateway,
    channelMap: number | undefined,
  ) {
    super(services, config, gateway, channelMap);
    this.direction = gateway.direction;
    this.place = { kind: gateway.kind, direction: gateway.direction };
    const reports = gateway.kind === "host" && gateway.direction === "playback";
    this.registers = reports ? new PipelineRegisters(services, config.nodeId & 0xff) : null;
  }

  /** Format of the DMA ring. */
  protected abstract readonly ringParams: StreamParams;

  override prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const ret = super.prepare(sources, sinks);
    if (ret < 0) return ret;
    const params = this.ringParams;
    adoptParams([this.gateway.stream], params);
    const { kind } = this.gateway;
    this.frameLimit =
      this.config.fastMode && kind === "host"
        ? Number.MAX_SAFE_INTEGER
        : periodFrames(params.rate, this.services.periodUs);
    const frameBytes = params.channels * containerBytes(params.frameFmt);
    this.sinceUpdate = 0;
    this.updateBytes =
      kind === "host" && this.services.reportPosition !== undefined
        ? POSITION_UPDATE_PERIODS * periodFrames(params.rate, this.services.periodUs) * frameBytes
        : 0;
    return this.gateway.prepare(params);
  }

  override trigger(command: Trigger): number {
    super.trigger(command);
    this.registers?.trigger(command);
    if (command === "start") {
      this.xrun = false;
      return this.gateway.start();
    }
    if (command === "stop") return this.gateway.stop();
    if (command === "pause") return this.gateway.pause();
    if (command === "release") return this.gateway.release();
    return 0;
  }

  override reset(): number {
    super.reset();
    this.xrun = false;
    this.registers?.clear();
    return this.gateway.reset();
  }

  override free(): void {
    this.registers?.clear();
    super.free();
  }

  /** Tells the DMA that so many bytes were moved, and now and then the host. @returns 0 or a negative errno */
  protected moved(byteCount: number): number {
    const rc = this.gateway.reload(byteCount);
    if (this.updateBytes === 0) return rc;
    this.sinceUpdate += byteCount;
    if (this.sinceUpdate < this.updateBytes) return rc;
    this.sinceUpdate -= this.updateBytes;
    this.services.reportPosition?.(this.gateway.nodeId, this.gateway.totalBytes);
    return rc;
  }

  /** Reads the DMA position; tells the host once of each under- or overrun and goes on. */
  protected updateRing(): number {
    const ret = this.gateway.status();
    if (ret === -EPIPE) {
      // An episode that could not be reported for want of room is reported when it goes on.
      if (!this.xrun) this.xrun = this.services.reportXrun(this.direction) !== false;
      return 0;
    }
    this.xrun = false;
    return ret;
  }
}
