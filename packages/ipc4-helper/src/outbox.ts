import type { HostIpcPort } from "./ports.js";

/** Notifications that may be outstanding; further ones are dropped (SOF's notification pool). */
export const NOTIFICATION_POOL = 8;

/** A message on its way to the host. */
export interface UplinkMessage {
  readonly primary: number;
  readonly extension: number;
  readonly payload: Uint8Array;
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
  private readonly replies: UplinkMessage[] = [];
  private readonly notifications: UplinkMessage[] = [];

  constructor(host: HostIpcPort) {
    this.host = host;
  }

  /** Messages not yet sent. */
  get pending(): number {
    return this.replies.length + this.notifications.length;
  }

  /** Queues a reply ahead of everything but earlier replies. */
  reply(message: UplinkMessage): void {
    this.replies.push(message);
    this.pump();
  }

  /** Queues a notification. @returns false when the pool is exhausted and it was dropped */
  notify(primary: number, extension: number, payload: Uint8Array = NO_PAYLOAD): boolean {
    if (this.notifications.length >= NOTIFICATION_POOL) {
      this.dropped++;
      return false;
    }
    this.notifications.push({ primary, extension, payload });
    this.pump();
    return true;
  }

  /** Sends the next message when the doorbell is free; called again when the host acknowledges. */
  pump(): void {
    if (this.host.uplinkBusy) return;
    const message = this.replies.shift() ?? this.notifications.shift();
    if (message === undefined) return;
    this.host.uplink.set(message.payload);
    this.host.send(message.primary, message.extension);
  }
}
