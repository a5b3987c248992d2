import { DpScheduler } from "@sof-ts/dp-scheduler";
import { Ipc4Limit, Status } from "@sof-ts/ipc4";
import { defaultModules } from "./modules.js";
import type { TrustedKeys } from "@sof-ts/firmware-image";
import type { Checks } from "@sof-ts/explorer";
import { assert, EventQueue } from "@sof-ts/kit";
import {
  BaseFirmware,
  Chains,
  type FirmwarePort,
  IpcUserThread,
  KernelHandler,
  type LibraryLoader,
  type MachinePort,
  makeUserHandler,
  type ModuleDirectory,
  Notifier,
  Outbox,
  type UserContext,
} from "@sof-ts/ipc4-helper";
import { Atomic, type FatalInfo, K_FOREVER, Kernel, MemDomain, Sem } from "@sof-ts/kernel";
import { type LibraryManager, mapColdRodata } from "@sof-ts/lib-manager";
import { type LlDomain, type LockingStrategy, SchedulerType } from "@sof-ts/ll-scheduler";
import type { ModuleDriver } from "@sof-ts/module-api";
import { AudioGraph, PipelinePositions, PipelineState } from "@sof-ts/pipeline";
import { describePlatform, operationCycles, type PlatformDescription, Soc } from "@sof-ts/soc";
import { defaultFirmwareConfig, type FirmwareConfig } from "./config.js";
import { checkedTrace, makeChecks } from "./checked-run.js";
import { ChainCalls } from "./chain-calls.js";
import { CoreFaults } from "./core-faults.js";
import { Cores, KERNEL_IPC_PRIORITY } from "./cores.js";
import { openDmaChain } from "./dma-chain.js";
import {
  type FailureInjection,
  type FailurePoint,
  KernelObjectHeap,
  type LibraryRegion,
} from "./failure-injection.js";
import { firmwareFacts } from "./facts.js";
import { FirmwareHalted } from "./firmware-halted.js";
import type { FirmwareOptions } from "./firmware-options.js";
import { WindowRegisters } from "./firmware-registers.js";
import { GatewayCalls } from "./gateway-calls.js";
import { GatewayFactory } from "./gateway-factory.js";
import { SocHostIpc } from "./host-ipc-port.js";
import { hostMailbox, llHeapPartitions, sysuserPartition } from "./memory-partitions.js";
import { makeLlDomain, makeLocking } from "./ll-domain.js";
import { type LlHeap, makeLlHeap } from "./ll-heap.js";
import { LlpSlots } from "./llp-slots.js";
import { makeMachinePort } from "./machine-port.js";
import { Microphones } from "./microphones.js";
import { InstanceFactory } from "./instances/instance-factory.js";
import { ModuleRegions } from "./instances/module-region.js";
import type { ServiceSources } from "./instances/module-services.js";
import { loaderOf, makeLibraries, makeLibraryRegion } from "./libraries/make-libraries.js";
import { ModuleFaults } from "./module-faults.js";
import { ModuleTable } from "./module-table.js";
import { Mtrace } from "./mtrace.js";
import { powerOff } from "./power-off.js";
import { countResources, type ResourceUse } from "./resource-use.js";
import { Watchdogs } from "./watchdog.js";

const MAILBOX_BYTES = 4096;
/** Ticks that a core may miss before its watchdog bites. */
const WATCHDOG_PERIODS = 100;
/**
 * Where dynamic kernel objects and stacks lie: addresses of the kernel's own, out of any user domain. Room for
 * the threads of all data-processing modules that there can be, and for the rest.
 */
const KERNEL_HEAP = { base: 0x4000_0000, size: 0x8_0000 } as const;
const FW_READY = 0x1b08_0000;

/**
 * The composition root: joins machine, kernel and firmware packages into a booted firmware. Everything that
 * varies comes in through its configuration; nothing below asks which variant it is part of.
 */
