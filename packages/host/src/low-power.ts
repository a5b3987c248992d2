import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";

/** The DSP's low-power state D0I3, which it must leave before it takes any other message. */
export class LowPower {
  private readonly ipc: IpcTransport;
  private low = false;

  constructor(ipc: IpcTransport) {
    this.ipc = ipc;
  }

  /** Lets the DSP gate its power. @param streaming audio goes on meanwhile */
  *enter(streaming: boolean): HostTask<void> {
    if (this.low) return;
    yield* this.send({ wake: false, streaming, preventPowerGating: false });
    this.low = true;
  }

  /** Keeps the DSP powered again; nothing is sent when it is. */
  *leave(): HostTask<void> {
    if (!this.low) return;
    this.low = false;
    yield* this.send({ wake: true, streaming: false, preventPowerGating: true });
  }

  /** After a power cycle: the DSP is in D0I0. */
  reset(): void {
    this.low = false;
  }

  private *send(flags: {
    readonly wake: boolean;
    readonly streaming: boolean;
    readonly preventPowerGating: boolean;
  }): HostTask<void> {
    const message = { kind: "set-d0ix", moduleId: 0, instanceId: 0 } as const;
    yield* this.ipc.exchange({ message: { ...message, ...flags, preventLocalClockGating: false } });
  }
}
