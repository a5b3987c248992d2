import {
  type AudioFormat,
  baseModuleCfg,
  decodeBaseModuleCfgExt,
  encodeModuleInstanceProps,
  hasBaseModuleCfgExt,
  NO_GATEWAY,
  type PinProps,
  StreamType,
} from "@sof-ts/ipc4";
import type { Component } from "@sof-ts/pipeline";

/** Words that data-processing modules align their queues to. */
const QUEUE_ALIGNMENT = 4;

/** Reply to LARGE_CONFIG_GET of MOD_INST_PROPS: what an instance was made as, and what it costs. */
export function instanceProps(component: Component): Uint8Array {
  const { initPayload, module } = component;
  const base = baseModuleCfg.decode(initPayload);
  const ext = hasBaseModuleCfgExt(initPayload) ? decodeBaseModuleCfgExt(initPayload) : null;
  const formatOf = (formats: readonly { audioFmt: AudioFormat }[] | undefined, queue: number) =>
    formats?.[queue]?.audioFmt ?? base.audioFmt;
  const pins = (
    queues: readonly number[],
    formats: readonly { audioFmt: AudioFormat }[] | undefined,
  ): PinProps[] =>
    queues.map((queue) => ({
      streamType: StreamType.PCM,
      format: formatOf(formats, queue),
      physQueueId: queue,
    }));
  const gateway = module.direct?.gateway ?? null;
  const towardsHost = gateway?.kind === "host" || gateway?.kind === "ipc";
  const enters = (gateway?.direction === "playback") === towardsHost;
  return encodeModuleInstanceProps({
    id: component.id,
    dpQueueType: component.dataProcessing ? 1 : 0,
    queueAlignment: QUEUE_ALIGNMENT,
    cpUsageMask: 0,
    stackBytes: 0,
    bssTotalBytes: 0,
    bssUsedBytes: 0,
    ibsBytes: base.ibs,
    obsBytes: base.obs,
    cpc: base.cpc,
    cpcPeak: component.peakCycles,
    inputQueues: pins(
      component.sources.map(({ sinkQueue }) => sinkQueue),
      ext?.inputPins,
    ),
    outputQueues: pins(
      component.sinks.map(({ sourceQueue }) => sourceQueue),
      ext?.outputPins,
    ),
    inputGateway: gateway !== null && enters ? gateway.nodeId : NO_GATEWAY,
    outputGateway: gateway !== null && !enters ? gateway.nodeId : NO_GATEWAY,
  });
}
