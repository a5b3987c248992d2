import { EBUSY, ENOSPC, ETIMEDOUT } from "@sof-ts/kit";
import {
  resourceEvent,
  type ResourceEvent,
  resourceEventName,
  ResourceEventType,
  type StreamPosition,
  streamPosition,
} from "@sof-ts/ipc4";
import { type Topology, TopologyGraph, type Widget } from "@sof-ts/topology";
import { BackEnds } from "./back-ends.js";
import { ControlStore } from "./controls.js";
import { CoreReferences } from "./cores.js";
import type { DriverServices } from "./driver-services.js";
import {
  enableFirmwareLog,
  type FirmwareInfo,
  queryFirmware,
  queryModules,
  unknownFirmware,
} from "./firmware-info.js";
import { FirstError } from "./first-error.js";
import { HostError, withContext } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import { IdAllocator } from "./id-allocator.js";
import type { IpcLogListener } from "./ipc-log.js";
import { type IpcNotification, IpcTransport } from "./ipc-transport.js";
import { type Library, type LibraryFile, loadLibrary } from "./library.js";
import { LowPower } from "./low-power.js";
import { coreOf, ModuleSetup } from "./module-setup.js";
import { ModuleTable } from "./module-table.js";
import { defaultHostOptions, type HostOptions } from "./options.js";
import { findPcm, findPcmPath } from "./path.js";
import { PcmStream } from "./pcm-stream.js";
import { PipelineControl } from "./pipeline-control.js";
import type { HostDma, HostLink, LinkControl, StreamDirection } from "./ports.js";
import { RouteControl } from "./routes.js";
import { type StreamChoice, supportedChoices } from "./stream-choices.js";
import { DriverState } from "./widget-state.js";

/** What a driver is made of. */
export interface HostDriverParts {
  readonly topology: Topology;
  readonly link: HostLink;
  readonly dma: HostDma;
  readonly links: LinkControl;
  /** What differs from {@link defaultHostOptions}. */
  readonly options?: Partial<HostOptions>;
  /** Takes the conversation with the firmware. */
  readonly log?: IpcLogListener;
}

/**
 * The host driver of one DSP with one topology, as Linux' SOF driver is with IPC4. Boot it, open PCM
 * streams, set controls. What may wait is a `HostTask`; run it with `runHostTask` or `runHostTaskAsync`, one
 * at a time.
 */
export class HostDriver {
  readonly graph: TopologyGraph;
  readonly options: HostOptions;
  readonly controls: ControlStore;
  /** What the firmware said of itself at the first boot. */
  firmware: FirmwareInfo = unknownFirmware;
  /** Xruns and errors of modules that the firmware has reported. */
  readonly resourceEvents: ResourceEvent[] = [];
  /**
   * Last position that the firmware told of each host stream, by node id, where it is built to do so
   * (CONFIG_HOST_DMA_IPC_POSITION_UPDATES).
   */
  readonly streamPositions = new Map<number, StreamPosition>();
  private readonly services: DriverServices;
  private readonly lowPower: LowPower;
  private readonly cores: CoreReferences;
  private readonly libraries: Library[] = [];
  private readonly streams: PcmStream[] = [];
  private booted = false;
  private fwReady: { readonly librariesRestored: boolean } | null = null;

  constructor(parts: HostDriverParts) {
    const options = { ...defaultHostOptions, ...parts.options };
    const { link, dma, topology } = parts;
    this.options = options;
    this.graph = new TopologyGraph(topology);
    const { ipcTimeoutUs: timeoutUs, crashOnTimeout, survivesCoreFaults, variant } = options;
    const policy = { timeoutUs, crashOnTimeout, survivesCoreFaults };
    const ipc = new IpcTransport(link, policy, parts.log ?? null);
    const state = new DriverState(this.graph, {
      drivesLink: (dai) => this.drivesLink(dai),
      coreOf,
    });
    this.cores = new CoreReferences(ipc, options.coreCount);
    const pipelines = new PipelineControl(ipc, this.cores, state, variant);
    const routes = new RouteControl(ipc, state, variant);
    const modules = new ModuleTable();
    this.controls = new ControlStore(ipc, state, variant);
    const setup = new ModuleSetup({
      ipc,
      options,
      state,
      modules,
      pipelines,
      routes,
      controls: this.controls,
    });
    const tables = [topology.manifest?.nhlt ?? null, options.nhlt].filter(
      (table) => table !== null,
    );
    const sources = { tables, fallback: options.gatewayBlobs };
    const backEnds = new BackEnds(state, { pipelines, links: parts.links, sources });
    this.services = { ipc, options, link, dma, state, modules, pipelines, routes, setup, backEnds };
    ipc.onNotification = (notification) => this.receive(notification);
    this.lowPower = new LowPower(ipc);
    ipc.wake = () => this.lowPower.leave();
  }