export class Firmware {
  readonly config: FirmwareConfig;
  readonly platform: PlatformDescription;
  readonly events = new EventQueue();
  readonly soc: Soc;
  readonly kernel: Kernel;
  /** What a checked run looks at and finds; null in any other. */
  readonly checks: Checks | null;
  readonly graph: AudioGraph;
  readonly domain: LlDomain;
  readonly heap: LlHeap;
  readonly outbox: Outbox;
  readonly directory: ModuleDirectory;
  /** IPC messages that the firmware has seen and answered. */
  messages = 0;
  /** The host keeps core 0 from gating its power while it idles (SET_D0IX). */
  powerGatingPrevented = false;
  private stopOnHostInterrupt = false;
  private readonly locking: LockingStrategy;
  private readonly llMemoryDomain: MemDomain;
  private readonly baseFirmware: BaseFirmware;
  private readonly registers: WindowRegisters;
  private readonly hostIpc: SocHostIpc;
  private readonly requested: Sem;
  private readonly cores: Cores;
  private readonly gateways: GatewayCalls;
  private readonly chainCalls: ChainCalls;
  private readonly notifier: Notifier;
  private readonly machine: MachinePort;
  private readonly mtrace: Mtrace | null;
  private readonly watchdogs: Watchdogs | null;
  /** Pipelines of all cores that run. */
  private readonly active: Atomic;
  /** The library manager; null in a build without, or with another loader. */
  readonly libraryManager: LibraryManager | null;
  readonly dpScheduler: DpScheduler;
  private readonly instances: InstanceFactory;
  private readonly libraries: LibraryLoader | null;
  /**
   * What a test can have fail: allocations of the LL user heap, of dynamic kernel objects, of the regions of
   * modules with a domain of their own, and of libraries; and the DMA that libraries come through.
   */
  readonly failures: Readonly<Record<FailurePoint, FailureInjection>>;
  private readonly objects: KernelObjectHeap;
  private readonly libraryRegion: LibraryRegion;
  private readonly coreFaults: CoreFaults;
  /** What modules did wrong outside the LL tick. */
  readonly moduleFaults: ModuleFaults;
  private readonly port: FirmwarePort;
  /** The table of pipeline positions; made when core 0 is initialised. */
  positions: PipelinePositions | null = null;
  private readonly transfers: UserContext["transfers"] = new WeakMap();
  /** DMA chains, all on core 0; made when that core is up. */
  private chains: Chains | null = null;

