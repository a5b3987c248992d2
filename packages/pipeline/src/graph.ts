import { EBUSY, EEXIST, EFAULT, EINVAL, ENOENT, ENOMEM, ENOTSUP } from "@sof-ts/kit";
import type { Kernel } from "@sof-ts/kernel";
import { type LockingStrategy, TaskState } from "@sof-ts/ll-scheduler";
import { bufferId, type ComponentBuffer, createBuffer } from "./buffer.js";
import { Component, type ComponentConfig, componentId } from "./component.js";
import { ComponentState } from "./component-state.js";
import { dataOrder } from "./completion.js";
import { coresOf, lockAround, lockEnds, lockHomes, unlockCores, unlockEnds } from "./core-locks.js";
import type { GraphConfig } from "./graph-config.js";
import { watched } from "./graph-watcher.js";
import { Pipeline, type PipelineConfig } from "./pipeline.js";
import { PipelineState } from "./pipeline-state.js";

/** Bytes that the graph's own objects take in the user heap of a 32-bit machine. */
const PIPELINE_BYTES = 256;
const COMPONENT_BYTES = 448;

/**
 * The audio graph of the firmware: pipelines, components and the buffers between them. Look-ups are plain;
 * changes take the graph lock of the cores concerned and may block.
 */
export class AudioGraph {
  readonly kernel: Kernel;
  readonly locking: LockingStrategy;
  private readonly config: GraphConfig;
  private readonly pipelineList: Pipeline[] = [];
  private readonly componentList: Component[] = [];

  constructor(config: GraphConfig) {
    this.config = config;
    this.kernel = config.kernel;
    this.locking = config.locking;
  }

  get pipelines(): readonly Pipeline[] {
    return this.pipelineList;
  }

  get components(): readonly Component[] {
    return this.componentList;
  }

  pipeline(id: number): Pipeline | null {
    return this.pipelineList.find((pipeline) => pipeline.id === id) ?? null;
  }

  component(id: number): Component | null {
    return this.componentList.find((component) => component.id === id) ?? null;
  }

  /** The components of a pipeline in the order of their creation. */
  members(pipelineId: number): Component[] {
    return this.componentList.filter((component) => component.pipelineId === pipelineId);
  }

  /**
   * Makes a pipeline in state INIT (`ipc_pipeline_new`).
   *
   * @returns the pipeline; -EEXIST when the id is taken; -EINVAL when its core has no LL domain, or lost it by a fault;
   *   -ENOMEM; -ENOSPC without a place for its position
   */
  *createPipeline(config: PipelineConfig): Generator<number, Pipeline | number, number> {
    if (this.pipeline(config.id) !== null) return -EEXIST;
    const scheduler = this.config.domain.scheduler(config.core);
    if (scheduler === null || scheduler.lost) return -EINVAL;
    const positions = this.config.positions?.() ?? null;
    const place = positions === null ? 0 : yield* positions.take();
    if (place < 0) return place;
    const address = this.config.heap(config.core).alloc(PIPELINE_BYTES);
    if (address === 0) {
      yield* positions?.giveBack(place) ?? [];
      return -ENOMEM;
    }
    const { events } = this.config;
    const name = `pipeline ${config.id}`;
    const watch = (made: Pipeline): Pipeline =>
      watched(this.config, made, { name, address, size: PIPELINE_BYTES });
    const made = new Pipeline(config, scheduler, events, address, this.locking, watch);
    const pipeline = made.self;
    pipeline.positionPlace = place;
    this.pipelineList.push(pipeline);
    return pipeline;
  }

  /**
   * Adds a module instance, in state READY.
   *
   * @returns the component; -EEXIST when its id is taken; -ENOMEM
   */
  addComponent(config: ComponentConfig): Component | number {
    if (this.component(componentId(config.moduleId, config.instanceId)) !== null) return -EEXIST;
    const address = this.config.heap(config.core).alloc(COMPONENT_BYTES);
    if (address === 0) return -ENOMEM;
    const { moduleId, instanceId, core } = config;
    const lock = this.locking.allocComponentLock(core, componentId(moduleId, instanceId));
    if (lock === null && this.locking.locksComponents) {
      this.config.heap(core).free(address);
      return -ENOMEM;
    }
    const name = `component ${config.name} ${instanceId}`;
    const made = new Component(config, address, lock);
    const component = watched(this.config, made, { name, address, size: COMPONENT_BYTES });
    this.componentList.push(component);
    return component;
  }

