import {
  encodeRequest,
  type Ipc4Message,
  type NodeDirection,
  nodeDirection,
  NodeType,
  NO_NODE,
  unpackNodeId,
  type Words,
} from "@sof-ts/ipc4";
import type { Firmware } from "@sof-ts/firmware";
import { copierConfigOf } from "./copier-role.js";
import type { MappedModule } from "./module-kinds.js";

/** A component of the firmware's graph. */
export type GraphComponent = Firmware["graph"]["components"][number];

/** Module ids of field images, for logs that never show a module of a kind. */
const usualIds: Readonly<Record<string, number>> = { MIXIN: 2, MIXOUT: 3, COPIER: 4, GAIN: 6 };

/**
 * Our firmware's graph in the log's terms: module ids are the log's. Reads the graph only; what changes it are
 * messages.
 */
export class World {
  readonly modules: ReadonlyMap<number, MappedModule>;
  /** Init payloads that were sent, by the id of the component in our firmware. */
  readonly initPayloads = new Map<number, Uint8Array>();
  private readonly machine: { readonly firmware: Firmware };

  constructor(
    machine: { readonly firmware: Firmware },
    modules: ReadonlyMap<number, MappedModule>,
  ) {
    this.machine = machine;
    this.modules = modules;
  }

  get firmware(): Firmware {
    return this.machine.firmware;
  }

  /** Ids of the pipelines that there are, the youngest first: the order in which a host starts them. */
  get pipelineIds(): number[] {
    return this.firmware.graph.pipelines.map(({ id }) => id).sort((a, b) => b - a);
  }

  ourId(logId: number): number {
    return logId === 0 ? 0 : (this.modules.get(logId)?.ourId ?? logId);
  }

  /** Name of the module in our manifest; null when our image has none. */
  moduleName(logId: number): string | null {
    const mapped = this.modules.get(logId);
    if (mapped !== undefined) return mapped.name;
    return Object.entries(usualIds).find(([, id]) => id === logId)?.[0] ?? null;
  }

  /** The id that a log has, or would have, for a module of our image. */
  logIdOf(name: string): number {
    for (const { logId, name: mapped } of this.modules.values()) if (mapped === name) return logId;
    return usualIds[name] ?? 0;
  }

  /** The log's id for a module id of our image. */
  logIdOfOurs(ourId: number): number {
    for (const mapped of this.modules.values()) if (mapped.ourId === ourId) return mapped.logId;
    return ourId;
  }

  component(logId: number, instanceId: number): GraphComponent | null {
    const { components } = this.firmware.graph;
    const ourId = this.ourId(logId);
    return (
      components.find(
        ({ moduleId, instanceId: instance }) => moduleId === ourId && instance === instanceId,
      ) ?? null
    );
  }

  /** What a component was made with, if it was made here. */
  initPayload(component: GraphComponent | null): Uint8Array | undefined {
    return component === null ? undefined : this.initPayloads.get(component.id);
  }

  /** Which sides of a component are open to other modules: a gateway takes one, mixers may lack one. */
  openSides(component: GraphComponent): Sides {
    if (component.name === "MIXIN") return { input: true, output: false };
    if (component.name === "MIXOUT") return { input: false, output: true };
    const nodeId = this.nodeOf(component);
    if (nodeId === null) return { input: true, output: true };
    const source = isHost(nodeId) === (nodeDirection(nodeId) === "playback");
    return { input: !source, output: source };
  }

  /** Which way a component's gateway runs, or what its neighbours told it; undefined when nobody knows. */
  directionOf(component: GraphComponent): NodeDirection | undefined {
    const nodeId = this.nodeOf(component);
    return nodeId === null ? component.direction : nodeDirection(nodeId);
  }

  /** The gateway of a component; null when it has none. */
  private nodeOf(component: GraphComponent): number | null {
    const payload = component.name === "COPIER" ? this.initPayload(component) : undefined;
    const nodeId = payload === undefined ? NO_NODE : copierConfigOf(payload)?.gateway.nodeId;
    return nodeId === undefined || nodeId === NO_NODE ? null : nodeId;
  }

  /** Whether the pipeline has a connection between two instances with these queues. */
  connected(source: GraphComponent, sink: GraphComponent, queues: Queues): boolean {
    return source.sinks.some(
      (buffer) =>
        buffer.sink === sink &&
        buffer.sourceQueue === queues.srcQueue &&
        buffer.sinkQueue === queues.dstQueue,
    );
  }

  /** The words of a request with our module ids in place of the log's. */
  translate(message: Ipc4Message): Words {
    if (!("moduleId" in message)) return encodeRequest(message);
    const moduleId = this.ourId(message.moduleId);
    return "dstModuleId" in message
      ? encodeRequest({ ...message, moduleId, dstModuleId: this.ourId(message.dstModuleId) })
      : encodeRequest({ ...message, moduleId });
  }
}

/** Queues of a connection. */
export interface Queues {
  readonly srcQueue: number;
  readonly dstQueue: number;
}

/** Which sides of a component the graph shall be connected at. */
export interface Sides {
  readonly input: boolean;
  readonly output: boolean;
}

function isHost(nodeId: number): boolean {
  const { type } = unpackNodeId(nodeId);
  return type === NodeType.HDA_HOST_OUTPUT || type === NodeType.HDA_HOST_INPUT;
}
