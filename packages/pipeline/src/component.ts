import { assert } from "@sof-ts/kit";
import { K_FOREVER, type Mutex, SWITCH } from "@sof-ts/kernel";
import {
  type AudioModule,
  type AudioStream,
  type Direction,
  type ModuleHandle,
  PeriodCost,
  type StreamParams,
} from "@sof-ts/module-api";
import type { ComponentBuffer } from "./buffer.js";
import { type ComponentCommand, ComponentState, nextComponentState } from "./component-state.js";

/** Sizes and format of a module's pins as its INIT_INSTANCE payload gave them. */
export interface ComponentPins {
  /** Bytes a period takes in on pin 0. */
  readonly ibs: number;
  /** Bytes a period puts out on pin 0. */
  readonly obs: number;
  /** Format of pin 0, both sides unless the module says otherwise. */
  readonly params: StreamParams;
  /** Bytes per period and format of the further input pins, by pin index; empty without base + ext. */
  readonly inputPins: readonly PinFormat[];
  readonly outputPins: readonly PinFormat[];
}

export interface PinFormat {
  readonly bytes: number;
  readonly params: StreamParams;
}

export interface ComponentConfig {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly pipelineId: number;
  readonly core: number;
  readonly name: string;
  readonly pins: ComponentPins;
  /** What the host made the instance with, kept for those who ask the instance about itself. */
  readonly initPayload: Uint8Array;
  /** DSP cycles per period that the host announced, 0 when it did not. */
  readonly cpc: number;
  readonly module: ModuleHandle;
  readonly maxSources: number;
  readonly maxSinks: number;
  /** Whether the module runs in a thread of its own (data processing) instead of in the LL tick. */
  readonly dataProcessing: boolean;
  /** Whether the module's own count of a period's cycles can be trusted, as a sandbox's can. */
  readonly measured?: boolean;
}

/** Identifies a component to the rest of the firmware: instance in 31:16, module in 15:0. */
export function componentId(moduleId: number, instanceId: number): number {
  return (instanceId << 16) | moduleId;
}

/**
 * One module instance as a node of the audio graph (SOF's `comp_dev`). Its lists of connections change only
 * under the graph lock of its core; its state only there or in the core's LL thread.
 */
export class Component {
  readonly id: number;
  /** Where the object lies in its core's user heap. */
  readonly address: number;
  readonly moduleId: number;
  readonly instanceId: number;
  readonly pipelineId: number;
  readonly core: number;
  readonly name: string;
  readonly pins: ComponentPins;
  readonly initPayload: Uint8Array;
  readonly cpc: number;
  readonly module: ModuleHandle;
  readonly maxSources: number;
  readonly maxSinks: number;
  readonly dataProcessing: boolean;
  readonly measured: boolean;
  /** Lock of the component's connections and state, null where the graph lock covers them. */
  readonly ownLock: Mutex | null;
  state: ComponentState = ComponentState.READY;
  /** Whether {@link state} is ACTIVE, for the LL thread, which asks in every period. */
  active = false;
  direction: Direction | undefined;
  readonly sources: ComponentBuffer[] = [];
  readonly sinks: ComponentBuffer[] = [];
  /** The rings of `sources` and `sinks`, in the same order: what `process` is called with. */
  readonly sourceStreams: AudioStream[] = [];
  readonly sinkStreams: AudioStream[] = [];
  /** The ring of an only source that another core fills: it decides when there is something to copy. */
  private handOver: AudioStream | null = null;
  private readonly direct: AudioModule | null;
  /** Looked up once: modules are of so many classes that doing it in each period shows. */
  private readonly directProcess: AudioModule["process"];
  /** The host's figure, else the module's own. */
  private readonly periodCost: PeriodCost;
  /** Periods processed and cycles charged since creation, for the load report. */
  periods = 0;
  totalCycles = 0;
  peakCycles = 0;

