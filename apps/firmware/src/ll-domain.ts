import type { Kernel, MemDomain } from "@sof-ts/kernel";
import {
  ComponentMutexLocking,
  KernelLlLocking,
  LlDomain,
  type LockingStrategy,
  type SchedulerWatcher,
  UserLlLocking,
} from "@sof-ts/ll-scheduler";
import type { Checks } from "@sof-ts/explorer";
import type { Soc } from "@sof-ts/soc";
import type { FirmwareConfig, LockingName } from "./config.js";
import { isCoherent, type LlHeap } from "./ll-heap.js";

/** What keeps LL threads and IPC threads apart, by its name in the configuration. */
export function makeLocking(name: LockingName, kernel: Kernel, cores: number): LockingStrategy {
  switch (name) {
    case "user-ll":
      return new UserLlLocking(kernel, cores);
    case "kernel-ll":
      return new KernelLlLocking(kernel, cores);
    case "component-mutex":
      return new ComponentMutexLocking(kernel, cores);
  }
}

/** What the LL domain works with. */
export interface LlDomainParts {
  readonly kernel: Kernel;
  readonly soc: Soc;
  readonly config: FirmwareConfig;
  readonly locking: LockingStrategy;
  readonly memoryDomain: MemDomain;
  /** The LL user heap, where the scheduler objects lie. */
  readonly heap: LlHeap;
  /** Looks at the scheduler objects in a checked run. */
  readonly checks: Checks | null;
  /** Called by each core's LL thread at the end of a tick. */
  readonly feedWatchdog: (core: number) => void;
}

/** User-mode LL threads have a name of their own, so that a log shows which firmware it is of. */
function threadName({ CONFIG_THREAD_NAME }: FirmwareConfig, locking: LockingStrategy): string {
  if (!CONFIG_THREAD_NAME) return "";
  return locking.userMode ? "ll_thread" : "ll_kernel";
}

/** The LL domain over the cores' timers: one thread per core, woken every period. */
export function makeLlDomain(parts: LlDomainParts): LlDomain {
  const { kernel, soc, config, locking, memoryDomain, heap, checks, feedWatchdog } = parts;
  const { platform } = soc;
  const irq = platform.irq.timer;
  return new LlDomain({
    kernel,
    locking,
    cores: platform.coreCount,
    periodUs: config.llTimerPeriodUs,
    memoryDomain,
    memory: {
      alloc: (bytes) => heap.allocCoherent(bytes),
      free: (address) => heap.freeCoherent(address),
    },
    ...(checks === null ? {} : { watcher: schedulerWatcher(checks) }),
    stackBytes: config.CONFIG_ZEPHYR_LL_STACK_SIZE,
    threadName: threadName(config, locking),
    feedWatchdog,
    ticks: {
      start: (core, periodUs, isr) => {
        kernel.irqConnect(core, irq, isr);
        kernel.irqEnable(core, irq);
        soc.interrupts.enable(core, irq);
        soc.cores[core]?.timer.start(periodUs);
      },
      stop: (core) => {
        soc.cores[core]?.timer.stop();
        soc.interrupts.disable(core, irq);
        kernel.irqDisable(core, irq);
      },
    },
  });
}

/** How a checked run looks at scheduler objects: their address says whether caches hold them. */
function schedulerWatcher(checks: Checks): SchedulerWatcher {
  return {
    watch: (object, place) =>
      checks.watch(object, { ...place, cached: !isCoherent(place.address) }),
    free: (object) => checks.free(object),
  };
}
