import type { Socket } from "node:net";
import { FrameReader } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import type { Session } from "./session.js";

/** Requests of one client that are answered before the others have their turn. */
const BATCH = 32;
/** Bytes of replies that are collected before they are sent. */
const FLUSH_BYTES = 0x1_0000;
/** A peer that connects has so long to say HELLO, in milliseconds of real time. */
const HELLO_TIMEOUT_MS = 5000;

/**
 * Serves one client to its end. Reads only while the client takes its replies, so a flood waits in the
 * client's own socket; gives way to other clients after a batch of requests and in each slice of a long one.
 *
 * @returns why the connection ended: null when the client closed it between two requests
 */
export async function serveConnection(socket: Socket, session: Session): Promise<string | null> {
  const connection = new Connection(socket, session);
  const deadline = setTimeout(() => {
    if (!session.isOpen) socket.destroy(new InputError("no HELLO came", { source: "client" }));
  }, HELLO_TIMEOUT_MS);
  deadline.unref();
  try {
    return await connection.run();
  } catch (error) {
    if (error instanceof InputError || isSystemError(error)) return (error as Error).message;
    throw error;
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}

class Connection {
  private readonly socket: Socket;
  private readonly session: Session;
  private readonly reader = new FrameReader("client");
  private replies: Uint8Array[] = [];
  private replyBytes = 0;

  constructor(socket: Socket, session: Session) {
    this.socket = socket;
    this.session = session;
  }

  async run(): Promise<string | null> {
    for await (const chunk of this.socket as AsyncIterable<Uint8Array>) {
      let handled = 0;
      for (const frame of this.reader.push(chunk)) {
        const answer = this.session.handle(frame);
        let step = answer.next();
        while (step.done !== true) {
          await turn();
          if (this.socket.destroyed) return "gone in the middle of a request";
          step = answer.next();
        }
        this.replies.push(step.value.bytes);
        this.replyBytes += step.value.bytes.length;
        if (step.value.isLast) {
          await this.finish();
          return "no client of this protocol";
        }
        if (this.replyBytes >= FLUSH_BYTES) await this.flush();
        if (++handled % BATCH === 0) await turn();
      }
      await this.flush();
      await turn();
    }
    return this.reader.isInside ? "gone in the middle of a message" : null;
  }

  /** Sends what was collected and waits until the client takes it. */
  private async flush(): Promise<void> {
    const { socket, replies } = this;
    if (replies.length === 0) return;
    this.replies = [];
    this.replyBytes = 0;
    socket.cork();
    let flows = true;
    for (const bytes of replies) flows = socket.write(bytes);
    socket.uncork();
    if (!flows) await drained(socket);
  }

  /** Sends the last replies and waits until they are on their way. */
  private async finish(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve) => {
      this.socket.once("close", resolve);
      this.socket.end(resolve);
    });
  }
}

/** Lets the other connections go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits until the socket takes bytes again, or is gone. */
async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.once("drain", done);
    socket.once("close", done);
  });
}

/** An error of the operating system: the peer has gone. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}
