import {
  decodeHello,
  encodeFrame,
  encodeWelcome,
  expectEnd,
  type LinkKey,
  MAX_ADVANCE_US,
  MAX_DATA_BYTES,
  readFormat,
  readLinkKey,
  readStreamKey,
  readTotal,
  REPLY_BIT,
  type SocketFrame,
  SocketMessage,
  writeTotal,
} from "@sof-ts/host";
import { ByteReader, ByteWriter, EINVAL, EIO, InputError } from "@sof-ts/kit";
import { platformNames, type PlatformName } from "@sof-ts/soc";
import { FirmwareHalted } from "../firmware-halted.js";
import { Refusal } from "./refusal.js";
import { ServedMachine } from "./served-machine.js";

/** Virtual time that a machine runs at one go, before others get their turn. */
const SLICE_US = 5000;

/** The answer to a request. */
export interface SessionReply {
  readonly bytes: Uint8Array;
  /** The client does not speak the protocol: the connection ends with this reply. */
  readonly isLast: boolean;
}

/**
 * One client's conversation: requests in, replies out. It has a machine of its own, made by HELLO, so nothing
 * that it does reaches another client. Nothing here knows of sockets.
 */
export class Session {
  private readonly platform: PlatformName;
  private machine: ServedMachine | null = null;

  /** @param platform DSP to model for clients that do not ask for one */
  constructor(platform: PlatformName) {
    this.platform = platform;
  }

  /** Whether HELLO was answered. */
  get isOpen(): boolean {
    return this.machine !== null;
  }

  /**
   * Answers a request. Yields where others should have their turn before it goes on.
   *
   * @returns the reply; what the client did wrong is in it, with the connection's end where it cannot be
   *   trusted any more
   */
  *handle({ type, sequence, body }: SocketFrame): Generator<void, SessionReply, void> {
    const writer = new ByteWriter().i32(0);
    const finish = (bytes: Uint8Array, isLast: boolean): SessionReply => ({
      bytes: encodeFrame({ type: type | REPLY_BIT, sequence, body: bytes }),
      isLast,
    });
    try {
      const reader = new ByteReader(body, `request ${type}`);
      if (type === SocketMessage.HELLO) this.hello(reader, writer);
      else if (type === SocketMessage.ADVANCE) yield* this.advance(reader, writer);
      else this.answer(type, reader, writer);
      return finish(writer.finish(), false);
    } catch (error) {
      if (error instanceof Refusal) return finish(failure(error.status, error.message), false);
      if (error instanceof FirmwareHalted) return finish(failure(-EIO, error.message), false);
      if (error instanceof InputError) return finish(failure(-EINVAL, error.message), true);
      throw error;
    }
  }

  private hello(reader: ByteReader, writer: ByteWriter): void {
    const { platform } = decodeHello(reader);
    expectEnd(reader);
    if (this.machine !== null) throw reader.error("a second HELLO", 0);
    const known = platformNames.find((name) => name === platform);
    if (known === undefined && platform !== "")
      throw reader.error(`platform "${platform}" is none of ${platformNames.join(", ")}`, 8);
    this.machine = new ServedMachine(known ?? this.platform);
    encodeWelcome(this.machine.welcome, writer);
  }

  private *advance(reader: ByteReader, writer: ByteWriter): Generator<void, void, void> {
    const { link } = this.opened(reader);
    const kind = reader.u32("kind") === 0 ? "irq" : "time";
    const timeUs = reader.u32("time");
    expectEnd(reader);
    if (timeUs > MAX_ADVANCE_US) throw new Refusal(-EINVAL, `${timeUs} us at one go`);
    let left = timeUs;
    let ended: "irq" | "timeout" = "timeout";
    for (;;) {
      const step = Math.min(left, SLICE_US);
      left -= step;
      ended = link.advance({ kind, timeoutUs: step });
      if (ended === "irq" || left === 0) break;
      yield;
    }
    writer.u32(ended === "irq" ? 0 : 1).u64(BigInt(link.nowUs()));
  }