  /** Whether the firmware crashed or stopped answering; {@link recover} after it was power-cycled. */
  get crashed(): boolean {
    return this.services.ipc.crashed;
  }

  /** Cores that have lost their audio since the boot; only with {@link HostOptions.survivesCoreFaults}. */
  get faultedCores(): ReadonlySet<number> {
    return this.services.ipc.faultedCores;
  }

  /** Numbers that are given out now; all are 0 when nothing is set up. */
  get inUse(): DriverState["inUse"] {
    return this.services.state.inUse;
  }

  /**
   * Waits for the firmware, whose image is being started, and learns what it can. The first boot asks for
   * configuration and modules; each later one loads the libraries again unless they survived.
   *
   * @throws HostError ETIMEDOUT when the firmware does not report in time, or what it answers
   */
  *boot(): HostTask<void> {
    const { ipc, link, modules, state } = this.services;
    const { variant, firmwareLog } = this.options;
    ipc.restart();
    this.lowPower.reset();
    const ready = yield* this.waitForFirmware();
    if (!this.booted) {
      this.firmware = yield* queryFirmware(ipc);
      modules.add(this.options.modules ?? (yield* queryModules(ipc)));
      state.pipelineIds = new IdAllocator(this.firmware.maxPipelines);
      this.booted = true;
      yield* this.loadMissing();
    } else if (!ready.librariesRestored) {
      for (const [i, library] of this.libraries.entries()) {
        yield* loadLibrary(ipc, this.services.dma, i + 1, library);
      }
    }
    if (firmwareLog && this.firmware.traceBytes > 0) {
      yield* enableFirmwareLog(ipc, link.nowUs(), variant.chunkBytes);
    }
  }

  /**
   * Loads a library as the next one.
   *
   * @returns its number, 1..15
   * @throws HostError ENOSPC when the firmware takes no more, or what it answers
   */
  *loadLibrary(file: LibraryFile): HostTask<number> {
    const libraryId = this.libraries.length + 1;
    if (libraryId >= this.firmware.maxLibraries) {
      const reason = `library ${file.name}: the firmware takes ${this.firmware.maxLibraries - 1}`;
      throw new HostError(reason, { errno: ENOSPC });
    }
    const library = { name: file.name, image: file.image, modules: file.modules(libraryId) };
    yield* loadLibrary(this.services.ipc, this.services.dma, libraryId, library);
    this.libraries.push(library);
    this.services.modules.add(library.modules);
    return libraryId;
  }

  /**
   * Opens a direction of a PCM. Plain: nothing is sent.
   *
   * @throws HostError for a PCM that does not exist, is open already or has no such direction, or a path with
   * a defect
   */
  openPcm(nameOrId: string | number, direction: StreamDirection): PcmStream {
    const path = findPcmPath(this.graph, findPcm(this.graph, nameOrId), direction);
    const taken = this.streams.some(
      (stream) => stream.path.pcm === path.pcm && stream.direction === direction,
    );
    if (taken) {
      throw new HostError("is open already", { errno: EBUSY, pcm: path.pcm.name, direction });
    }
    const stream = new PcmStream(this.services, path, (closed) => {
      this.streams.splice(this.streams.indexOf(closed), 1);
    });
    this.streams.push(stream);
    return stream;
  }

  /**
   * Lists what a stream could be set up with: rates, channel counts and formats that the PCM offers and that
   * fit through all modules of its path. Plain: nothing is sent.
   *
   * @throws HostError for a PCM without a path, or a module that the firmware lacks
   */
  supportedParams(nameOrId: string | number, direction: StreamDirection): StreamChoice[] {
    const path = findPcmPath(this.graph, findPcm(this.graph, nameOrId), direction);
    try {
      return supportedChoices(this.services, path);
    } catch (error) {
      throw withContext(error, { pcm: path.pcm.name, direction });
    }
  }

