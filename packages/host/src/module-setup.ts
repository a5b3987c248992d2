import { assert, EINVAL, ENOSPC } from "@sof-ts/kit";
import { type CopierGateway, ProcDomain } from "@sof-ts/ipc4";
import { type Pipeline, periodBytes, type Widget } from "@sof-ts/topology";
import type { BackEndSetup } from "./back-end.js";
import type { ControlStore } from "./controls.js";
import { FirstError } from "./first-error.js";
import type { ChosenFormats } from "./format-selection.js";
import { daiGateway, hostGateway, noGateway } from "./gateway.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import { initPayload } from "./init-payload.js";
import type { IpcTransport } from "./ipc-transport.js";
import { pipelinePages } from "./memory-pages.js";
import type { FirmwareModule, ModuleTable } from "./module-table.js";
import type { HostVariant } from "./host-variant.js";
import type { HostOptions } from "./options.js";
import type { PipelineControl } from "./pipeline-control.js";
import type { StreamDirection } from "./ports.js";
import type { RouteControl } from "./routes.js";
import type { DriverState, WidgetState } from "./widget-state.js";

/** What the modules of one stream are set up with. */
export interface SetupInput {
  readonly direction: StreamDirection;
  readonly formats: ReadonlyMap<Widget, ChosenFormats>;
  /** Tag of the host DMA stream. */
  readonly streamTag: number;
  readonly backEnd: (dai: Widget) => BackEndSetup;
}

/** @returns the core that a module runs on: its own token's, else its pipeline's */
export function coreOf(widget: Widget, pipeline: Pipeline): number {
  return widget.tuples.number(CORE_TOKEN) ?? pipeline.core;
}
/** `SOF_TKN_COMP_CORE_ID`. */
const CORE_TOKEN = 404;

/** Instances that the testbench's counters can number. */
const TESTBENCH_INSTANCES = 255;

/** Makes and frees module instances, each as long as a stream uses it. */
export class ModuleSetup {
  private readonly ipc: IpcTransport;
  private readonly options: HostOptions;
  private readonly variant: HostVariant;
  private readonly state: DriverState;
  private readonly modules: ModuleTable;
  private readonly pipelines: PipelineControl;
  private readonly routes: RouteControl;
  private readonly controls: ControlStore;

  constructor(services: {
    readonly ipc: IpcTransport;
    readonly options: HostOptions;
    readonly state: DriverState;
    readonly modules: ModuleTable;
    readonly pipelines: PipelineControl;
    readonly routes: RouteControl;
    readonly controls: ControlStore;
  }) {
    this.ipc = services.ipc;
    this.options = services.options;
    this.variant = services.options.variant;
    this.state = services.state;
    this.modules = services.modules;
    this.pipelines = services.pipelines;
    this.routes = services.routes;
    this.controls = services.controls;
  }

  /**
   * Takes a widget for one more stream. For the first one its module is made: the pipeline if it is that one's
   * first module, the instance, the values of its controls.
   *
   * @throws HostError naming the widget; it is free again then
   */
  *setUp(state: WidgetState, input: SetupInput): HostTask<void> {
    if (state.useCount > 0) {
      state.useCount++;
      return;
    }
    try {
      yield* this.pipelines.get(state.pipeline, this.pagesOf(state.pipeline.pipeline, input));
      try {
        yield* this.make(state, input);
      } catch (error) {
        this.forget(state);
        yield* new FirstError(this.ipc).attempt(this.pipelines.put(state.pipeline));
        throw error;
      }
    } catch (error) {
      throw error instanceof HostError ? error.within({ widget: state.widget.name }) : error;
    }
    state.useCount = 1;
  }

  /**
   * Gives a widget back for one stream. The last one unbinds it from other pipelines and frees its numbers;
   * the firmware deletes the instance with its pipeline.
   */
  *free(state: WidgetState, errors: FirstError): HostTask<void> {
    assert(state.useCount > 0, `widget ${state.widget.name} is not in use`);
    state.useCount--;
    if (state.useCount > 0) return;
    for (const route of this.routes.boundTo(state))
      yield* errors.attempt(this.routes.unbind(route));
    this.forget(state);
    this.ipc.note(`widget ${state.widget.name} freed`);
    yield* errors.attempt(this.pipelines.put(state.pipeline));
  }

