import type { Socket } from "node:net";

/**
 * Knows which sockets nothing has come or gone through for a while. Nothing happens to them for that: only when
 * somebody else wants a place is the one that has been idle longest asked to make room.
 */
export class IdleSockets {
  private readonly afterMs: number;
  /** The longest idle first, with the bytes that had passed when it fell idle. */
  private readonly idle = new Map<Socket, number>();

  /** @param afterMs milliseconds without traffic, 0 for never */
  constructor(afterMs: number) {
    this.afterMs = afterMs;
  }

  /** Looks after `socket` until it is closed. */
  watch(socket: Socket): void {
    socket.setTimeout(this.afterMs);
    socket.on("timeout", () => {
      const traffic = trafficOf(socket);
      if (this.idle.get(socket) === traffic) return;
      this.idle.delete(socket);
      this.idle.set(socket, traffic);
    });
    socket.once("close", () => this.idle.delete(socket));
  }

  /** @returns the socket that has been idle longest and still is; null when none is */
  longest(): Socket | null {
    for (const [socket, traffic] of this.idle) {
      if (trafficOf(socket) === traffic) return socket;
      this.idle.delete(socket);
    }
    return null;
  }
}

function trafficOf(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten;
}