  constructor(options: FirmwareOptions = {}) {
    const config = { ...defaultFirmwareConfig, ...options.config };
    this.config = config;
    this.platform = describePlatform(config.platform);
    const { platform } = this;
    const { coreCount } = platform;
    this.checks = makeChecks(options.checked);
    this.kernel = new Kernel({
      cpus: coreCount,
      cyclesPerSecond: platform.coreClockHz,
      ticksPerSecond: config.CONFIG_SYS_CLOCK_TICKS_PER_SEC,
      costs: operationCycles(platform.costs),
      options: {
        maxDomainPartitions: config.CONFIG_MAX_DOMAIN_PARTITIONS,
        skew: options.skewCycles ?? 0,
      },
      events: this.events,
      onFatal: (info) => this.onFatal(info),
      ...(options.chooser === undefined ? {} : { chooser: options.chooser }),
      trace: checkedTrace(options.trace, this.checks),
      checker: this.checks?.checker ?? null,
    });
    const { kernel } = this;
    this.checks?.attach(kernel);
    this.soc = new Soc({
      platform,
      queue: this.events,
      interrupts: { raise: (cpu, irq) => kernel.irqRaise(cpu, irq) },
      hostInterrupt: {
        raise: () => {
          options.onHostInterrupt?.();
          if (this.stopOnHostInterrupt) kernel.stop();
        },
      },
      time: kernel,
    });
    this.active = new Atomic(kernel);
    this.watchdogs = config.CONFIG_LL_WATCHDOG ? this.makeWatchdogs() : null;
    this.heap = makeLlHeap(kernel, config, this.checks);
    this.locking = makeLocking(config.locking, kernel, coreCount);
    this.llMemoryDomain = new MemDomain(kernel, "zephyr_ll_mem_domain");
    this.llMemoryDomain.init([...llHeapPartitions(this.heap), sysuserPartition]);
    const cold = this.soc.platform.memory.imr.base;
    const mapped = mapColdRodata(this.llMemoryDomain, cold, config.coldRodataBytes);
    assert(mapped === 0, "cold read-only data is in whole pages");
    this.domain = makeLlDomain({
      kernel,
      soc: this.soc,
      config,
      locking: this.locking,
      memoryDomain: this.llMemoryDomain,
      heap: this.heap,
      checks: this.checks,
      feedWatchdog: (core) => this.watchdogs?.feed(core),
    });
    this.coreFaults = new CoreFaults({
      kernel,
      domain: this.domain,
      locking: this.locking,
      cores: coreCount,
      report: (core, info) => this.onCoreFault(core, info),
      stopRest: (core) => this.stopRest(core),
      threw: (component, error) =>
        this.log("error", "pipe", `${component.name} threw while it was stopped: ${String(error)}`),
    });
    this.registers = new WindowRegisters(this.soc.windows.registers);
    this.moduleFaults = new ModuleFaults(this.registers, (...entry) => this.log(...entry));
    this.hostIpc = new SocHostIpc(this.soc);
    this.outbox = new Outbox(this.hostIpc);
    const modules = options.modules ?? defaultModules();
    this.libraryRegion = makeLibraryRegion(this.soc, config);
    this.libraryManager =
      config.CONFIG_LIBRARY_MANAGER && options.libraries === undefined
        ? this.makeLibraries(modules, options.libraryKeys)
        : null;
    this.libraries = options.libraries ?? (this.libraryManager && loaderOf(this.libraryManager));
    this.directory = this.libraryManager?.modules ?? new ModuleTable(modules);
    const microphones = new Microphones();
    const llpSlots = new LlpSlots(this.soc.windows.registers, () => this.soc.wallClock.read());
    const { llTimerPeriodUs: periodUs } = config;
    const gateways = new GatewayFactory(this.soc, periodUs, llpSlots, microphones, (operation) =>
      kernel.supervisorOnly(operation),
    );
    this.gateways = new GatewayCalls(
      kernel,
      this.heap.memory,
      (request) => gateways.open(request, this.heap),
      (request) => gateways.openSoftware(request, this.heap),
    );
    this.chainCalls = new ChainCalls(kernel, (request) =>
      openDmaChain(this.soc, this.heap, periodUs, request, (nodeId, direction) =>
        config.CONFIG_XRUN_NOTIFICATIONS_ENABLE ? this.notifier.chainXrun(nodeId, direction) : true,
      ),
    );
    this.notifier = new Notifier({
      queue: kernel.defineSyscall("ipc_msg_send", {
        verify: (_primary: number, _extension: number, payload: Uint8Array) =>
          payload.length <= MAILBOX_BYTES,
        run: (primary: number, extension: number, payload: Uint8Array) =>
          this.outbox.notify(primary, extension, payload),
      }),
      update: kernel.defineSyscall("ipc_msg_update", {
        verify: (_key: number, _primary: number, _extension: number, payload: Uint8Array) =>
          payload.length <= MAILBOX_BYTES,
        run: (key: number, primary: number, extension: number, payload: Uint8Array) =>
          this.outbox.update(key, primary, extension, payload),
      }),
      alarm: (primary, extension) => this.outbox.alarm(primary, extension),
      lastWords: (primary, extension) => this.outbox.lastWords(primary, extension),
    });
    this.mtrace = config.CONFIG_LOG_BACKEND_ADSP_MTRACE ? this.makeMtrace() : null;
    this.graph = new AudioGraph({
      kernel,
      domain: this.domain,
      locking: this.locking,
      heap: () => this.heap,
      crossCoreStream: config.CONFIG_CROSS_CORE_STREAM,
      positions: () => this.positions,
      ...(this.checks === null ? {} : { watcher: this.checks }),
      events: {
        processError: (component, rc) => {
          this.notifier.processError(component.id, rc);
          this.log("error", "pipe", `${component.name} ${component.id.toString(16)}: copy ${rc}`);
        },
        activeChanged: ({ state }) => this.countActive(state === PipelineState.ACTIVE ? 1 : -1),
      },
    });
    this.objects = new KernelObjectHeap(kernel, KERNEL_HEAP);
    const regions = new ModuleRegions(kernel, this.heap);
    this.dpScheduler = new DpScheduler({
      kernel,
      domain: this.domain,
      cores: coreCount,
      userMode: this.locking.userMode,
      objects: this.objects,
      allowsPartition: (partition) =>
        regions.has(partition) || (this.libraryManager?.owns(partition) ?? false),
    });
    const { soc, heap, mtrace } = this;
    this.machine = makeMachinePort({ soc, kernel, heap, microphones, mtrace });
    this.failures = {
      heap: heap.failures,
      objects: this.objects.failures,
      regions: regions.failures,
      libraries: this.libraryRegion.failures,
      libraryDma: this.libraryRegion.dmaFailures,
    };
    this.instances = this.makeInstances(regions);
    this.port = this.makePort();
    this.baseFirmware = this.makeBaseFirmware();
    this.requested = new Sem(kernel, 0, 1, "ipc requested");
    this.cores = new Cores({
      kernel,
      soc,
      domain: this.domain,
      userThread: (core, triggersDone) => this.makeUserThread(core, triggersDone),
      changed: (core, on) => this.onCoreChanged(core, on),
    });
    this.boot();
  }

