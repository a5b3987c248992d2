import { type Exchange, type Ipc4Message, type MessageOfKind } from "@sof-ts/ipc4";
import { type CopierRole, GatewayNumbers, guessRole } from "./copier-role.js";
import type { GraphMaker } from "./graph-maker.js";
import { instanceKey, type LogStudy } from "./log-study.js";
import { type MadePayload, payloadFor } from "./made-up-payloads.js";
import type { World } from "./world.js";

/** Finds the payload of each request: the log's bytes, completed by what log and firmware tell of the rest. */
export class RequestPayloads {
  private readonly study: LogStudy;
  private readonly world: World;
  private readonly maker: GraphMaker;
  private gateways = new GatewayNumbers();

  constructor(study: LogStudy, world: World, maker: GraphMaker) {
    this.study = study;
    this.world = world;
    this.maker = maker;
  }

  /** The firmware was booted anew: every stream is free. */
  forget(): void {
    this.gateways = new GatewayNumbers();
  }

  /** A copier was sent with this gateway. */
  takeGateway(nodeId: number): void {
    this.gateways.take(nodeId);
  }

  /**
   * @param exchange where the log has the request; null for a made-up one
   * @param pipelines those that a list names
   */
  of(message: Ipc4Message, exchange: Exchange | null, pipelines: readonly number[]): MadePayload {
    const { world } = this;
    return payloadFor(message, {
      module: "moduleId" in message ? world.moduleName(message.moduleId) : null,
      dataSize: exchange?.dataSize,
      known: exchange?.payload,
      pipelines,
      timeUs: exchange?.time?.us ?? 0,
      gateways: this.gateways,
      role: () => this.roleOf(message as MessageOfKind<"init-instance">, exchange),
      initPayload:
        "moduleId" in message && "instanceId" in message
          ? world.initPayload(world.component(message.moduleId, message.instanceId))
          : undefined,
    });
  }

  /** What the copier of an INIT_INSTANCE is for. */
  private roleOf(
    { moduleId, instanceId, pipelineId, paramBlockWords }: MessageOfKind<"init-instance">,
    exchange: Exchange | null,
  ): CopierRole {
    const key = instanceKey(moduleId, instanceId);
    const end = this.maker.ends.get(key);
    if (end !== undefined) {
      const host = (end.side === "source") === (end.direction === "playback");
      return { end: host ? "host" : "hda", direction: end.direction };
    }
    const instance = this.study.instances.get(key);
    const hints = exchange === null ? undefined : this.study.hints.get(exchange.line);
    return guessRole({
      name: instance?.name,
      size: paramBlockWords * 4,
      feeds: instance?.feeds ?? false,
      isFed: instance?.isFed ?? false,
      first: this.world.firmware.graph.members(pipelineId).length === 0,
      direction: hints?.trigger?.direction,
    });
  }
}