  /**
   * Connects two components by a new buffer and tells their modules (`ipc_comp_connect`).
   *
   * @returns 0; -ENOMEM without memory for the ring; -ENOTSUP between cores in a build without such streams;
   *   -EINVAL when a module refuses, with nothing left behind
   */
  *bind(
    source: Component,
    sink: Component,
    sourceQueue: number,
    sinkQueue: number,
  ): Generator<number, number, number> {
    const shared = coresOf(this, [source, sink]).length > 1;
    const queues = { source: sourceQueue, sink: sinkQueue };
    const buffer = createBuffer(this.config.heap(source.core), source, sink, queues, shared);
    if (buffer === null) return -ENOMEM;
    if (source.core !== sink.core && this.config.crossCoreStream === false) {
      buffer.free();
      return -ENOTSUP;
    }
    const waits = source.module.waits || sink.module.waits;
    const cores = yield* lockHomes(this, () => [source, sink]);
    yield* lockEnds(source, sink);
    this.connect(buffer, source, sink);
    // A module of another thread may be waited for, and that is not done with a component locked.
    if (waits) yield* unlockEnds(source, sink);
    let rc = yield* source.module.bind({
      side: "source",
      queueId: sourceQueue,
      stream: buffer.stream,
      peer: sink.module.direct,
    });
    if (rc >= 0) {
      rc = yield* sink.module.bind({
        side: "sink",
        queueId: sinkQueue,
        stream: buffer.stream,
        peer: source.module.direct,
      });
      if (rc < 0) {
        yield* source.module.unbind({
          side: "source",
          queueId: sourceQueue,
          stream: buffer.stream,
          peer: sink.module.direct,
        });
      }
    }
    if (waits) yield* lockEnds(source, sink);
    if (rc < 0) this.disconnect(buffer);
    else {
      source.direction ??= sink.direction;
      sink.direction ??= source.direction;
    }
    yield* unlockEnds(source, sink);
    yield* unlockCores(this.locking, cores);
    if (rc < 0) {
      buffer.free();
      return -EINVAL;
    }
    return 0;
  }

  /**
   * Breaks a connection and frees its buffer (`ipc_comp_disconnect`).
   *
   * @returns 0; -ENOENT when the source has no such buffer or it leads elsewhere; the first negative result
   *   of a module's unbind, the buffer being gone all the same. A build without streams between cores has no
   *   buffer there to find
   */
  *unbind(
    source: Component,
    sink: Component,
    sourceQueue: number,
    sinkQueue: number,
  ): Generator<number, number, number> {
    const id = bufferId(sourceQueue, sinkQueue);
    const cores = yield* lockHomes(this, () => [source, sink]);
    const buffer = source.sinks.find((candidate) => candidate.id === id);
    if (buffer === undefined || buffer.sink !== sink) {
      yield* unlockCores(this.locking, cores);
      return -ENOENT;
    }
    const { stream } = buffer;
    const waits = source.module.waits || sink.module.waits;
    if (!waits) yield* lockEnds(source, sink);
    const fromSource = yield* source.module.unbind({
      side: "source",
      queueId: sourceQueue,
      stream,
      peer: sink.module.direct,
    });
    const fromSink = yield* sink.module.unbind({
      side: "sink",
      queueId: sinkQueue,
      stream,
      peer: source.module.direct,
    });
    if (waits) yield* lockEnds(source, sink);
    this.disconnect(buffer);
    yield* unlockEnds(source, sink);
    yield* unlockCores(this.locking, cores);
    buffer.free();
    return fromSource < 0 ? fromSource : Math.min(fromSink, 0);
  }

  /**
   * Frees a component (`ipc_comp_free`): it leaves the graph under the lock, then its module is freed. Its
   * buffers stay with the other end, if that still has them.
   *
   * @returns 0; -EINVAL when the component is not READY; -EFAULT when its module's free failed: it is gone
   */
  *removeComponent(component: Component): Generator<number, number, number> {
    const cores = yield* lockAround(this, component);
    yield* component.lock();
    if (component.state !== ComponentState.READY) {
      yield* this.unlockComponent(component, cores);
      return -EINVAL;
    }
    const orphans = this.detachAll(component);
    const pipeline = this.pipeline(component.pipelineId);
    if (pipeline !== null) {
      if (pipeline.source === component) pipeline.source = null;
      if (pipeline.sink === component) pipeline.sink = null;
      pipeline.copyOrder = pipeline.copyOrder.filter((member) => member !== component);
    }
    this.componentList.splice(this.componentList.indexOf(component), 1);
    // What it shares with its neighbours goes under the lock. A module in a thread of its own shares nothing,
    // and its end may take longer than the tick can wait.
    const { waits } = component.module;
    let rc = waits ? 0 : yield* component.module.free();
    yield* this.unlockComponent(component, cores);
    for (const buffer of orphans) buffer.free();
    if (waits) rc = yield* component.module.free();
    if (component.ownLock !== null) this.locking.freeComponentLock(component.ownLock);
    const { core, address } = component;
    this.config.watcher?.free(component);
    this.config.heap(core).free(address);
    return rc < 0 ? -EFAULT : 0;
  }

