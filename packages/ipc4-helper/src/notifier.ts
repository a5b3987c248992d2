import {
  applyNotificationMask,
  DEFAULT_NOTIFICATION_MASK,
  encodeModuleNotification,
  encodeNotification,
  type Ipc4Notification,
  MAILBOX_BYTES,
  mixerUnderrun,
  moduleNotificationHeader,
  NotificationMaskBit,
  type NotificationMaskInfo,
  processDataError,
  type ResourceEvent,
  resourceEvent,
  ResourceEventType,
  ResourceType,
  type StreamPosition,
  streamPosition,
} from "@sof-ts/ipc4";
import type { Direction } from "@sof-ts/module-api";

/** Where notifications go. Calling context: any thread, user mode too; does not block. */
export interface NotificationSink {
  /** @returns false when the pool is exhausted and it was dropped */
  queue(primary: number, extension: number, payload: Uint8Array): boolean;
  /**
   * As `queue`, for a message of which only the last state counts: one of the same key that still waits is brought
   * up to date.
   */
  update(key: number, primary: number, extension: number, payload: Uint8Array): boolean;
  /** Sends ahead of everything that waits. Kernel mode. */
  alarm(primary: number, extension: number): void;
  /** Sends at once, as the last message. Kernel mode. */
  lastWords(primary: number, extension: number): void;
}

const NO_PAYLOAD = new Uint8Array(0);
const NO_DATA = new Uint8Array(24);
/** Data that still fits the mailbox behind the header of a module notification. */
const MAX_MODULE_DATA = MAILBOX_BYTES - moduleNotificationHeader.size;

/** Mask bit of each event that the host can mask. */
const maskBits = new Map<number, number>([
  [ResourceEventType.GATEWAY_UNDERRUN_DETECTED, NotificationMaskBit.GATEWAY_UNDERRUN],
  [ResourceEventType.MIXER_UNDERRUN_DETECTED, NotificationMaskBit.MIXER_UNDERRUN],
  [ResourceEventType.BUDGET_VIOLATION, NotificationMaskBit.BUDGET_VIOLATION],
  [ResourceEventType.GATEWAY_OVERRUN_DETECTED, NotificationMaskBit.GATEWAY_OVERRUN],
]);

/**
 * What the firmware tells the host by itself (SOF's `ipc4/notification.c`). Every function but the two alarms
 * may be called in user mode, and returns false when the message was dropped for want of room: what is reported
 * once an episode tries again then. An event that the host has masked counts as sent.
 */
export class Notifier {
  /** Bits of the events that the host wants (NOTIFICATION_MASK). */
  mask: number = DEFAULT_NOTIFICATION_MASK;
  private readonly sink: NotificationSink;

  constructor(sink: NotificationSink) {
    this.sink = sink;
  }

  /** The host masks events or wants them again. */
  changeMask(change: NotificationMaskInfo): void {
    this.mask = applyNotificationMask(this.mask, change);
  }

  /** A module's process failed with a negative errno. */
  processError(componentId: number, rc: number): boolean {
    return this.event({
      resourceType: ResourceType.MODULE_INSTANCE,
      resourceId: componentId >>> 0,
      eventType: ResourceEventType.PROCESS_DATA_ERROR,
      eventData: processDataError.encode({ errorCode: rc }),
    });
  }

  /** A gateway of a pipeline ran dry or over. */
  xrun(pipelineId: number, direction: Direction): boolean {
    return this.gatewayEvent(ResourceType.PIPELINE, pipelineId, direction);
  }

  /** A DMA chain ran dry or over at one of its ends. */
  chainXrun(nodeId: number, direction: Direction): boolean {
    return this.gatewayEvent(ResourceType.GATEWAY, nodeId, direction);
  }

  /** How far the host stream of a gateway has come. An earlier position that still waits is brought up to date. */
  streamPosition(nodeId: number, position: StreamPosition): boolean {
    const { primary, extension } = encodeNotification({ kind: "resource-event" });
    const event = resourceEvent.encode({
      resourceType: ResourceType.GATEWAY,
      resourceId: nodeId,
      eventType: ResourceEventType.STREAM_DATA_SEGMENT,
      eventData: streamPosition.encode(position),
    });
    return this.sink.update(nodeId, primary, extension, event);
  }

  /** A mixin had nothing to mix. */
  mixerUnderrun(
    pipelineId: number,
    endOfStream: boolean,
    mixedBytes: number,
    expectedBytes: number,
  ): boolean {
    return this.event({
      resourceType: ResourceType.PIPELINE,
      resourceId: pipelineId,
      eventType: ResourceEventType.MIXER_UNDERRUN_DETECTED,
      eventData: mixerUnderrun.encode({
        eosFlag: endOfStream ? 1 : 0,
        dataMixed: mixedBytes,
        expectedDataMixed: expectedBytes,
      }),
    });
  }

  /** A module tells the host something; data that no mailbox holds is dropped. */
  module(componentId: number, eventId: number, data: Uint8Array): boolean {
    if (data.length > MAX_MODULE_DATA) return false;
    const payload = encodeModuleNotification({
      instanceId: componentId >>> 16,
      moduleId: componentId & 0xffff,
      eventId,
      data,
    });
    return this.send({ kind: "module-notification" }, payload);
  }

  /** A detector heard its phrase. */
  phraseDetected(wordId: number, score: number): boolean {
    return this.send({ kind: "phrase-detected", wordId, score }, NO_PAYLOAD);
  }

  /** A core's log wants to be read. */
  logBufferStatus(coreId: number): boolean {
    return this.send({ kind: "log-buffer-status", coreId }, NO_PAYLOAD);
  }

  /** A core stopped at an exception. Calling context: the fatal error handler. */
  exceptionCaught(coreId: number): void {
    const { primary, extension } = encodeNotification({ kind: "exception-caught", coreId });
    this.sink.lastWords(primary, extension);
  }

  /** A core's LL thread ended by an exception; the other cores go on. Calling context: the fatal error handler. */
  coreFaulted(coreId: number): void {
    const { primary, extension } = encodeNotification({ kind: "exception-caught", coreId });
    this.sink.alarm(primary, extension);
  }

  /** A core does not feed its watchdog. Calling context: the watchdog's interrupt. */
  watchdogTimeout(coreId: number, firstTimeout: boolean): void {
    const { primary, extension } = encodeNotification({
      kind: "watchdog-timeout",
      coreId,
      firstTimeout,
    });
    this.sink.alarm(primary, extension);
  }

  private gatewayEvent(resourceType: number, resourceId: number, direction: Direction): boolean {
    const eventType =
      direction === "playback"
        ? ResourceEventType.GATEWAY_UNDERRUN_DETECTED
        : ResourceEventType.GATEWAY_OVERRUN_DETECTED;
    return this.event({ resourceType, resourceId, eventType, eventData: NO_DATA });
  }

  private event(event: ResourceEvent): boolean {
    const bit = maskBits.get(event.eventType);
    if (bit !== undefined && (this.mask & bit) === 0) return true;
    return this.send({ kind: "resource-event" }, resourceEvent.encode(event));
  }

  private send(notification: Ipc4Notification, payload: Uint8Array): boolean {
    const { primary, extension } = encodeNotification(notification);
    return this.sink.queue(primary, extension, payload);
  }
}
