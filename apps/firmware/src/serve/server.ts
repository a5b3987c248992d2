import { createServer, type Server, type Socket } from "node:net";
import { encodeFrame, REPLY_BIT, SocketMessage } from "@sof-ts/host";
import { ByteWriter, EBUSY } from "@sof-ts/kit";
import type { PlatformName } from "@sof-ts/soc";
import { serveConnection } from "./connection.js";
import { IdleSockets } from "./idle-sockets.js";
import { claimSocketPath } from "./socket-path.js";
import { Session } from "./session.js";

/** Where a server listens: a socket in the file system, or a port of this machine. */
export type ServeAddress = { readonly path: string } | { readonly port: number };

export interface FirmwareServerOptions {
  /** DSP to model for clients that do not ask for one. */
  readonly platform: PlatformName;
  /** Clients at a time; each has a machine of its own. */
  readonly maxConnections: number;
  /**
   * Milliseconds without traffic after which a connection makes room for a new one when all are taken; 0 for never.
   * Default 300,000.
   */
  readonly idleMs?: number;
  /** Takes a line about each connection. */
  readonly log: (line: string) => void;
}

/** Longer than anybody thinks between two commands: whoever is gone without a word holds no place for ever. */
export const DEFAULT_IDLE_MS = 300_000;

/** The only address that a port is opened on. */
const LOOPBACK = "127.0.0.1";

/**
 * Offers firmware on sockets: every connection gets a DSP of its own, powered up by its HELLO and gone with
 * it. Connections share nothing; what one does wrong ends that one.
 */
export class FirmwareServer {
  private readonly options: FirmwareServerOptions;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly idle: IdleSockets;
  private nextNumber = 1;

  constructor(options: FirmwareServerOptions) {
    this.options = options;
    this.idle = new IdleSockets(options.idleMs ?? DEFAULT_IDLE_MS);
    this.server = createServer((socket) => void this.accept(socket));
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Bytes of replies that clients have not taken yet. */
  get pendingBytes(): number {
    let bytes = 0;
    for (const socket of this.sockets) bytes += socket.writableLength;
    return bytes;
  }

  /**
   * Begins to listen. A socket file that nobody serves any more is replaced.
   *
   * @returns the address as text; a port of 0 has been replaced by a free one
   * @throws InputError when somebody serves the socket already or its path is another file; an error of the
   *   operating system otherwise
   */
  async listen(address: ServeAddress): Promise<string> {
    if ("path" in address) await claimSocketPath(address.path);
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen("path" in address ? address : { ...address, host: LOOPBACK }, () => {
        this.server.off("error", reject);
        resolve();
      });
    });
    const bound = this.server.address();
    return typeof bound === "object" && bound !== null
      ? `${bound.address}:${bound.port}`
      : String(bound);
  }

  /** Stops listening, ends all connections and removes the socket file. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async accept(socket: Socket): Promise<void> {
    const { log, maxConnections, platform } = this.options;
    // Errors end the connection; what reads and writes hears of them as well.
    socket.on("error", () => {});
    if (this.sockets.size >= maxConnections) this.makeRoom();
    if (this.sockets.size >= maxConnections) {
      log(`refused a connection: ${maxConnections} are served`);
      socket.resume();
      socket.end(refusal(`${maxConnections} connections are served, no more`));
      return;
    }
    const number = this.nextNumber++;
    this.sockets.add(socket);
    this.idle.watch(socket);
    log(`connection ${number}: open`);
    try {
      const reason = await serveConnection(socket, new Session(platform));
      log(`connection ${number}: ended${reason === null ? "" : `: ${reason}`}`);
    } catch (error) {
      // A mistake of ours: this connection's machine is lost, the others are not concerned.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log(`connection ${number}: internal error, please report it: ${text}`);
    } finally {
      this.sockets.delete(socket);
    }
  }

  /** Ends the connection that has been idle longest, if one is. */
  private makeRoom(): void {
    const socket = this.idle.longest();
    if (socket === null) return;
    this.options.log("a connection that was idle makes room for another");
    this.sockets.delete(socket);
    socket.destroy();
  }
}

/** The reply to a HELLO that was not read. */
function refusal(reason: string): Uint8Array {
  const body = new ByteWriter().i32(-EBUSY).bytes(new TextEncoder().encode(reason)).finish();
  return encodeFrame({ type: SocketMessage.HELLO | REPLY_BIT, sequence: 0, body });
}
