import type { Checks } from "@sof-ts/explorer";
import type { EventQueue } from "@sof-ts/kit";
import { type FatalInfo, Kernel } from "@sof-ts/kernel";
import { operationCycles, type PlatformDescription, Soc } from "@sof-ts/soc";
import { checkedTrace } from "./checked-run.js";
import type { FirmwareConfig } from "./config.js";
import type { FirmwareOptions } from "./firmware-options.js";

/** What kernel and hardware are made of. */
export interface MachineParts {
  readonly options: FirmwareOptions;
  readonly config: FirmwareConfig;
  readonly platform: PlatformDescription;
  readonly events: EventQueue;
  /** What a checked run looks at; null in any other. */
  readonly checks: Checks | null;
  readonly onFatal: (info: FatalInfo) => "halt" | "abort-thread";
  /** Called when the DSP raises the host's interrupt. */
  readonly onHostInterrupt: () => void;
}

/** Makes the kernel, and the hardware under it. Calling context: outside the machine. */
export function makeMachine(parts: MachineParts): { readonly kernel: Kernel; readonly soc: Soc } {
  const { options, config, platform, events, checks, onFatal, onHostInterrupt } = parts;
  const kernel = new Kernel({
    cpus: platform.coreCount,
    cyclesPerSecond: platform.coreClockHz,
    ticksPerSecond: config.CONFIG_SYS_CLOCK_TICKS_PER_SEC,
    costs: operationCycles(platform.costs),
    options: {
      maxDomainPartitions: config.CONFIG_MAX_DOMAIN_PARTITIONS,
      skew: options.skewCycles ?? 0,
    },
    events,
    onFatal,
    ...(options.chooser === undefined ? {} : { chooser: options.chooser }),
    trace: checkedTrace(options.trace, checks),
    checker: checks?.checker ?? null,
  });
  checks?.attach(kernel);
  const soc = new Soc({
    platform,
    queue: events,
    interrupts: { raise: (cpu, irq) => kernel.irqRaise(cpu, irq) },
    hostInterrupt: { raise: onHostInterrupt },
    time: kernel,
  });
  return { kernel, soc };
}
