import { EEXIST, EINVAL } from "@sof-ts/kit";
import type { Kernel } from "@sof-ts/kernel";

/** Kinds of schedulers (SOF's `SOF_SCHEDULE_*`). */
export const SchedulerType = { LL_TIMER: "ll-timer", DP: "dp" } as const;
export type SchedulerType = (typeof SchedulerType)[keyof typeof SchedulerType];

/** Which list a scheduler is on: that of the kernel, or that which unprivileged threads may look into. */
export type SchedulerList = "kernel" | "user";

interface Entry {
  readonly list: SchedulerList;
  readonly scheduler: unknown;
}

/**
 * The schedulers of each core (SOF's `schedulers` lists and `scheduler_get_data_for_core`), in two lists: what
 * unprivileged threads schedule on, and what only the kernel does. A kind of scheduler is on one list of a core,
 * never on both, so a look-up cannot find the wrong one.
 */
export class SchedulerRegistry {
  private readonly kernel: Kernel;
  private readonly cores: readonly Map<SchedulerType, Entry>[];

  constructor(kernel: Kernel, cores: number) {
    this.kernel = kernel;
    this.cores = Array.from({ length: cores }, () => new Map<SchedulerType, Entry>());
  }

  /**
   * Calling context: the privileged initialisation of a core; a user thread that tries is stopped.
   *
   * @returns 0; -EINVAL for a core that does not exist; -EEXIST when the core has one of this kind, on either list
   */
  register(core: number, type: SchedulerType, list: SchedulerList, scheduler: unknown): number {
    this.kernel.supervisorOnly("scheduler_init");
    const entries = this.cores[core];
    if (entries === undefined) return -EINVAL;
    if (entries.has(type)) return -EEXIST;
    entries.set(type, { list, scheduler });
    return 0;
  }

  /** Takes it off its list. Calling context: whoever takes the core down. @returns 0 or -EINVAL */
  unregister(core: number, type: SchedulerType): number {
    this.kernel.supervisorOnly("scheduler_free");
    return this.cores[core]?.delete(type) === true ? 0 : -EINVAL;
  }

  /**
   * A scheduler of the user list (`scheduler_get_user_data`). Calling context: any thread; it never asks which
   * core it runs on, which only privileged code can find out.
   *
   * @returns null when the core has none there
   */
  userData(core: number, type: SchedulerType): unknown {
    return this.lookUp(core, type, "user");
  }

  /** A scheduler of the kernel's list (`scheduler_get_data`). A user thread that asks is stopped. */
  kernelData(core: number, type: SchedulerType): unknown {
    this.kernel.supervisorOnly("scheduler_get_data");
    return this.lookUp(core, type, "kernel");
  }

  private lookUp(core: number, type: SchedulerType, list: SchedulerList): unknown {
    const entry = this.cores[core]?.get(type);
    return entry?.list === list ? entry.scheduler : null;
  }
}