  /**
   * Runs the machine. Calling context: outside the machine.
   *
   * @param until virtual time in cycles
   * @param stopOnHostInterrupt come back as soon as the DSP interrupts the host
   * @returns what ended the run
   * @throws FirmwareHalted when the firmware halted on a fatal error
   */
  run(until: number, stopOnHostInterrupt = false): "until" | "interrupt" {
    this.stopOnHostInterrupt = stopOnHostInterrupt;
    const { reason, fatal } = this.kernel.run(until);
    if (fatal !== null) throw new FirmwareHalted(fatal);
    return reason === "stopped" ? "interrupt" : "until";
  }

  /** Whether a core is powered and serves its pipelines. */
  coreEnabled(core: number): boolean {
    return this.cores.enabled(core);
  }

  get resources(): ResourceUse {
    return countResources(this);
  }

  /** Brings core 0 up as the boot code does; FW_READY is on its way to the host when the machine runs. */
  private boot(): void {
    const { kernel, soc } = this;
    soc.cores[0]?.powerUp(() => {
      this.registers.boot();
      this.mtrace?.claim();
      const ipc = kernel.createThread({
        name: "ipc",
        priority: KERNEL_IPC_PRIORITY,
        delay: K_FOREVER,
        entry: () => this.kernelIpc(),
      });
      // Every thread that comes after inherits the pool that dynamic kernel objects are taken from.
      ipc.heapAssign(this.objects);
      const faults = kernel.createThread({
        name: "core faults",
        priority: KERNEL_IPC_PRIORITY,
        delay: K_FOREVER,
        entry: () => this.coreFaults.run(this.graph),
      });
      // On the core that is never taken from under them.
      for (const thread of [ipc, faults]) {
        thread.cpuPin(0);
        thread.startNow();
      }
    });
  }

  /** The kernel IPC thread: initialises core 0, tells the host, then serves it. */
  private *kernelIpc(): Generator<number, void, number> {
    const { kernel, soc, platform } = this;
    const irq = platform.irq.hostIpc;
    kernel.irqConnect(0, irq, () => this.onHostIpc());
    kernel.irqEnable(0, irq);
    soc.interrupts.enable(0, irq);
    soc.hostIpc.dsp.enableInterrupts(true, true);
    // Before any user thread is there to be granted it.
    this.positions = PipelinePositions.create({
      kernel,
      places: Ipc4Limit.PIPELINES,
      address: sysuserPartition.start,
      userMode: this.locking.userMode,
      ...(this.checks === null ? {} : { watcher: this.checks }),
    });
    assert(this.positions !== null, "no memory for the lock of the pipeline positions");
    const rc = yield* this.cores.init(0);
    assert(rc === 0, `core 0 cannot be initialised: ${rc}`);
    this.outbox.reply({ primary: FW_READY, extension: 0, payload: new Uint8Array(0) });
    const handler = new KernelHandler({
      kernel,
      host: this.hostIpc,
      outbox: this.outbox,
      graph: this.graph,
      directory: this.directory,
      firmware: this.port,
      baseFirmware: this.baseFirmware,
      requested: this.requested,
      userThread: (core) => this.cores.userThread(core),
      onMessage: (direction, primary, extension) => {
        const words = `0x${primary.toString(16)}|0x${extension.toString(16)}`;
        if (direction === "request") this.log("info", "ipc", `ipc_cmd: rx\t: ${words}`);
        else {
          this.log("debug", "ipc", `ipc_msg_reply: tx\t: ${words}`);
          this.messages++;
        }
      },
    });
    yield* handler.run();
  }

