import type { FragmentPosition } from "@sof-ts/module-api";
import { ConfigBlob } from "./config-blob.js";

/** Understands a whole blob. @returns what it says, or a negative errno with which the blob is refused */
export type BlobParser<T> = (blob: Uint8Array) => T | number;

/**
 * A configuration blob that is understood when it arrives, off the audio path, so that `process` puts a new
 * one to use without parsing or allocating.
 */
export class ParsedBlob<T extends object> {
  /** What the blob in use says, or null before the first. */
  current: T | null = null;
  private readonly blob: ConfigBlob;
  /** What the transfer that is being taken says, once it is complete. */
  private accepted: T | null = null;
  private next: T | null = null;

  constructor(parse: BlobParser<T>, maxBytes?: number) {
    this.blob = new ConfigBlob((bytes) => {
      const parsed = parse(bytes);
      if (typeof parsed === "number") return parsed;
      this.accepted = parsed;
      return 0;
    }, maxBytes);
  }

  /** Whether the component is prepared or runs: then a blob that replaces one waits for {@link takeNew}. */
  set live(value: boolean) {
    this.blob.live = value;
  }

  /** Takes a fragment, as {@link ConfigBlob.set} does. */
  set(position: FragmentPosition, sizeOrOffset: number, fragment: Uint8Array): number {
    this.accepted = null;
    const ret = this.blob.set(position, sizeOrOffset, fragment);
    if (ret === 0 && this.accepted !== null) {
      if (this.blob.hasNew) this.next = this.accepted;
      else this.current = this.accepted;
    }
    return ret;
  }

  /** What the blob says that waits to be used, or null. */
  get waiting(): T | null {
    return this.blob.hasNew ? this.next : null;
  }

  /** Puts a waiting blob to use. @returns what it says, or null when none waits */
  takeNew(): T | null {
    if (this.blob.takeNew() === null) return null;
    this.current = this.next;
    return this.current;
  }

  /** Writes the blob into `out`, as {@link ConfigBlob.get} does. */
  get(out: Uint8Array): number {
    return this.blob.get(out);
  }
}
