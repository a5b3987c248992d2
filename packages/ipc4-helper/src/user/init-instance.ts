import {
  type BaseModuleCfg,
  baseModuleCfg,
  type DataObject,
  decodeBaseModuleCfgExt,
  decodeExtendedInit,
  hasBaseModuleCfgExt,
  InitObjectId,
  Ipc4Limit,
  memoryRequest,
  type MemoryRequest,
  type MessageOfKind,
  NO_PIPELINE,
  Status,
} from "@sof-ts/ipc4";
import { InputError } from "@sof-ts/kit";
import { formatsOf, type ModuleDriver, type StreamParams } from "@sof-ts/module-api";
import { componentId, type ComponentPins, type PinFormat } from "@sof-ts/pipeline";
import type { UserContext } from "./context.js";

/** What an INIT_INSTANCE payload says. */
interface InitPayload {
  /** The module's own block. */
  readonly payload: Uint8Array;
  readonly base: BaseModuleCfg;
  readonly pins: ComponentPins;
  readonly memory: MemoryRequest | null;
  readonly moduleData: Uint8Array | null;
}

/**
 * INIT_INSTANCE, in the IPC thread of the instance's core. The kernel half has found the driver. Whatever is
 * wrong has one status.
 *
 * @param mailbox the request's payload
 */
export function* initInstance(
  context: UserContext,
  message: MessageOfKind<"init-instance">,
  resolved: { readonly driver: ModuleDriver; readonly dataProcessing: boolean },
  mailbox: Uint8Array,
): Generator<number, number, number> {
  const { graph, firmware, core } = context;
  const { moduleId, instanceId, pipelineId } = message;
  const { driver, dataProcessing } = resolved;
  const id = componentId(moduleId, instanceId);
  const taken = graph.component(id) !== null || context.chains.has(id);
  const orphan = pipelineId !== NO_PIPELINE && graph.pipeline(pipelineId) === null;
  if (taken || orphan) return Status.MOD_NOT_INITIALIZED;
  const init = readInit(message, mailbox);
  if (init === null) return Status.MOD_NOT_INITIALIZED;
  const { payload, base, pins, memory, moduleData } = init;
  const place = { moduleId, instanceId, pipelineId, core };
  const module = yield* firmware.instantiate(driver, {
    ...place,
    payload,
    pins,
    cpc: base.cpc,
    dataProcessing,
    memory,
    moduleData,
  });
  if (typeof module === "number") return Status.MOD_NOT_INITIALIZED;
  const component = graph.addComponent({
    ...place,
    name: driver.manifest.name,
    pins,
    initPayload: payload,
    // What an isolated module uses is measured: nobody's announcement has to be believed.
    cpc: driver.isolated === true ? 0 : base.cpc,
    module,
    maxSources: driver.maxSources ?? 1,
    maxSinks: driver.maxSinks ?? 1,
    measured: driver.isolated ?? false,
    dataProcessing,
  });
  if (typeof component !== "number") return Status.SUCCESS;
  yield* module.free();
  return Status.MOD_NOT_INITIALIZED;
}

/** @returns null when the payload does not fit the mailbox, is broken, or says what cannot be */
function readInit(
  message: MessageOfKind<"init-instance">,
  mailbox: Uint8Array,
): InitPayload | null {
  const bytes = message.paramBlockWords * 4;
  if (bytes > mailbox.length) return null;
  try {
    // A copy: modules keep parts of it, and the mailbox is used again.
    const block = mailbox.slice(0, bytes);
    if (!message.extendedInit) return readBlock(block, []);
    const { objects, init } = decodeExtendedInit(block);
    return readBlock(init, objects);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

function readBlock(payload: Uint8Array, objects: readonly DataObject[]): InitPayload | null {
  const base = baseModuleCfg.decode(payload);
  const channels = base.audioFmt.channelsCount;
  if (channels === 0 || channels > Ipc4Limit.CHANNELS) return null;
  const ext = hasBaseModuleCfgExt(payload) ? decodeBaseModuleCfgExt(payload) : null;
  const pin = (bytes: number, audioFmt: BaseModuleCfg["audioFmt"]): PinFormat => ({
    bytes,
    params: streamParams(audioFmt),
  });
  const pins: ComponentPins = {
    ibs: base.ibs,
    obs: base.obs,
    params: streamParams(base.audioFmt),
    inputPins: ext?.inputPins.map(({ ibs, audioFmt }) => pin(ibs, audioFmt)) ?? [],
    outputPins: ext?.outputPins.map(({ obs, audioFmt }) => pin(obs, audioFmt)) ?? [],
  };
  // Objects that nobody knows, or that are too small for what they claim to be, are left out.
  const dp = objects.find(
    ({ id, data }) => id === InitObjectId.DP_DATA && data.length >= memoryRequest.size,
  );
  const own = objects.find(({ id }) => id === InitObjectId.MODULE_DATA);
  return {
    payload,
    base,
    pins,
    memory: dp === undefined ? null : memoryRequest.decode(dp.data),
    moduleData: own?.data ?? null,
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
