import { assert, InputError } from "@sof-ts/kit";

/** A connected stream of bytes: a socket, a pipe, a recording. All calls are plain. */
export interface ByteStream {
  /** Takes incoming bytes; set by the user of the stream. */
  onBytes: ((bytes: Uint8Array) => void) | null;
  /** Runs once when no more bytes come, with the reason where there is one; set by the user. */
  onClose: ((error: Error | null) => void) | null;
  /** Sends bytes; they are not changed afterwards. */
  send(bytes: Uint8Array): void;
  close(): void;
}

/** One message of the socket protocol. */
export interface SocketFrame {
  /** A `SocketMessage`, with {@link REPLY_BIT} set in replies. */
  readonly type: number;
  /** Chosen by the client; the reply repeats it. */
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** Set in the type of a reply. */
export const REPLY_BIT = 0x8000;
/** Bytes in front of a body: length, type, reserved, sequence. */
export const FRAME_HEAD_BYTES = 12;
/** Longest body. */
export const MAX_BODY_BYTES = 0x10_0000;

/** Bytes that the length field counts beside the body. */
const COUNTED_HEAD_BYTES = 8;

/** @returns the bytes of a message */
export function encodeFrame({ type, sequence, body }: SocketFrame): Uint8Array {
  assert(body.length <= MAX_BODY_BYTES, `a body of ${body.length} bytes`);
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, COUNTED_HEAD_BYTES + body.length, true);
  view.setUint16(4, type, true);
  view.setUint32(8, sequence, true);
  bytes.set(body, FRAME_HEAD_BYTES);
  return bytes;
}

/**
 * Cuts a stream of bytes into messages. Holds one incomplete message at most, so memory does not grow with
 * what a peer sends.
 */
export class FrameReader {
  private readonly source: string;
  private readonly head = new Uint8Array(FRAME_HEAD_BYTES);
  private readonly headView = new DataView(this.head.buffer);
  private headLength = 0;
  private body: Uint8Array | null = null;
  private bodyLength = 0;
  /** Bytes of the stream that were read. */
  private offset = 0;

  /** @param source name of the peer, for errors */
  constructor(source: string) {
    this.source = source;
  }

  /** Whether a message has begun and is not complete. */
  get isInside(): boolean {
    return this.headLength > 0;
  }

  /**
   * Reads bytes. Messages come out one at a time, as they are asked for.
   *
   * @throws InputError for a length that no message has, or a reserved field that is not zero
   */
  *push(bytes: Uint8Array): Generator<SocketFrame, void, void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.body === null) {
        const count = Math.min(bytes.length - at, FRAME_HEAD_BYTES - this.headLength);
        this.head.set(bytes.subarray(at, at + count), this.headLength);
        this.headLength += count;
        this.offset += count;
        at += count;
        if (this.headLength === FRAME_HEAD_BYTES) this.body = this.openBody();
      }
      const { body } = this;
      if (body === null) continue;
      const count = Math.min(bytes.length - at, body.length - this.bodyLength);
      body.set(bytes.subarray(at, at + count), this.bodyLength);
      this.bodyLength += count;
      this.offset += count;
      at += count;
      if (this.bodyLength === body.length) yield this.close(body);
    }
  }

  private openBody(): Uint8Array {
    const length = this.headView.getUint32(0, true);
    if (length < COUNTED_HEAD_BYTES || length > COUNTED_HEAD_BYTES + MAX_BODY_BYTES) {
      throw this.error(`a message of ${length} bytes`, FRAME_HEAD_BYTES);
    }
    const reserved = this.headView.getUint16(6, true);
    if (reserved !== 0) throw this.error(`reserved field of ${reserved}`, FRAME_HEAD_BYTES - 6);
    return new Uint8Array(length - COUNTED_HEAD_BYTES);
  }

  private close(body: Uint8Array): SocketFrame {
    const type = this.headView.getUint16(4, true);
    const sequence = this.headView.getUint32(8, true);
    this.headLength = 0;
    this.body = null;
    this.bodyLength = 0;
    return { type, sequence, body };
  }

  private error(reason: string, back: number): InputError {
    return new InputError(reason, { source: this.source, offset: this.offset - back });
  }
}
