import { createDpModule, type DpPins, type DpScheduler, LockGap } from "@sof-ts/dp-scheduler";
import type { InstanceRequest } from "@sof-ts/ipc4-helper";
import {
  type Blocking,
  type Kernel,
  type KHeap,
  type MemPartition,
  type Thread,
} from "@sof-ts/kernel";
import { ENOMEM } from "@sof-ts/kit";
import type { LockingStrategy } from "@sof-ts/ll-scheduler";
import {
  type AudioAllocator,
  type AudioModule,
  containerBytes,
  DirectOperations,
  type ModuleDriver,
  type ModuleHandle,
  type ModuleServices,
  type ThrownHandler,
} from "@sof-ts/module-api";
import {
  type IsolatedHandle,
  type LostOperation,
  type Mailbox,
  UserspaceProxy,
} from "@sof-ts/userspace-proxy";
import type { FirmwareConfig } from "../config.js";
import { makeDirectInstance } from "./direct-instance.js";
import { InstanceGateways } from "./instance-gateways.js";
import { createGuarded, onlyModules } from "./module-exceptions.js";
import { makeServices, type ServiceSources } from "./module-services.js";
import type { ModuleRegion, ModuleRegions } from "./module-region.js";

/** An operation of a module that threw, with whose it was. */
export interface ThrownOperation {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly operation: Parameters<ThrownHandler>[0];
  readonly error: unknown;
}

/** What one instance is made with, besides its request. */
interface Made {
  readonly services: Omit<ModuleServices, "heap">;
  readonly gateways: InstanceGateways;
  readonly thrown: ThrownHandler;
}

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
  /** A module threw in an operation, which the host is told the failure of. */
  onThrown(thrown: ThrownOperation): void;
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
    const { moduleId, instanceId } = request;
    const sources = this.parts.services;
    const gateways = new InstanceGateways(sources.openGateway);
    const services = {
      ...makeServices(request, { ...sources, openGateway: (wanted) => gateways.open(wanted) }),
      cycleBudget: this.cycleBudget(request),
    };
    const thrown = onlyModules((operation, error) =>
      this.parts.onThrown({ moduleId, instanceId, operation, error }),
    );
    const made = { services, gateways, thrown };
    if (request.dataProcessing) return yield* this.createDp(driver, request, made);
    if (driver.isolated !== true || this.proxy === null) {
      return makeDirectInstance(driver, request, services, this.parts.heap, gateways, thrown);
    }
    const region = this.parts.regions.create(this.parts.config.isolatedHeapBytes);
    if (region === null) return -ENOMEM;
    const giveBack = (): void => {
      gateways.freeAll();
      region.release();
    };
    const isolated = { services, region, onFreed: giveBack };
    const handle = yield* this.createIsolated(this.proxy, driver, request, isolated);
    if (typeof handle === "number") giveBack();
    return handle;
  }

  /**
   * Whether a thread runs one module's code and nothing else, unprivileged: a fault of it is the module's, whose
   * callers hear of it. Calling context: the fatal error handler.
   */
  isModuleThread(thread: Thread): boolean {
    const { dp, cores } = this.parts;
    if (!thread.userMode) return false;
    for (let core = 0; core < cores; core++) {
      if (this.proxy?.workerThread(core) === thread) return true;
      for (const task of dp.tasks(core)) if (task.thread === thread) return true;
    }
    return false;
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
    made: {
      readonly services: Omit<ModuleServices, "heap">;
      readonly region: ModuleRegion;
      readonly onFreed?: () => void;
    },
  ): Blocking<IsolatedHandle | number> {
    const { services, region, onFreed } = made;
    return proxy.create({
      driver,
      services: { ...services, heap: region },
      payload,
      heap: region.heap,
      ...(onFreed === undefined ? {} : { onFreed }),
    });
  }

  private *createDp(
    driver: ModuleDriver,
    request: InstanceRequest,
    made: Made,
  ): Blocking<ModuleHandle | number> {
    const { config, regions, locking } = this.parts;
    const { services, gateways, thrown } = made;
    const region = regions.create(Math.max(request.memory?.heapBytes ?? 0, config.dpHeapBytes));
    if (region === null) return -ENOMEM;
    const byThread = config.CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD;
    const { proxy } = this;
    let control: IsolatedHandle | undefined;
    let module: AudioModule | number;
    if (proxy !== null && !byThread && (driver.isolated === true || locking.userMode)) {
      const handle = yield* this.createIsolated(proxy, driver, request, { services, region });
      if (typeof handle !== "number") control = handle;
      module = typeof handle === "number" ? handle : handle.instance;
    } else {
      module = createGuarded(driver, { ...services, heap: region }, request.payload, thrown);
    }
    const giveBack = (): void => {
      gateways.freeAll();
      region.release();
    };
    if (typeof module === "number") {
      giveBack();
      return module;
    }
    const thread = { region, module, control, thrown, giveBack };
    const handle = yield* this.startThread(driver, request, thread);
    if (typeof handle !== "number") return handle;
    yield* (control ?? new DirectOperations(module, thrown)).free();
    giveBack();
    return handle;
  }

  private startThread(
    driver: ModuleDriver,
    request: InstanceRequest,
    made: {
      readonly region: ModuleRegion;
      readonly module: AudioModule;
      readonly control: IsolatedHandle | undefined;
      readonly thrown: ThrownHandler;
      readonly giveBack: () => void;
    },
  ): Blocking<ModuleHandle | number> {
    const { region, module, control, thrown, giveBack } = made;
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
      thrown,
      onFreed: giveBack,
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
