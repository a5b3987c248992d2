import { ByteWriter } from "@sof-ts/kit";
import type { Direction } from "@sof-ts/module-api";

/** A notification as it goes to the host. */
export interface Notification {
  readonly primary: number;
  readonly payload: Uint8Array;
}

/** Primary words: notification type in 23:16 under message type 27 (IPC4 `sof_ipc4_notification_type`). */
const RESOURCE_EVENT = 0x1b05_0000;
const MODULE_NOTIFICATION = 0x1b0c_0000;

const ResourceType = { MODULE_INSTANCE: 0, PIPELINE: 1 } as const;
const EventType = { PROCESS_DATA_ERROR: 3, GATEWAY_UNDERRUN: 6, GATEWAY_OVERRUN: 7 } as const;

function resourceEvent(resource: number, id: number, event: number, data: number): Notification {
  const payload = new ByteWriter(40)
    .u32(resource)
    .u32(id)
    .u32(event)
    .u32(0)
    .u32(data >>> 0)
    .zeros(20)
    .finish();
  return { primary: RESOURCE_EVENT, payload };
}

/** A module's process failed with a negative errno. */
export function processErrorEvent(componentId: number, rc: number): Notification {
  return resourceEvent(ResourceType.MODULE_INSTANCE, componentId, EventType.PROCESS_DATA_ERROR, rc);
}

/** A gateway of a pipeline under- or overran. */
export function xrunEvent(pipelineId: number, direction: Direction): Notification {
  const event = direction === "playback" ? EventType.GATEWAY_UNDERRUN : EventType.GATEWAY_OVERRUN;
  return resourceEvent(ResourceType.PIPELINE, pipelineId, event, 0);
}

/** A module tells the host something (MODULE_NOTIFICATION). */
export function moduleNotification(
  componentId: number,
  eventId: number,
  data: Uint8Array,
): Notification {
  const payload = new ByteWriter(12 + data.length)
    .u16(componentId >>> 16)
    .u16(componentId & 0xffff)
    .u32(eventId)
    .u32(data.length)
    .bytes(data)
    .finish();
  return { primary: MODULE_NOTIFICATION, payload };
}
