import { MAILBOX_BYTES } from "@sof-ts/ipc4";
import type { FragmentPosition } from "@sof-ts/module-api";

/** Which fragment the block flags make of a message. */
export function fragmentPosition(initBlock: boolean, finalBlock: boolean): FragmentPosition {
  if (initBlock) return finalBlock ? "single" : "first";
  return finalBlock ? "last" : "middle";
}

/**
 * What one instance's large configuration needs to remember between two messages. Only the first fragment
 * tells the total, and only an instance that took it makes that total count: a transfer that is refused
 * because another one is under way changes nothing for that one.
 */
export class ConfigTransfer {
  /** Vendor parameter (32-bit type) whose value is being read in several blocks, null when none is. */
  vendorParam: number | null = null;
  private total = 0;

  /**
   * @param mailbox the payload's place; a vendor parameter's header is cut off already
   * @returns the bytes of the fragment in the mailbox; null when they cannot all be there
   */
  fragment(
    position: FragmentPosition,
    sizeOrOffset: number,
    mailbox: Uint8Array,
  ): Uint8Array | null {
    switch (position) {
      case "single":
        return sizeOrOffset <= mailbox.length ? mailbox.subarray(0, sizeOrOffset) : null;
      case "first":
        return mailbox;
      case "middle":
        return this.total > 0 ? mailbox : null;
      case "last": {
        const left = this.total - sizeOrOffset;
        return this.total > 0 && left >= 0 && left <= mailbox.length
          ? mailbox.subarray(0, left)
          : null;
      }
    }
  }

  /** Notes what the instance made of a fragment. */
  settle(position: FragmentPosition, sizeOrOffset: number, rc: number): void {
    if (position === "first") {
      if (rc >= 0) this.total = sizeOrOffset;
    } else if (position === "last" || rc < 0) this.total = 0;
  }
}

/**
 * The part of a value that one LARGE_CONFIG_GET carries.
 *
 * @param offset bytes of the value that earlier messages carried; 0 for the first
 * @returns null when the value ends before it
 */
export function partOf(value: Uint8Array, offset: number): Uint8Array | null {
  return offset <= value.length ? value.subarray(offset, offset + MAILBOX_BYTES) : null;
}

/**
 * Extension word of the reply to LARGE_CONFIG_GET: the request's with the produced size, and the final flag
 * when that is all.
 */
export function getReplyExtension(extension: number, bytes: number, requestFinal: boolean): number {
  let word = (extension & ~0xf_ffff) | bytes;
  if (!requestFinal && bytes < MAILBOX_BYTES) word |= 1 << 28;
  return word >>> 0;
}
