import {
  type AudioModule,
  AudioStream,
  type FragmentPosition,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";
import { drain, feed } from "./kit.js";

const LINK_BYTES = 1 << 14;

/** A module with two inputs that both hear the one source, so that suites for one source can run it whole. */
class TwinSource implements AudioModule {
  private readonly services: ModuleServices;
  private readonly module: AudioModule;
  private readonly links: readonly AudioStream[];
  private ready = false;

  constructor(services: ModuleServices, module: AudioModule, links: readonly AudioStream[]) {
    this.services = services;
    this.module = module;
    this.links = links;
    links.forEach((stream, queueId) => {
      stream.producerActive = true;
      module.bind?.({ side: "sink", queueId, stream, peer: null });
    });
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    for (const link of this.links) link.reset();
    // First in place of the first link: the source takes its params, too.
    const ret =
      this.module.prepare([...sources, ...this.links.slice(1)], sinks) ||
      this.module.prepare(this.links, sinks);
    this.ready = ret === 0;
    return ret;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source] = sources;
    if (source === undefined || !this.ready) return 0;
    const room = Math.min(...this.links.map(({ free }) => free));
    const bytes = Math.min(source.available, room - (room % source.frameBytes));
    // What the sink does not take waits where it was.
    const frames = Math.min(bytes / source.frameBytes, sinks[0]?.freeFrames ?? 0);
    const data = drain(source, frames * source.frameBytes);
    for (const link of this.links) feed(link, data);
    return this.module.process(this.links, sinks);
  }

  reset(): number {
    this.ready = false;
    for (const link of this.links) link.reset();
    return this.module.reset();
  }

  free(): void {
    this.module.free();
    for (const link of this.links) this.services.heap.free(link.start);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    return this.module.setConfiguration?.(paramId, position, sizeOrOffset, fragment) ?? -22;
  }
}

/** A driver whose instances are fed on both inputs. */
export const twinSource = (driver: ModuleDriver): ModuleDriver => ({
  ...driver,
  create(services, payload) {
    const module = driver.create(services, payload);
    if (typeof module === "number") return module;
    const addresses = [services.heap.alloc(LINK_BYTES), services.heap.alloc(LINK_BYTES)];
    if (addresses.includes(0)) {
      module.free();
      for (const address of addresses) services.heap.free(address);
      return -12;
    }
    const links = addresses.map(
      (address) => new AudioStream(services.heap.memory, address, LINK_BYTES),
    );
    return new TwinSource(services, module, links);
  },
});
