import { InputError } from "@sof-ts/kit";
import { isNotification, NotificationType, notificationType } from "./types.js";
import {
  extension,
  primary,
  primaryFlag,
  type WordFields,
  type WordLayout,
  wordLayout,
  type Words,
} from "./word-layout.js";

const NOTIFICATION = 27 << 24;

const notification = <const Kind extends string, const F extends WordFields>(
  kind: Kind,
  type: NotificationType,
  fields: F,
) => wordLayout(kind, NOTIFICATION | (type << 16), 0x7fff_0000, fields);

const layouts = {
  phraseDetected: notification("phrase-detected", NotificationType.PHRASE_DETECTED, {
    wordId: primary(0, 16),
    /** 0..8192. */
    score: extension(0, 16),
  }),
  /** Its 40-byte payload is read by `resourceEvent`. */
  resourceEvent: notification("resource-event", NotificationType.RESOURCE_EVENT, {}),
  logBufferStatus: notification("log-buffer-status", NotificationType.LOG_BUFFER_STATUS, {
    coreId: primary(12, 4),
  }),
  timestampCaptured: notification("timestamp-captured", NotificationType.TIMESTAMP_CAPTURED, {}),
  fwReady: notification("fw-ready", NotificationType.FW_READY, {
    /** Libraries came back from saved context, the host need not load them. */
    librariesRestored: primaryFlag(15),
  }),
  fwAudClassResult: notification("fw-aud-class-result", NotificationType.FW_AUD_CLASS_RESULT, {}),
  exceptionCaught: notification("exception-caught", NotificationType.EXCEPTION_CAUGHT, {
    coreId: extension(0, 30),
  }),
  /** Its payload is read by `decodeModuleNotification`. */
  moduleNotification: notification("module-notification", NotificationType.MODULE_NOTIFICATION, {}),
  uaolEvent: notification("uaol-event", NotificationType.UAOL_EVENT, {}),
  probeDataAvailable: notification(
    "probe-data-available",
    NotificationType.PROBE_DATA_AVAILABLE,
    {},
  ),
  watchdogTimeout: notification("watchdog-timeout", NotificationType.WATCHDOG_TIMEOUT, {
    coreId: primary(0, 4),
    firstTimeout: primaryFlag(4),
  }),
  managementService: notification("management-service", NotificationType.MANAGEMENT_SERVICE, {}),
  unknown: wordLayout("unknown-notification", NOTIFICATION, 0x7f00_0000, {
    notificationType: primary(16, 8),
    parameter: primary(0, 16),
    data: extension(0, 30),
  }),
} as const;

/**
 * A notification from the firmware, told apart by `kind`. Bits that it does not define are kept in
 * `reservedPrimary` and `reservedExtension`.
 */
export type Ipc4Notification = ReturnType<(typeof layouts)[keyof typeof layouts]["decode"]>;

/** The kinds of {@link Ipc4Notification}. */
export type NotificationKind = Ipc4Notification["kind"];

type ErasedLayout = WordLayout<string, WordFields>;

const byKind = new Map<string, ErasedLayout>(
  Object.values(layouts).map((layout) => [layout.kind, layout as unknown as ErasedLayout]),
);

const byType = new Map<number, ErasedLayout>([
  [NotificationType.PHRASE_DETECTED, erased(layouts.phraseDetected)],
  [NotificationType.RESOURCE_EVENT, erased(layouts.resourceEvent)],
  [NotificationType.LOG_BUFFER_STATUS, erased(layouts.logBufferStatus)],
  [NotificationType.TIMESTAMP_CAPTURED, erased(layouts.timestampCaptured)],
  [NotificationType.FW_READY, erased(layouts.fwReady)],
  [NotificationType.FW_AUD_CLASS_RESULT, erased(layouts.fwAudClassResult)],
  [NotificationType.EXCEPTION_CAUGHT, erased(layouts.exceptionCaught)],
  [NotificationType.MODULE_NOTIFICATION, erased(layouts.moduleNotification)],
  [NotificationType.UAOL_EVENT, erased(layouts.uaolEvent)],
  [NotificationType.PROBE_DATA_AVAILABLE, erased(layouts.probeDataAvailable)],
  [NotificationType.WATCHDOG_TIMEOUT, erased(layouts.watchdogTimeout)],
  [NotificationType.MANAGEMENT_SERVICE, erased(layouts.managementService)],
]);

function erased(layout: unknown): ErasedLayout {
  return layout as ErasedLayout;
}

/**
 * Takes a notification apart. Any notification type gives a value.
 *
 * @throws InputError when the words are no notification
 */
export function decodeNotification(primary: number, extension: number): Ipc4Notification {
  if (!isNotification(primary)) {
    throw new InputError(`0x${primary.toString(16)} is not a notification`, {
      source: "notification",
      offset: 3,
    });
  }
  const layout = byType.get(notificationType(primary)) ?? erased(layouts.unknown);
  return layout.decode({ primary, extension }) as unknown as Ipc4Notification;
}

/** Puts a notification together; a value that does not fit its field is a mistake of ours (assertion). */
export function encodeNotification(notification: Ipc4Notification): Words {
  return (byKind.get(notification.kind) as ErasedLayout).encode(notification as never);
}
