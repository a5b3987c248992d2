import type { BaseFirmwareConfig } from "./config.js";
import { HostClock } from "./host-clock.js";
import { IoPerfMonitor } from "./io-perf.js";
import { KcpsBudget } from "./kcps.js";
import { PerfMonitor } from "./perf.js";

/** What the base firmware keeps between two messages. */
export class BaseFirmwareState {
  readonly perf: PerfMonitor;
  readonly ioPerf: IoPerfMonitor;
  readonly kcps: KcpsBudget;
  readonly clock: HostClock;

  constructor({ graph, machine, firmware, periodUs }: BaseFirmwareConfig) {
    const nowUs = () => machine.nowUs();
    this.perf = new PerfMonitor(graph, periodUs);
    this.ioPerf = new IoPerfMonitor(graph, nowUs);
    this.kcps = new KcpsBudget(firmware.coreCount);
    this.clock = new HostClock(nowUs);
  }
}
