import { LlTask, type LlScheduler, type LockingStrategy, RunAgain } from "@sof-ts/ll-scheduler";
import { EINVAL, EIO, ENODATA, ENOSPC } from "@sof-ts/kit";
import type { Direction, Trigger } from "@sof-ts/module-api";
import type { Component } from "./component.js";
import { ComponentState } from "./component-state.js";
import { PipelineState, type TriggerPhase } from "./pipeline-state.js";
import type { TriggerBatch } from "./trigger-batch.js";

/** Trigger tasks run ahead of every pipeline's copy. */
export const TRIGGER_TASK_PRIORITY = -1;

export interface PipelineConfig {
  readonly id: number;
  /** 0 runs first, 7 last. */
  readonly priority: number;
  readonly core: number;
  readonly lowPower: boolean;
  /** 4 KiB pages that the host reserved; recorded, not enforced. */
  readonly memoryPages: number;
  readonly attributes: number;
  /** Stack and heap that the host asked for its threads; recorded, not enforced. */
  readonly memoryRequest?: PipelineMemory | undefined;
}

/** Memory for what a pipeline runs in threads (IPC4 `MEM_DATA`). */
export interface PipelineMemory {
  readonly domainId: number;
  readonly stackBytes: number;
  readonly heapBytes: number;
}

/** Whom a pipeline tells about what happens in its tick. */
export interface PipelineEvents {
  /** A module's process failed; the pipeline has stopped. Calling context: LL thread. */
  processError(component: Component, rc: number): void;
  /** A component could not be prepared, and why when that was not its module. Calling context: IPC thread. */
  prepareRefused?(component: Component, rc: number, reason: string): void;
  /** A pipeline went to ACTIVE or left it. Calling context: LL or IPC thread. */
  activeChanged?(pipeline: Pipeline): void;
}

/** Step lists of the trigger sequences, in order. */
const triggerSteps: Readonly<Record<Exclude<TriggerPhase, "nothing">, readonly Trigger[]>> = {
  start: ["pre-start", "start"],
  pause: ["pause"],
  release: ["pre-release", "release"],
  "stop-and-reset": ["stop"],
};

/** State that a sequence leaves the pipeline in. */
const triggerResult: Readonly<Record<Exclude<TriggerPhase, "nothing">, PipelineState>> = {
  start: PipelineState.ACTIVE,
  pause: PipelineState.PAUSED,
  release: PipelineState.ACTIVE,
  // The reset that follows in the IPC thread makes it READY.
  "stop-and-reset": PipelineState.PREPARE,
};

/**
 * One pipeline (SOF's `struct pipeline`): the components that are scheduled together on one core, with the
 * LL task that copies them once a period and the one-shot task that carries out triggers.
 */
export class Pipeline {
  readonly id: number;
  readonly priority: number;
  readonly core: number;
  readonly lowPower: boolean;
  readonly memoryPages: number;
  readonly attributes: number;
  readonly memoryRequest: PipelineMemory | undefined;
  /** Where the object lies in its core's user heap. */
  readonly address: number;
  /** What all others know the pipeline as: in a checked run, its instrumented form. */
  readonly self: Pipeline;
  readonly scheduler: LlScheduler;
  private readonly locking: LockingStrategy;
  readonly copyTask: LlTask;
  readonly triggerTask: LlTask;
  state: PipelineState = PipelineState.INIT;
  direction: Direction | undefined;
  /** Ends of the pipeline, found when it is completed; null once that component is gone. */
  source: Component | null = null;
  sink: Component | null = null;
  /** Components in the order in which data passes through them. */
  copyOrder: readonly Component[] = [];
  /** The host announced the end of the stream; RUNNING is refused until PAUSED or RESET. */
  expectEos = false;
  /** Negative errno of the copy that stopped the pipeline, 0 while all is well. */
  xrun = 0;
  /** Its place in the table of positions. */
  positionPlace = 0;
  /** Negative errno of the last trigger sequence, 0 when it went through. */
  triggerError = 0;
  readonly events: PipelineEvents;
  private pendingTrigger: Exclude<TriggerPhase, "nothing"> | null = null;
  private batch: TriggerBatch | null = null;

