import type { Firmware, LockingName } from "@sof-ts/firmware";
import type { PcmParams, PcmStream } from "@sof-ts/host";
import { assert } from "@sof-ts/kit";
import type { PlatformName } from "@sof-ts/soc";
import { FirmwareFault } from "../errors.js";
import { Machine } from "../run/machine.js";
import { parallelStreams, pcmName } from "./parallel-streams.js";

/** The strategies that are compared, the historical one first. */
export const strategies: readonly LockingName[] = ["component-mutex", "user-ll", "kernel-ll"];

/** What one tick of core 0 takes, on average. */
export interface TickCost {
  /** System calls of the LL thread. */
  readonly systemCalls: number;
  /** Mutexes locked and unlocked by the LL thread. */
  readonly lockOperations: number;
  /** Cycles of the core from the start of the tick to its end. */
  readonly cycles: number;
  /** Those of them that no component was charged for: scheduler, locks, system calls. */
  readonly overheadCycles: number;
}

/** A number of pipelines with a number of components each, and the cost of their ticks. */
export interface LockingCost {
  readonly pipelines: number;
  readonly components: number;
  readonly perTick: Readonly<Record<LockingName, TickCost>>;
}

export interface LockingCostOptions {
  readonly platform: PlatformName;
  readonly pipelines: readonly number[];
  /** Components of each pipeline. */
  readonly components: readonly number[];
  /** Ticks that each cost is averaged over. */
  readonly ticks: number;
}

const SETTLE_US = 10_000;
/** Time between two refills of the hosts' rings. */
const STEP_US = 20_000;

/**
 * Plays silence through pipelines side by side and counts what the LL thread does: by the kernel's own counters
 * of the thread and the scheduler's of the tick. Two runs give the same numbers.
 */
export function measureLockingCost(options: LockingCostOptions): readonly LockingCost[] {
  const rows: LockingCost[] = [];
  for (const components of options.components) {
    const costs = strategies.map((locking) => costsOf(locking, components, options));
    for (const [index, pipelines] of options.pipelines.entries()) {
      const perTick = Object.fromEntries(
        strategies.map((locking, which) => [locking, costs[which]?.[index]]),
      ) as Record<LockingName, TickCost>;
      rows.push({ pipelines, components, perTick });
    }
  }
  return rows.sort((a, b) => a.pipelines - b.pipelines || a.components - b.components);
}

/** Starts one stream after the other on one machine. @returns the costs in the order of `pipelines` */
function costsOf(
  locking: LockingName,
  components: number,
  { platform, pipelines, ticks }: LockingCostOptions,
): readonly TickCost[] {
  const most = Math.max(...pipelines);
  const machine = new Machine({
    topology: parallelStreams(most, components),
    platform,
    farEnds: () => {},
    firmware: { config: { locking } },
  });
  const playing: PcmStream[] = [];
  const costs = new Map<number, TickCost>();
  for (let count = 1; count <= most; count++) {
    playing.push(start(machine, pcmName(count - 1)));
    if (!pipelines.includes(count)) continue;
    runStreams(machine, playing, SETTLE_US);
    const before = totals(machine.firmware);
    runStreams(machine, playing, ticks * machine.firmware.config.llTimerPeriodUs);
    costs.set(count, difference(before, totals(machine.firmware)));
  }
  const xruns = machine.driver.resourceEvents.length;
  if (xruns > 0) throw new FirmwareFault(`${locking}: ${xruns} xruns while the cost was measured`);
  return pipelines.map((count) => costs.get(count) as TickCost);
}

function start(machine: Machine, name: string): PcmStream {
  const stream = machine.driver.openPcm(name, "playback");
  machine.do(stream.hwParams(params));
  machine.do(stream.prepare());
  stream.write(silence);
  machine.do(stream.trigger("start"));
  return stream;
}

const params: PcmParams = {
  rate: 48_000,
  channels: 2,
  format: "S32_LE",
  periodFrames: 480,
  bufferFrames: 4800,
};
const silence = new Uint8Array(1 << 16);

function runStreams(machine: Machine, streams: readonly PcmStream[], us: number): void {
  for (let left = us; left > 0; left -= STEP_US) {
    machine.wait(Math.min(left, STEP_US));
    for (const stream of streams) stream.write(silence);
  }
}

interface Totals {
  readonly systemCalls: number;
  readonly lockOperations: number;
  readonly cycles: number;
  readonly componentCycles: number;
  readonly ticks: number;
}

function totals({ domain, graph }: Firmware): Totals {
  const thread = domain.thread(0);
  const scheduler = domain.scheduler(0);
  assert(thread !== null && scheduler !== null, "core 0 is up while streams play");
  return {
    systemCalls: thread.counters.syscalls,
    lockOperations: thread.counters.lockOps,
    cycles: scheduler.stats.totalCycles,
    componentCycles: graph.components.reduce((sum, { totalCycles }) => sum + totalCycles, 0),
    ticks: scheduler.stats.ticks,
  };
}

function difference(before: Totals, after: Totals): TickCost {
  const ticks = after.ticks - before.ticks;
  const each = (key: keyof Totals): number => (after[key] - before[key]) / ticks;
  const cycles = each("cycles");
  return {
    systemCalls: each("systemCalls"),
    lockOperations: each("lockOperations"),
    cycles,
    overheadCycles: cycles - each("componentCycles"),
  };
}
