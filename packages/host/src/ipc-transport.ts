import { assert, ENODEV, ETIMEDOUT, InputError } from "@sof-ts/kit";
import {
  decodeNotification,
  decodeReply,
  encodeRequest,
  type Ipc4Message,
  type Ipc4Notification,
  type Ipc4Reply,
  isModuleMessage,
  isReply,
  linuxErrnoOfStatus,
  MAILBOX_BYTES,
  MemoryWindow,
  messageName,
  messageType,
  ModuleMessage,
  moduleNotificationHeader,
  resourceEvent,
  statusName,
  type Words,
} from "@sof-ts/ipc4";
import { HostDoorbell, type RungMessage } from "./doorbell.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcLogEvent, IpcLogListener } from "./ipc-log.js";
import type { HostLink } from "./ports.js";

const UPLINK = MemoryWindow.UPLINK_MAILBOX;
const DOWNLINK = MemoryWindow.DOWNLINK_MAILBOX;
const NO_PAYLOAD = new Uint8Array(0);

/** A request to be sent, as a message or as words that were put together already. */
export interface IpcRequest {
  readonly message: Ipc4Message | Words;
  /** Bytes for the mailbox, at most 4096. */
  readonly payload?: Uint8Array | undefined;
}

/** A reply of status 0. */
export interface IpcReply {
  readonly message: Ipc4Reply;
  readonly words: Words;
  /** What the firmware left in its mailbox, for requests that ask for data; else empty. */
  readonly payload: Uint8Array;
}

/** A notification with its payload, which is empty for types that have none. */
export interface IpcNotification {
  readonly message: Ipc4Notification;
  readonly payload: Uint8Array;
}

/** Timing and policy of an {@link IpcTransport}. */
export interface IpcTransportOptions {
  /** How long the firmware may take to answer. */
  readonly timeoutUs: number;
  /** A request that is not answered makes all later ones fail, as after a crash of the firmware. */
  readonly crashOnTimeout: boolean;
  /** EXCEPTION_CAUGHT says that the named core has lost its audio, not that the firmware has stopped. */
  readonly survivesCoreFaults: boolean;
}

const isSetD0ix = ({ primary }: Words): boolean =>
  isModuleMessage(primary) && messageType(primary) === ModuleMessage.SET_D0IX;

interface Pending {
  readonly words: Words;
  reply: { readonly words: RungMessage; readonly payload: Uint8Array } | null;
}

/**
 * Requests and replies over doorbell and mailboxes, as the Linux driver's `ipc4_tx_msg`: one request is in
 * flight at a time, a reply ends it, everything else that the DSP sends is a notification.
 */
export class IpcTransport {
  /** The firmware took an exception or did not answer; requests fail at once until {@link restart}. */
  crashed = false;
  /** Cores that lost their audio since {@link restart}, where the firmware survives that. */
  readonly faultedCores = new Set<number>();
  /** Takes notifications, inside {@link service}; may not wait and may not send. */
  onNotification: ((notification: IpcNotification) => void) | null = null;
  /** Runs before each request but SET_D0IX, to wake the DSP from low power where that is needed. */
  wake: (() => HostTask<void>) | null = null;
  private readonly link: HostLink;
  private readonly doorbell: HostDoorbell;
  private readonly options: IpcTransportOptions;
  private readonly listener: IpcLogListener | null;
  private current: Pending | null = null;
  /** The last request was not answered. */
  private timedOut = false;

  constructor(
    link: HostLink,
    options: IpcTransportOptions,
    listener: IpcLogListener | null = null,
  ) {
    this.link = link;
    this.doorbell = new HostDoorbell(link);
    this.options = options;
    this.listener = listener;
  }

  /** Forgets a crash and enables the host's interrupts; for each boot of the firmware. */
  restart(): void {
    this.crashed = false;
    this.faultedCores.clear();
    this.timedOut = false;
    this.current = null;
    this.doorbell.enableInterrupts();
  }

  /** Adds an entry to the log; the time is filled in. */
  log(event: IpcLogEvent): void {
    this.listener?.({ ...event, timeUs: this.link.nowUs() });
  }

  /** Adds a remark of the driver to the log. */
  note(text: string, level: "debug" | "warning" | "error" = "debug"): void {
    this.log({ kind: "note", level, text });
  }

  /**
   * Sends a request and waits for its reply.
   *
   * @returns the reply, which has status 0
   * @throws HostError for another status (errno as Linux maps it), after a crash (ENODEV), or when no reply
   * comes in time (ETIMEDOUT)
   */
  *exchange(request: IpcRequest): HostTask<IpcReply> {
    const { message } = request;
    const words = "kind" in message ? encodeRequest(message) : message;
    if (this.wake !== null && !isSetD0ix(words)) yield* this.wake();
    while (this.current !== null) yield { kind: "irq", timeoutUs: this.options.timeoutUs };
    const payload = request.payload ?? NO_PAYLOAD;
    assert(payload.length <= MAILBOX_BYTES, `a payload of ${payload.length} bytes`);
    if (this.crashed) {
      this.log({ kind: "refused", errno: ENODEV, ...words });
      throw this.failure(words, "the firmware is not running", ENODEV);
    }
    const pending: Pending = { words, reply: null };
    this.current = pending;
    try {
      yield* this.waitForDoorbell(words);
      if (payload.length > 0) this.link.writeWindow(DOWNLINK.window, DOWNLINK.offset, payload);
      this.log({ kind: "tx", ...words, payload });
      this.doorbell.ring(words.primary, words.extension);
      yield* this.waitForReply(pending);
    } finally {
      if (this.current === pending) this.current = null;
    }
    return this.takeReply(pending, payload);
  }

