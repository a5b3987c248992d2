import { assert, EINVAL } from "@sof-ts/kit";
import { dxState } from "@sof-ts/ipc4";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";

/** Use counts of the DSP's cores. Core 0 is on from boot to suspend; the others while something needs them. */
export class CoreReferences {
  private readonly ipc: IpcTransport;
  private readonly counts: number[];

  constructor(ipc: IpcTransport, coreCount: number) {
    this.ipc = ipc;
    this.counts = Array.from({ length: coreCount }, () => 0);
  }

  /** Users of a core. */
  count(core: number): number {
    return this.counts[core] ?? 0;
  }

  /**
   * Takes a core, turning it on for its first user (SET_DX).
   *
   * @throws HostError EINVAL for a core that the DSP does not have
   */
  *get(core: number): HostTask<void> {
    const count = this.counts[core];
    if (count === undefined) {
      const reason = `core ${core} does not exist, the DSP has ${this.counts.length}`;
      throw new HostError(reason, { errno: EINVAL });
    }
    if (count === 0 && core !== 0) yield* this.setPower(core, true);
    this.counts[core] = count + 1;
  }

  /** Gives a core back; a secondary core without users is turned off. */
  *put(core: number): HostTask<void> {
    const count = this.counts[core] ?? 0;
    assert(count > 0, `core ${core} is not in use`);
    this.counts[core] = count - 1;
    if (count === 1 && core !== 0) yield* this.setPower(core, false);
  }

  /** Turns core 0 off, which ends the firmware; for suspend. */
  *powerDown(): HostTask<void> {
    yield* this.setPower(0, false);
  }

  /** Forgets all users, after the DSP lost its power. */
  reset(): void {
    this.counts.fill(0);
  }

  private *setPower(core: number, on: boolean): HostTask<void> {
    const mask = 2 ** core;
    yield* this.ipc.exchange({
      message: { kind: "set-dx", moduleId: 0, instanceId: 0 },
      payload: dxState.encode({ coreMask: mask, dxMask: on ? mask : 0 }),
    });
  }
}
