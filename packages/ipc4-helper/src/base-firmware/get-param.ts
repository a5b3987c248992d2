import {
  BaseFwParam,
  encodeMemoryState,
  encodePowerState,
  extendedSystemTime,
  MAILBOX_BYTES,
  Status,
  systemTime,
} from "@sof-ts/ipc4";
import type { BaseFirmwareConfig } from "./config.js";
import { encodeFirmwareConfig, encodeHardwareConfig } from "./facts.js";
import { encodeLibraries, encodeModules, encodePipelines, encodeSchedulers } from "./lists.js";
import type { ParamRequest } from "./request.js";
import type { BaseFirmwareState } from "./state.js";

type Value = Uint8Array | number;
/** What looks at the graph has to wait for its locks. */
type Getter = (request: ParamRequest) => Value | Generator<number, Value, number>;

/** Lists that may be longer than a mailbox and are read in parts. */
const inParts = new Set<number>([
  BaseFwParam.PERF_MEASUREMENTS_STATE,
  BaseFwParam.GLOBAL_PERF_DATA,
]);

const NOTHING = new Uint8Array(0);
const BASE_FIRMWARE = "BASEFW";

/** The parameters of the base firmware that can be read. */
export class ParamGetters {
  private readonly getters: ReadonlyMap<number, Getter>;

  constructor(config: BaseFirmwareConfig, state: BaseFirmwareState) {
    const { facts, directory, graph, machine } = config;
    this.getters = new Map<number, Getter>([
      [BaseFwParam.FW_CONFIG, () => encodeFirmwareConfig(facts)],
      [BaseFwParam.HW_CONFIG_GET, () => encodeHardwareConfig(facts)],
      [BaseFwParam.MODULES_INFO_GET, () => encodeModules(directory)],
      // The reference takes the number of ids to look at from the request.
      [
        BaseFwParam.PIPELINE_LIST_INFO_GET,
        ({ payload }) => encodePipelines(graph, wordOf(payload)),
      ],
      [BaseFwParam.SCHEDULERS_INFO_GET, ({ instance }) => schedulers(config, instance)],
      [BaseFwParam.MEMORY_STATE_INFO_GET, () => encodeMemoryState(machine.memoryState())],
      [BaseFwParam.POWER_STATE_INFO_GET, () => powerState(config, state)],
      [BaseFwParam.LIBRARIES_INFO_GET, () => libraries(config)],
      [BaseFwParam.GLOBAL_PERF_DATA, () => state.perf.encode()],
      [BaseFwParam.EXTENDED_GLOBAL_PERF_DATA, () => state.perf.encodeExtended()],
      [BaseFwParam.IO_PERF_MEASUREMENTS_STATE, () => Uint8Array.of(state.ioPerf.state)],
      [BaseFwParam.IO_GLOBAL_PERF_DATA, () => state.ioPerf.encode()],
      [BaseFwParam.SYSTEM_TIME, () => systemTime.encode({ timeUs: state.clock.timeUs })],
      [BaseFwParam.EXTENDED_SYSTEM_TIME, () => extendedTime(config, state)],
    ]);
  }

  /** Calling context: the kernel IPC thread; may block. @returns the value, or the status that refuses the request */
  *get(request: ParamRequest): Generator<number, Value, number> {
    const { paramId, initBlock } = request;
    if (!initBlock && !inParts.has(paramId)) return Status.ERROR_INVALID_PARAM;
    const made = this.getters.get(paramId)?.(request) ?? Status.INVALID_REQUEST;
    const value = typeof made === "number" || made instanceof Uint8Array ? made : yield* made;
    if (typeof value === "number") return value;
    const fits = value.length <= MAILBOX_BYTES || inParts.has(paramId);
    return fits ? value : Status.OUT_OF_MEMORY;
  }
}

function* schedulers(config: BaseFirmwareConfig, core: number): Generator<number, Value, number> {
  const { graph, firmware } = config;
  if (core >= firmware.coreCount) return Status.ERROR_INVALID_PARAM;
  return yield* encodeSchedulers(graph, core, {
    enabled: firmware.coreEnabled(core),
    dataProcessing: firmware.options.dataProcessing,
  });
}

function powerState(config: BaseFirmwareConfig, state: BaseFirmwareState): Uint8Array | number {
  const { firmware } = config;
  if (!firmware.options.kcps) return Status.UNAVAILABLE;
  let activeCoresMask = 0;
  for (let core = 0; core < firmware.coreCount; core++)
    if (firmware.coreEnabled(core)) activeCoresMask |= 1 << core;
  return encodePowerState({ activeCoresMask, coreKcps: state.kcps.values });
}

function libraries({ firmware, directory, facts }: BaseFirmwareConfig): Uint8Array {
  const loaded = firmware.libraries?.libraries() ?? [];
  const inLibraries = loaded.reduce((sum, { moduleCount }) => sum + moduleCount, 0);
  const moduleCount = directory.entries().length - inLibraries;
  const base = { id: 0, name: BASE_FIRMWARE, version: facts.version, moduleCount };
  return encodeLibraries([base, ...loaded]);
}

function extendedTime(config: BaseFirmwareConfig, state: BaseFirmwareState): Uint8Array | number {
  if (!config.facts.hasAlwaysRunningTimer) return NOTHING;
  if (!state.clock.isSet) return Status.INVALID_RESOURCE_STATE;
  const ticks = config.machine.wallClock();
  return extendedSystemTime.encode({ utcUs: state.clock.timeUs, rtc: ticks, art: ticks });
}

const wordOf = (payload: Uint8Array): number =>
  new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(0, true);
