import { createDpModule, type DpPins, type DpScheduler, LockGap } from "@sof-ts/dp-scheduler";
import type { InstanceRequest } from "@sof-ts/ipc4-helper";
import { type Blocking, type Kernel, type KHeap, type MemPartition } from "@sof-ts/kernel";
import { ENOMEM } from "@sof-ts/kit";
import type { LockingStrategy } from "@sof-ts/ll-scheduler";
import {
  type AudioAllocator,
  type AudioModule,
  containerBytes,
  type ModuleDriver,
  type ModuleHandle,
  type ModuleServices,
} from "@sof-ts/module-api";
import {
  type IsolatedHandle,
  type LostOperation,
  type Mailbox,
  UserspaceProxy,
} from "@sof-ts/userspace-proxy";
import type { FirmwareConfig } from "../config.js";
import { makeDirectInstance } from "./direct-instance.js";
import { makeServices, type ServiceSources } from "./module-services.js";
import type { ModuleRegion, ModuleRegions } from "./module-region.js";

/** What instances are made with; the composition root fills it in. */
export interface InstanceFactoryParts {
  readonly kernel: Kernel;
  readonly config: FirmwareConfig;
  readonly cores: number;
  readonly locking: LockingStrategy;
  /** The LL user heap. */
  readonly heap: AudioAllocator;
  readonly regions: ModuleRegions;
  /** Kernel objects of the proxy's workers. */
  readonly objects: KHeap;
  readonly mailbox: Mailbox;
  readonly dp: DpScheduler;
  readonly services: ServiceSources;
  /** Sections of the library that a module comes from; none for one of the base image. */
  librarySections(moduleId: number): readonly MemPartition[];
  /** An operation of an isolated module did not end. */
  onLost(lost: LostOperation): void;
}

/**
 * Makes module instances where they are to run (SOF's `module_adapter_new`): in the LL threads or in a thread
 * of their own, called directly or behind the userspace proxy. What comes out looks the same to the pipeline.
 *
 * | | in the LL tick | data processing |
 * |---|---|---|
 * | of the base image | direct | own thread; in user mode in a domain of its own, operations by the proxy |
 * | isolated (a library's) | sandbox in the LL thread, operations by the proxy | both |
 *
 * CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD has the thread carry out the operations in place of the proxy.
 */
export class InstanceFactory {
  /** Null in a build without CONFIG_SOF_USERSPACE_PROXY. */
  readonly proxy: UserspaceProxy<readonly number[]> | null;
  private readonly parts: InstanceFactoryParts;

  /** Calling context: boot. */
  constructor(parts: InstanceFactoryParts) {
    this.parts = parts;
    const { kernel, config, cores, objects, mailbox, locking } = parts;
    this.proxy = config.CONFIG_SOF_USERSPACE_PROXY
      ? new UserspaceProxy({
          kernel,
          cores,
          pool: objects,
          CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE:
            config.CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE,
          mailbox,
          gap: new LockGap(locking, cores),
          onLost: (lost) => parts.onLost(lost),
        })
      : null;
  }

  /**
   * Makes an instance. Calling context: the IPC thread of its core; blocks.
   *
   * @returns the instance; a negative errno, nothing being left behind
   */
  *create(driver: ModuleDriver, request: InstanceRequest): Blocking<ModuleHandle | number> {
    const services = {
      ...makeServices(request, this.parts.services),
      cycleBudget: this.cycleBudget(request),
    };
    if (request.dataProcessing) return yield* this.createDp(driver, request, services);
    if (driver.isolated !== true || this.proxy === null) {
      return makeDirectInstance(driver, request, services, this.parts.heap);
    }
    const region = this.parts.regions.create(this.parts.config.isolatedHeapBytes);
    if (region === null) return -ENOMEM;
    const handle = yield* this.createIsolated(this.proxy, driver, request, services, region, true);
    if (typeof handle === "number") region.release();
    return handle;
  }

  /** Half of the time until the next run: what is left is the others'. */
  private cycleBudget({ dataProcessing, pins }: InstanceRequest): number {
    const { kernel, config } = this.parts;
    const { rate, channels, frameFmt } = pins.params;
    const bytesPerUs = (rate * channels * containerBytes(frameFmt)) / 1e6;
    const blockUs = dataProcessing && bytesPerUs > 0 ? pins.obs / bytesPerUs : 0;
    return kernel.cyclesOf(Math.max(blockUs, config.llTimerPeriodUs) * 500);
  }

  private createIsolated(
    proxy: UserspaceProxy<readonly number[]>,
    driver: ModuleDriver,
    { payload }: InstanceRequest,
    services: Omit<ModuleServices, "heap">,
    region: ModuleRegion,
    ownsRegion: boolean,
  ): Blocking<IsolatedHandle | number> {
    return proxy.create({
      driver,
      services: { ...services, heap: region },
      payload,
      heap: region.heap,
      ...(ownsRegion ? { onFreed: () => region.release() } : {}),
    });
  }

  private *createDp(
    driver: ModuleDriver,
    request: InstanceRequest,
    services: Omit<ModuleServices, "heap">,
  ): Blocking<ModuleHandle | number> {
    const { config, regions, locking } = this.parts;
    const region = regions.create(Math.max(request.memory?.heapBytes ?? 0, config.dpHeapBytes));
    if (region === null) return -ENOMEM;
    const byThread = config.CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD;
    const { proxy } = this;
    let control: IsolatedHandle | undefined;
    let module: AudioModule | number;
    if (proxy !== null && !byThread && (driver.isolated === true || locking.userMode)) {
      const handle = yield* this.createIsolated(proxy, driver, request, services, region, false);
      if (typeof handle !== "number") control = handle;
      module = typeof handle === "number" ? handle : handle.instance;
    } else {
      module = driver.create({ ...services, heap: region }, request.payload);
    }
    if (typeof module === "number") {
      region.release();
      return module;
    }
    const handle = yield* this.startThread(driver, request, region, module, control);
    if (typeof handle !== "number") return handle;
    if (control !== undefined) yield* control.free();
    else module.free();
    region.release();
    return handle;
  }

  private startThread(
    driver: ModuleDriver,
    request: InstanceRequest,
    region: ModuleRegion,
    module: AudioModule,
    control: IsolatedHandle | undefined,
  ): Blocking<ModuleHandle | number> {
    const { dp, locking, config, librarySections } = this.parts;
    const { moduleId, instanceId, core, memory, cpc } = request;
    const partitions = [...region.partitions, ...librarySections(moduleId)];
    return createDpModule({
      scheduler: dp,
      locking,
      name: `${driver.manifest.name} ${instanceId}`,
      core,
      module,
      pins: dpPins(request),
      cpc: driver.isolated === true ? 0 : cpc,
      heap: region,
      llPeriodUs: config.llTimerPeriodUs,
      memory: locking.userMode ? { domainId: memory?.domainId ?? 0, partitions } : null,
      ipcByDpThread: config.CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD,
      onFreed: () => region.release(),
      ...(control === undefined ? {} : { control }),
      ...(memory !== null && memory.stackBytes > 0 ? { stackBytes: memory.stackBytes } : {}),
    });
  }
}

function dpPins({ pins }: InstanceRequest): DpPins {
  const { ibs, obs, inputPins, outputPins } = pins;
  return {
    ibs,
    obs,
    inputBytes: inputPins.map(({ bytes }) => bytes),
    outputBytes: outputPins.map(({ bytes }) => bytes),
  };
}