  private *make(state: WidgetState, input: SetupInput): HostTask<void> {
    const { widget, pipeline } = state;
    const module = this.modules.moduleOf(widget, this.variant);
    const formats = this.formatsOf(widget, input);
    const ibs = this.bufferBytes(formats, "input");
    const obs = this.bufferBytes(formats, "output");
    const alhGroup = this.takeAlhGroup(widget, input);
    let instanceId: number;
    let gateway: CopierGateway | null;
    try {
      gateway = this.gatewayOf(state, input, { ibs, obs }, alhGroup);
      instanceId = this.takeInstance(widget, module);
    } catch (error) {
      if (alhGroup !== null) this.state.alhGroups.free(alhGroup);
      throw error;
    }
    const nodeId = gateway?.nodeId ?? null;
    state.instance = { module, instanceId, formats, ibs, obs, nodeId, alhGroup };
    const dataProcessing = runsInThread(widget, module);
    const payload = initPayload({
      widget,
      module,
      formats,
      ibs,
      obs,
      direction: input.direction,
      gateway,
      pinFormats: this.variant.pinFormats === "always" || module.initConfig === 1,
      dataProcessing,
      extendedInit: this.options.extendedInit,
      appendUuid: this.variant.appendUuid,
    });
    const coreId = this.variant.placement === "topology" ? coreOf(widget, pipeline.pipeline) : 0;
    this.ipc.note(
      `Create widget ${widget.name} instance ${instanceId} - pipe ${pipeline.pipeline.id} - core ${coreId}`,
    );
    yield* this.ipc.exchange({
      message: {
        kind: "init-instance",
        moduleId: module.moduleId,
        instanceId,
        paramBlockWords: payload.bytes.length / 4,
        pipelineId: pipeline.ipcId,
        coreId,
        procDomain: dataProcessing ? ProcDomain.DATA_PROCESSING : ProcDomain.LOW_LATENCY,
        extendedInit: payload.extended,
      },
      payload: payload.bytes,
    });
    yield* this.controls.sendInitial(state);
  }

  /** Gives a module's numbers back. */
  private forget(state: WidgetState): void {
    const { instance, widget } = state;
    if (instance === null) return;
    this.allocatorOf(widget, instance.module).free(instance.instanceId);
    if (instance.alhGroup !== null) this.state.alhGroups.free(instance.alhGroup);
    state.instance = null;
  }

  private pagesOf(pipeline: Pipeline, input: SetupInput): number {
    const modules = [...input.formats].flatMap(([widget, formats]) => {
      if (widget.pipelineId !== pipeline.id) return [];
      const module = this.modules.moduleOf(widget, this.variant);
      return [
        {
          isPages: widget.isPages,
          ibs: this.bufferBytes(formats, "input"),
          dataProcessing: runsInThread(widget, module),
        },
      ];
    });
    return pipelinePages(modules);
  }

  private formatsOf(widget: Widget, input: SetupInput): ChosenFormats {
    const formats = input.formats.get(widget);
    assert(formats !== undefined, `no formats were chosen for ${widget.name}`);
    return formats;
  }

  private bufferBytes({ input, output }: ChosenFormats, side: "input" | "output"): number {
    const set = side === "input" ? input : output;
    if (set === null) return 0;
    return this.variant.bufferSizes === "topology" ? set.bufferBytes : 2 * periodBytes(set.format);
  }

  private gatewayOf(
    state: WidgetState,
    input: SetupInput,
    sizes: { readonly ibs: number; readonly obs: number },
    alhGroup: number | null,
  ): CopierGateway | null {
    const { widget, pipeline } = state;
    const lowPower = this.variant.placement === "topology" && pipeline.pipeline.lpMode;
    switch (widget.kind) {
      case "host":
        return hostGateway(input.direction, input.streamTag, sizes, {
          deepBufferMs: widget.deepBufferMs,
          lowPower,
        });
      case "dai":
        return daiGateway(input.backEnd(widget), sizes, lowPower, alhGroup);
      case "copier":
        return noGateway();
      default:
        return null;
    }
  }

  private takeAlhGroup(widget: Widget, input: SetupInput): number | null {
    if (widget.kind !== "dai") return null;
    const { type, streams } = input.backEnd(widget);
    if (type !== "ALH" || streams.length < 2) return null;
    const group = this.state.alhGroups.allocate();
    if (group < 0) throw new HostError("all SoundWire gateway groups are taken", { errno: ENOSPC });
    return group;
  }

  private takeInstance(widget: Widget, module: FirmwareModule): number {
    const id = this.allocatorOf(widget, module).allocate();
    if (id >= 0 && id <= 0xff) return id;
    if (id >= 0) this.allocatorOf(widget, module).free(id);
    const reason = `all instances of module ${module.name} (${module.maxInstances}) are taken`;
    throw new HostError(reason, { errno: EINVAL });
  }

  /** With its own module numbers the testbench counts by kind of widget, rate converters among the effects. */
  private allocatorOf(widget: Widget, module: FirmwareModule) {
    if (this.variant.moduleIds === "manifest") {
      return this.state.instanceAllocator(`module ${module.moduleId}`, module.maxInstances);
    }
    const { kind } = widget;
    const counter = kind === "src" || kind === "asrc" ? "process" : kind;
    return this.state.instanceAllocator(counter, TESTBENCH_INSTANCES);
  }
}

/** Whether a module runs in a thread of its own: the topology's choice, else the manifest's. */
function runsInThread(widget: Widget, module: FirmwareModule): boolean {
  const { scheduling } = widget.domain;
  return scheduling === null ? module.dataProcessing : scheduling === "DP";
}
