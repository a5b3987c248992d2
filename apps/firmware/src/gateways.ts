import type { ChainRequest, ChainsConfig, Notifier } from "@sof-ts/ipc4-helper";
import type { Kernel } from "@sof-ts/kernel";
import type { Soc } from "@sof-ts/soc";
import { ChainCalls } from "./chain-calls.js";
import type { FirmwareConfig } from "./config.js";
import { openDmaChain } from "./dma-chain.js";
import { GatewayCalls } from "./gateway-calls.js";
import { GatewayFactory } from "./gateway-factory.js";
import type { LlHeap } from "./ll-heap.js";
import { LlpSlots } from "./llp-slots.js";
import type { Microphones } from "./microphones.js";

/** What gateways and chains are made over. */
export interface GatewaysParts {
  readonly kernel: Kernel;
  readonly soc: Soc;
  readonly config: FirmwareConfig;
  readonly heap: LlHeap;
  readonly microphones: Microphones;
  readonly notifier: Notifier;
}

/** The DMA of the firmware, behind the system calls that threads without privileges reach it by. */
export class Gateways {
  readonly open: GatewayCalls["open"];
  /** DMA chains, which no module handles. */
  readonly openChain: ChainsConfig["open"];

  /** Calling context: boot; defines system calls. */
  constructor(parts: GatewaysParts) {
    const { kernel, soc, config, heap, microphones, notifier } = parts;
    const { llTimerPeriodUs: periodUs, CONFIG_XRUN_NOTIFICATIONS_ENABLE: notifies } = config;
    const llpSlots = new LlpSlots(soc.windows.registers, () => soc.wallClock.read());
    const factory = new GatewayFactory(soc, periodUs, llpSlots, microphones, (operation) =>
      kernel.supervisorOnly(operation),
    );
    const gateways = new GatewayCalls(
      kernel,
      heap.memory,
      (request) => factory.open(request, heap),
      (request) => factory.openSoftware(request, heap),
    );
    const chains = new ChainCalls(kernel, (request) =>
      openDmaChain(soc, heap, periodUs, request, (nodeId, direction) =>
        notifies ? notifier.chainXrun(nodeId, direction) : true,
      ),
    );
    this.open = (request) => gateways.open(request);
    this.openChain = (request: ChainRequest) => chains.open(request);
  }
}
