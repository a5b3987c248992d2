import type { HostIpcPort } from "./ports.js";

/** Notifications that may be outstanding; further ones are dropped (SOF's notification pool). */
export const NOTIFICATION_POOL = 8;

/** A message on its way to the host. */
export interface UplinkMessage {
  readonly primary: number;
  readonly extension: number;
  readonly payload: Uint8Array;
}

interface QueuedNotification extends UplinkMessage {
  /** What it is an update of; nothing for a message of its own. */
  readonly key?: number;
}

const NO_PAYLOAD = new Uint8Array(0);

/**
 * Messages to the host, one at a time over the UL doorbell: replies go ahead of notifications, a message
 * follows when the host has taken the one before it. Calling context: kernel mode, any thread or the ISR of
 * the doorbell; never blocks.
 */
export class Outbox {
  /** Notifications dropped because the pool was exhausted. */
  dropped = 0;
  private readonly host: HostIpcPort;
  private readonly urgent: UplinkMessage[] = [];
  private readonly replies: UplinkMessage[] = [];
  private readonly notifications: QueuedNotification[] = [];
  private closed = false;

  constructor(host: HostIpcPort) {
    this.host = host;
  }

  /** Messages not yet sent. */
  get pending(): number {
    return this.urgent.length + this.replies.length + this.notifications.length;
  }

  /** Queues a reply ahead of everything but earlier replies. */
  reply(message: UplinkMessage): void {
    this.replies.push(message);
    this.pump();
  }

  /** Queues a notification. @returns false when the pool is exhausted and it was dropped */
  notify(primary: number, extension: number, payload: Uint8Array = NO_PAYLOAD): boolean {
    return this.queue({ primary, extension, payload });
  }

  /**
   * Queues a notification of which only the last state counts: one of the same key that the host has not taken yet
   * is brought up to date instead, as SOF's `ipc_msg_send` does with a message that is queued. It takes a place in
   * the pool.
   *
   * @returns false when the pool is exhausted and it was dropped
   */
  update(key: number, primary: number, extension: number, payload: Uint8Array): boolean {
    const message = { primary, extension, payload, key };
    const queued = this.notifications.findIndex((each) => each.key === key);
    if (queued < 0) return this.queue(message);
    this.notifications[queued] = message;
    return true;
  }

  /** Queues a message that nothing may hold up, such as a watchdog's. It takes no place in the pool. */
  alarm(primary: number, extension: number): void {
    this.urgent.push({ primary, extension, payload: NO_PAYLOAD });
    this.pump();
  }

  /** The firmware's last words: they go out now, whatever the host has not taken yet. */
  lastWords(primary: number, extension: number): void {
    this.close();
    this.host.sendRegardless(primary, extension);
  }

  /** The core goes down: what is queued, and what comes, is not sent any more. */
  close(): void {
    this.closed = true;
    this.urgent.length = 0;
    this.replies.length = 0;
    this.notifications.length = 0;
  }

  /** Sends a message past the queues. The doorbell has to be free. */
  sendDirect({ primary, extension, payload }: UplinkMessage): void {
    this.host.uplink.set(payload);
    this.host.send(primary, extension);
  }

  private queue(message: QueuedNotification): boolean {
    if (this.notifications.length >= NOTIFICATION_POOL) {
      this.dropped++;
      return false;
    }
    this.notifications.push(message);
    this.pump();
    return true;
  }

  /** Sends the next message when the doorbell is free; called again when the host acknowledges. */
  pump(): void {
    if (this.closed || this.host.uplinkBusy) return;
    const message = this.urgent.shift() ?? this.replies.shift() ?? this.notifications.shift();
    if (message !== undefined) this.sendDirect(message);
  }
}
