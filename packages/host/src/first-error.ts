import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";

/**
 * Keeps the first failure of a tear-down that goes on to its end whatever fails on the way; later ones are
 * only logged.
 */
export class FirstError {
  private readonly ipc: IpcTransport;
  error: HostError | null = null;

  constructor(ipc: IpcTransport) {
    this.ipc = ipc;
  }

  /** Runs one step of the tear-down. Errors that are not the firmware's or the topology's pass through. */
  *attempt(task: HostTask<void>): HostTask<void> {
    try {
      yield* task;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      this.ipc.note(error.message, "error");
      this.error ??= error;
    }
  }

  /** @throws HostError the first failure, if there was one */
  rethrow(): void {
    if (this.error !== null) throw this.error;
  }
}
