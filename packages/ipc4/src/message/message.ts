import { decodeNotification, type Ipc4Notification } from "./notification.js";
import { decodeReply, type Ipc4Reply } from "./reply.js";
import { decodeRequest, type Ipc4Message } from "./request.js";
import { isNotification, isReply } from "./types.js";

/** Two words of any direction, taken apart. */
export type AnyMessage =
  | { readonly type: "request"; readonly message: Ipc4Message }
  | { readonly type: "reply"; readonly message: Ipc4Reply }
  | { readonly type: "notification"; readonly message: Ipc4Notification };

/** Takes any two words apart by their own bits: reply, notification, else request. Never throws. */
export function decodeWords(primary: number, extension: number): AnyMessage {
  if (isReply(primary)) return { type: "reply", message: decodeReply(primary, extension) };
  if (isNotification(primary)) {
    return { type: "notification", message: decodeNotification(primary, extension) };
  }
  return { type: "request", message: decodeRequest(primary, extension) };
}

/**
 * The doorbell word that makes the boot ROM purge its state and wait for the firmware image on a DMA
 * stream, without the busy bit (Linux' `HDA_DSP_IPC_PURGE_FW`).
 *
 * @param streamTag 1..32, tag of the code loader's host DMA stream
 */
export const romPurgeWord = (streamTag: number): number => 0x0100_4000 + (streamTag - 1) * 512;
