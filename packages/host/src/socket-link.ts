import { assert, type ByteReader, ByteWriter } from "@sof-ts/kit";
import type { AsyncWaitingLink, HostWait } from "./host-task.js";
import type { HostLink, RegisterMap } from "./ports.js";
import { SocketClient } from "./socket-client.js";
import { SocketFarEndLinks, type SocketFarEnds } from "./socket-far-ends.js";
import type { ByteStream } from "./socket-frame.js";
import {
  decodeWelcome,
  encodeHello,
  MAX_DATA_BYTES,
  SocketMessage,
  type SocketWelcome,
} from "./socket-protocol.js";
import { SocketStreams } from "./socket-streams.js";

export interface SocketLinkOptions {
  /** DSP to model: "tgl", "mtl", "lnl" or "ptl"; without it the server chooses. */
  readonly platform?: string;
  /** What is plugged in at the links; without it they are open: captured silence, playback unheard. */
  readonly farEnds?: SocketFarEnds;
}

const BUSY = 0x8000_0000;
/** Longest time of one request: far ends hold what passes in it. */
const STEP_US = 1_000_000;

/**
 * A DSP behind a stream of bytes, as `sof-firmware serve` offers it. Registers, windows, rings and positions
 * are mirrored: calls are plain and work on the mirror, {@link advanceAsync} sends what they wrote, lets time
 * pass and brings the mirror up to date. Use it with `runHostTaskAsync`.
 */
export class SocketLink implements HostLink, AsyncWaitingLink {
  readonly registers: RegisterMap;
  /** What the server says of its machine. */
  readonly machine: SocketWelcome;
  /** Host DMA streams of the machine. */
  readonly dma: SocketStreams;
  /** Links of the machine. */
  readonly links: SocketFarEndLinks;
  private readonly client: SocketClient;
  private readonly mirror = new Map<number, number>();
  private readonly windows: readonly Uint8Array[];
  private timeUs = 0;

  private constructor(client: SocketClient, machine: SocketWelcome, farEnds: SocketFarEnds) {
    this.client = client;
    this.machine = machine;
    this.registers = machine.registers;
    this.windows = machine.windows.map((size) => new Uint8Array(size));
    const { tdr, tda, tdd, idr, ida, idd, ctl } = machine.registers;
    for (const offset of [tdr, tda, tdd, idr, ida, idd, ctl]) this.mirror.set(offset, 0);
    this.dma = new SocketStreams(client, {
      playback: machine.playbackStreams,
      capture: machine.captureStreams,
    });
    this.links = new SocketFarEndLinks(client, machine, farEnds);
  }

  /**
   * Greets the server at the other end of a connected stream and takes stock of the machine that it has made
   * for this connection.
   *
   * @throws HostError when the server refuses, or no server is there
   */
  static async connect(stream: ByteStream, options: SocketLinkOptions = {}): Promise<SocketLink> {
    const client = new SocketClient(stream);
    let machine: SocketWelcome | null = null;
    client.post(SocketMessage.HELLO, encodeHello(options.platform ?? ""), (reply) => {
      machine = decodeWelcome(reply);
    });
    await client.settle();
    assert(machine !== null, "a HELLO that was answered has a welcome");
    const link = new SocketLink(client, machine, options.farEnds ?? (() => null));
    await link.advanceAsync({ kind: "time", timeoutUs: 0 });
    return link;
  }

  read32(offset: number): number {
    const value = this.mirror.get(offset);
    assert(value !== undefined, `0x${offset.toString(16)} is no doorbell register`);
    return value;
  }

  write32(offset: number, value: number): void {
    const { tdr, tda, ida } = this.registers;
    const body = new ByteWriter(8).u32(offset).u32(value >>> 0);
    this.client.post(SocketMessage.WRITE32, body.finish());
    // Writing bit 31 clears it where it is a sign of the DSP.
    if (offset === tdr || offset === ida) {
      const before = this.mirror.get(offset) ?? 0;
      this.mirror.set(offset, (before & ~(value & BUSY)) >>> 0);
    } else if (offset !== tda) this.mirror.set(offset, value >>> 0);
  }

  readWindow(window: number, offset: number, length: number): Uint8Array {
    return this.window(window).slice(offset, offset + length);
  }

  writeWindow(window: number, offset: number, bytes: Uint8Array): void {
    this.window(window).set(bytes, offset);
    for (let at = 0; at < bytes.length; at += MAX_DATA_BYTES) {
      const part = bytes.subarray(at, at + MAX_DATA_BYTES);
      const body = new ByteWriter(8 + part.length)
        .u32(window)
        .u32(offset + at)
        .bytes(part);
      this.client.post(SocketMessage.WRITE_WINDOW, body.finish());
    }
  }

  nowUs(): number {
    return this.timeUs;
  }

  /**
   * Sends what was written, lets the machine run until its host interrupt is active or the time is over, and
   * brings the mirror up to date.
   *
   * @throws HostError when the firmware halted, the server refused a request, or the connection ended
   */
  async advanceAsync({ kind, timeoutUs }: HostWait): Promise<"irq" | "timeout"> {
    let left = Math.max(0, Math.ceil(timeoutUs));
    for (;;) {
      const step = Math.min(left, STEP_US);
      left -= step;
      const ended = await this.step(kind, step);
      if (ended === "irq" || left === 0) return ended;
    }
  }

  /** Sends what was written last and ends the connection; the machine behind it is gone. */
  async close(): Promise<void> {
    try {
      await this.client.settle();
    } finally {
      this.client.close();
    }
  }

  private async step(kind: HostWait["kind"], timeUs: number): Promise<"irq" | "timeout"> {
    const { client, dma, links } = this;
    let ended: "irq" | "timeout" = "timeout";
    links.postFeeds(timeUs);
    const body = new ByteWriter(8).u32(kind === "irq" ? 0 : 1).u32(timeUs);
    client.post(SocketMessage.ADVANCE, body.finish(), (reply) => {
      ended = reply.u32("end") === 0 ? "irq" : "timeout";
      this.timeUs = Number(reply.u64("time"));
    });
    for (const offset of this.mirror.keys()) {
      client.post(SocketMessage.READ32, new ByteWriter(4).u32(offset).finish(), (reply) => {
        this.mirror.set(offset, reply.u32("register"));
      });
    }
    this.windows.forEach((bytes, window) => {
      if (bytes.length === 0) return;
      client.post(SocketMessage.SYNC_WINDOW, new ByteWriter(4).u32(window).finish(), (reply) =>
        applyRuns(reply, bytes),
      );
    });
    dma.postPositions();
    links.postSync();
    await client.settle();
    dma.postCaptured();
    await client.settle();
    return ended;
  }

  private window(index: number): Uint8Array {
    const window = this.windows[index];
    assert(window !== undefined, `the DSP has no memory window ${index}`);
    return window;
  }
}

/** Takes over what has changed in a window: runs of offset, length and bytes. */
function applyRuns(reply: ByteReader, into: Uint8Array): void {
  while (reply.remaining > 0) {
    const offset = reply.u32("offset");
    const length = reply.u32("length");
    if (offset + length > into.length)
      throw reply.error(`${length} bytes at ${offset} are not in the window`, reply.offset - 8);
    into.set(reply.take(length), offset);
  }
}