  /** Host IPC interrupt: a request came, or the host took our last message. */
  private onHostIpc(): void {
    const endpoint = this.soc.hostIpc.dsp;
    if (endpoint.requested) {
      endpoint.accept();
      this.requested.giveNow();
    }
    if (endpoint.done) {
      endpoint.clearDone();
      this.outbox.pump();
    }
  }

  /** The unprivileged half of IPC on one core, with the ports and locks that it may use. */
  private makeUserThread(core: number, triggersDone: Sem): IpcUserThread | null {
    const { kernel, locking, config, graph, platform } = this;
    const scheduler = this.domain.scheduler(core);
    assert(scheduler !== null, "an LL domain that is up has a scheduler");
    this.chains ??= new Chains({
      scheduler,
      locking,
      core,
      open: (request) => this.chainCalls.open(request),
      taken: (componentId) => graph.component(componentId) !== null,
    });
    const context: UserContext = {
      core,
      graph,
      chains: this.chains,
      firmware: this.port,
      triggersDone,
      transfers: this.transfers,
    };
    return IpcUserThread.create({
      kernel,
      core,
      userMode: locking.userMode,
      memoryDomain: this.llMemoryDomain,
      stackBytes: config.CONFIG_SOF_IPC_USER_THREAD_STACK_SIZE,
      handler: makeUserHandler(context),
      payloadBytes: MAILBOX_BYTES,
      grant: (thread) => {
        for (let other = 0; other < platform.coreCount; other++) locking.grant(thread, other);
        this.positions?.grantAccess(thread);
      },
    });
  }

  private onCoreChanged(core: number, on: boolean): void {
    this.registers.setCoreStatus(core, on);
    const { schedulers } = this.domain;
    if (on) {
      this.watchdogs?.enable(core);
      const list = this.locking.userMode ? "user" : "kernel";
      schedulers.register(core, SchedulerType.DP, list, this.dpScheduler);
    } else {
      this.watchdogs?.disable(core);
      schedulers.unregister(core, SchedulerType.DP);
    }
  }

  private makeBaseFirmware(): BaseFirmware {
    const { platform } = this;
    return new BaseFirmware({
      facts: firmwareFacts(platform, this.mtrace !== null),
      directory: this.directory,
      graph: this.graph,
      firmware: this.port,
      machine: this.machine,
      notifier: this.notifier,
      periodUs: this.config.llTimerPeriodUs,
    });
  }

  private makeInstances(regions: ModuleRegions): InstanceFactory {
    const { kernel, config, locking, heap, objects, platform, soc } = this;
    const services: ServiceSources = {
      graph: this.graph,
      notifier: this.notifier,
      registers: this.registers,
      periodUs: config.llTimerPeriodUs,
      xrunNotifications: config.CONFIG_XRUN_NOTIFICATIONS_ENABLE,
      positionUpdates: config.CONFIG_HOST_DMA_IPC_POSITION_UPDATES,
      positions: () => this.positions,
      openGateway: (request) => this.gateways.open(request),
      wallClock: () => this.machine.wallClock(),
    };
    return new InstanceFactory({
      kernel,
      config,
      cores: platform.coreCount,
      locking,
      heap,
      regions,
      objects,
      mailbox: hostMailbox(soc),
      dp: this.dpScheduler,
      services,
      librarySections: (moduleId) => this.libraryManager?.partitionsOf(moduleId) ?? [],
      onLost: (lost) => this.moduleFaults.lost(lost),
      onThrown: (thrown) => this.moduleFaults.thrown(thrown),
    });
  }

