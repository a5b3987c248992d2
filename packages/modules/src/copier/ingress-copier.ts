import type { AudioStream, Gateway, ModuleServices, StreamParams } from "@sof-ts/module-api";
import { streamParamsOf } from "../common/base-config.js";
import { forBlocks } from "../common/blocks.js";
import type { CopierConfig } from "./config.js";
import { FadeIn, fadeInOf } from "./fade-in.js";
import { GatewayCopier } from "./gateway-copier.js";
import { estimateCycles } from "../common/cost.js";

/**
 * A copier whose source is a gateway: host playback and link capture. What comes is given to every active
 * sink; the one with least room sets the pace.
 */
export class IngressCopier extends GatewayCopier {
  protected override readonly ringParams: StreamParams;
  private readonly fadeIn: FadeIn | null;

  constructor(services: ModuleServices, config: CopierConfig, gateway: Gateway) {
    const capture = gateway.kind !== "host" && gateway.kind !== "ipc";
    super(services, config, gateway, capture ? config.outFormat.chMap : undefined);
    this.ringParams = streamParamsOf(config.base.audioFmt);
    this.fadeIn = fadeInOf(gateway.kind, config, services);
  }

  override prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    this.fadeIn?.restart();
    return super.prepare(sources, sinks);
  }

  process(_sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const ret = this.updateRing();
    if (ret < 0) return ret;
    const ring = this.gateway.stream;
    let frames = Math.min(ring.availableFrames, this.frameLimit);
    let taken = this.atLink;
    let channels = 0;
    for (let i = 0; i < sinks.length; i++) {
      const sink = sinks[i] as AudioStream;
      if (!sink.consumerActive) continue;
      taken = true;
      channels += sink.channels;
      frames = Math.min(frames, sink.freeFrames);
    }
    if (ring.frameAlign > 1) frames -= frames % ring.frameAlign;
    this.cost.cycles = estimateCycles(frames * channels, 0);
    // A link goes on whether anybody listens or not: what nobody takes is dropped.
    if (frames === 0 || !taken) return 0;
    for (let i = 0; i < sinks.length; i++) {
      const sink = sinks[i] as AudioStream;
      if (sink.consumerActive) this.deliver(ring, sink, frames);
    }
    this.fadeIn?.advance(frames);
    const bytes = frames * ring.frameBytes;
    ring.consume(bytes);
    return this.moved(bytes);
  }

  private deliver(ring: AudioStream, sink: AudioStream, frames: number): void {
    const conversion = this.conversions[this.pinOf(sink)];
    if (conversion === null || conversion === undefined) return;
    forBlocks(ring, sink, frames, conversion, this.bounce);
    this.fadeIn?.apply(sink, frames);
    if (this.attenuation > 0 && this.gateway.kind === "host") this.attenuate(sink, frames);
    sink.produce(frames * sink.frameBytes);
  }

  private attenuate(sink: AudioStream, frames: number): void {
    const samples = frames * sink.channels;
    const straight = Math.min(samples, (sink.end - sink.writePtr) >> 2);
    this.kernels.attenuate(sink.writePtr, straight, this.attenuation);
    if (straight < samples)
      this.kernels.attenuate(sink.start, samples - straight, this.attenuation);
  }
}
