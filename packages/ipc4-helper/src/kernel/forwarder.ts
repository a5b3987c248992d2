import { type Ipc4Message, Status } from "@sof-ts/ipc4";
import type { HostIpcPort } from "../ports.js";
import type { Resolved } from "../user/exchange.js";
import type { IpcUserThread } from "../user/thread.js";
import { type Answer, plain } from "./answer.js";

/** Hands messages to the unprivileged IPC thread of the core that they concern. */
export class Forwarder {
  private readonly host: HostIpcPort;
  private readonly userThread: (core: number) => IpcUserThread | null;

  /** @param userThread the IPC thread of a core that is up, or null */
  constructor(host: HostIpcPort, userThread: (core: number) => IpcUserThread | null) {
    this.host = host;
    this.userThread = userThread;
  }

  /**
   * Has the user half of a message executed on a core and waits for it. A core that is off has no such thread;
   * one that still works on a message that was given up is busy.
   */
  *forward(
    core: number,
    message: Ipc4Message,
    extension: number,
    resolved: Resolved | null = null,
  ): Generator<number, Answer, number> {
    const thread = this.userThread(core);
    if (thread === null) return plain(Status.INVALID_CORE_ID, extension);
    if (thread.busy) return plain(Status.BUSY, extension);
    const reply = yield* thread.forward(message, extension, resolved, this.host.downlink);
    if (reply === null) return plain(Status.FAILURE, extension);
    const payload = thread.payload.slice(0, reply.payloadBytes);
    return { status: reply.status, extension: reply.extension, payload };
  }
}
