import { EINVAL, ENODATA, ENOSPC } from "@sof-ts/kit";
import { type Kernel, SWITCH } from "@sof-ts/kernel";
import { RunAgain } from "@sof-ts/ll-scheduler";
import type { AudioModule, AudioStream } from "@sof-ts/module-api";
import type { DpPort } from "./dp-port.js";
import type { DpWork } from "./dp-scheduler.js";

/** What a run costs when neither the host nor the module tells. */
const DEFAULT_RUN_CYCLES = 600;
/** The start-up delay has not begun. */
const NOT_STARTED = -1;

/** What a module's runs cost since the last prepare, in cycles of the core clock. */
export interface DpModuleStats {
  runs: number;
  lastCycles: number;
  peakCycles: number;
  totalCycles: number;
  /** LL ticks in which a sink found nothing although the start-up delay was over. */
  underruns: number;
}

export interface DpEngineConfig {
  readonly kernel: Kernel;
  readonly module: AudioModule;
  /** DSP cycles per run that the host announced, 0 when it did not. */
  readonly cpc: number;
  /** Period of the LL tick in microseconds. */
  readonly llPeriodUs: number;
}

/**
 * The data path of a module that runs in its own thread: the LL tick moves bytes between LL streams and the
 * rings, the thread runs the module on its side of the rings, the DP tick asks whether a run is possible.
 */
export class DpEngine implements DpWork {
  /** All connections, in the order of their making. Change only with the module's thread locked out. */
  readonly inputs: DpPort[] = [];
  readonly outputs: DpPort[] = [];
  /** What `process` is called with: the thread's faces of the rings, in the order that `prepare` was given. */
  sources: readonly AudioStream[] = [];
  sinks: readonly AudioStream[] = [];
  /** Length of one run's output. */
  periodUs = 0;
  /** Negative errno of the run that failed, 0 while all is well. */
  failure = 0;
  readonly stats: DpModuleStats = {
    runs: 0,
    lastCycles: 0,
    peakCycles: 0,
    totalCycles: 0,
    underruns: 0,
  };
  private activeInputs: readonly DpPort[] = [];
  private activeOutputs: readonly DpPort[] = [];
  private periodTicks = 1;
  private delayTicks = NOT_STARTED;
  private readonly kernel: Kernel;
  private readonly module: AudioModule;
  private readonly cpc: number;
  private readonly llPeriodUs: number;

  constructor(config: DpEngineConfig) {
    this.kernel = config.kernel;
    this.module = config.module;
    this.cpc = config.cpc;
    this.llPeriodUs = config.llPeriodUs;
  }

  // ---- configuration: the thread is locked out, the graph is locked ------------------------------

  /**
   * Adopts connections and formats, with empty rings.
   *
   * @returns 0; -EINVAL for a stream that was not bound, or whose format is not set or does not divide its
   *   block
   */
  configure(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    this.rewind();
    const inputs = select(this.inputs, sources);
    const outputs = select(this.outputs, sinks);
    if (inputs === null || outputs === null) return -EINVAL;
    for (const port of [...inputs, ...outputs]) {
      const { stream, ring } = port;
      ring.view.setParams(stream.params);
      if (stream.frameBytes === 0 || stream.rate === 0) return -EINVAL;
      if (port.blockBytes % stream.frameBytes !== 0) return -EINVAL;
      port.active = true;
    }
    this.activeInputs = inputs;
    this.activeOutputs = outputs;
    this.sources = inputs.map((port) => port.ring.view);
    this.sinks = outputs.map((port) => port.ring.view);
    return 0;
  }

  /**
   * After the module's own prepare: hands on the formats it chose and works out its period.
   *
   * @returns 0; -EINVAL when the module has no connection or chose a format that does not divide its block
   */
  arm(): number {
    const { activeInputs, activeOutputs, stats } = this;
    for (const { stream, ring, blockBytes } of activeOutputs) {
      stream.setParams(ring.view.params);
      if (stream.frameBytes === 0 || blockBytes % stream.frameBytes !== 0) return -EINVAL;
    }
    const timed = activeOutputs.length > 0 ? activeOutputs : activeInputs;
    if (timed.length === 0) return -EINVAL;
    for (const port of [...activeInputs, ...activeOutputs]) {
      port.bytesPerSecond = port.stream.rate * port.stream.frameBytes;
    }
    this.periodUs = Math.min(...timed.map((port) => port.durationUs(port.blockBytes)));
    this.periodTicks = Math.max(1, Math.ceil(this.periodUs / this.llPeriodUs));
    stats.runs = 0;
    stats.lastCycles = 0;
    stats.peakCycles = 0;
    stats.totalCycles = 0;
    stats.underruns = 0;
    return 0;
  }

  /** Empties the rings; no connection takes part in runs until the next `configure`. */
  rewind(): void {
    for (const port of [...this.inputs, ...this.outputs]) {
      port.active = false;
      port.ring.reset();
    }
    this.activeInputs = [];
    this.activeOutputs = [];
    this.sources = [];
    this.sinks = [];
    this.failure = 0;
    this.delayTicks = NOT_STARTED;
  }

