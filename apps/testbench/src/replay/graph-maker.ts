import { gainEntry, type Ipc4Message, PipelineState } from "@sof-ts/ipc4";
import { topologyPipelineOf } from "./context-hints.js";
import { instanceKey, type LogStudy } from "./log-study.js";
import { sinkFormatOf } from "./made-up-payloads.js";
import type { GraphComponent, Queues, World } from "./world.js";

/** Sends a message that the log does not have. @returns the status of the reply; null when none came */
export type SendMadeUp = (message: Ipc4Message, why: string, payload?: Uint8Array) => number | null;

/** A component as the log names it. */
export interface Reference {
  readonly moduleId: number;
  readonly instanceId: number;
}

/** What a copier is for that stands at an end of a made-up pipeline. */
export interface PipelineEnd {
  readonly direction: "playback" | "capture";
  readonly side: "source" | "sink";
}

/** Ids of pipelines and instances have eight bits. */
const MAX_ID = 0xff;
const FIRST_MADE_UP_INSTANCE = 200;
/** Bytes of a copier's init payload with a bare gateway, and with an SSP link's configuration. */
const COPIER_BYTES = 84;
const SSP_COPIER_BYTES = 164;
const PIN_0 = { srcQueue: 0, dstQueue: 0 };

/** Makes pipelines, modules, connections and states by messages that the log does not have. */
export class GraphMaker {
  /** Pipelines that were made here and not by the log. */
  readonly pipelines = new Set<number>();
  /** Copiers at the ends of pipelines, by {@link instanceKey}. */
  readonly ends = new Map<number, PipelineEnd>();
  private readonly world: World;
  private readonly study: LogStudy;
  private readonly send: SendMadeUp;
  private readonly disputed: ReadonlySet<number>;
  private readonly topologyPipelines = new Map<number, number>();

  /** @param parts.disputed pipelines that the log's firmware and ours disagree about: they are left alone */
  constructor(parts: {
    readonly world: World;
    readonly study: LogStudy;
    readonly disputed: ReadonlySet<number>;
    readonly send: SendMadeUp;
  }) {
    this.world = parts.world;
    this.study = parts.study;
    this.disputed = parts.disputed;
    this.send = parts.send;
  }

  /** The firmware was booted anew: nothing is there. */
  forget(): void {
    this.pipelines.clear();
    this.ends.clear();
    this.topologyPipelines.clear();
  }

  /** Remembers which pipeline of the firmware a pipeline of the topology is. */
  learn(topologyPipeline: number, pipelineId: number): void {
    this.topologyPipelines.set(topologyPipeline, pipelineId);
  }

  /** State of a pipeline, by the firmware's own word; null when there is none. */
  stateOf(pipelineId: number): string | null {
    return this.world.firmware.graph.pipeline(pipelineId)?.state ?? null;
  }

  /** Sees to it that a pipeline exists. @returns whether it does */
  pipeline(pipelineId: number, why: string, coreId = 0): boolean {
    if (this.stateOf(pipelineId) !== null) return true;
    if (this.disputed.has(pipelineId)) return false;
    const status = this.send(
      {
        kind: "create-pipeline",
        pipelineId,
        memPages: 2,
        priority: 0,
        lowPower: false,
        attributes: 0,
        coreId,
        hasPayload: false,
      },
      why,
    );
    if (status === 0) this.pipelines.add(pipelineId);
    return status === 0;
  }

  /** Sees to it that a pipeline does not exist. */
  removePipeline(pipelineId: number): void {
    if (this.stateOf(pipelineId) === null || this.disputed.has(pipelineId)) return;
    this.stop(pipelineId, "the log makes it anew");
    this.send({ kind: "delete-pipeline", pipelineId }, "the log makes it anew");
    this.pipelines.delete(pipelineId);
  }

  /** An id that neither the log nor the firmware uses, or the last one where all are in use. */
  freePipelineId(): number {
    let id = 0;
    while (id < MAX_ID && (this.study.pipelines.has(id) || this.stateOf(id) !== null)) id++;
    return id;
  }

  /** Sees to it that a core runs. */
  powerUp(coreId: number): void {
    const { firmware } = this.world;
    if (coreId >= firmware.platform.coreCount || firmware.coreEnabled(coreId)) return;
    const mask = 1 << coreId;
    const payload = new Uint8Array(Uint32Array.of(mask, mask).buffer);
    this.send({ kind: "set-dx", moduleId: 0, instanceId: 0 }, `core ${coreId} is used`, payload);
  }

  /**
   * Sees to it that a module exists, in the pipeline of its name, else in that of the module that it is
   * connected with.
   */
  component(ref: Reference, peer: GraphComponent | null, why: string): GraphComponent | null {
    const { world, study } = this;
    const { moduleId, instanceId } = ref;
    const found = world.component(moduleId, instanceId);
    if (found !== null) return found;
    const name = study.instances.get(instanceKey(moduleId, instanceId))?.name;
    const pipelineId = this.pipelineFor(name, moduleId, peer);
    if (!this.pipeline(pipelineId, why)) return null;
    return this.init(ref, pipelineId, initBytes(world.moduleName(moduleId), name), why);
  }

  /** Connects two modules; a copier is told the format of a pin other than 0 before. */
  bind(source: GraphComponent, sink: GraphComponent, queues: Queues, why: string): void {
    const { world } = this;
    const { srcQueue, dstQueue } = queues;
    this.pinFormat(source, srcQueue);
    this.send(
      {
        kind: "bind",
        moduleId: world.logIdOfOurs(source.moduleId),
        instanceId: source.instanceId,
        dstModuleId: world.logIdOfOurs(sink.moduleId),
        dstInstanceId: sink.instanceId,
        srcQueue,
        dstQueue,
      },
      why,
    );
  }

