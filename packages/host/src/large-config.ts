import { EIO, ENOMEM } from "@sof-ts/kit";
import { LargeConfigReader, type LargeConfigTarget, splitLargeConfig } from "@sof-ts/ipc4";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";

/**
 * Sends a parameter of any size (`sof_ipc4_set_get_data` of the Linux driver). What is larger than a chunk
 * goes in fragments.
 *
 * @param target module 0 instance 0 is the base firmware
 * @param chunkBytes what fits one message
 */
export function* largeConfigSet(
  ipc: IpcTransport,
  target: LargeConfigTarget,
  data: Uint8Array,
  chunkBytes: number,
): HostTask<void> {
  for (const { words, payload } of splitLargeConfig(target, data, chunkBytes)) {
    yield* ipc.exchange({ message: words, payload });
  }
}

/**
 * Reads a parameter, by as much as the firmware's mailbox holds. Requests never carry the final mark; the first reply states the total.
 *
 * @param capacity bytes that the caller can take
 * @param request payload of the first request (the control header of the ALSA control parameters)
 * @returns the parameter's bytes
 * @throws HostError ENOMEM when the parameter is larger than `capacity`, EIO when fragments are missing
 */
export function* largeConfigGet(
  ipc: IpcTransport,
  target: LargeConfigTarget,
  capacity: number,
  request?: Uint8Array,
): HostTask<Uint8Array> {
  const reader = new LargeConfigReader(target, capacity);
  let payload = request;
  while (!reader.done) {
    const reply = yield* ipc.exchange({ message: reader.request(), payload });
    payload = undefined;
    const result = reader.accept(reply.words, reply.payload);
    if (result === 0) continue;
    const errno = result === -ENOMEM ? ENOMEM : EIO;
    const reason = errno === ENOMEM ? `is larger than ${capacity} bytes` : "came incomplete";
    throw new HostError(`parameter ${target.paramId} ${reason}`, { errno });
  }
  return reader.data;
}