  /** Forgets a connection. */
  remove(port: DpPort): void {
    const without = (ports: readonly DpPort[]): DpPort[] => ports.filter((other) => other !== port);
    for (const list of [this.inputs, this.outputs]) {
      const index = list.indexOf(port);
      if (index >= 0) list.splice(index, 1);
    }
    this.activeInputs = without(this.activeInputs);
    this.activeOutputs = without(this.activeOutputs);
    this.sources = this.activeInputs.map(({ ring }) => ring.view);
    this.sinks = this.activeOutputs.map(({ ring }) => ring.view);
  }

  // ---- LL tick of the pipeline ---------------------------------------------------------------------

  /**
   * Moves one tick's data. Output flows only after the start-up delay, one period after the first run became
   * possible: a first run that ended early would otherwise let the sinks start, and starve as soon as a later
   * run used its whole period.
   *
   * @returns 0 or the negative errno of the run that failed
   */
  move(): number {
    if (this.failure !== 0) return this.failure;
    const { activeInputs, activeOutputs } = this;
    for (let i = 0; i < activeInputs.length; i++) {
      const { attached, ring, stream } = activeInputs[i] as DpPort;
      ring.peerActive = attached && stream.producerActive;
      if (attached) ring.pushFrom(stream);
    }
    const flows = this.delayTicks === 0;
    if (this.delayTicks > 0) this.delayTicks--;
    else if (!flows && this.inputReady()) this.delayTicks = this.periodTicks;
    for (let i = 0; i < activeOutputs.length; i++) {
      const { attached, ring, stream } = activeOutputs[i] as DpPort;
      const active = attached && stream.consumerActive;
      ring.peerActive = active;
      if (!active) ring.discard();
      else if (flows && ring.pullInto(stream) === 0 && stream.available === 0) {
        this.stats.underruns++;
      }
    }
    return 0;
  }

  // ---- DP tick -----------------------------------------------------------------------------------

  ready(): boolean {
    if (!this.inputReady()) return false;
    const { activeOutputs } = this;
    for (let i = 0; i < activeOutputs.length; i++) {
      const { ring, blockBytes } = activeOutputs[i] as DpPort;
      if (ring.free < blockBytes) return false;
    }
    return true;
  }

  slackUs(): number {
    const { activeOutputs } = this;
    if (activeOutputs.length === 0) return this.periodUs;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < activeOutputs.length; i++) {
      const port = activeOutputs[i] as DpPort;
      const { ring, stream, attached } = port;
      least = Math.min(least, port.durationUs(ring.used + (attached ? stream.available : 0)));
    }
    const delay = this.delayTicks === NOT_STARTED ? this.periodTicks : this.delayTicks;
    return least + delay * this.llPeriodUs;
  }

  // ---- the module's thread -------------------------------------------------------------------------

  *run(): Generator<number, RunAgain, number> {
    const { module, stats, activeInputs, activeOutputs, sources, sinks } = this;
    for (let i = 0; i < activeInputs.length; i++) {
      const { ring } = activeInputs[i] as DpPort;
      ring.acquireInput();
      // The stream itself is out of reach of the thread's memory domain, and may be gone.
      ring.view.producerActive = ring.peerActive;
    }
    for (let i = 0; i < activeOutputs.length; i++) {
      const { ring } = activeOutputs[i] as DpPort;
      ring.acquireOutput();
      ring.view.consumerActive = ring.peerActive;
    }
    const rc = module.process(sources, sinks);
    const cycles = this.cpc > 0 ? this.cpc : (module.cost?.cycles ?? DEFAULT_RUN_CYCLES);
    if (this.kernel.charge(cycles) === SWITCH) yield SWITCH;
    // The run took until now: only from here on may the tick have what it gave back and put out.
    for (let i = 0; i < activeInputs.length; i++) (activeInputs[i] as DpPort).ring.releaseInput();
    for (let i = 0; i < activeOutputs.length; i++) {
      (activeOutputs[i] as DpPort).ring.releaseOutput();
    }
    stats.runs++;
    stats.lastCycles = cycles;
    stats.totalCycles += cycles;
    if (cycles > stats.peakCycles) stats.peakCycles = cycles;
    if (rc >= 0 || rc === -ENODATA || rc === -ENOSPC) return RunAgain.RESCHEDULE;
    this.failure = rc;
    return RunAgain.COMPLETED;
  }

  /** A block at every input whose producer runs, and at one input at least. */
  private inputReady(): boolean {
    const { activeInputs } = this;
    let blocks = 0;
    for (let i = 0; i < activeInputs.length; i++) {
      const { attached, ring, stream, blockBytes } = activeInputs[i] as DpPort;
      if (ring.used >= blockBytes) blocks++;
      else if (attached && stream.producerActive) return false;
    }
    return blocks > 0 || activeInputs.length === 0;
  }
}

/** The ports of `streams`, in their order; null when one has none. */
function select(ports: readonly DpPort[], streams: readonly AudioStream[]): DpPort[] | null {
  const selected: DpPort[] = [];
  for (const stream of streams) {
    const port = ports.find((candidate) => candidate.attached && candidate.stream === stream);
    if (port === undefined) return null;
    selected.push(port);
  }
  return selected;
}
