import { assert } from "@sof-ts/kit";
import {
  type Kernel,
  K_FOREVER,
  K_MSEC,
  type MemDomain,
  ObjType,
  Sem,
  SWITCH,
  type Thread,
} from "@sof-ts/kernel";
import type { UserHandler, UserReply, UserRequest } from "./exchange.js";

/** Below LL, above everything preemptible (SOF's IPC user thread). */
export const IPC_USER_THREAD_PRIORITY = -1;
/** Longest wait for the user half of a message (SOF's `ipc_user_forward_cmd`). */
export const FORWARD_TIMEOUT_MS = 100;

export interface IpcUserThreadConfig {
  readonly kernel: Kernel;
  readonly core: number;
  readonly memoryDomain: MemDomain | null;
  readonly stackBytes: number;
  readonly handler: UserHandler;
  /** Bytes of the largest reply payload. */
  readonly payloadBytes: number;
  /** Grants of everything else that the handlers use: LL locks, DMA and DAI devices. */
  grant(thread: Thread): void;
}

/**
 * The unprivileged IPC thread of one core. The kernel half forwards a message to the thread of the core that
 * it concerns and waits for its answer; a message that overstays is abandoned, and its late answer goes
 * nowhere: it belongs to the exchange it was made for, not to the next one.
 */
export class IpcUserThread {
  readonly core: number;
  readonly thread: Thread;
  /** Reply payload of the last message. */
  readonly payload: Uint8Array;
  private readonly kernel: Kernel;
  private readonly begin: Sem;
  private readonly done: Sem;
  private readonly handler: UserHandler;
  private request: UserRequest | null = null;
  private reply: UserReply = { status: 0, extension: 0, payloadBytes: 0 };

  constructor(config: IpcUserThreadConfig) {
    const { kernel, core } = config;
    this.core = core;
    this.handler = config.handler;
    this.payload = new Uint8Array(config.payloadBytes);
    this.kernel = kernel;
    this.begin = makeSem(kernel, `ipc_user${core} start`);
    this.done = makeSem(kernel, `ipc_user${core} done`);
    this.thread = kernel.createThread({
      name: `ll_user${core}`,
      entry: () => this.run(),
      priority: IPC_USER_THREAD_PRIORITY,
      user: true,
      delay: K_FOREVER,
      stackBytes: config.stackBytes,
    });
    const pinned = this.thread.cpuPin(core);
    assert(pinned === 0, `IPC thread of core ${core} cannot be pinned: ${pinned}`);
    config.memoryDomain?.addThread(this.thread);
    kernel.accessGrant(this.begin, this.thread);
    kernel.accessGrant(this.done, this.thread);
    config.grant(this.thread);
  }

  /** Lets the thread run. Calling context: a kernel thread. */
  *start(): Generator<number, void, number> {
    yield* this.thread.start();
  }

  /** Ends the thread and gives its objects back. Calling context: a kernel thread. */
  *stop(): Generator<number, void, number> {
    yield* this.thread.abort();
    this.kernel.objectFree(this.begin);
    this.kernel.objectFree(this.done);
  }

  /** Whether an abandoned message is still being worked on. */
  get busy(): boolean {
    return this.request !== null;
  }

  /**
   * Has a message executed by the user thread. Calling context: the kernel IPC thread; blocks.
   *
   * @returns the reply, or null when the thread did not answer in time
   */
  *forward(request: UserRequest): Generator<number, UserReply | null, number> {
    assert(this.request === null, `IPC thread of core ${this.core} is busy`);
    const reply: UserReply = { status: 0, extension: request.extension, payloadBytes: 0 };
    yield* this.done.reset();
    this.request = request;
    this.reply = reply;
    yield* this.begin.give();
    const rc = yield* this.done.take(K_MSEC(FORWARD_TIMEOUT_MS));
    return rc === 0 ? reply : null;
  }

  private *run(): Generator<number, void, number> {
    for (;;) {
      if (this.begin.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
      const { request, reply } = this;
      if (request === null) continue;
      yield* this.handler(request, reply, this.payload);
      this.request = null;
      if (this.done.giveNow() === SWITCH) yield SWITCH;
    }
  }
}

/** A dynamic object from the creator's resource pool; a static one where there is no pool. */
function makeSem(kernel: Kernel, name: string): Sem {
  const sem = kernel.current.heap === null ? null : kernel.objectAlloc(ObjType.SEM);
  if (sem === null) return new Sem(kernel, 0, 1, name);
  sem.init(0, 1);
  sem.name = name;
  return sem;
}
