import { MAILBOX_BYTES, Status, vendorParamHeader } from "@sof-ts/ipc4";
import type { FragmentPosition } from "@sof-ts/module-api";

/** Who a vendor parameter is for: a module, or the base firmware. */
export interface VendorTarget {
  /**
   * Takes a fragment.
   *
   * @param type 7:0 parameter, 31:8 which one of several alike
   * @param mailbox where the fragment lies
   * @returns a status, or a negative errno
   */
  set(
    type: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    mailbox: Uint8Array,
  ): Generator<number, number, number>;
  /** Writes a value. @returns its bytes or a negative errno */
  get(type: number, out: Uint8Array): Generator<number, number, number>;
  /**
   * Called between two parameters of a list, which may have hundreds: a cooperative thread that goes through them
   * in one go keeps its core's tick waiting for longer than a period.
   */
  pause(): Generator<number, unknown, number>;
}

const HEADER_BYTES = vendorParamHeader.size;
const padded = (bytes: number): number => (bytes + 3) & ~3;

/**
 * LARGE_CONFIG_SET of VENDOR_CONFIG_PARAM: in one block a list of TLVs, each set as a single block of the
 * parameter that its type names; over several blocks one TLV, whose header is in the first. Follow-ups go to
 * parameter 0, and what the target says of them goes out unconverted.
 */
export function* vendorSet(
  target: VendorTarget,
  position: FragmentPosition,
  sizeOrOffset: number,
  mailbox: Uint8Array,
): Generator<number, number, number> {
  if (sizeOrOffset > mailbox.length) return Status.INVALID_CONFIG_DATA_STRUCT;
  if (position === "single") return yield* burstSet(target, mailbox.subarray(0, sizeOrOffset));
  if (position !== "first") return yield* target.set(0, position, sizeOrOffset, mailbox);
  if (sizeOrOffset < HEADER_BYTES) return Status.INVALID_CONFIG_DATA_STRUCT;
  const { type, length } = vendorParamHeader.decode(mailbox);
  return yield* target.set(type, "first", length, mailbox.subarray(HEADER_BYTES));
}

function* burstSet(target: VendorTarget, list: Uint8Array): Generator<number, number, number> {
  for (let at = 0; at < list.length;) {
    if (at + HEADER_BYTES > list.length) return Status.INVALID_CONFIG_DATA_STRUCT;
    const { type, length } = vendorParamHeader.decode(list, at);
    at += HEADER_BYTES;
    if (length === 0) return Status.INVALID_CONFIG_DATA_LEN;
    if (at + length > list.length) return Status.INVALID_REQUEST;
    const rc = yield* target.set(type, "single", length, list.subarray(at, at + length));
    if (rc !== 0) return rc < 0 ? Status.INVALID_RESOURCE_ID : rc;
    at += padded(length);
    yield* target.pause();
  }
  return Status.SUCCESS;
}

/**
 * A burst LARGE_CONFIG_GET of VENDOR_CONFIG_PARAM: the request lists types and the longest values wanted, the
 * reply has a TLV for each.
 *
 * @returns bytes of the reply, or -1
 */
export function* burstGet(
  target: VendorTarget,
  request: Uint8Array,
  out: Uint8Array,
): Generator<number, number, number> {
  let end = 0;
  out.fill(0, 0, MAILBOX_BYTES);
  for (let at = 0; at < request.length; at += HEADER_BYTES) {
    if (at + HEADER_BYTES > request.length) return -1;
    const { type, length } = vendorParamHeader.decode(request, at);
    const written = yield* valueGet(target, type, length, out.subarray(end, MAILBOX_BYTES));
    if (written < 0) return -1;
    end += padded(written);
    yield* target.pause();
  }
  return end;
}

/**
 * One vendor parameter as a TLV.
 *
 * @param maxBytes longest value wanted
 * @returns bytes with the header, or -1
 */
export function* valueGet(
  target: VendorTarget,
  type: number,
  maxBytes: number,
  out: Uint8Array,
): Generator<number, number, number> {
  if (out.length < HEADER_BYTES) return -1;
  const room = out.subarray(HEADER_BYTES, Math.min(out.length, HEADER_BYTES + maxBytes));
  const length = yield* target.get(type, room);
  if (length < 0 || length > room.length) return -1;
  vendorParamHeader.encodeInto({ type, length }, out, 0);
  return HEADER_BYTES + length;
}
