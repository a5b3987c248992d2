import type { InstancePlace, Notifier } from "@sof-ts/ipc4-helper";
import type {
  FirmwareRegisters,
  Gateway,
  GatewayRequest,
  ModuleServices,
} from "@sof-ts/module-api";
import { type AudioGraph, componentId, type PipelinePositions } from "@sof-ts/pipeline";
import { linkPositionOf } from "../link-position.js";

/** Best score of a phrase. */
const MAX_SCORE = 8192;

/** What the services of all instances are made of. */
export interface ServiceSources {
  readonly graph: AudioGraph;
  readonly notifier: Notifier;
  readonly registers: FirmwareRegisters;
  readonly periodUs: number;
  /** CONFIG_XRUN_NOTIFICATIONS_ENABLE. */
  readonly xrunNotifications: boolean;
  /** CONFIG_HOST_DMA_IPC_POSITION_UPDATES. */
  readonly positionUpdates: boolean;
  positions(): PipelinePositions | null;
  openGateway(request: GatewayRequest): Gateway | number;
  wallClock(): bigint;
}

/** What the firmware does for one module instance, its memory excepted. */
export function makeServices(
  place: InstancePlace,
  sources: ServiceSources,
): Omit<ModuleServices, "heap"> {
  const { graph, notifier, registers, periodUs, xrunNotifications, positionUpdates } = sources;
  const { moduleId, instanceId, pipelineId } = place;
  const id = componentId(moduleId, instanceId);
  return {
    ...place,
    periodUs,
    registers,
    openGateway: (request) => sources.openGateway(request),
    notify: (eventId, data) => {
      notifier.module(id, eventId, data);
    },
    reportXrun: (direction) => !xrunNotifications || notifier.xrun(pipelineId, direction),
    reportPhrase: (wordId, score) => {
      notifier.phraseDetected(wordId & 0xffff, Math.min(Math.max(score, 0), MAX_SCORE));
    },
    reportMixerUnderrun: (mixedBytes, expectedBytes) => {
      const pipeline = graph.pipeline(pipelineId);
      // A stream that the host has not begun to fill is not starved.
      if (pipeline?.source?.module.direct?.gateway?.totalBytes === 0) return;
      notifier.mixerUnderrun(pipelineId, pipeline?.expectEos ?? false, mixedBytes, expectedBytes);
    },
    linkPosition: () => linkPositionOf(graph, id),
    ...(positionUpdates ? { reportPosition: makePositionReport(place, sources) } : {}),
    wallClock: () => sources.wallClock(),
  };
}

/** Writes a stream's position down in its pipeline's place and sends it to the host. */
function makePositionReport(
  { moduleId, instanceId, pipelineId }: InstancePlace,
  { graph, notifier, positions, wallClock }: ServiceSources,
): (nodeId: number, totalBytes: number) => void {
  const id = componentId(moduleId, instanceId);
  return (nodeId, totalBytes) => {
    const position = positions()?.at(graph.pipeline(pipelineId)?.positionPlace ?? -1) ?? null;
    if (position === null) return;
    position.hostBytes = totalBytes;
    position.linkBytes = Number(linkPositionOf(graph, id)?.bytes ?? 0);
    position.wallClock = wallClock();
    notifier.streamPosition(nodeId, {
      hostBytes: BigInt(position.hostBytes),
      linkBytes: BigInt(position.linkBytes),
      wallClock: position.wallClock,
    });
  };
}
