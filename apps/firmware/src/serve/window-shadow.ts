import type { ByteWriter } from "@sof-ts/kit";

/** Bytes that are compared and sent as a whole. */
const LINE_BYTES = 64;

/** What a client has of a memory window, so that only what has changed is sent. */
export class WindowShadow {
  private readonly window: Uint32Array;
  private readonly bytes: Uint8Array;
  private readonly known: Uint32Array;

  /** @param bytes the window itself, a multiple of 64 bytes at a multiple of 4 */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.window = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    this.known = new Uint32Array(this.window.length);
  }

  /** Writes the runs of lines that differ from what the client has: offset, length, bytes. */
  writeChanges(writer: ByteWriter): void {
    const { bytes } = this;
    let start = -1;
    for (let offset = 0; offset <= bytes.length; offset += LINE_BYTES) {
      const changed = offset < bytes.length && this.take(offset);
      if (changed && start < 0) start = offset;
      if (changed || start < 0) continue;
      writer
        .u32(start)
        .u32(offset - start)
        .bytes(bytes.subarray(start, offset));
      start = -1;
    }
  }

  /** Whether a line has changed; from now on the client has it. */
  private take(offset: number): boolean {
    const { window, known } = this;
    const first = offset / 4;
    let changed = false;
    for (let i = first; i < first + LINE_BYTES / 4; i++) {
      if (window[i] === known[i]) continue;
      known[i] = window[i] as number;
      changed = true;
    }
    return changed;
  }
}
