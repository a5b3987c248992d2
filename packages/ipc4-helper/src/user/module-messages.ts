import {
  type BaseModuleCfg,
  baseModuleCfg,
  decodeBaseModuleCfgExt,
  decodeExtendedInit,
  hasBaseModuleCfgExt,
  Status,
} from "@sof-ts/ipc4";
import { InputError } from "@sof-ts/kit";
import {
  type AudioModule,
  formatsOf,
  type ModuleDriver,
  type StreamParams,
} from "@sof-ts/module-api";
import { componentId, type ComponentPins, DirectModule, type PinFormat } from "@sof-ts/pipeline";
import { bindStatus } from "../status.js";
import type { MessageOfKind } from "@sof-ts/ipc4";
import type { UserContext } from "./context.js";

const MAX_CHANNELS = 8;
const NO_PIPELINE = 0xff;

/**
 * INIT_INSTANCE, in the IPC thread of the instance's core. The kernel half has found the driver.
 *
 * @param downlink the mailbox with the payload
 */
export function* initInstance(
  context: UserContext,
  message: MessageOfKind<"init-instance">,
  resolved: { readonly driver: ModuleDriver; readonly dataProcessing: boolean },
  downlink: Uint8Array,
): Generator<number, number, number> {
  const { graph, firmware, core } = context;
  const { moduleId, instanceId, pipelineId } = message;
  const { driver, dataProcessing } = resolved;
  if (graph.component(componentId(moduleId, instanceId)) !== null)
    return Status.MOD_NOT_INITIALIZED;
  if (pipelineId !== NO_PIPELINE && graph.pipeline(pipelineId) === null)
    return Status.MOD_NOT_INITIALIZED;
  const payload = initPayload(message, downlink);
  if (payload === null) return Status.MOD_NOT_INITIALIZED;
  const config = readBaseConfig(payload);
  if (config === null) return Status.MOD_NOT_INITIALIZED;
  const services = firmware.services({ moduleId, instanceId, pipelineId, core });
  const module: AudioModule | number = driver.create(services, payload);
  if (typeof module === "number") return Status.MOD_NOT_INITIALIZED;
  const component = graph.addComponent({
    moduleId,
    instanceId,
    pipelineId,
    core,
    name: driver.manifest.name,
    pins: config.pins,
    cpc: config.base.cpc,
    module: new DirectModule(module),
    maxSources: driver.maxSources ?? 1,
    maxSinks: driver.maxSinks ?? 1,
    dataProcessing,
  });
  if (typeof component !== "number") return Status.SUCCESS;
  module.free();
  return Status.MOD_NOT_INITIALIZED;
}

/** DELETE_INSTANCE. */
export function* deleteInstance(
  context: UserContext,
  id: number,
): Generator<number, number, number> {
  const component = context.graph.component(id);
  if (component === null) return Status.INVALID_RESOURCE_ID;
  const rc = yield* context.graph.removeComponent(component);
  return rc === 0 ? Status.SUCCESS : Status.INVALID_RESOURCE_ID;
}

/** Ends and queues of BIND and UNBIND, as component ids. */
export interface Connection {
  readonly source: number;
  readonly sink: number;
  readonly sourceQueue: number;
  readonly sinkQueue: number;
}

/** BIND, in the IPC thread of both ends' core, or of core 0 between two cores. */
export function* bind(
  context: UserContext,
  message: Connection,
): Generator<number, number, number> {
  const { graph } = context;
  const source = graph.component(message.source);
  const sink = graph.component(message.sink);
  if (source === null || sink === null) return Status.INVALID_RESOURCE_ID;
  if (source.dataProcessing && sink.dataProcessing) return Status.INVALID_REQUEST;
  const rc = yield* graph.bind(source, sink, message.sourceQueue, message.sinkQueue);
  return rc === 0 ? Status.SUCCESS : bindStatus(rc);
}

/** UNBIND; calling context as {@link bind}. */
export function* unbind(
  context: UserContext,
  message: Connection,
): Generator<number, number, number> {
  const { graph } = context;
  const source = graph.component(message.source);
  const sink = graph.component(message.sink);
  if (source === null || sink === null) return Status.INVALID_RESOURCE_ID;
  const rc = yield* graph.unbind(source, sink, message.sourceQueue, message.sinkQueue);
  return rc === 0 ? Status.SUCCESS : Status.INVALID_RESOURCE_ID;
}

/**
 * The module's own init payload: the message's block without an extended header. A copy, because modules
 * keep parts of it and the mailbox is the host's.
 *
 * @returns null when the block does not fit the mailbox or its header is broken
 */
function initPayload(
  message: MessageOfKind<"init-instance">,
  downlink: Uint8Array,
): Uint8Array | null {
  const bytes = message.paramBlockWords * 4;
  if (bytes > downlink.length) return null;
  const block = downlink.slice(0, bytes);
  if (!message.extendedInit) return block;
  try {
    return decodeExtendedInit(block).init;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Base configuration and pins of an INIT_INSTANCE payload; null when they are not usable. */
function readBaseConfig(payload: Uint8Array): { base: BaseModuleCfg; pins: ComponentPins } | null {
  let base: BaseModuleCfg;
  try {
    base = baseModuleCfg.decode(payload);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
  const channels = base.audioFmt.channelsCount;
  if (channels === 0 || channels > MAX_CHANNELS) return null;
  const ext = hasBaseModuleCfgExt(payload) ? decodeBaseModuleCfgExt(payload) : null;
  const pin = (bytes: number, audioFmt: BaseModuleCfg["audioFmt"]): PinFormat => ({
    bytes,
    params: streamParams(audioFmt),
  });
  return {
    base,
    pins: {
      ibs: base.ibs,
      obs: base.obs,
      params: streamParams(base.audioFmt),
      inputPins: ext?.inputPins.map(({ ibs, audioFmt }) => pin(ibs, audioFmt)) ?? [],
      outputPins: ext?.outputPins.map(({ obs, audioFmt }) => pin(obs, audioFmt)) ?? [],
    },
  };
}

function streamParams(format: BaseModuleCfg["audioFmt"]): StreamParams {
  return {
    rate: format.samplingFrequency,
    channels: format.channelsCount,
    channelMap: format.chMap,
    ...formatsOf(format.depth, format.validBitDepth, format.sampleType),
  };
}