  /** Handles everything that the DSP has rung with. Plain; call it whenever the host interrupt is active. */
  service(): void {
    for (
      let message = this.doorbell.pending();
      message !== null;
      message = this.doorbell.pending()
    ) {
      if (isReply(message.primary)) this.receiveReply(message);
      else this.receiveNotification(message);
      this.doorbell.complete();
    }
    this.doorbell.acknowledgeDone();
  }

  /** After a request that was not answered the driver rings over it: the DSP may never take it. */
  private *waitForDoorbell(words: Words): HostTask<void> {
    const deadline = this.link.nowUs() + this.options.timeoutUs;
    for (;;) {
      this.service();
      if (!this.doorbell.busy || this.timedOut) return;
      const timeoutUs = deadline - this.link.nowUs();
      if (timeoutUs <= 0) this.timeOut(words);
      yield { kind: "irq", timeoutUs };
    }
  }

  private *waitForReply(pending: Pending): HostTask<void> {
    const deadline = this.link.nowUs() + this.options.timeoutUs;
    for (;;) {
      this.service();
      if (pending.reply !== null) return;
      if (this.crashed) {
        throw this.failure(pending.words, "the firmware crashed before it answered", ENODEV);
      }
      const timeoutUs = deadline - this.link.nowUs();
      if (timeoutUs <= 0) this.timeOut(pending.words);
      yield { kind: "irq", timeoutUs };
    }
  }

  private timeOut(words: Words): never {
    this.log({ kind: "timeout", ...words });
    this.timedOut = true;
    if (this.options.crashOnTimeout) this.crashed = true;
    const milliseconds = this.options.timeoutUs / 1000;
    throw this.failure(words, `no reply within ${milliseconds} ms`, ETIMEDOUT);
  }

  private takeReply(pending: Pending, sent: Uint8Array): IpcReply {
    const { words, payload } = pending.reply as NonNullable<Pending["reply"]>;
    const message = decodeReply(words.primary, words.extension);
    this.log({ kind: "reply", ...words, payload, status: message.status });
    if (message.status !== 0) {
      const name = statusName(message.status);
      throw new HostError(
        `${messageName(pending.words.primary)} was refused with status ${message.status} (${name})`,
        {
          errno: -linuxErrnoOfStatus(message.status),
          status: message.status,
          statusName: name,
          request: pending.words,
        },
      );
    }
    this.log({ kind: "done", ...pending.words, payload: sent });
    return { message, words, payload };
  }

  private receiveReply(message: RungMessage): void {
    const request = this.current?.words;
    const echoes =
      request !== undefined && (request.primary & 0x5f00_0000) === (message.primary & 0x5f00_0000);
    if (!echoes || this.current === null || this.current.reply !== null) {
      this.log({ kind: "unexpected", ...message, payload: NO_PAYLOAD });
      return;
    }
    this.timedOut = false;
    this.current.reply = { words: message, payload: this.replyPayload(message) };
  }

  private replyPayload(message: RungMessage): Uint8Array {
    const reply = decodeReply(message.primary, message.extension);
    if (reply.status !== 0) return NO_PAYLOAD;
    if (reply.kind === "large-config-get") return this.readUplink(reply.dataOffSize);
    if (reply.kind === "ipc-gateway-cmd") return this.readUplink(reply.payloadSize);
    return NO_PAYLOAD;
  }

  private receiveNotification(words: RungMessage): void {
    const message = decodeNotification(words.primary, words.extension);
    const payload = this.notificationPayload(message);
    this.log({ kind: "rx", ...words, payload });
    if (message.kind === "exception-caught") this.receiveException(message.coreId);
    try {
      this.onNotification?.({ message, payload });
    } catch (error) {
      // What the firmware sends must not keep the host from answering it.
      if (!(error instanceof InputError)) throw error;
      this.note(`notification ignored: ${error.message}`, "error");
    }
    this.log({ kind: "rx-done", ...words, payload: NO_PAYLOAD });
  }

  /** One that did stop all the same is found out by the next request, which gets no answer. */
  private receiveException(core: number): void {
    if (this.options.survivesCoreFaults) {
      this.faultedCores.add(core);
      this.note(`core ${core} has lost its audio`, "error");
      return;
    }
    this.crashed = true;
    this.note(`DSP panic! core ${core}`, "error");
  }

  private notificationPayload(message: Ipc4Notification): Uint8Array {
    if (message.kind === "resource-event") return this.readUplink(resourceEvent.size);
    if (message.kind !== "module-notification") return NO_PAYLOAD;
    const header = this.readUplink(moduleNotificationHeader.size);
    const { eventDataSize } = moduleNotificationHeader.decode(header);
    return this.readUplink(moduleNotificationHeader.size + eventDataSize);
  }

  private readUplink(length: number): Uint8Array {
    return this.link.readWindow(UPLINK.window, UPLINK.offset, Math.min(length, MAILBOX_BYTES));
  }

  private failure(words: Words, reason: string, errno: number): HostError {
    return new HostError(`${messageName(words.primary)}: ${reason}`, { errno, request: words });
  }
}