  private makeLibraries(
    modules: ReadonlyMap<number, ModuleDriver>,
    keys: TrustedKeys = { trusted: [] },
  ): LibraryManager {
    const { kernel, soc, config, heap, locking } = this;
    return makeLibraries({
      kernel,
      soc,
      config,
      heap,
      memory: this.libraryRegion,
      llDomain: this.llMemoryDomain,
      userMode: locking.userMode,
      modules,
      keys,
      log: (level, message) => this.log(level, "lib_manager", message),
    });
  }

  private makePort(): FirmwarePort {
    const { config, platform } = this;
    return {
      options: {
        chainDma: config.CONFIG_COMP_CHAIN_DMA,
        ipcGateway: config.CONFIG_IPC4_GATEWAY,
        dataProcessing: config.CONFIG_ZEPHYR_DP_SCHEDULER,
        userSpaceIpc: config.locking !== "kernel-ll",
        kcps: config.CONFIG_KCPS_DYNAMIC_CLOCK_CONTROL,
      },
      coreCount: platform.coreCount,
      coreEnabled: (core) => this.coreEnabled(core),
      setCorePower: (core, on) => this.cores.setPower(core, on),
      canPowerOff: () => this.libraries?.storeContext() ?? 0,
      powerOff: () => powerOff(this.kernel, this.soc, this.registers, this.watchdogs),
      preventPowerGating: (on) => {
        this.powerGatingPrevented = on;
      },
      instantiate: (driver, request) => this.instances.create(driver, request),
      openChain: (request) => this.chainCalls.open(request),
      libraries: this.libraries,
    };
  }

  private makeMtrace(): Mtrace {
    return new Mtrace({
      window: this.soc.windows.debug,
      queue: this.events,
      cyclesPerSecond: this.platform.coreClockHz,
      now: () => this.kernel.now,
      notify: (core) => this.notifier.logBufferStatus(core),
    });
  }

  private makeWatchdogs(): Watchdogs {
    const { config, platform, events } = this;
    const periodCycles = (config.llTimerPeriodUs * platform.coreClockHz) / 1e6;
    const timeout = WATCHDOG_PERIODS * periodCycles;
    return new Watchdogs(events, platform.coreCount, timeout, (core, first) =>
      this.notifier.watchdogTimeout(core, first),
    );
  }

  /**
   * A thread or a handler did what it must not. An LL thread without privileges takes its core's audio down, one
   * that runs a single module ends; for all else the firmware stops and says so.
   */
  private onFatal(info: FatalInfo): "halt" | "abort-thread" {
    if (this.coreFaults.contain(info)) return "abort-thread";
    if (!info.inIsr && this.instances.isModuleThread(info.thread)) {
      this.moduleFaults.threadEnded(info);
      return "abort-thread";
    }
    this.log("error", "os", `fatal error ${info.reason} on core ${info.cpu}: ${info.message}`);
    this.registers.setLastError(Status.FAILURE, info.reason);
    this.notifier.exceptionCaught(info.cpu);
    return "halt";
  }

  private onCoreFault(core: number, { reason, message }: FatalInfo): void {
    this.log("error", "os", `LL thread of core ${core} ended, reason ${reason}: ${message}`);
    this.registers.setLastError(Status.FAILURE, reason);
    this.watchdogs?.disable(core);
    this.notifier.coreFaulted(core);
  }

  /** DMA chains, and data-processing threads: nothing feeds or times them any more. */
  private *stopRest(core: number): Generator<number, void, number> {
    if (core === 0 && this.chains !== null) yield* this.chains.takeDown();
    const tasks = this.dpScheduler.tasks(core).slice();
    for (const task of tasks) yield* this.dpScheduler.abort(task);
  }

  /** Threads of several cores may be here at once: whoever writes last has seen every change. */
  private countActive(change: number): void {
    const { active } = this;
    let written = active.add(change) + change;
    for (;;) {
      this.registers.setActivePipelines(written);
      const now = active.get();
      if (now === written) return;
      written = now;
    }
  }

  private log(level: "error" | "info" | "debug", module: string, message: string): void {
    this.mtrace?.log(level, module, message);
  }
}
