import { Doorbell } from "./doorbell.js";
import { IpcEndpoint } from "./ipc-endpoint.js";
import type { InterruptController } from "./interrupts.js";
import type { PlatformDescription } from "./platform.js";
import type { HostInterruptSink } from "./ports.js";

/**
 * The host IPC device: one doorbell each way. A message is 62 bits, 31 in the primary word beside the busy
 * bit, and the extension; the payload goes through the memory windows.
 */
export class HostIpc {
  /** The firmware's side; raises the platform's host IPC interrupt on every core that enables it. */
  readonly dsp: IpcEndpoint;
  /** The host driver's side; raises the host's interrupt. */
  readonly host: IpcEndpoint;

  constructor(
    platform: PlatformDescription,
    interrupts: InterruptController,
    hostInterrupt: HostInterruptSink,
  ) {
    const toDsp = new Doorbell();
    const toHost = new Doorbell();
    const { layout } = platform.hostIpc;
    const irq = platform.irq.hostIpc;
    this.dsp = new IpcEndpoint("host IPC, DSP side", layout, toDsp, toHost, () =>
      interrupts.raiseShared(irq),
    );
    this.host = new IpcEndpoint("host IPC, host side", layout, toHost, toDsp, () =>
      hostInterrupt.raise(),
    );
    IpcEndpoint.connect(this.dsp, this.host);
  }

  /** As after power-up. */
  reset(): void {
    this.dsp.reset();
    this.host.reset();
  }
}
