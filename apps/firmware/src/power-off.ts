import type { Kernel } from "@sof-ts/kernel";
import type { Soc } from "@sof-ts/soc";
import type { WindowRegisters } from "./firmware-registers.js";
import type { Watchdogs } from "./watchdog.js";

/**
 * Core 0 goes down and takes everything with it; the host has its answer and boots anew later. Calling context: the
 * kernel IPC thread, all other cores being off.
 *
 * @param watchdogs null in a build without
 */
export function powerOff(
  kernel: Kernel,
  soc: Soc,
  registers: WindowRegisters,
  watchdogs: Watchdogs | null,
): void {
  const { platform } = soc;
  soc.hostIpc.dsp.enableInterrupts(false, false);
  for (let core = 0; core < platform.coreCount; core++) watchdogs?.disable(core);
  registers.powerDown();
  soc.dma.reset();
  for (const gateway of soc.gateways.all) gateway.reset();
  soc.cores[0]?.powerDown();
  kernel.irqDisable(0, platform.irq.hostIpc);
  kernel.irqDisable(0, platform.irq.timer);
  kernel.stopCpu(0);
}
