import {
  BaseFwParam,
  decodeCounted,
  decodeFwConfig,
  FwConfigType,
  fwConfigValue,
  type FwVersion,
  logState,
  MAILBOX_BYTES,
  moduleInfo,
  systemTime,
} from "@sof-ts/ipc4";
import { FirstError } from "./first-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";
import { largeConfigGet, largeConfigSet } from "./large-config.js";
import type { FirmwareModule } from "./module-table.js";

/** What the driver takes from the firmware's configuration at the first boot. */
export interface FirmwareInfo {
  readonly version: FwVersion | null;
  /** Pipelines that the firmware can have. */
  readonly maxPipelines: number;
  /** Libraries, the base firmware among them. */
  readonly maxLibraries: number;
  /** Bytes of the firmware's log slot; 0 when it keeps none. */
  readonly traceBytes: number;
  /** Libraries survive a power cycle of the DSP. */
  readonly contextSave: boolean;
}

/** What the driver assumes of a firmware that it has not asked. */
export const unknownFirmware: FirmwareInfo = {
  version: null,
  maxPipelines: 32,
  maxLibraries: 1,
  traceBytes: 0,
  contextSave: false,
};

/** How long after a log entry the firmware announces it, and its priorities, as Linux sets them. */
const LOG_AGING_MS = 256;
const LOG_FIFO_FULL_MS = 4096;
const LOG_PRIORITIES = 0x1ef;

const baseFirmware = (paramId: number) => ({ moduleId: 0, instanceId: 0, paramId });

/** Asks the firmware for its configuration (FW_CONFIG). */
export function* queryFirmware(ipc: IpcTransport): HostTask<FirmwareInfo> {
  const target = baseFirmware(BaseFwParam.FW_CONFIG);
  const data = yield* largeConfigGet(ipc, target, MAILBOX_BYTES);
  const items = decodeFwConfig(data);
  const version = items.find((item) => item.kind === "version");
  return {
    version: version?.kind === "version" ? version.version : null,
    maxPipelines: fwConfigValue(items, FwConfigType.MAX_PPL_CNT) ?? unknownFirmware.maxPipelines,
    maxLibraries: Math.max(1, fwConfigValue(items, FwConfigType.MAX_LIBS_COUNT) ?? 1),
    traceBytes: fwConfigValue(items, FwConfigType.TRACE_LOG_BYTES) ?? 0,
    contextSave: (fwConfigValue(items, FwConfigType.FW_CONTEXT_SAVE) ?? 0) !== 0,
  };
}

/** Asks the firmware for its modules (MODULES_INFO_GET). The answer has no module configurations. */
export function* queryModules(ipc: IpcTransport): HostTask<FirmwareModule[]> {
  const target = baseFirmware(BaseFwParam.MODULES_INFO_GET);
  const data = yield* largeConfigGet(ipc, target, MAILBOX_BYTES);
  return decodeCounted(moduleInfo, data, "MODULES_INFO").map((info) => ({
    moduleId: info.moduleId,
    name: info.name,
    uuid: info.uuid,
    initConfig: info.type.initConfig,
    dataProcessing: info.type.domainDp,
    maxInstances: info.instanceMaxCount,
    configs: [],
  }));
}

/** Tells the firmware the time and switches its log on; a firmware that refuses goes without. */
export function* enableFirmwareLog(
  ipc: IpcTransport,
  nowUs: number,
  chunkBytes: number,
): HostTask<void> {
  const errors = new FirstError(ipc);
  const time = systemTime.encode({ timeUs: BigInt(Math.floor(nowUs)) });
  const log = logState.encode({
    agingTimerPeriodMs: LOG_AGING_MS,
    fifoFullTimerPeriodMs: LOG_FIFO_FULL_MS,
    enable: 1,
    logsPrioritiesMask: Array.from({ length: 16 }, (_, i) => (i === 0 ? LOG_PRIORITIES : 0)),
  });
  yield* errors.attempt(
    largeConfigSet(ipc, baseFirmware(BaseFwParam.SYSTEM_TIME), time, chunkBytes),
  );
  if (errors.error !== null) return;
  yield* errors.attempt(
    largeConfigSet(ipc, baseFirmware(BaseFwParam.ENABLE_LOGS), log, chunkBytes),
  );
}