  constructor(
    config: PipelineConfig,
    scheduler: LlScheduler,
    events: PipelineEvents,
    address: number,
    locking: LockingStrategy,
    watch: (pipeline: Pipeline) => Pipeline = (pipeline) => pipeline,
  ) {
    const self = watch(this);
    this.self = self;
    this.address = address;
    this.memoryRequest = config.memoryRequest;
    this.id = config.id;
    this.priority = config.priority;
    this.core = config.core;
    this.lowPower = config.lowPower;
    this.memoryPages = config.memoryPages;
    this.attributes = config.attributes;
    this.scheduler = scheduler;
    this.locking = locking;
    this.events = events;
    this.copyTask = scheduler.createTask({
      name: `pipeline ${config.id} copy`,
      core: config.core,
      priority: config.priority,
      run: () => self.copy(),
      ...(locking.locksComponents ? { runBlocking: () => self.copyLocked() } : {}),
    });
    this.triggerTask = scheduler.createTask({
      name: `pipeline ${config.id} trigger`,
      core: config.core,
      priority: TRIGGER_TASK_PRIORITY,
      run: () => RunAgain.COMPLETED,
      runBlocking: () => self.carryOutTrigger(),
    });
  }

  /**
   * Posts a trigger sequence to the LL thread. Calling context: the IPC thread, graph locked.
   *
   * @returns 0, or -EINVAL when one is still under way
   */
  postTrigger(phase: Exclude<TriggerPhase, "nothing">, batch: TriggerBatch): number {
    if (this.pendingTrigger !== null) return -EINVAL;
    this.pendingTrigger = phase;
    this.batch = batch;
    const rc = this.scheduler.scheduleLocked(this.triggerTask);
    if (rc !== 0) {
      this.pendingTrigger = null;
      this.batch = null;
      return rc;
    }
    batch.post();
    return 0;
  }

  /** Changes the state and tells whom it concerns. */
  moveTo(state: PipelineState): void {
    const concerns = (state === PipelineState.ACTIVE) !== (this.state === PipelineState.ACTIVE);
    this.state = state;
    if (concerns) this.events.activeChanged?.(this);
  }

  /** One period of the pipeline. Calling context: LL thread, as the copy task. */
  private copy(): RunAgain {
    // What a pipeline is made of is not shared between cores (SOF's `CORE_CHECK_STRUCT`).
    this.locking.assertCore(this.core);
    let cycles = 0;
    // No copy between a trigger's posting and its end: its components are in mixed states.
    if (this.pendingTrigger === null) {
      const order = this.copyOrder;
      for (let i = 0; i < order.length; i++) {
        const component = order[i] as Component;
        if (!component.active) continue;
        const rc = component.copy();
        cycles += component.periodCycles();
        if (rc < 0 && rc !== -ENODATA && rc !== -ENOSPC) {
          this.copyTask.cycles = cycles;
          return this.fail(component, rc);
        }
      }
    }
    this.copyTask.cycles = cycles;
    return RunAgain.RESCHEDULE;
  }

  /**
   * {@link copy} where each component has a lock of its own, and the graph's is free while a component is copied. The
   * next one is found under the graph's lock: one that has gone meanwhile is not touched, nor is its lock.
   */
  private *copyLocked(): Generator<number, RunAgain, number> {
    const { locking, core } = this;
    locking.assertCore(core);
    let cycles = 0;
    let failed = false;
    yield* locking.lock(core);
    let order = this.copyOrder;
    for (let i = 0; i < order.length && this.pendingTrigger === null && !failed; i++) {
      const component = order[i] as Component;
      if (!component.active) continue;
      yield* component.lock();
      yield* locking.unlock(core);
      const rc = component.copy();
      cycles += component.periodCycles();
      failed = rc < 0 && rc !== -ENODATA && rc !== -ENOSPC;
      if (failed) this.events.processError(component, rc);
      yield* component.unlock();
      yield* locking.lock(core);
      if (failed) yield* this.failLocked(rc);
      if (order === this.copyOrder) continue;
      order = this.copyOrder;
      i = order.indexOf(component);
      // It is not known any more what is behind it.
      if (i < 0) break;
    }
    this.copyTask.cycles = cycles;
    yield* locking.unlock(core);
    return failed ? RunAgain.COMPLETED : RunAgain.RESCHEDULE;
  }

