import { Notifier, type Outbox } from "@sof-ts/ipc4-helper";
import type { Kernel } from "@sof-ts/kernel";

/**
 * Makes what notifies the host, from user threads by system calls (SOF's `ipc_msg_send`). Calling context: boot.
 *
 * @param payloadBytes bytes of the largest payload that a user thread may send
 */
export function makeNotifier(kernel: Kernel, outbox: Outbox, payloadBytes: number): Notifier {
  return new Notifier({
    queue: kernel.defineSyscall("ipc_msg_send", {
      verify: (_primary: number, _extension: number, payload: Uint8Array) =>
        payload.length <= payloadBytes,
      run: (primary: number, extension: number, payload: Uint8Array) =>
        outbox.notify(primary, extension, payload),
    }),
    update: kernel.defineSyscall("ipc_msg_update", {
      verify: (_key: number, _primary: number, _extension: number, payload: Uint8Array) =>
        payload.length <= payloadBytes,
      run: (key: number, primary: number, extension: number, payload: Uint8Array) =>
        outbox.update(key, primary, extension, payload),
    }),
    alarm: (primary, extension) => outbox.alarm(primary, extension),
    lastWords: (primary, extension) => outbox.lastWords(primary, extension),
  });
}
