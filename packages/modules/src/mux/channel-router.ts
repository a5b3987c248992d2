import { ENOMEM } from "@sof-ts/kit";
import type { FragmentPosition, ModuleServices } from "@sof-ts/module-api";
import { BOUNCE_BYTES } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import type { MuxConfig } from "./config.js";

/** What mux and demux have in common: memory for a frame that wraps, and a blob that is kept and not used. */
export abstract class ChannelRouter {
  estimatedCycles = 0;
  protected readonly config: MuxConfig;
  protected bounce = 0;
  private readonly services: ModuleServices;
  /** Under IPC4 the formats fix the routes; a host may send a table all the same. */
  private readonly blob = new ConfigBlob();

  constructor(services: ModuleServices, config: MuxConfig) {
    this.services = services;
    this.config = config;
  }

  reset(): number {
    return 0;
  }

  free(): void {
    this.services.heap.free(this.bounce);
    this.bounce = 0;
  }

  setConfiguration(
    _paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    return this.blob.set(position, sizeOrOffset, fragment);
  }

  getConfiguration(_paramId: number, out: Uint8Array): number {
    return this.blob.get(out);
  }

  /** @returns 0, or -ENOMEM */
  protected allocate(): number {
    if (this.bounce === 0) this.bounce = this.services.heap.alloc(BOUNCE_BYTES);
    return this.bounce === 0 ? -ENOMEM : 0;
  }
}
