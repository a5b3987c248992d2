import { EINVAL, ENOMEM, ETIMEDOUT } from "@sof-ts/kit";
import { IpcUserThread } from "@sof-ts/ipc4-helper";
import { K_FOREVER, K_MSEC, type Kernel, Sem, type Thread } from "@sof-ts/kernel";
import type { LlDomain } from "@sof-ts/ll-scheduler";
import type { Soc } from "@sof-ts/soc";

/** Priority of the threads that initialise a core and serve the host: after audio and the user half. */
export const KERNEL_IPC_PRIORITY = 1;
/** Longest time that a secondary core may take to come up. */
const CORE_BOOT_TIMEOUT_MS = 100;

export interface CoresOptions {
  readonly kernel: Kernel;
  readonly soc: Soc;
  readonly domain: LlDomain;
  /**
   * Makes a core's IPC user thread, not started yet. Calling context: kernel thread on that core, its LL
   * domain is up.
   *
   * @param triggersDone given when the LL thread has made the state changes of a message
   * @returns null without memory
   */
  readonly userThread: (core: number, triggersDone: Sem) => IpcUserThread | null;
  /** Called when a core has begun to serve its pipelines, and before it stops being powered. */
  readonly changed: (core: number, on: boolean) => void;
}

/** Brings cores up and down: LL domain, grants, IPC thread. Core 0 boots; the others go by the host's orders. */
export class Cores {
  private readonly options: CoresOptions;
  private readonly triggersDone: readonly Sem[];
  private readonly ready: Sem;
  private readonly userThreads: (IpcUserThread | null)[];

  constructor(options: CoresOptions) {
    this.options = options;
    const { kernel, soc } = options;
    const cores = Array.from({ length: soc.platform.coreCount }, (_, core) => core);
    this.triggersDone = cores.map((core) => new Sem(kernel, 0, 1, `triggers done ${core}`));
    this.ready = new Sem(kernel, 0, 1, "core ready");
    this.userThreads = cores.map(() => null);
  }

  /** Whether a core is powered and serves its pipelines. */
  enabled(core: number): boolean {
    return this.userThread(core) !== null;
  }

  /** The IPC user thread of a core; null while the core is off. */
  userThread(core: number): IpcUserThread | null {
    return this.userThreads[core] ?? null;
  }

  /**
   * What each core does for itself when it comes up. Calling context: kernel thread on that core.
   *
   * @returns 0, or -ENOMEM and nothing left behind
   */
  *init(core: number): Generator<number, number, number> {
    const { kernel, domain, userThread, changed } = this.options;
    const done = this.triggersDone[core] as Sem;
    const rc = yield* domain.threadInit(core);
    if (rc !== 0) return rc;
    kernel.accessGrant(done, domain.thread(core) as Thread);
    const thread = userThread(core, done);
    if (thread === null) {
      yield* domain.threadFree(core);
      return -ENOMEM;
    }
    yield* thread.start();
    this.userThreads[core] = thread;
    changed(core, true);
    return 0;
  }

  /**
   * Powers a secondary core up or down. Calling context: the kernel IPC thread; blocks.
   *
   * @returns 0 or a negative error number; -EBUSY while pipelines are left on a core that shall go down
   */
  *setPower(core: number, on: boolean): Generator<number, number, number> {
    if (this.options.soc.cores[core] === undefined) return -EINVAL;
    if (this.enabled(core) === on) return 0;
    if (on) return yield* this.powerUp(core);
    return core === 0 ? 0 : yield* this.powerDown(core);
  }

  private *powerUp(core: number): Generator<number, number, number> {
    const { kernel, soc } = this.options;
    const { ready } = this;
    yield* ready.reset();
    const rc = soc.cores[core]?.powerUp(() => {
      kernel.startCpu(core);
      ready.giveNow();
    });
    if (rc !== 0) return rc ?? -EINVAL;
    const booted = yield* ready.take(K_MSEC(CORE_BOOT_TIMEOUT_MS));
    if (booted !== 0) {
      soc.cores[core]?.powerDown();
      return -ETIMEDOUT;
    }
    const initialise = (): Generator<number, number, number> => this.init(core);
    let initialised = -EINVAL;
    const init = kernel.createThread({
      name: `core${core} init`,
      priority: KERNEL_IPC_PRIORITY,
      delay: K_FOREVER,
      *entry() {
        initialised = yield* initialise();
      },
    });
    init.cpuPin(core);
    yield* init.start();
    yield* init.join(K_FOREVER);
    if (initialised === 0) return 0;
    kernel.stopCpu(core);
    soc.cores[core]?.powerDown();
    return initialised;
  }

  private *powerDown(core: number): Generator<number, number, number> {
    const { kernel, soc, domain, changed } = this.options;
    const rc = yield* domain.threadFree(core);
    if (rc !== 0) return rc;
    yield* (this.userThread(core) as IpcUserThread).stop();
    this.userThreads[core] = null;
    changed(core, false);
    kernel.stopCpu(core);
    return soc.cores[core]?.powerDown() ?? -EINVAL;
  }
}
