import { gunzipSync, gzipSync } from "node:zlib";
import type { ByteStream } from "@sof-ts/host";
import { ByteReader, ByteWriter } from "@sof-ts/kit";
import { FrameReader, type SocketFrame } from "@sof-ts/host";
import { Session } from "../../src/serve/session.js";

/** Bytes that went one way without a break. */
export interface RecordedPart {
  readonly from: "client" | "server";
  readonly bytes: Uint8Array;
}

/** A session as a file: compressed; each part is one byte for its sender, its length, its bytes. */
export function encodeSession(parts: readonly RecordedPart[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { from, bytes } of parts)
    writer
      .u8(from === "client" ? 0 : 1)
      .u32(bytes.length)
      .bytes(bytes);
  return gzipSync(writer.finish(), { level: 9 });
}

/** Reads what {@link encodeSession} wrote. */
export function decodeSession(file: Uint8Array): RecordedPart[] {
  const reader = new ByteReader(gunzipSync(file), "recorded session");
  const parts: RecordedPart[] = [];
  while (reader.remaining > 0) {
    const from = reader.u8() === 0 ? "client" : "server";
    parts.push({ from, bytes: reader.take(reader.u32()) });
  }
  return parts;
}

/** The messages of one side of a session. */
export function framesOf(
  parts: readonly RecordedPart[],
  from: RecordedPart["from"],
): SocketFrame[] {
  const reader = new FrameReader(from);
  return parts.flatMap((part) => (part.from === from ? [...reader.push(part.bytes)] : []));
}

/** Answers requests as a server does, without a socket. */
export function answer(session: Session, frame: SocketFrame): Uint8Array {
  const steps = session.handle(frame);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value.bytes;
  }
}

/** A connection to a session in this process that keeps what passes. */
export class RecordingStream implements ByteStream {
  onBytes: ((bytes: Uint8Array) => void) | null = null;
  onClose: ((error: Error | null) => void) | null = null;
  readonly parts: RecordedPart[] = [];
  private readonly session = new Session("mtl");
  private readonly reader = new FrameReader("client");

  send(bytes: Uint8Array): void {
    this.parts.push({ from: "client", bytes });
    const replies = new ByteWriter();
    for (const frame of this.reader.push(bytes)) replies.bytes(answer(this.session, frame));
    const back = replies.finish();
    this.parts.push({ from: "server", bytes: back });
    queueMicrotask(() => this.onBytes?.(back));
  }

  close(): void {
    queueMicrotask(() => this.onClose?.(null));
  }
}

/** A recording in a server's place: it gives the recorded answers to the recorded requests and no others. */
export class ReplayingStream implements ByteStream {
  onBytes: ((bytes: Uint8Array) => void) | null = null;
  onClose: ((error: Error | null) => void) | null = null;
  private readonly parts: readonly RecordedPart[];
  private next = 0;

  constructor(parts: readonly RecordedPart[]) {
    this.parts = parts;
  }

  /** Whether everything that was recorded has passed. */
  get isOver(): boolean {
    return this.next === this.parts.length;
  }

  send(bytes: Uint8Array): void {
    const [request, reply] = this.parts.slice(this.next, this.next + 2);
    this.next += 2;
    const same = request !== undefined && Buffer.compare(request.bytes, bytes) === 0;
    queueMicrotask(() => {
      if (same && reply !== undefined) this.onBytes?.(reply.bytes);
      else this.onClose?.(new Error(`request ${this.next / 2} is not the recorded one`));
    });
  }

  close(): void {
    queueMicrotask(() => this.onClose?.(null));
  }
}