  /** Tells a copier the format of an output pin; pin 0 has the one that the copier was made with. */
  pinFormat(source: GraphComponent, queue: number): void {
    if (source.name !== "COPIER" || queue === 0) return;
    const { world } = this;
    this.send(
      {
        kind: "large-config-set",
        moduleId: world.logIdOfOurs(source.moduleId),
        instanceId: source.instanceId,
        dataOffSize: 52,
        paramId: 2,
        finalBlock: true,
        initBlock: true,
      },
      `a copier needs the format of pin ${queue}`,
      sinkFormatOf(queue, world.initPayload(source)),
    );
  }

  /** Sets the state of one pipeline. */
  set(pipelineId: number, state: PipelineState, why: string): void {
    this.send(
      {
        kind: "set-pipeline-state",
        state,
        pipelineId,
        multiPipeline: false,
        syncStopStart: false,
      },
      why,
    );
  }

  /** Pauses a new pipeline, and runs it. */
  bring(pipelineId: number, state: "paused" | "running", why: string): void {
    const now = this.stateOf(pipelineId);
    if (this.disputed.has(pipelineId) || now === null || now === "active") return;
    this.set(pipelineId, PipelineState.PAUSED, why);
    if (state === "running") this.set(pipelineId, PipelineState.RUNNING, why);
  }

  /** Makes a pipeline fit to be deleted. */
  stop(pipelineId: number, why: string): void {
    const state = this.stateOf(pipelineId);
    if (state === null || state === "init" || state === "ready") return;
    if (state === "active") this.set(pipelineId, PipelineState.PAUSED, why);
    this.set(pipelineId, PipelineState.RESET, why);
  }

  /**
   * Gives a pipeline two ends: loose outputs are bound to loose inputs in the order in which the modules were
   * made; what is left over gets a copier of its own, and so does a pipeline without modules.
   *
   * @param wanted direction where no module of the pipeline knows
   */
  complete(pipelineId: number, wanted: "playback" | "capture"): void {
    const { world } = this;
    if (this.disputed.has(pipelineId) || this.stateOf(pipelineId) === null) return;
    const members = world.firmware.graph.members(pipelineId);
    const why = `pipeline ${pipelineId} needs both ends`;
    const known = members
      .map((member) => world.directionOf(member))
      .find((way) => way !== undefined);
    const direction = known ?? wanted;
    if (members.length === 0) {
      const source = this.end(pipelineId, { direction, side: "source" }, why);
      const sink = this.end(pipelineId, { direction, side: "sink" }, why);
      if (source !== null && sink !== null) this.bind(source, sink, PIN_0, why);
      return;
    }
    const outputs = members.filter(
      (member) => world.openSides(member).output && member.sinks.length === 0,
    );
    const inputs = members.filter(
      (member) => world.openSides(member).input && member.sources.length === 0,
    );
    for (const output of outputs) {
      const at = inputs.findIndex((input) => input !== output);
      const input = at < 0 ? undefined : inputs.splice(at, 1)[0];
      const sink = input ?? this.end(pipelineId, { direction, side: "sink" }, why);
      if (sink !== null) this.bind(output, sink, PIN_0, why);
    }
    for (const input of inputs) {
      const source = this.end(pipelineId, { direction, side: "source" }, why);
      if (source !== null) this.bind(source, input, PIN_0, why);
    }
  }

  private end(pipelineId: number, end: PipelineEnd, why: string): GraphComponent | null {
    const moduleId = this.world.logIdOf("COPIER");
    let instanceId = FIRST_MADE_UP_INSTANCE;
    while (this.world.component(moduleId, instanceId) !== null) instanceId++;
    if (instanceId > MAX_ID) return null;
    this.ends.set(instanceKey(moduleId, instanceId), end);
    return this.init({ moduleId, instanceId }, pipelineId, COPIER_BYTES, why);
  }

  private init(
    { moduleId, instanceId }: Reference,
    pipelineId: number,
    bytes: number,
    why: string,
  ): GraphComponent | null {
    const { world } = this;
    this.send(
      {
        kind: "init-instance",
        moduleId,
        instanceId,
        paramBlockWords: bytes / 4,
        pipelineId,
        coreId: world.firmware.graph.pipeline(pipelineId)?.core ?? 0,
        procDomain: 0,
        extendedInit: false,
      },
      why,
    );
    return world.component(moduleId, instanceId);
  }

  private pipelineFor(
    name: string | undefined,
    moduleId: number,
    peer: GraphComponent | null,
  ): number {
    const topologyPipeline = name === undefined ? undefined : topologyPipelineOf(name);
    if (topologyPipeline !== undefined) {
      const id = this.topologyPipelines.get(topologyPipeline) ?? this.freePipelineId();
      this.topologyPipelines.set(topologyPipeline, id);
      return id;
    }
    if (peer === null) return this.freePipelineId();
    // Connections stay inside a pipeline, but for that from mixin to mixout.
    const mixers = ["MIXIN", "MIXOUT"];
    const across =
      mixers.includes(this.world.moduleName(moduleId) ?? "") && mixers.includes(peer.name);
    return across ? this.freePipelineId() : peer.pipelineId;
  }
}

/** Bytes of the init payload of a module that the log does not show being made. */
function initBytes(module: string | null, name: string | undefined): number {
  switch (module) {
    case "COPIER":
      return /ssp/i.test(name ?? "") ? SSP_COPIER_BYTES : COPIER_BYTES;
    case "GAIN":
    case "PEAKVOL":
      return 40 + gainEntry.size;
    case "SRC":
    case "SRC_LITE":
      return 44;
    default:
      return 40;
  }
}
