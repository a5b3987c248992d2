import { ByteReader, ByteWriter } from "@sof-ts/kit";
import {
  type ByteStream,
  encodeFrame,
  encodeWelcome,
  FrameReader,
  REPLY_BIT,
  SocketMessage,
  type SocketFrame,
} from "../src/index.js";

/** A request that the fake server got. */
export interface GotRequest {
  readonly type: number;
  readonly words: readonly number[];
  readonly body: Uint8Array;
}

/** Fills the content of a reply in, or returns a negative errno. */
export type Answer = (request: GotRequest, writer: ByteWriter) => number | undefined;

/** A server of the socket protocol that says yes to everything, unless a test answers in its place. */
export class FakeServer implements ByteStream {
  onBytes: ((bytes: Uint8Array) => void) | null = null;
  onClose: ((error: Error | null) => void) | null = null;
  readonly requests: GotRequest[] = [];
  /** Registers by offset. */
  readonly registers = new Map<number, number>();
  closed = false;
  answer: Answer = () => undefined;
  private readonly reader = new FrameReader("client");

  send(bytes: Uint8Array): void {
    const replies: Uint8Array[] = [];
    for (const frame of this.reader.push(bytes)) replies.push(this.handle(frame));
    queueMicrotask(() => {
      for (const reply of replies) this.onBytes?.(reply);
    });
  }

  close(): void {
    this.closed = true;
    queueMicrotask(() => this.onClose?.(null));
  }

  /** Requests of a type since the last call. */
  take(type: number): GotRequest[] {
    const found = this.requests.filter((request) => request.type === type);
    this.requests.length = 0;
    return found;
  }

  private handle({ type, sequence, body }: SocketFrame): Uint8Array {
    const words: number[] = [];
    const reader = new ByteReader(body, "request");
    while (reader.remaining >= 4) words.push(reader.u32());
    const request = { type, words, body };
    this.requests.push(request);
    const content = new ByteWriter();
    const status =
      this.answer(request, content) ?? (content.length > 0 ? 0 : this.yes(request, content));
    const reply = new ByteWriter().i32(status).bytes(content.finish()).finish();
    return encodeFrame({ type: type | REPLY_BIT, sequence, body: reply });
  }

  private yes({ type, words }: GotRequest, writer: ByteWriter): number {
    switch (type) {
      case SocketMessage.HELLO:
        encodeWelcome(welcome, writer);
        break;
      case SocketMessage.READ32:
        writer.u32(this.registers.get(words[0] ?? 0) ?? 0);
        break;
      case SocketMessage.ADVANCE:
        writer.u32(words[0] === 0 ? 0 : 1).u64(BigInt(1000 + (words[1] ?? 0)));
        break;
      case SocketMessage.STREAM_POSITION:
        writer.u64(0n);
        break;
      case SocketMessage.LINK_HEAR:
      case SocketMessage.LINK_FEED:
        writer.u32(0);
        break;
      default:
        break;
    }
    return 0;
  }
}

/** A machine with three windows, two streams each way and three link ends. */
export const welcome = {
  platform: "mtl",
  coreCount: 3,
  linkDma: "gpdma",
  registers: {
    tdr: 0x200,
    tda: 0x204,
    tdd: 0x280,
    idr: 0x210,
    ida: 0x214,
    idd: 0x290,
    ctl: 0x228,
    completion: "clearBit31",
  },
  windows: [256, 128, 0],
  playbackStreams: 2,
  captureStreams: 1,
  links: [
    { type: "HDA", direction: "playback", index: 0, maxChannels: 8, containerBytes: [2, 4] },
    { type: "HDA", direction: "playback", index: 1, maxChannels: 8, containerBytes: [2, 4] },
    { type: "SSP", direction: "capture", index: 2, maxChannels: 2, containerBytes: [4] },
  ],
} as const;