  constructor(config: ComponentConfig, address: number, ownLock: Mutex | null = null) {
    this.address = address;
    this.ownLock = ownLock;
    this.initPayload = config.initPayload;
    this.id = componentId(config.moduleId, config.instanceId);
    this.moduleId = config.moduleId;
    this.instanceId = config.instanceId;
    this.pipelineId = config.pipelineId;
    this.core = config.core;
    this.name = config.name;
    this.pins = config.pins;
    this.cpc = config.cpc <= LARGEST_CPC ? config.cpc : 0;
    this.module = config.module;
    this.maxSources = config.maxSources;
    this.maxSinks = config.maxSinks;
    this.dataProcessing = config.dataProcessing;
    this.measured = config.measured ?? false;
    const { module } = config;
    this.direct = module.direct;
    this.directProcess = (module.direct ?? module).process;
    this.periodCost =
      this.cpc > 0
        ? new PeriodCost(this.cpc)
        : (module.direct?.cost ?? new PeriodCost(DEFAULT_COPY_CYCLES));
    this.direction = module.direct?.direction;
  }

  /**
   * Whether the cost of a period is the host's figure (`cpc`), an estimate from the operation count, or what a
   * sandbox measured.
   */
  get costSource(): "cpc" | "estimate" | "measured" {
    if (this.measured) return "measured";
    return this.cpc > 0 ? "cpc" : "estimate";
  }

  /**
   * Moves the component by the transition table and tells its neighbours whether it runs.
   *
   * @returns 0 or -EINVAL
   */
  setState(command: ComponentCommand): number {
    const next = nextComponentState(this.state, command);
    if (typeof next === "number") return next;
    this.state = next;
    this.active = next === ComponentState.ACTIVE;
    this.publishActivity();
    return 0;
  }

  /** To be called when `sources` has changed. */
  sourcesChanged(): void {
    const only = this.sourceStreams.length === 1 ? this.sourceStreams[0] : undefined;
    const paced = this.module.direct?.pacesSources === true;
    this.handOver = only?.shared === true && !paced ? only : null;
  }

  /** Copies "this component runs" into the rings around it, where peers look. */
  publishActivity(): void {
    const { active } = this;
    for (const stream of this.sinkStreams) stream.producerActive = active;
    for (const stream of this.sourceStreams) stream.consumerActive = active;
  }

  /**
   * Takes the component's own lock where it has one. Calling context: the LL thread around the copy of the
   * component, an IPC thread that holds the graph lock; blocks.
   */
  *lock(): Generator<number, void, number> {
    const { ownLock } = this;
    if (ownLock === null) return;
    let rc = ownLock.lockNow(K_FOREVER);
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `lock of component ${this.name}: ${rc}`);
  }

  /** Undoes one {@link lock}. */
  *unlock(): Generator<number, void, number> {
    const { ownLock } = this;
    if (ownLock === null) return;
    let rc = ownLock.unlockNow();
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `unlock of component ${this.name}: ${rc}`);
  }

  /**
   * Runs one period. Calling context: the LL thread of the component's core, in state ACTIVE.
   *
   * @returns 0 or the module's negative errno
   */
  copy(): number {
    const { handOver } = this;
    if (handOver !== null && !handOver.mayTake() && handOver.available > 0) return 0;
    const { direct } = this;
    const rc =
      direct === null
        ? this.module.process(this.sourceStreams, this.sinkStreams)
        : this.directProcess.call(direct, this.sourceStreams, this.sinkStreams);
    this.periods++;
    return rc;
  }

  /** Cycles of the last period. */
  periodCycles(): number {
    const cost = this.periodCost.cycles;
    this.totalCycles += cost;
    if (cost > this.peakCycles) this.peakCycles = cost;
    return cost;
  }
}

/** What a period costs when neither the host nor the module tells: the call, the checks, a short copy. */
const DEFAULT_COPY_CYCLES = 600;
/**
 * Cycles per period that a host can claim: half of 1 ms at 400 MHz. No code gets slower by what a host says of
 * it, and a higher figure would let one wrong word stall a core's threads for good.
 */
const LARGEST_CPC = 200_000;
