import {
  alignedFrames,
  type AudioStream,
  type Gateway,
  type ModuleServices,
  type StreamParams,
} from "@sof-ts/module-api";
import { streamParamsOf } from "../common/base-config.js";
import { forBlocks } from "../common/blocks.js";
import type { CopierConfig } from "./config.js";
import { GatewayCopier } from "./gateway-copier.js";
import { estimateCycles } from "../common/cost.js";

/** A copier whose sink is a gateway: link playback and host capture. */
export class EgressCopier extends GatewayCopier {
  protected override readonly ringParams: StreamParams;

  constructor(services: ModuleServices, config: CopierConfig, gateway: Gateway) {
    const playback = gateway.kind !== "host" && gateway.kind !== "ipc";
    super(services, config, gateway, playback ? config.base.audioFmt.chMap : undefined);
    this.ringParams = streamParamsOf(config.outFormat);
  }

  protected override get gatewayIsSink(): boolean {
    return true;
  }

  process(sources: readonly AudioStream[]): number {
    const ret = this.updateRing();
    if (ret < 0) return ret;
    const source = sources[0];
    const conversion = this.conversions[0];
    if (source === undefined || conversion === null || conversion === undefined) return 0;
    const ring = this.gateway.stream;
    const frames = Math.min(alignedFrames(source, ring), this.frameLimit);
    this.cost.cycles = estimateCycles(frames * ring.channels, 0);
    if (frames === 0) return 0;
    forBlocks(source, ring, frames, conversion, this.bounce);
    source.consume(frames * source.frameBytes);
    const bytes = frames * ring.frameBytes;
    ring.produce(bytes);
    return this.moved(bytes);
  }
}
