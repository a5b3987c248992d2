import {
  encodeCounted,
  type ExtendedPerfItem,
  extendedPerfItem,
  type PerfItem,
  perfItem,
  PerfState,
} from "@sof-ts/ipc4";
import { type AudioGraph, type Component, forEachComponent } from "@sof-ts/pipeline";

/** What was counted for a component, from a point in time on. */
interface Count {
  readonly periods: number;
  readonly cycles: number;
}

const NOTHING: Count = { periods: 0, cycles: 0 };

/**
 * Performance measurements (SOF's `performance_monitor`): what each component's periods cost while they are
 * measured. Components count anyway; this remembers where they stood when the measurement began. The peak is
 * that since the component was made.
 */
export class PerfMonitor {
  state: PerfState = PerfState.DISABLED;
  private readonly graph: AudioGraph;
  private readonly periodUs: number;
  /** What a component had counted when the measurement last started. */
  private readonly begun = new WeakMap<Component, Count>();
  /** What it had gathered when the measurement last paused. */
  private readonly gathered = new WeakMap<Component, Count>();

  constructor(graph: AudioGraph, periodUs: number) {
    this.graph = graph;
    this.periodUs = periodUs;
  }

  /** PERF_MEASUREMENTS_STATE. Locks components; blocks. @returns false for a state that there is not */
  *setState(next: number): Generator<number, boolean, number> {
    const { graph } = this;
    switch (next) {
      case PerfState.STARTED:
        if (this.state === PerfState.STARTED) return true;
        yield* forEachComponent(graph, (component) => {
          this.begun.set(component, countOf(component));
        });
        break;
      case PerfState.PAUSED:
        yield* forEachComponent(graph, (component) => {
          this.gathered.set(component, this.measured(component));
        });
        break;
      case PerfState.STOPPED:
      case PerfState.DISABLED:
        for (const component of graph.components) this.gathered.delete(component);
        break;
      default:
        return false;
    }
    this.state = next;
    return true;
  }

  /** Reply to GLOBAL_PERF_DATA: thousands of cycles a second. */
  *encode(): Generator<number, Uint8Array, number> {
    return encodeCounted(
      perfItem,
      yield* this.items((component, { periods, cycles }): PerfItem => {
        return {
          resourceId: component.id,
          powerMode: 0,
          removed: 0,
          peakKcps: this.kcps(component.peakCycles),
          averageKcps: periods === 0 ? 0 : this.kcps(cycles / periods),
        };
      }),
    );
  }

  /** Reply to EXTENDED_GLOBAL_PERF_DATA: cycles. */
  *encodeExtended(): Generator<number, Uint8Array, number> {
    return encodeCounted(
      extendedPerfItem,
      yield* this.items((component, { periods, cycles }): ExtendedPerfItem => {
        return {
          resourceId: component.id,
          flags: 0,
          peakCycles: word(component.peakCycles),
          totalCycles: BigInt(Math.round(cycles)),
          iterations: BigInt(periods),
          more32: 0,
          more64a: 0n,
          more64b: 0n,
        };
      }),
    );
  }

  private *items<T>(
    item: (component: Component, count: Count) => T,
  ): Generator<number, readonly T[], number> {
    const items: T[] = [];
    if (this.state === PerfState.DISABLED) return items;
    yield* forEachComponent(this.graph, (component) => {
      items.push(item(component, this.measured(component)));
    });
    return items;
  }

  private measured(component: Component): Count {
    const before = this.gathered.get(component) ?? NOTHING;
    if (this.state !== PerfState.STARTED) return before;
    // A component that was made later is measured from its beginning.
    const from = this.begun.get(component) ?? NOTHING;
    const now = countOf(component);
    return {
      periods: before.periods + now.periods - from.periods,
      cycles: before.cycles + now.cycles - from.cycles,
    };
  }

  private kcps(cyclesPerPeriod: number): number {
    return word((cyclesPerPeriod * 1000) / this.periodUs);
  }
}

const word = (value: number): number => Math.min(Math.round(value), 0xffff_ffff);

const countOf = ({ periods, totalCycles }: Component): Count => ({ periods, cycles: totalCycles });
