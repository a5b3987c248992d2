import { ENOMEM } from "@sof-ts/kit";
import { type ModuleServices, PeriodCost } from "@sof-ts/module-api";
import { BlobModule } from "../common/blob-module.js";
import { BOUNCE_BYTES } from "../common/blocks.js";
import { ConfigBlob } from "../common/config-blob.js";
import type { MuxConfig } from "./config.js";

/** What mux and demux have in common: memory for a frame that wraps, and a blob that is kept and not used. */
export abstract class ChannelRouter extends BlobModule {
  readonly cost = new PeriodCost();
  protected readonly config: MuxConfig;
  protected bounce = 0;
  private readonly services: ModuleServices;
  /** Under IPC4 the formats fix the routes; a host may send a table all the same. */
  protected readonly blob = new ConfigBlob();

  constructor(services: ModuleServices, config: MuxConfig) {
    super();
    this.services = services;
    this.config = config;
  }

  free(): void {
    this.services.heap.free(this.bounce);
    this.bounce = 0;
  }

  /** @returns 0, or -ENOMEM */
  protected allocate(): number {
    if (this.bounce === 0) this.bounce = this.services.heap.alloc(BOUNCE_BYTES);
    return this.bounce === 0 ? -ENOMEM : 0;
  }
}
