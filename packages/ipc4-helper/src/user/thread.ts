import type { Ipc4Message } from "@sof-ts/ipc4";
import { assert } from "@sof-ts/kit";
import {
  type KObject,
  type Kernel,
  K_FOREVER,
  K_MSEC,
  type MemDomain,
  ObjType,
  Sem,
  SWITCH,
  type Thread,
} from "@sof-ts/kernel";
import type { Resolved, UserHandler, UserReply, UserRequest } from "./exchange.js";

/** Below LL, above everything preemptible (SOF's IPC user thread). */
export const IPC_USER_THREAD_PRIORITY = -1;
/** Longest wait for the user half of a message (SOF's `ipc_user_forward_cmd`). */
export const FORWARD_TIMEOUT_MS = 100;

export interface IpcUserThreadConfig {
  readonly kernel: Kernel;
  readonly core: number;
  /** Whether the thread is unprivileged: it is where the graph is locked without masking interrupts. */
  readonly userMode: boolean;
  readonly memoryDomain: MemDomain | null;
  readonly stackBytes: number;
  readonly handler: UserHandler;
  /** Bytes of the largest payload, either way. */
  readonly payloadBytes: number;
  /** Grants of everything else that the handlers use: LL locks, DMA and DAI devices. */
  grant(thread: Thread): void;
}

/** One message that a user thread works on. */
interface Exchange {
  readonly request: UserRequest;
  readonly reply: UserReply;
  /** Nobody waits for the answer any more. */
  abandoned: boolean;
  /** The thread ended by a fault while it worked on it: there is no answer. */
  lost: boolean;
}

/**
 * The unprivileged IPC thread of one core. The kernel half forwards a message to the thread of the core that
 * it concerns and waits for its answer; a message that overstays is abandoned, and its late answer goes
 * nowhere: it belongs to the exchange it was made for, not to the next one. A thread that faults is replaced. A message brings its own copy of
 * the payload, because the host may write the next one as soon as it has an answer.
 */
export class IpcUserThread {
  readonly core: number;
  /** Reply payload of the last message. */
  readonly payload: Uint8Array;
  private readonly config: IpcUserThreadConfig;
  private readonly begin: Sem;
  private readonly done: Sem;
  private readonly mailbox: Uint8Array;
  private running: Thread;
  private exchange: Exchange | null = null;

  /**
   * Makes the thread and its semaphores, not started yet. Calling context: a kernel thread; does not block.
   *
   * @returns the thread; null without memory for its semaphores, with nothing left behind
   */
  static create(config: IpcUserThreadConfig): IpcUserThread | null {
    const { kernel, core } = config;
    const begin = makeSem(kernel, `ipc_user${core} start`);
    const done = makeSem(kernel, `ipc_user${core} done`);
    if (begin !== null && done !== null) return new IpcUserThread(config, begin, done);
    for (const sem of [begin, done]) kernel.objectFree(sem);
    return null;
  }

  private constructor(config: IpcUserThreadConfig, begin: Sem, done: Sem) {
    this.config = config;
    this.core = config.core;
    this.payload = new Uint8Array(config.payloadBytes);
    this.mailbox = new Uint8Array(config.payloadBytes);
    this.begin = begin;
    this.done = done;
    this.running = this.makeThread();
  }

  /** The thread: another one after {@link replace}. */
  get thread(): Thread {
    return this.running;
  }

  /** Lets the thread run. Calling context: a kernel thread. */
  *start(): Generator<number, void, number> {
    yield* this.running.start();
  }

  /** Ends the thread and gives its objects back. Calling context: a kernel thread. */
  *stop(): Generator<number, void, number> {
    const { kernel } = this.config;
    yield* this.running.abort();
    kernel.objectFree(this.begin);
    kernel.objectFree(this.done);
  }

  /**
   * Puts a new thread in the place of one that has ended by a fault, so that the host can clear up. The message
   * that it was at has no answer: {@link forward} says so at once. Calling context: a kernel thread; may give way.
   *
   * @param access objects that the thread had permission on, which the new one gets
   */
  *replace(access: readonly KObject[]): Generator<number, void, number> {
    const { exchange } = this;
    assert(this.running.dead, `the IPC thread of core ${this.core} is alive`);
    this.running = this.makeThread();
    for (const object of access) this.config.kernel.accessGrant(object, this.running);
    yield* this.begin.reset();
    yield* this.running.start();
    this.exchange = null;
    if (exchange === null) return;
    exchange.lost = true;
    if (!exchange.abandoned) yield* this.done.give();
  }

  /** Whether an abandoned message is still being worked on. */
  get busy(): boolean {
    return this.exchange !== null;
  }

  /**
   * Has a message executed by the user thread. Calling context: the kernel IPC thread; blocks.
   *
   * @param downlink the host's mailbox, of which a copy is made
   * @returns the reply, or null when the thread did not answer in time or ended by a fault
   */
  *forward(
    message: Ipc4Message,
    extension: number,
    resolved: Resolved | null,
    downlink: Uint8Array,
  ): Generator<number, UserReply | null, number> {
    assert(this.exchange === null, `IPC thread of core ${this.core} is busy`);
    this.mailbox.set(downlink);
    const exchange: Exchange = {
      request: { message, extension, resolved, mailbox: this.mailbox },
      reply: { status: 0, extension, payloadBytes: 0 },
      abandoned: false,
      lost: false,
    };
    yield* this.done.reset();
    this.exchange = exchange;
    yield* this.begin.give();
    const rc = yield* this.done.take(K_MSEC(FORWARD_TIMEOUT_MS));
    exchange.abandoned = rc !== 0;
    return rc === 0 && !exchange.lost ? exchange.reply : null;
  }

  private makeThread(): Thread {
    const { kernel, core, userMode, stackBytes, memoryDomain, grant } = this.config;
    const thread = kernel.createThread({
      name: `ll_user${core}`,
      entry: () => this.run(),
      priority: IPC_USER_THREAD_PRIORITY,
      user: userMode,
      delay: K_FOREVER,
      stackBytes,
    });
    const pinned = thread.cpuPin(core);
    assert(pinned === 0, `IPC thread of core ${core} cannot be pinned: ${pinned}`);
    memoryDomain?.addThread(thread);
    kernel.accessGrant(this.begin, thread);
    kernel.accessGrant(this.done, thread);
    grant(thread);
    return thread;
  }

  private *run(): Generator<number, void, number> {
    for (;;) {
      if (this.begin.takeNow(K_FOREVER) === SWITCH) yield SWITCH;
      const { exchange } = this;
      if (exchange === null) continue;
      yield* this.config.handler(exchange.request, exchange.reply, this.payload);
      this.exchange = null;
      if (!exchange.abandoned && this.done.giveNow() === SWITCH) yield SWITCH;
    }
  }
}

/** A dynamic object from the creator's resource pool, or null; a static one where there is no pool. */
function makeSem(kernel: Kernel, name: string): Sem | null {
  if (kernel.current.heap === null) return new Sem(kernel, 0, 1, name);
  const sem = kernel.objectAlloc(ObjType.SEM);
  if (sem === null) return null;
  sem.init(0, 1);
  sem.name = name;
  return sem;
}