  /** {@link fail} where each component has a lock of its own; the graph's is held. */
  private *failLocked(rc: number): Generator<number, void, number> {
    this.xrun = rc;
    for (const member of this.copyOrder) {
      yield* member.lock();
      stopMember(member);
      yield* member.unlock();
    }
    this.moveTo(PipelineState.READY);
  }

  /** Stops the pipeline after a failed copy: recovery is the host's job. */
  private fail(component: Component, rc: number): RunAgain {
    this.xrun = rc;
    this.events.processError(component, rc);
    for (const member of this.copyOrder) stopMember(member);
    this.moveTo(PipelineState.READY);
    return RunAgain.COMPLETED;
  }

  /**
   * Stops the pipeline after its core's LL thread has ended: modules and state are as after a failed copy, and a
   * trigger under way is not carried out any more. A module that throws on the way is stopped all the same.
   * Calling context: a kernel thread, graph locked.
   *
   * @param thrown told of each module that threw
   */
  takeDown(thrown: (component: Component, error: unknown) => void): void {
    this.xrun = -EIO;
    this.pendingTrigger = null;
    this.batch = null;
    for (const member of this.copyOrder) {
      if (member.state === ComponentState.READY) continue;
      try {
        stopMember(member);
      } catch (error) {
        thrown(member, error);
        forceReady(member);
      }
    }
    if (this.state !== PipelineState.INIT) this.moveTo(PipelineState.READY);
  }

  private *carryOutTrigger(): Generator<number, RunAgain, number> {
    const { locking, core } = this;
    locking.assertCore(core);
    // Not every strategy holds the graph lock while a task runs.
    if (locking.locksComponents) yield* locking.lock(core);
    const phase = this.pendingTrigger;
    const batch = this.batch;
    let rc = 0;
    if (phase !== null) {
      rc = yield* this.trigger(phase);
      this.triggerError = Math.min(rc, 0);
      this.pendingTrigger = null;
      this.batch = null;
    }
    if (locking.locksComponents) yield* locking.unlock(core);
    if (batch !== null) yield* batch.complete(rc);
    return RunAgain.COMPLETED;
  }

  /** Runs a trigger sequence over all components. Calling context: LL thread, as the trigger task. */
  private *trigger(phase: Exclude<TriggerPhase, "nothing">): Generator<number, number, number> {
    if (phase === "start" || phase === "release") this.xrun = 0;
    for (const step of triggerSteps[phase]) {
      for (const component of this.copyOrder) {
        yield* component.lock();
        const rc = triggerMember(component, step);
        yield* component.unlock();
        if (rc < 0) return rc;
      }
    }
    this.moveTo(triggerResult[phase]);
    if (this.state === PipelineState.ACTIVE) yield* this.scheduler.schedule(this.copyTask);
    else yield* this.scheduler.cancel(this.copyTask);
    return 0;
  }
}

/** @returns 0 or a negative errno */
function triggerMember(component: Component, step: Trigger): number {
  const before = component.state;
  const rc = component.setState(step);
  if (rc < 0) return rc;
  // Asking for the state already held is no trigger: the module has had it.
  if (component.state === before) return 0;
  return component.module.direct?.trigger?.(step) ?? 0;
}

/** What {@link stopMember} does beside its module, which has thrown. */
function forceReady(member: Component): void {
  member.setState("stop");
  member.setState("reset");
  for (const { stream } of member.sinks) if (!stream.shared) stream.reset();
}

function stopMember(member: Component): void {
  if (member.setState("stop") === 0) member.module.direct?.trigger?.("stop");
  member.module.direct?.reset();
  member.setState("reset");
  // The other core's tick may be in a ring that is shared; it takes what is left.
  for (const { stream } of member.sinks) if (!stream.shared) stream.reset();
}
