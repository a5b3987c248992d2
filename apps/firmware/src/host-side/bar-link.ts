import type { HostLink, RegisterMap } from "@sof-ts/host";
import type { Soc } from "@sof-ts/soc";

/**
 * The host's view of the DSP through its BAR, in the same process. Only bytes and words cross: doorbell
 * registers and memory windows.
 */
export class BarLink implements HostLink {
  readonly registers: RegisterMap;
  private readonly soc: Soc;

  constructor(soc: Soc) {
    this.soc = soc;
    const { hostBase, layout } = soc.platform.hostIpc;
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
    return this.soc.hostBus.read32(offset);
  }

  write32(offset: number, value: number): void {
    this.soc.hostBus.write32(offset, value);
  }

  readWindow(window: number, offset: number, length: number): Uint8Array {
    return this.window(window).slice(offset, offset + length);
  }

  writeWindow(window: number, offset: number, bytes: Uint8Array): void {
    this.window(window).set(bytes, offset);
  }

  nowUs(): number {
    return Math.floor((this.soc.queue.now * 1e6) / this.soc.platform.coreClockHz);
  }

  private window(index: number): Uint8Array {
    const window = this.soc.windows.all[index];
    if (window === undefined) throw new RangeError(`the DSP has no memory window ${index}`);
    return window.bytes;
  }
}
