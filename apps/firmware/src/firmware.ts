import { DpScheduler } from "@sof-ts/dp-scheduler";
import { Ipc4Limit } from "@sof-ts/ipc4";
import { defaultModules } from "./modules.js";
import type { Checks } from "@sof-ts/explorer";
import { assert, EventQueue } from "@sof-ts/kit";
import {
  BaseFirmware,
  type FirmwarePort,
  type LibraryLoader,
  type MachinePort,
  type ModuleDirectory,
  Notifier,
  Outbox,
} from "@sof-ts/ipc4-helper";
import { K_FOREVER, type Kernel } from "@sof-ts/kernel";
import type { LibraryManager } from "@sof-ts/lib-manager";
import { type LlDomain, type LockingStrategy, SchedulerType } from "@sof-ts/ll-scheduler";
import { AudioGraph, PipelinePositions } from "@sof-ts/pipeline";
import { describePlatform, type PlatformDescription, type Soc } from "@sof-ts/soc";
import { defaultFirmwareConfig, type FirmwareConfig } from "./config.js";
import { ActivePipelines } from "./active-pipelines.js";
import { makeGraphEvents } from "./graph-events.js";
import { makeChecks } from "./checked-run.js";
import type { FailureInjection, FailurePoint } from "./failure-injection.js";
import { FaultPolicy } from "./fault-policy.js";
import { Gateways } from "./gateways.js";
import { KernelIpc } from "./kernel-ipc.js";
import type { LlHeap } from "./ll-heap.js";
import { makeMachine } from "./machine.js";
import { makeNotifier } from "./make-notifier.js";
import { Memories } from "./memories.js";
import { hostMailbox, sysuserPartition } from "./memory-partitions.js";
import { UserIpc } from "./user-ipc.js";
import { Cores, KERNEL_IPC_PRIORITY } from "./cores.js";
import { firmwareFacts } from "./facts.js";
import { FirmwareHalted } from "./firmware-halted.js";
import type { FirmwareOptions } from "./firmware-options.js";
import { WindowRegisters } from "./firmware-registers.js";
import { SocHostIpc } from "./host-ipc-port.js";
import { makeLlDomain, makeLocking } from "./ll-domain.js";
import { makeMachinePort } from "./machine-port.js";
import { Microphones } from "./microphones.js";
import { InstanceFactory } from "./instances/instance-factory.js";
import type { ServiceSources } from "./instances/module-services.js";
import { loaderOf, makeLibraries } from "./libraries/make-libraries.js";
import { ModuleFaults } from "./module-faults.js";
import { ModuleTable } from "./module-table.js";
import { makeMtrace, type Mtrace } from "./mtrace.js";
import { powerOff } from "./power-off.js";
import { countResources, type ResourceUse } from "./resource-use.js";
import { makeWatchdogs, type Watchdogs } from "./watchdog.js";

