import {
  encodeCounted,
  encodePipelineList,
  encodeSchedulersInfo,
  InitConfig,
  libraryInfo,
  moduleInfo,
  type ModuleInfo,
  ProcDomain,
  type SchedulerInfo,
  type TaskInfo,
} from "@sof-ts/ipc4";
import type { ModuleDriver } from "@sof-ts/module-api";
import { type AudioGraph, PipelineState } from "@sof-ts/pipeline";
import type { LoadedLibrary, ModuleDirectory } from "../ports.js";

const NO_SEGMENT = { flags: 0, vBaseAddr: 0, fileOffset: 0 };

/** Reply to MODULES_INFO: the manifest entries of all modules, their first word replaced by module id and flags. */
export function encodeModules(directory: ModuleDirectory): Uint8Array {
  // All configurations stand in one table, in the order of the modules.
  let cfgOffset = 0;
  const infos = directory.entries().map(({ moduleId, driver }) => {
    const info = infoOf(moduleId, driver, cfgOffset);
    cfgOffset += info.cfgCount;
    return info;
  });
  return encodeCounted(moduleInfo, infos);
}

function infoOf(moduleId: number, { manifest }: ModuleDriver, cfgOffset: number): ModuleInfo {
  const dataProcessing = manifest.domain === "DP";
  return {
    moduleId,
    stateFlags: 0,
    name: manifest.name,
    uuid: manifest.uuid,
    type: {
      loadType: 0,
      autoStart: false,
      domainLl: !dataProcessing,
      domainDp: dataProcessing,
      libCode: false,
      initConfig:
        manifest.initConfig === "base+ext" ? InitConfig.BASE_WITH_PIN_FORMATS : InitConfig.BASE,
      coreType: 0,
      userMode: false,
      largeParam: false,
      stackOnBss: false,
    },
    // Hash, entry point and segments belong to code that is loaded; built-in modules have none.
    hash: new Uint8Array(32),
    entryPoint: 0,
    cfgOffset,
    cfgCount: manifest.configs.length,
    affinityMask: 0xffff_ffff,
    instanceMaxCount: manifest.maxInstances,
    instanceBssSize: 0,
    segments: [NO_SEGMENT, NO_SEGMENT, NO_SEGMENT],
  };
}

/** Reply to PIPELINE_LIST_INFO: of the ids below `asked`, those that exist. */
export function encodePipelines(graph: AudioGraph, asked: number): Uint8Array {
  const ids = graph.pipelines.map(({ id }) => id).filter((id) => id < asked);
  return encodePipelineList(ids.sort((a, b) => a - b));
}

/** Reply to LIBRARIES_INFO: the base firmware and what was loaded. */
export function encodeLibraries(libraries: readonly LoadedLibrary[]): Uint8Array {
  return encodeCounted(libraryInfo, libraries);
}

/**
 * Reply to SCHEDULERS_INFO for a core: the LL scheduler with the pipelines that it copies, and the DP scheduler
 * with its modules where the build has one. A core that is off has none. Locks the core's graph; blocks.
 */
export function* encodeSchedulers(
  graph: AudioGraph,
  coreId: number,
  core: { readonly enabled: boolean; readonly dataProcessing: boolean },
): Generator<number, Uint8Array, number> {
  yield* graph.locking.lock(coreId);
  const lowLatency: TaskInfo[] = graph.pipelines
    .filter((pipeline) => pipeline.core === coreId && pipeline.state === PipelineState.ACTIVE)
    .map(({ id, copyOrder }) => ({ taskId: id, moduleIds: copyOrder.map((member) => member.id) }));
  const dataProcessing: TaskInfo[] = graph.components
    .filter((component) => component.core === coreId && component.dataProcessing)
    .map(({ id }) => ({ taskId: id, moduleIds: [id] }));
  yield* graph.locking.unlock(coreId);
  const schedulers: SchedulerInfo[] = [];
  if (core.enabled) {
    const processingDomain = ProcDomain.LOW_LATENCY;
    schedulers.push({ processingDomain, coreId, tasks: lowLatency });
  }
  if (core.enabled && core.dataProcessing) {
    const processingDomain = ProcDomain.DATA_PROCESSING;
    schedulers.push({ processingDomain, coreId, tasks: dataProcessing });
  }
  return encodeSchedulersInfo(schedulers);
}
