import { encodeCounted, type PerfItem, perfItem, PerfState } from "@sof-ts/ipc4";
import type { Gateway } from "@sof-ts/module-api";
import { type AudioGraph, forEachComponent } from "@sof-ts/pipeline";

interface Begun {
  readonly bytes: number;
  readonly atUs: number;
}

/** Throughput of the gateways while it is measured (SOF's `io_perf_monitor`). */
export class IoPerfMonitor {
  state: PerfState = PerfState.DISABLED;
  private readonly graph: AudioGraph;
  private readonly nowUs: () => number;
  private readonly begun = new WeakMap<Gateway, Begun>();

  constructor(graph: AudioGraph, nowUs: () => number) {
    this.graph = graph;
    this.nowUs = nowUs;
  }

  /** IO_PERF_MEASUREMENTS_STATE. Locks components; blocks. @returns false for a state that there is not */
  *setState(next: number): Generator<number, boolean, number> {
    if (next > PerfState.PAUSED) return false;
    if (next === PerfState.STARTED && this.state !== PerfState.STARTED) {
      const atUs = this.nowUs();
      yield* this.forEachGateway((gateway) => {
        this.begun.set(gateway, { bytes: gateway.totalBytes, atUs });
      });
    }
    this.state = next as PerfState;
    return true;
  }

  /** Reply to IO_GLOBAL_PERF_DATA: per gateway, by node id, thousands of bytes a second. */
  *encode(): Generator<number, Uint8Array, number> {
    const items: PerfItem[] = [];
    if (this.state === PerfState.STARTED) {
      yield* this.forEachGateway((gateway) => {
        const rate = this.rateOf(gateway);
        items.push({
          resourceId: gateway.nodeId,
          powerMode: 0,
          removed: 0,
          peakKcps: rate,
          averageKcps: rate,
        });
      });
    }
    return encodeCounted(perfItem, items);
  }

  private *forEachGateway(look: (gateway: Gateway) => void): Generator<number, void, number> {
    yield* forEachComponent(this.graph, ({ module }) => {
      const gateway = module.direct?.gateway ?? null;
      if (gateway !== null) look(gateway);
    });
  }

  private rateOf(gateway: Gateway): number {
    const { bytes, atUs } = this.begun.get(gateway) ?? { bytes: 0, atUs: 0 };
    const elapsedUs = this.nowUs() - atUs;
    const moved = gateway.totalBytes - bytes;
    // A gateway that was reset in between has moved less than when the measurement began.
    return elapsedUs <= 0 || moved <= 0 ? 0 : Math.round((moved * 1000) / elapsedUs);
  }
}