  /** Handles what the firmware sent; call it when the host interrupt is active and no task runs. Plain. */
  handleInterrupt(): void {
    this.services.ipc.service();
  }

  /** Lets time pass, handling what the firmware sends. */
  *wait(durationUs: number): HostTask<void> {
    const { ipc, link } = this.services;
    const deadline = link.nowUs() + durationUs;
    for (let left = durationUs; left > 0; left = deadline - link.nowUs()) {
      yield { kind: "irq", timeoutUs: left };
      ipc.service();
    }
  }

  /** Lets the DSP save power while it streams or idles (D0I3); the next message wakes it. */
  *enterLowPower(): HostTask<void> {
    yield* this.lowPower.enter(this.streams.some((stream) => stream.state === "running"));
  }

  /**
   * Suspends the system: streams are suspended and taken apart, then the DSP is turned off. `prepare` of a
   * stream sets it up again after {@link boot}.
   *
   * @throws HostError the first failure; the suspend goes to its end all the same
   */
  *suspend(): HostTask<void> {
    const errors = new FirstError(this.services.ipc);
    for (const stream of this.streams) yield* errors.attempt(stream.tearDown());
    yield* errors.attempt(this.cores.powerDown());
    this.cores.reset();
    this.fwReady = null;
    errors.rethrow();
  }

  /** After a crash: forgets what the firmware had and boots it anew; the owner power-cycles the DSP before. */
  *recover(): HostTask<void> {
    const errors = new FirstError(this.services.ipc);
    this.services.ipc.crashed = true;
    for (const stream of this.streams) yield* errors.attempt(stream.tearDown());
    this.cores.reset();
    yield* this.boot();
  }

  /** Loads the libraries of modules that the topology names and the firmware lacks, where there are any. */
  private *loadMissing(): HostTask<void> {
    const { librarySource } = this.options;
    if (librarySource === null) return;
    for (const { uuid } of this.graph.topology.widgets) {
      if (uuid === null || this.services.modules.find(uuid) !== undefined) continue;
      const library = librarySource(uuid);
      if (library !== null) yield* this.loadLibrary(library);
    }
  }

  private *waitForFirmware(): HostTask<{ readonly librariesRestored: boolean }> {
    const { ipc, link } = this.services;
    const deadline = link.nowUs() + this.options.bootTimeoutUs;
    for (;;) {
      ipc.service();
      if (this.fwReady !== null) break;
      const timeoutUs = deadline - link.nowUs();
      if (timeoutUs <= 0) {
        const milliseconds = this.options.bootTimeoutUs / 1000;
        const reason = `the firmware did not report ready within ${milliseconds} ms`;
        throw new HostError(reason, { errno: ETIMEDOUT });
      }
      yield { kind: "irq", timeoutUs };
    }
    const ready = this.fwReady;
    this.fwReady = null;
    return ready;
  }

  private receive({ message, payload }: IpcNotification): void {
    switch (message.kind) {
      case "fw-ready":
        this.fwReady = message;
        break;
      case "resource-event": {
        const event = resourceEvent.decode(payload);
        const { resourceType, resourceId, eventType } = event;
        if (eventType === ResourceEventType.STREAM_DATA_SEGMENT) {
          this.streamPositions.set(resourceId, streamPosition.decode(event.eventData));
          break;
        }
        this.resourceEvents.push(event);
        this.services.ipc.note(
          `${resourceEventName(eventType)} of resource type ${resourceType} id ${resourceId}`,
          "warning",
        );
        break;
      }
      case "module-notification":
        this.controls.notify(payload);
        break;
    }
  }

  /**
   * HD Audio links always; the others where the platform has HD Audio link DMA behind them. The testbench has no
   * back ends: it changes the state of all pipelines itself.
   */
  private drivesLink(dai: Widget): boolean {
    if (this.options.variant.stateOrder === "setup") return false;
    return dai.dai?.type === "HDA" || this.options.linkDma === "hdaLink";
  }
}