  private answer(type: number, reader: ByteReader, writer: ByteWriter): void {
    const machine = this.opened(reader);
    const { streams, links } = machine;
    switch (type) {
      case SocketMessage.READ32: {
        const offset = last(reader, reader.u32("offset"));
        writer.u32(machine.read32(offset));
        break;
      }
      case SocketMessage.WRITE32: {
        const offset = reader.u32("offset");
        machine.write32(offset, last(reader, reader.u32("value")));
        break;
      }
      case SocketMessage.READ_WINDOW: {
        const [window, offset] = [reader.u32("window"), reader.u32("offset")];
        const length = last(reader, reader.u32("length"));
        writer.bytes(machine.readWindow(window, offset, Math.min(length, MAX_DATA_BYTES)));
        break;
      }
      case SocketMessage.WRITE_WINDOW: {
        const [window, offset] = [reader.u32("window"), reader.u32("offset")];
        machine.writeWindow(window, offset, rest(reader));
        break;
      }
      case SocketMessage.SYNC_WINDOW:
        machine.shadow(last(reader, reader.u32("window"))).writeChanges(writer);
        break;
      case SocketMessage.STREAM_CONFIGURE: {
        const key = readStreamKey(reader);
        const bufferBytes = reader.u32("ring");
        streams.configure(key, bufferBytes, last(reader, reader.u32("period")));
        break;
      }
      case SocketMessage.STREAM_START:
        streams.start(last(reader, readStreamKey(reader)));
        break;
      case SocketMessage.STREAM_STOP:
        streams.stop(last(reader, readStreamKey(reader)));
        break;
      case SocketMessage.STREAM_RELEASE:
        streams.release(last(reader, readStreamKey(reader)));
        break;
      case SocketMessage.STREAM_WRITE: {
        const key = readStreamKey(reader);
        const offset = reader.u32("offset");
        streams.write(key, offset, rest(reader));
        break;
      }
      case SocketMessage.STREAM_READ: {
        const key = readStreamKey(reader);
        const offset = reader.u32("offset");
        writer.bytes(streams.read(key, offset, last(reader, reader.u32("length"))));
        break;
      }
      case SocketMessage.STREAM_POSITION:
        writeTotal(writer, streams.position(last(reader, readStreamKey(reader))));
        break;
      case SocketMessage.STREAM_LIMIT: {
        const key = readStreamKey(reader);
        streams.setLimit(key, last(reader, readTotal(reader)));
        break;
      }
      case SocketMessage.LINK_ALLOCATE: {
        const key = linkKey(reader);
        links.allocate(key, last(reader, readFormat(reader)));
        break;
      }
      case SocketMessage.LINK_RELEASE:
        links.release(last(reader, linkKey(reader)));
        break;
      case SocketMessage.LINK_FEED: {
        const key = linkKey(reader);
        writer.u32(links.feed(key, rest(reader)));
        break;
      }
      case SocketMessage.LINK_HEAR: {
        const { bytes, left } = links.hear(last(reader, linkKey(reader)));
        writer.u32(left).bytes(bytes);
        break;
      }
      default:
        throw reader.error("there is no such request", 0);
    }
  }

  private opened(reader: ByteReader): ServedMachine {
    if (this.machine === null) throw reader.error("the first request must be HELLO", 0);
    return this.machine;
  }
}

/** The last field of a request: nothing may follow. */
function last<T>(reader: ByteReader, value: T): T {
  expectEnd(reader);
  return value;
}

/** A link end and the byte that fills its word up. */
function linkKey(reader: ByteReader): LinkKey {
  const key = readLinkKey(reader);
  reader.u8("padding");
  return key;
}

/** All bytes that are left. */
const rest = (reader: ByteReader): Uint8Array => reader.take(reader.remaining);

function failure(status: number, reason: string): Uint8Array {
  return new ByteWriter().i32(status).bytes(new TextEncoder().encode(reason)).finish();
}
