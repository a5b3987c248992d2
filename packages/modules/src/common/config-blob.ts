import { EBUSY, EINVAL, ENOMEM } from "@sof-ts/kit";
import type { FragmentPosition } from "@sof-ts/module-api";

/** Largest blob where the module sets no limit of its own (SOF's `MODULE_MAX_BLOB_SIZE`). */
const MAX_BLOB_BYTES = 8192;

/** Checks a whole blob. @returns 0, or a negative errno with which the blob is refused */
export type BlobValidator = (blob: Uint8Array) => number;

/**
 * A module's configuration blob (SOF's `comp_data_blob_handler`): collects the fragments of a large
 * configuration, refuses what the validator refuses and keeps the old blob then, and hands a new one to
 * `process` at the border of a block.
 */
export class ConfigBlob {
  /** The blob in use, or null before the first. */
  current: Uint8Array | null = null;
  /** Installed by modules that check blobs only while they are prepared. */
  validator: BlobValidator | null;
  /** Whether the component is prepared or runs: then a blob waits for {@link takeNew}. */
  live = false;
  private readonly maxBytes: number;
  private incoming: Uint8Array | null = null;
  private received = 0;
  private waiting: Uint8Array | null = null;

  constructor(validator: BlobValidator | null = null, maxBytes = MAX_BLOB_BYTES) {
    this.validator = validator;
    this.maxBytes = maxBytes;
  }

  /**
   * Takes a fragment; the parameters are those of `AudioModule.setConfiguration`.
   *
   * @returns 0; -EBUSY when another transfer or an unused blob is pending; -EINVAL for a size that cannot be,
   *   -ENOMEM for a fragment without a first one, or what the validator says
   */
  set(position: FragmentPosition, sizeOrOffset: number, fragment: Uint8Array): number {
    if (position === "first" || position === "single") {
      if (this.incoming !== null || this.waiting !== null) return -EBUSY;
      if (sizeOrOffset === 0) return 0;
      if (sizeOrOffset > this.maxBytes) return -EINVAL;
      this.incoming = new Uint8Array(sizeOrOffset);
      this.received = 0;
    }
    const incoming = this.incoming;
    if (incoming === null) return -ENOMEM;
    const final = position === "last" || position === "single";
    const gap =
      position === "middle" || position === "last" ? sizeOrOffset !== this.received : false;
    if (gap || this.received + fragment.length > incoming.length) {
      this.incoming = null;
      return -EINVAL;
    }
    incoming.set(fragment, this.received);
    this.received += fragment.length;
    if (!final) return 0;
    this.incoming = null;
    if (this.received !== incoming.length) return -EINVAL;
    const verdict = this.validator === null ? 0 : this.validator(incoming);
    if (verdict < 0) return verdict;
    if (this.current !== null && this.live) this.waiting = incoming;
    else this.current = incoming;
    return 0;
  }

  /** Whether a blob came while streaming that was not taken yet. */
  get hasNew(): boolean {
    return this.waiting !== null;
  }

  /** Puts the new blob, when there is one, into use. @returns it, or null */
  takeNew(): Uint8Array | null {
    const blob = this.waiting;
    if (blob === null) return null;
    this.waiting = null;
    this.current = blob;
    return blob;
  }

  /** Writes the blob in use into `out`. @returns bytes written; 0 without a blob; -EINVAL when it does not fit */
  get(out: Uint8Array): number {
    const blob = this.waiting ?? this.current;
    if (blob === null) return 0;
    if (blob.length > out.length) return -EINVAL;
    out.set(blob);
    return blob.length;
  }
}
