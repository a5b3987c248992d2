import type { Bus } from "./bus.js";
import type { DspCore } from "./core.js";
import type { PowerDescription } from "./platform.js";
import { field, type RegisterField, reserved } from "./register.js";
import { RegisterFile } from "./register-file.js";

/** First instruction of a core: the ROM on core 0, the secondary entry elsewhere. */
export type BootVector = (core: number) => void;

/**
 * The power switches of the cores as registers: one word on the DSP's side for all cores, one in the host's BAR
 * for core 0. Setting a core's bit powers it up and starts it at the boot vector after its boot time, clearing
 * it cuts the power; the status bit follows the power.
 */
export class PowerControl {
  /** Where a core powered up through a register starts. Set it before the host powers core 0 up. */
  bootVector: BootVector = () => {};
  private readonly cores: readonly DspCore[];
  private readonly dspRegisters: RegisterFile;
  private readonly hostRegisters: RegisterFile;

  constructor(description: PowerDescription, cores: readonly DspCore[]) {
    this.cores = cores;
    const count = cores.length;
    this.dspRegisters = new RegisterFile("core power, DSP side", 4);
    this.dspRegisters.define(
      "PWRCTL",
      0,
      [
        reserved(31, 16 + count),
        field("status", 15 + count, 16, "ro"),
        reserved(15, count),
        field("control", count - 1, 0, "rw"),
      ],
      {
        onRead: (register) => {
          register.value = (this.poweredMask() << 16) | this.poweredMask();
        },
        onWrite: (_register, written) =>
          cores.forEach((core) => this.switchCore(core, (written >> core.index) & 1)),
      },
    );
    const { hostRequestBit: request, hostActiveBit: active } = description;
    this.hostRegisters = new RegisterFile("core power, host side", 4);
    this.hostRegisters.define("CORE0CTL", 0, singleBits(request, active), {
      onRead: (register) => {
        const on = this.poweredMask() & 1;
        register.value = ((on << request) | (on << active)) >>> 0;
      },
      onWrite: (_register, written) =>
        this.switchCore(cores[0] as DspCore, (written >>> request) & 1),
    });
  }

  map(description: PowerDescription, dspBus: Bus, hostBus: Bus): void {
    dspBus.map(description.dspControl, this.dspRegisters);
    hostBus.map(description.hostControl, this.hostRegisters);
  }

  private poweredMask(): number {
    let mask = 0;
    for (const core of this.cores) if (core.state !== "off") mask |= 1 << core.index;
    return mask;
  }

  private switchCore(core: DspCore, on: number): void {
    if (on === 1) core.powerUp((index) => this.bootVector(index));
    else core.powerDown();
  }
}

/** A register of two single bits, the rest reserved. */
function singleBits(request: number, active: number): RegisterField[] {
  const fields = [field("request", request, request, "rw"), field("active", active, active, "ro")];
  if (request > 0) fields.push(reserved(request - 1, 0));
  fields.push(reserved(active - 1, request + 1));
  if (active < 31) fields.push(reserved(31, active + 1));
  return fields;
}