  /**
   * Deletes a pipeline with all its components (`ipc_pipeline_free`). Not atomic: each component is cut off
   * from the graph before its state is looked at.
   *
   * @returns 0; -EBUSY when a component is not READY, earlier ones being gone and its own connections with
   *   them; a task's error when its run did not end; -EFAULT when a module failed to free itself, all being gone
   */
  *deletePipeline(pipeline: Pipeline): Generator<number, number, number> {
    let failed = 0;
    for (const component of this.members(pipeline.id)) {
      const cores = yield* lockAround(this, component);
      yield* component.lock();
      const orphans = this.detachAll(component);
      yield* this.unlockComponent(component, cores);
      for (const buffer of orphans) buffer.free();
      const rc = yield* this.removeComponent(component);
      if (rc === -EINVAL) return -EBUSY;
      failed = Math.min(failed, rc);
    }
    for (const task of [pipeline.copyTask, pipeline.triggerTask]) {
      // An earlier attempt may have got so far.
      if (task.state === TaskState.FREE) continue;
      const rc = yield* pipeline.scheduler.free(task);
      if (rc !== 0) return rc;
    }
    // Nothing of it runs any more, whatever the last trigger has left.
    yield* this.locking.lock(pipeline.core);
    if (pipeline.state === PipelineState.ACTIVE) pipeline.moveTo(PipelineState.READY);
    yield* this.locking.unlock(pipeline.core);
    this.pipelineList.splice(this.pipelineList.indexOf(pipeline), 1);
    yield* this.config.positions?.()?.giveBack(pipeline.positionPlace) ?? [];
    const { core, address } = pipeline;
    this.config.watcher?.free(pipeline);
    this.config.heap(core).free(address);
    return failed;
  }

  /** The core whose LL thread copies a component; null without a pipeline. */
  copyingCore(component: Component): number | null {
    return this.pipeline(component.pipelineId)?.core ?? null;
  }

  /**
   * Excludes the tick from one component: the graph locks of its core and its pipeline's, and the component's own
   * where it has one. Calling context: an IPC thread; blocks.
   *
   * @returns what {@link unlockComponent} takes
   */
  *lockComponent(component: Component): Generator<number, readonly number[], number> {
    const cores = yield* lockHomes(this, () => [component]);
    yield* component.lock();
    return cores;
  }

  /** Undoes one {@link lockComponent}. */
  *unlockComponent(
    component: Component,
    cores: readonly number[],
  ): Generator<number, void, number> {
    yield* component.unlock();
    yield* unlockCores(this.locking, cores);
  }

  /**
   * An operation of a component's module with the ticks excluded of all cores that it and its direct neighbours
   * are on: rings and formats are shared with them. A module of another thread is waited for, which
   * is not done with the component's own lock held: that thread's other callers would wait in the tick.
   *
   * @param operation called once all locks are held
   * @returns what the operation returns
   */
  *withModule(
    component: Component,
    operation: () => Generator<number, number, number>,
  ): Generator<number, number, number> {
    const own = !component.module.waits;
    const cores = yield* lockAround(this, component);
    if (own) yield* component.lock();
    const rc = yield* operation();
    if (own) yield* component.unlock();
    yield* unlockCores(this.locking, cores);
    return rc;
  }

  /** Puts a buffer on the lists of both ends (`pipeline_connect`). The graph lock of both cores is held. */
  private connect(buffer: ComponentBuffer, source: Component, sink: Component): void {
    this.locking.assertLocked(source.core);
    this.locking.assertLocked(sink.core);
    buffer.source = source;
    buffer.sink = sink;
    source.sinks.push(buffer);
    source.sinkStreams.push(buffer.stream);
    sink.sources.push(buffer);
    sink.sourceStreams.push(buffer.stream);
    sink.sourcesChanged();
    source.publishActivity();
    sink.publishActivity();
    this.refreshOrder(source.pipelineId);
    if (sink.pipelineId !== source.pipelineId) this.refreshOrder(sink.pipelineId);
  }

  private disconnect(buffer: ComponentBuffer): void {
    if (buffer.source !== null) this.detach(buffer, buffer.source);
    if (buffer.sink !== null) this.detach(buffer, buffer.sink);
  }

  /** Takes all buffers off a component's lists. @returns those that have no other end left */
  private detachAll(component: Component): ComponentBuffer[] {
    const orphans: ComponentBuffer[] = [];
    for (const buffer of [...component.sinks, ...component.sources]) {
      // A component bound to itself has the buffer on both lists.
      if (buffer.source !== component && buffer.sink !== component) continue;
      this.detach(buffer, component);
      if (buffer.source === null && buffer.sink === null) orphans.push(buffer);
    }
    return orphans;
  }

  /** Takes a buffer off one component's lists (`pipeline_disconnect`). The graph lock is held. */
  private detach(buffer: ComponentBuffer, component: Component): void {
    this.locking.assertLocked(component.core);
    component.module.detached?.(buffer.stream);
    if (buffer.source === component) {
      const index = component.sinks.indexOf(buffer);
      component.sinks.splice(index, 1);
      component.sinkStreams.splice(index, 1);
      buffer.source = null;
      buffer.stream.producerActive = false;
    }
    if (buffer.sink === component) {
      const index = component.sources.indexOf(buffer);
      component.sources.splice(index, 1);
      component.sourceStreams.splice(index, 1);
      component.sourcesChanged();
      buffer.sink = null;
      buffer.stream.consumerActive = false;
    }
  }

  /** A connection made while the pipeline is complete changes the order of its copy. */
  private refreshOrder(pipelineId: number): void {
    const pipeline = this.pipeline(pipelineId);
    if (pipeline === null || pipeline.state === PipelineState.INIT) return;
    pipeline.copyOrder = dataOrder(this.members(pipelineId));
  }
}
