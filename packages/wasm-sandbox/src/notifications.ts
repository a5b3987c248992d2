import { EBUSY, EINVAL, ENOSYS, EPERM } from "@sof-ts/kit";
import {
  NOTIFY_BURST,
  NOTIFY_BY_CONTROL,
  NOTIFY_BYTES,
  NOTIFY_INTERVAL,
  notifyingOperations,
} from "./abi.js";

/** Takes a notification for the host: an event id and its data (SOF's module notifications). */
export type NotificationTaker = (eventId: number, data: Uint8Array) => void;

/**
 * What an instance tells the host by itself: so much and no more, since all modules share the way there. Kept
 * until the operation is over, so that nothing of the host's runs in the middle of a module's code; what an
 * operation said that ended in a fault is dropped.
 *
 * Calling context: that of the operation; does not block.
 */
export class Notifications {
  private readonly take: NotificationTaker | undefined;
  private readonly waiting: { readonly eventId: number; readonly data: Uint8Array }[] = [];
  /** What `process` may still send, in calls of the instance. */
  private credit = NOTIFY_BURST * NOTIFY_INTERVAL;
  /** Calls of the instance when the credit was last made up. */
  private madeUpAt = 0;

  /** @param take without one nobody listens */
  constructor(take: NotificationTaker | undefined) {
    this.take = take;
  }

  /** Whether there is something to {@link deliver}. */
  get any(): boolean {
    return this.waiting.length > 0;
  }

  /**
   * Asked before the data is looked at.
   *
   * @param calls of the instance so far
   * @returns 0; -EINVAL for too much data; -EPERM in an operation that may not notify; -EBUSY when enough was
   *   said; -ENOSYS when nobody listens
   */
  admit(operation: string, calls: number, bytes: number): number {
    if (this.take === undefined) return -ENOSYS;
    if (bytes > NOTIFY_BYTES) return -EINVAL;
    if (!notifyingOperations.includes(operation)) return -EPERM;
    if (operation !== "process") return this.waiting.length < NOTIFY_BY_CONTROL ? 0 : -EBUSY;
    const most = NOTIFY_BURST * NOTIFY_INTERVAL;
    this.credit = Math.min(most, this.credit + calls - this.madeUpAt);
    this.madeUpAt = calls;
    if (this.credit < NOTIFY_INTERVAL) return -EBUSY;
    this.credit -= NOTIFY_INTERVAL;
    return 0;
  }

  /** Keeps what was admitted. */
  add(eventId: number, data: Uint8Array): void {
    this.waiting.push({ eventId, data });
  }

  /** Hands over what the operation said. */
  deliver(): void {
    for (const { eventId, data } of this.waiting.splice(0)) this.take?.(eventId, data);
  }

  /** Forgets it. */
  drop(): void {
    this.waiting.length = 0;
  }
}