const MAILBOX_BYTES = 4096;
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
  /** The host keeps core 0 from gating its power while it idles (SET_D0IX). */
  powerGatingPrevented = false;
  private stopOnHostInterrupt = false;
  private readonly locking: LockingStrategy;
  private readonly registers: WindowRegisters;
  private readonly cores: Cores;
  private readonly kernelIpc: KernelIpc;
  private readonly userIpc: UserIpc;
  private readonly faultPolicy: FaultPolicy;
  private readonly memories: Memories;
  private readonly gateways: Gateways;
  private readonly notifier: Notifier;
  private readonly machine: MachinePort;
  private readonly mtrace: Mtrace | null;
  private readonly watchdogs: Watchdogs | null;
  /** The library manager; null in a build without, or with another loader. */
  readonly libraryManager: LibraryManager | null;
  readonly dpScheduler: DpScheduler;
  private readonly instances: InstanceFactory;
  private readonly libraries: LibraryLoader | null;
  /** What a test can have fail. */
  readonly failures: Readonly<Record<FailurePoint, FailureInjection>>;
  /** What modules did wrong outside the LL tick. */
  readonly moduleFaults: ModuleFaults;
  private readonly port: FirmwarePort;
  /** The table of pipeline positions; made when core 0 is initialised. */
  positions: PipelinePositions | null = null;

  constructor(options: FirmwareOptions = {}) {
    const config = { ...defaultFirmwareConfig, ...options.config };
    this.config = config;
    this.platform = describePlatform(config.platform);
    const { platform } = this;
    const { coreCount } = platform;
    this.checks = makeChecks(options.checked);
    const machine = makeMachine({
      options,
      config,
      platform,
      events: this.events,
      checks: this.checks,
      onFatal: (info) => this.faultPolicy.decide(info),
      onHostInterrupt: () => {
        options.onHostInterrupt?.();
        if (this.stopOnHostInterrupt) this.kernel.stop();
      },
    });
    this.kernel = machine.kernel;
    this.soc = machine.soc;
    const { kernel } = this;
    this.watchdogs = makeWatchdogs(config, platform, this.events, (core, first) =>
      this.notifier.watchdogTimeout(core, first),
    );
    this.memories = new Memories(kernel, this.soc, config, this.checks);
    this.heap = this.memories.heap;
    this.failures = this.memories.failures;
    this.locking = makeLocking(config.locking, kernel, coreCount);
    this.domain = makeLlDomain({
      kernel,
      soc: this.soc,
      config,
      locking: this.locking,
      memoryDomain: this.memories.llDomain,
      heap: this.heap,
      checks: this.checks,
      feedWatchdog: (core) => this.watchdogs?.feed(core),
    });
    this.registers = new WindowRegisters(this.soc.windows.registers);
    this.moduleFaults = new ModuleFaults(this.registers, (...entry) => this.log(...entry));
    const host = new SocHostIpc(this.soc);
    this.outbox = new Outbox(host);
    const modules = options.modules ?? defaultModules();
    this.libraryManager =
      config.CONFIG_LIBRARY_MANAGER && options.libraries === undefined
        ? makeLibraries({
            kernel,
            soc: this.soc,
            config,
            heap: this.heap,
            memory: this.memories.libraries,
            llDomain: this.memories.llDomain,
            userMode: this.locking.userMode,
            modules,
            keys: options.libraryKeys ?? { trusted: [] },
            log: (level, message) => this.log(level, "lib_manager", message),
          })
        : null;
    this.libraries = options.libraries ?? (this.libraryManager && loaderOf(this.libraryManager));
    this.directory = this.libraryManager?.modules ?? new ModuleTable(modules);
    const microphones = new Microphones();
    this.notifier = makeNotifier(kernel, this.outbox, MAILBOX_BYTES);
    this.gateways = new Gateways({
      kernel,
      soc: this.soc,
      config,
      heap: this.heap,
      microphones,
      notifier: this.notifier,
    });
    this.mtrace = makeMtrace(config, this.soc, kernel, (core) =>
      this.notifier.logBufferStatus(core),
    );
    const active = new ActivePipelines(kernel, (count) => this.registers.setActivePipelines(count));
    this.graph = new AudioGraph({
      kernel,
      domain: this.domain,
      locking: this.locking,
      heap: () => this.heap,
      crossCoreStream: config.CONFIG_CROSS_CORE_STREAM,
      positions: () => this.positions,
      ...(this.checks === null ? {} : { watcher: this.checks }),
      events: makeGraphEvents(this.notifier, active, (what) => this.log("error", "pipe", what)),
    });
    this.dpScheduler = new DpScheduler({
      kernel,
      domain: this.domain,
      cores: coreCount,
      userMode: this.locking.userMode,
      objects: this.memories.objects,
      allowsPartition: (partition) =>
        this.memories.regions.has(partition) || (this.libraryManager?.owns(partition) ?? false),
    });
    const { soc, heap, mtrace } = this;
    this.machine = makeMachinePort({ soc, kernel, heap, microphones, mtrace });
    this.instances = this.makeInstances();
    this.port = this.makePort();
    const baseFirmware = new BaseFirmware({
      facts: firmwareFacts(platform, mtrace !== null),
      directory: this.directory,
      graph: this.graph,
      firmware: this.port,
      machine: this.machine,
      notifier: this.notifier,
      periodUs: config.llTimerPeriodUs,
    });
    this.userIpc = new UserIpc({
      kernel,
      cores: coreCount,
      domain: this.domain,
      locking: this.locking,
      memoryDomain: this.memories.llDomain,
      stackBytes: config.CONFIG_SOF_IPC_USER_THREAD_STACK_SIZE,
      payloadBytes: MAILBOX_BYTES,
      graph: this.graph,
      firmware: this.port,
      openChain: (request) => this.gateways.openChain(request),
      positions: () => this.positions,
    });
    this.faultPolicy = new FaultPolicy({
      kernel,
      cores: coreCount,
      domain: this.domain,
      locking: this.locking,
      graph: this.graph,
      dpScheduler: this.dpScheduler,
      userIpc: this.userIpc,
      ipcThread: (core) => this.cores.userThread(core),
      moduleFaults: this.moduleFaults,
      instances: this.instances,
      registers: this.registers,
      notifier: this.notifier,
      watchdogs: this.watchdogs,
      log: (...entry) => this.log(...entry),
    });
    this.cores = new Cores({
      kernel,
      soc,
      domain: this.domain,
      userThread: (core, triggersDone) => this.userIpc.makeThread(core, triggersDone),
      changed: (core, on) => this.onCoreChanged(core, on),
    });
    this.kernelIpc = new KernelIpc({
      kernel,
      soc,
      host,
      outbox: this.outbox,
      graph: this.graph,
      directory: this.directory,
      firmware: this.port,
      baseFirmware,
      userThread: (core) => this.cores.userThread(core),
      initialise: () => this.initialise(),
      log: (...entry) => this.log(...entry),
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

  /** IPC messages that the firmware has seen and answered. */
  get messages(): number {
    return this.kernelIpc.answered;
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
      const ipc = this.kernelIpc.createThread();
      const faults = kernel.createThread({
        name: "core faults",
        priority: KERNEL_IPC_PRIORITY,
        delay: K_FOREVER,
        entry: () => this.faultPolicy.run(),
      });
      for (const thread of [ipc, faults]) {
        // Every thread that they make inherits the pool that dynamic kernel objects are taken from.
        thread.heapAssign(this.memories.objects);
        // On the core that is never taken from under them.
        thread.cpuPin(0);
        thread.startNow();
      }
    });
  }

  /** What core 0 does for all cores, and for itself, before it tells the host that it is there. */
  private *initialise(): Generator<number, void, number> {
    // Before any user thread is there to be granted it.
    this.positions = PipelinePositions.create({
      kernel: this.kernel,
      places: Ipc4Limit.PIPELINES,
      address: sysuserPartition.start,
      userMode: this.locking.userMode,
      ...(this.checks === null ? {} : { watcher: this.checks }),
    });
    assert(this.positions !== null, "no memory for the lock of the pipeline positions");
    const rc = yield* this.cores.init(0);
    assert(rc === 0, `core 0 cannot be initialised: ${rc}`);
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

  private makeInstances(): InstanceFactory {
    const { kernel, config, locking, heap, memories, platform, soc } = this;
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
      regions: memories.regions,
      objects: memories.objects,
      mailbox: hostMailbox(soc),
      dp: this.dpScheduler,
      services,
      librarySections: (moduleId) => this.libraryManager?.partitionsOf(moduleId) ?? [],
      onLost: (lost) => this.moduleFaults.lost(lost),
      onThrown: (thrown) => this.moduleFaults.thrown(thrown),
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
      openChain: (request) => this.gateways.openChain(request),
      libraries: this.libraries,
    };
  }

  private log(level: "error" | "info" | "debug", module: string, message: string): void {
    this.mtrace?.log(level, module, message);
  }
}
