import type { Sem } from "@sof-ts/kernel";
import type { AudioGraph, Component } from "@sof-ts/pipeline";
import type { ConfigTransfer } from "../large-config/fragment.js";
import type { FirmwarePort } from "../ports.js";
import type { Chains } from "./chain-dma.js";

/** What the user half of the handlers works on: one per core, in that core's IPC thread. */
export interface UserContext {
  readonly core: number;
  readonly graph: AudioGraph;
  readonly firmware: Pick<FirmwarePort, "instantiate" | "options">;
  /** DMA chains; all are core 0's. */
  readonly chains: Chains;
  /** Given by LL threads when the last trigger of a message has run. */
  readonly triggersDone: Sem;
  /** Large configurations under way, by instance; shared by all cores. */
  readonly transfers: WeakMap<Component, ConfigTransfer>;
}
