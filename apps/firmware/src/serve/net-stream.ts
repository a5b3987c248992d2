import { createConnection, type Socket } from "node:net";
import type { ByteStream } from "@sof-ts/host";
import type { ServeAddress } from "./server.js";

/** A connected socket of Node as the host's `SocketLink` wants it. */
export class NetByteStream implements ByteStream {
  onBytes: ((bytes: Uint8Array) => void) | null = null;
  onClose: ((error: Error | null) => void) | null = null;
  private readonly socket: Socket;
  private error: Error | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => this.onBytes?.(bytes));
    socket.on("error", (error: Error) => (this.error = error));
    socket.on("close", () => this.onClose?.(this.error));
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroySoon();
  }
}

/**
 * Connects to a server of `sof-firmware serve`.
 *
 * @throws an error of the operating system when nobody listens
 */
export function connectSocket(address: ServeAddress): Promise<NetByteStream> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(
      "path" in address ? address : { ...address, host: "127.0.0.1" },
    );
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new NetByteStream(socket));
    });
  });
}
