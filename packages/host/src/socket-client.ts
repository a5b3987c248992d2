import { ByteReader, ByteWriter, EIO, ENOTCONN, InputError } from "@sof-ts/kit";
import { HostError } from "./host-error.js";
import {
  type ByteStream,
  encodeFrame,
  FrameReader,
  REPLY_BIT,
  type SocketFrame,
} from "./socket-frame.js";

/** Takes the content of a reply with status 0. */
type OnReply = (content: ByteReader) => void;

interface Expected {
  readonly type: number;
  readonly onReply: OnReply | null;
}

const SOURCE = "reply of the served firmware";

/**
 * Requests and replies over a stream of bytes. Requests are collected and go out together; replies come in
 * the order of their requests.
 */
export class SocketClient {
  private readonly stream: ByteStream;
  private readonly reader = new FrameReader(SOURCE);
  private readonly expected: Expected[] = [];
  /** Sequence number of the first entry of `expected`. */
  private firstExpected = 0;
  private next = 0;
  /** Requests that were sent and are not answered. */
  private inFlight = 0;
  private outgoing: Uint8Array[] = [];
  private failure: Error | null = null;
  private waiting: {
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  } | null = null;

  constructor(stream: ByteStream) {
    this.stream = stream;
    stream.onBytes = (bytes) => this.receive(bytes);
    stream.onClose = (error) => this.fail(ended(error));
  }

  /** Puts a request behind those that wait for {@link settle}. Its reply must have status 0. */
  post(type: number, body: Uint8Array, onReply: OnReply | null = null): void {
    this.outgoing.push(encodeFrame({ type, sequence: this.next, body }));
    this.expected.push({ type, onReply });
    this.next = (this.next + 1) >>> 0;
  }

  /**
   * Sends what was posted and waits until all of it is answered, with what the replies led to.
   *
   * @throws HostError for the first request that was refused, or when the connection ends
   */
  async settle(): Promise<void> {
    while (this.failure === null && this.outgoing.length > 0) {
      const frames = this.outgoing;
      this.outgoing = [];
      this.inFlight = frames.length;
      await new Promise<void>((resolve, reject) => {
        this.waiting = { resolve, reject };
        this.stream.send(joined(frames));
      });
    }
    if (this.failure !== null) throw this.failure;
  }

  close(): void {
    this.stream.close();
  }

  private receive(bytes: Uint8Array): void {
    if (this.failure !== null) return;
    try {
      for (const frame of this.reader.push(bytes)) this.take(frame);
    } catch (error) {
      // What a far end throws is the user's own, and reaches whoever waits.
      const own = error instanceof InputError ? null : (error as Error);
      this.fail(own ?? new HostError((error as Error).message, { errno: EIO }));
      this.stream.close();
      return;
    }
    if (this.inFlight === 0 && this.waiting !== null) {
      const { resolve } = this.waiting;
      this.waiting = null;
      resolve();
    }
  }

  private take({ type, sequence, body }: SocketFrame): void {
    const content = new ByteReader(body, SOURCE);
    const expected = this.inFlight === 0 ? undefined : this.expected.shift();
    if (
      expected === undefined ||
      type !== (expected.type | REPLY_BIT) ||
      sequence !== this.firstExpected
    ) {
      throw content.error(`a reply of type ${type} to ${sequence} that was not asked for`, 0);
    }
    this.inFlight--;
    this.firstExpected = (this.firstExpected + 1) >>> 0;
    const status = content.i32("status");
    if (status === 0) expected.onReply?.(content);
    else {
      const reason = new TextDecoder().decode(content.take(content.remaining));
      const what = `the served firmware refused request ${expected.type}: ${reason}`;
      this.fail(new HostError(what, { errno: -status }));
    }
  }

  /** The first failure counts: what follows are its consequences. */
  private fail(failure: Error): void {
    if (this.failure !== null) return;
    this.failure = failure;
    const { waiting } = this;
    this.waiting = null;
    waiting?.reject(failure);
  }
}

function ended(error: Error | null): HostError {
  const why = error === null ? "" : `: ${error.message}`;
  return new HostError(`the connection to the firmware ended${why}`, { errno: ENOTCONN });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const writer = new ByteWriter(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}
