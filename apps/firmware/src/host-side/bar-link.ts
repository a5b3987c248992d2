import type { HostLink, HostWait, RegisterMap, WaitingLink } from "@sof-ts/host";
import type { Firmware } from "../firmware.js";

/**
 * The host's view of the DSP through its BAR, in the same process. Only bytes and words cross: doorbell
 * registers and memory windows.
 */
export class BarLink implements HostLink, WaitingLink {
  readonly registers: RegisterMap;
  private readonly firmware: Firmware;

  constructor(firmware: Firmware) {
    this.firmware = firmware;
    const { hostBase, layout } = firmware.platform.hostIpc;
    this.registers = {
      tdr: hostBase + layout.tdr,
      tda: hostBase + layout.tda,
      tdd: hostBase + layout.tdd,
      idr: hostBase + layout.idr,
      ida: hostBase + layout.ida,
      idd: hostBase + layout.idd,
      ctl: hostBase + layout.ctl,
      completion: layout.completion,
    };
  }

  read32(offset: number): number {
    return this.firmware.soc.hostBus.read32(offset);
  }

  write32(offset: number, value: number): void {
    this.firmware.soc.hostBus.write32(offset, value);
  }

  readWindow(window: number, offset: number, length: number): Uint8Array {
    return this.window(window).slice(offset, offset + length);
  }

  writeWindow(window: number, offset: number, bytes: Uint8Array): void {
    this.window(window).set(bytes, offset);
  }

  nowUs(): number {
    const { kernel, platform } = this.firmware;
    return Math.floor((kernel.now * 1e6) / platform.coreClockHz);
  }

  /**
   * Runs the machine until the DSP interrupts the host or the time is over.
   *
   * @throws FirmwareHalted when the firmware has halted
   */
  advance({ kind, timeoutUs }: HostWait): "irq" | "timeout" {
    const { firmware } = this;
    const { kernel, platform, soc } = firmware;
    const until = kernel.now + (timeoutUs * platform.coreClockHz) / 1e6;
    if (kind === "time") {
      firmware.run(until);
      return "timeout";
    }
    while (!soc.hostIpc.host.interruptActive) {
      if (firmware.run(until, true) === "until") return "timeout";
    }
    return "irq";
  }

  private window(index: number): Uint8Array {
    const window = this.firmware.soc.windows.all[index];
    if (window === undefined) throw new RangeError(`the DSP has no memory window ${index}`);
    return window.bytes;
  }
}
