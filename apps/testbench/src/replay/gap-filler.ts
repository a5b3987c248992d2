import {
  type Exchange,
  type Ipc4Message,
  type MessageOfKind,
  NO_PIPELINE,
  PipelineState,
  Status,
} from "@sof-ts/ipc4";
import type { TriggerHint } from "./context-hints.js";
import type { GraphMaker, Reference, SendMadeUp } from "./graph-maker.js";
import { instanceKey, type LogStudy } from "./log-study.js";
import type { World } from "./world.js";

/** A request of the log that is about to be sent. */
export interface UpcomingRequest {
  readonly message: Ipc4Message;
  readonly exchange: Exchange;
  /** Pipelines that a SET_PIPELINE_STATE is for. */
  readonly pipelines: readonly number[];
  readonly trigger: TriggerHint | undefined;
}

/** FIFO of a chain whose own the log does not have: 2 ms of 48 kHz stereo in 32 bits. */
const CHAIN_FIFO_BYTES = 768;
/** Triggers by ALSA's numbers that stop a stream which runs: stop, pause, suspend. */
const STOPPING = [0, 3, 5];

/**
 * Makes what a request presumes and the log does not show being made. To be asked only where lines are
 * missing that may have shown it. The log's own status says what was there: what its firmware did not find
 * (status 9) stays missing, and what it refused by the rules of the protocol is made such that the rules
 * refuse it.
 */
export class GapFiller {
  private readonly world: World;
  private readonly study: LogStudy;
  private readonly maker: GraphMaker;
  private readonly send: SendMadeUp;

  constructor(world: World, study: LogStudy, maker: GraphMaker, send: SendMadeUp) {
    this.world = world;
    this.study = study;
    this.maker = maker;
    this.send = send;
  }

  /** Makes what a request presumes. */
  prepare(request: UpcomingRequest): void {
    const { maker } = this;
    const { message, trigger } = request;
    const { status } = request.exchange;
    const missing = status === Status.INVALID_RESOURCE_ID;
    switch (message.kind) {
      case "create-pipeline":
        maker.powerUp(message.coreId);
        // The one thing that refuses an id so is that it is in use.
        if (missing) maker.pipeline(message.pipelineId, "its id was in use");
        else if (status === undefined || status === 0) maker.removePipeline(message.pipelineId);
        break;
      case "delete-pipeline":
        if (missing) break;
        maker.pipeline(message.pipelineId, "it is deleted");
        if (status === Status.INVALID_RESOURCE_STATE) {
          maker.complete(message.pipelineId, trigger?.direction ?? "playback");
          maker.bring(message.pipelineId, "running", "it was refused as not stopped");
        } else maker.stop(message.pipelineId, "it is deleted");
        break;
      case "set-pipeline-state":
        if (!missing) this.prepareStates(message, request);
        break;
      case "init-instance":
        maker.powerUp(message.coreId);
        if (message.pipelineId !== NO_PIPELINE)
          maker.pipeline(message.pipelineId, "a module is made in it", message.coreId);
        break;
      case "bind":
      case "unbind":
        if (!missing) this.prepareConnection(message);
        break;
      case "config-get":
      case "config-set":
      case "large-config-get":
      case "large-config-set":
      case "delete-instance":
        if (!missing && message.moduleId !== 0)
          maker.component(message, null, "the request is for it");
        break;
      case "chain-dma":
        if (status === Status.INVALID_CHAIN_STATE_TRANSITION) {
          const fifoSize = message.fifoSize === 0 ? CHAIN_FIFO_BYTES : message.fifoSize;
          this.send({ ...message, allocate: true, enable: true, fifoSize }, "the chain existed");
        }
        break;
      default:
        break;
    }
  }

  /**
   * The pipelines of a list whose bytes the log lacks: those that exist, the youngest first, as a host starts
   * them from the link on; where they are too few, those that the log names elsewhere, then new ones.
   */
  listed(count: number): readonly number[] {
    const { world, study, maker } = this;
    const why = `the list has ${count} pipelines`;
    const enough = (): boolean => world.pipelineIds.length >= count;
    for (const id of study.pipelines) if (!enough()) maker.pipeline(id, why);
    while (!enough() && maker.pipeline(maker.freePipelineId(), why));
    return world.pipelineIds.slice(0, count);
  }

  private prepareConnection(message: MessageOfKind<"bind"> | MessageOfKind<"unbind">): void {
    const { maker, world } = this;
    const why = message.kind === "bind" ? "it is connected" : "its connection is cut";
    const sinkRef = { moduleId: message.dstModuleId, instanceId: message.dstInstanceId };
    // The end that the driver names knows its pipeline; the other one follows it.
    const sinkFirst = !this.isNamed(message) && this.isNamed(sinkRef);
    const before = sinkFirst
      ? maker.component(sinkRef, null, why)
      : world.component(sinkRef.moduleId, sinkRef.instanceId);
    const source = maker.component(message, before, why);
    const sink = maker.component(sinkRef, source, why);
    if (source === null || sink === null) return;
    const connected = world.connected(source, sink, message);
    if (message.kind === "unbind") {
      if (!connected) maker.bind(source, sink, message, "the log cuts it");
    } else if (connected) this.send({ ...message, kind: "unbind" }, "the log makes it anew");
    else maker.pinFormat(source, message.srcQueue);
  }

  private isNamed({ moduleId, instanceId }: Reference): boolean {
    return this.study.instances.get(instanceKey(moduleId, instanceId))?.name !== undefined;
  }

  private prepareStates(
    message: MessageOfKind<"set-pipeline-state">,
    { exchange, pipelines, trigger }: UpcomingRequest,
  ): void {
    const { maker } = this;
    for (const id of pipelines) maker.pipeline(id, "its state is set");
    for (const id of pipelines) maker.complete(id, trigger?.direction ?? "playback");
    for (const id of pipelines) {
      if (maker.stateOf(id) !== "init") continue;
      switch (message.state) {
        case PipelineState.RUNNING:
          // A new pipeline cannot run: that is what status 7 says.
          if (exchange.status !== Status.INVALID_REQUEST)
            maker.bring(id, "paused", "the driver pauses a pipeline before it runs");
          break;
        case PipelineState.PAUSED:
          if (trigger !== undefined && STOPPING.includes(trigger.command))
            maker.bring(id, "running", "it is stopped");
          break;
        case PipelineState.RESET:
          if (!maker.pipelines.has(id)) break;
          maker.bring(id, "running", "it had run");
          maker.set(id, PipelineState.PAUSED, "it was stopped");
          break;
        default:
          break;
      }
    }
  }
}
