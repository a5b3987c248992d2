import {
  type AudioModule,
  AudioStream,
  type FragmentPosition,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";
import { mixinDriver } from "../src/mixin/driver.js";
import { mixoutDriver } from "../src/mixout/driver.js";
import { create } from "./kit.js";

const LINK_BYTES = 64;

/** A mixin and its mixout as one module, so that suites for one source and one sink can run them. */
class MixPair implements AudioModule {
  private readonly mixin: AudioModule;
  private readonly mixout: AudioModule;
  private readonly link: AudioStream;
  private readonly services: ModuleServices;

  constructor(services: ModuleServices, payload: Uint8Array, link: AudioStream) {
    this.services = services;
    this.link = link;
    this.mixin = create(mixinDriver, services, payload);
    this.mixout = create(mixoutDriver, services, payload);
    this.link.producerActive = true;
    this.link.consumerActive = true;
    this.mixin.bind?.({ side: "source", queueId: 0, stream: this.link, peer: this.mixout });
    this.mixout.bind?.({ side: "sink", queueId: 0, stream: this.link, peer: this.mixin });
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    return this.mixout.prepare([this.link], sinks) || this.mixin.prepare(sources, [this.link]);
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    // With nothing to mix, a mixout gives silence; suites want to see what it adds.
    if (sources[0]?.available === 0) return 0;
    const ret = this.mixin.process(sources, [this.link]);
    if (ret < 0 || sinks[0]?.free === 0) return ret;
    return this.mixout.process([this.link], sinks);
  }

  reset(): number {
    return this.mixin.reset() || this.mixout.reset();
  }

  free(): void {
    this.mixin.free();
    this.mixout.free();
    this.services.heap.free(this.link.start);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    return this.mixin.setConfiguration?.(paramId, position, sizeOrOffset, fragment) ?? -22;
  }
}

export const mixPairDriver: ModuleDriver = {
  ...mixinDriver,
  create(services, payload) {
    const refusal = mixinDriver.create(services, payload);
    if (typeof refusal === "number") return refusal;
    const address = services.heap.alloc(LINK_BYTES);
    if (address === 0) return -12;
    const link = new AudioStream(services.heap.memory, address, LINK_BYTES);
    return new MixPair(services, payload, link);
  },
};
