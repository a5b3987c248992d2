import type { Message } from "../protocol/messages.js";

/** What belongs to the streams that have to go on: no message may name it. */
export interface Protected {
  readonly pipelines: ReadonlySet<number>;
  /** Component ids: instance << 16 | module. */
  readonly components: ReadonlySet<number>;
}

const CREATE_PIPELINE = 17;
const DELETE_PIPELINE = 18;
const SET_PIPELINE_STATE = 19;
const BIND = 5;
const UNBIND = 6;
const INIT_INSTANCE = 0;

/**
 * Whether a message is for something protected. One that stops, deletes or reconfigures a stream may do so; all
 * others have to leave it alone.
 */
export function isForProtected(message: Message, guarded: Protected): boolean {
  const [primary, extension, payload] = message;
  const type = (primary >>> 24) & 0x1f;
  if ((primary & 0x4000_0000) === 0) {
    const pipeline = (primary >>> 16) & 0xff;
    if (type === SET_PIPELINE_STATE) {
      if ((extension & 1) === 0) return guarded.pipelines.has(pipeline);
      // A list whose payload is cut goes on with what the mailbox still holds.
      return payload === undefined || listNames(payload, guarded.pipelines);
    }
    return (
      (type === CREATE_PIPELINE || type === DELETE_PIPELINE) && guarded.pipelines.has(pipeline)
    );
  }
  if (guarded.components.has(primary & 0xff_ffff)) return true;
  if (type === BIND || type === UNBIND) return guarded.components.has(extension & 0xff_ffff);
  return type === INIT_INSTANCE && guarded.pipelines.has((extension >>> 16) & 0xff);
}

function listNames(payload: Uint8Array, pipelines: ReadonlySet<number>): boolean {
  if (payload.length < 4) return true;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const count = view.getUint32(0, true);
  // The firmware refuses more than its mailbox holds, without a look at them.
  if (count > 1023) return false;
  if (4 + 4 * count > payload.length) return true;
  for (let i = 0; i < count; i++) {
    if (pipelines.has(view.getUint32(4 + 4 * i, true) & 0xff)) return true;
  }
  return false;
}
