import { E2BIG, EFAULT, EINVAL, ENODEV, ENOMEM, ENOSYS } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type FragmentPosition,
  type ModuleServices,
  type Trigger,
  PeriodCost,
} from "@sof-ts/module-api";
import {
  ABI_VERSION,
  abiMatches,
  Context,
  CONTEXT_BYTES,
  FRAGMENT_AREA_BYTES,
  MAX_PINS,
  type ModuleExport,
  positionNumbers,
  ProcessingMode,
  STREAM_BYTES,
  triggerNumbers,
} from "./abi.js";
import { type ModuleFault, SandboxStop } from "./fault.js";
import { type Entry, SandboxInstance } from "./instance.js";
import { Port } from "./ports.js";
import type { IsolatedProgram } from "./program.js";

/** How an instance is run. */
export interface IsolationOptions {
  /** Most sources and sinks of a module that does not say by `sof_module_pins` how many it takes. */
  readonly maxSources: number;
  readonly maxSinks: number;
  /** Fuel that one period may use. */
  readonly processFuel: number;
  /** Fuel that any other operation may use. */
  readonly controlFuel: number;
  /** Which module of a file with several the instances are, from 0; 0 unless given. */
  readonly moduleIndex?: number;
  /** Takes the fault that ends an instance. Called once for each, in the thread of the operation. */
  readonly report?: ((fault: ModuleFault) => void) | undefined;
  /** Takes a line that an instance logs. */
  readonly log?: ((line: string, instance: ModuleServices) => void) | undefined;
}

/** The worst negative errno that an operation may return. */
const WORST_ERRNO = 4095;

/**
 * A module instance in a WebAssembly sandbox: it reaches nothing but its own memory, to which the period's
 * input, the room for its output and configuration fragments are copied. What it returns is checked. A
 * fault ends it: the operation returns -EFAULT, every later one -ENODEV, and nobody else notices.
 *
 * Calling context: as `AudioModule` has it, on any thread: the sandbox is the border, not the thread's
 * memory domain. Does not block.
 */
export class IsolatedModule implements AudioModule {
  /** Threads of any domain may call it. */
  readonly sandboxed = true;
  /** Fuel that the last operation used, whichever it was; a stand-in for DSP cycles. */
  lastOperationCycles = 0;
  /** Fuel that the last `process` used. */
  readonly cost = new PeriodCost();
  /** Frames of delay that the module told when it was last prepared or configured. */
  latencyFrames = 0;
  private readonly instance: SandboxInstance;
  private readonly options: IsolationOptions;
  private readonly sourcePorts: Port[] = [];
  private readonly sinkPorts: Port[] = [];
  private readonly processEntry: Entry;
  private fragment = 0;
  private freed = false;

  private constructor(instance: SandboxInstance, options: IsolationOptions) {
    this.instance = instance;
    this.options = options;
    this.processEntry = instance.entry("sof_module_process");
  }

  /**
   * Makes an instance and initialises it.
   *
   * @param payload the INIT_INSTANCE payload
   * @returns the instance; a negative errno that the module gave; -ENOMEM when it has no room for what is
   *   exchanged; -EFAULT when it faulted, which `options.report` was told; -E2BIG for a payload that no
   *   mailbox holds
   */
  static create(
    program: IsolatedProgram,
    services: ModuleServices,
    payload: Uint8Array,
    options: IsolationOptions,
  ): IsolatedModule | number {
    if (payload.length > FRAGMENT_AREA_BYTES) return -E2BIG;
    const { log } = options;
    const instance = new SandboxInstance(program, {
      moduleId: services.moduleId,
      instanceId: services.instanceId,
      report: options.report,
      log: log === undefined ? undefined : (line) => log(line, services),
      notify: (eventId, data) => services.notify(eventId, data),
    });
    if (!instance.instantiate(options.controlFuel)) return -EFAULT;
    const processFuel = Math.min(options.processFuel, services.cycleBudget ?? options.processFuel);
    const module = new IsolatedModule(instance, { ...options, processFuel });
    const rc = module.init(services, payload);
    return rc < 0 ? rc : module;
  }

  /** Why the instance ended; null while it lives. */
  get fault(): ModuleFault | null {
    return this.instance.fault;
  }

  /** Bytes of memory that the instance has. */
  get memoryBytes(): number {
    return this.instance.u8.length;
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    if (this.fault !== null) return -ENODEV;
    if (sources.length > this.sourcePorts.length || sinks.length > this.sinkPorts.length) {
      return -EINVAL;
    }
    for (const [streams, ports] of [
      [sources, this.sourcePorts],
      [sinks, this.sinkPorts],
    ] as const) {
      for (let i = 0; i < streams.length; i++) {
        const rc = this.admit(ports[i] as Port, streams[i] as AudioStream, "prepare");
        if (rc !== 0) return rc;
      }
    }
    const rc = this.run("prepare", "sof_module_prepare", sources.length, sinks.length);
    return this.withLatency(rc);
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const { instance, sourcePorts, sinkPorts } = this;
    if (instance.fault !== null) return -ENODEV;
    const ins = sources.length;
    const outs = sinks.length;
    if (ins > sourcePorts.length || outs > sinkPorts.length) return -EINVAL;
    for (let i = 0; i < ins; i++) {
      const port = sourcePorts[i] as Port;
      const source = sources[i] as AudioStream;
      // Bound since the last prepare, or another one now because one before it is gone.
      if (port.stream !== source) {
        const rc = this.admit(port, source, "process");
        if (rc !== 0) return rc;
      }
      port.fill(source);
    }
    for (let i = 0; i < outs; i++) {
      const port = sinkPorts[i] as Port;
      const sink = sinks[i] as AudioStream;
      if (port.stream !== sink) {
        const rc = this.admit(port, sink, "process");
        if (rc !== 0) return rc;
      }
      port.open(sink);
    }
    const result = instance.call("process", this.processEntry, this.options.processFuel, ins, outs);
    this.cost.cycles = instance.fuelUsed;
    this.lastOperationCycles = instance.fuelUsed;
    if (instance.fault !== null) return -EFAULT;
    if (result !== 0) return this.checked(result, "process");
    // All claims are checked before any of them counts.
    for (let i = 0; i < ins; i++) {
      if ((sourcePorts[i] as Port).done() < 0) return this.liar(`source ${i}`);
    }
    for (let i = 0; i < outs; i++) {
      if ((sinkPorts[i] as Port).done() < 0) return this.liar(`sink ${i}`);
    }
    for (let i = 0; i < ins; i++) {
      (sources[i] as AudioStream).consume((sourcePorts[i] as Port).done());
    }
    for (let i = 0; i < outs; i++) {
      const port = sinkPorts[i] as Port;
      const sink = sinks[i] as AudioStream;
      const bytes = port.done();
      port.drain(sink, bytes);
      sink.produce(bytes);
    }
    return 0;
  }

  reset(): number {
    return this.run("reset", "sof_module_reset");
  }

  free(): void {
    if (this.freed || this.fault !== null) return;
    this.freed = true;
    this.run("free", "sof_module_free");
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    if (this.fault !== null) return -ENODEV;
    if (!this.instance.program.has("sof_module_set_config")) return -EINVAL;
    if (fragment.length > FRAGMENT_AREA_BYTES) return -E2BIG;
    this.instance.u8.set(fragment, this.fragment);
    const where = positionNumbers[position];
    const { length } = fragment;
    const name = "sof_module_set_config";
    const rc = this.run("set configuration", name, paramId, where, sizeOrOffset, length);
    return this.withLatency(rc);
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    if (this.fault !== null) return -ENODEV;
    const name = "sof_module_get_config";
    if (!this.instance.program.has(name)) return -EINVAL;
    const capacity = Math.min(out.length, FRAGMENT_AREA_BYTES);
    const operation = "get configuration";
    const bytes = this.value(operation, name, paramId, capacity);
    if (bytes > capacity) return this.wrong(operation, `${bytes} bytes of at most ${capacity}`);
    if (bytes > 0) out.set(this.instance.u8.subarray(this.fragment, this.fragment + bytes));
    return bytes;
  }

  setConfigParam(paramId: number, value: number): number {
    if (!this.instance.program.has("sof_module_set_param")) return -ENOSYS;
    return this.withLatency(this.run("set param", "sof_module_set_param", paramId, value));
  }

  getConfigParam(paramId: number): number {
    if (!this.instance.program.has("sof_module_get_param")) return -ENOSYS;
    return this.value("get param", "sof_module_get_param", paramId);
  }

  bind(info: BindInfo): number {
    return this.run("bind", "sof_module_bind", info.side === "source" ? 1 : 0, info.queueId);
  }

  unbind(info: BindInfo): number {
    return this.run("unbind", "sof_module_unbind", info.side === "source" ? 1 : 0, info.queueId);
  }

  trigger(command: Trigger): number {
    return this.run("trigger", "sof_module_trigger", triggerNumbers[command]);
  }

  /** Sets the processing mode (SOF's `set_processing_mode`). @returns 0; -ENOSYS when the module has none */
  setProcessingMode(mode: number): number {
    if (!this.instance.program.has("sof_module_set_mode")) return -ENOSYS;
    if (mode !== ProcessingMode.NORMAL && mode !== ProcessingMode.BYPASS) return -EINVAL;
    return this.withLatency(this.run("set mode", "sof_module_set_mode", mode));
  }

  /** @returns the processing mode; normal when the module has none */
  getProcessingMode(): number {
    if (!this.instance.program.has("sof_module_get_mode")) {
      return this.fault === null ? ProcessingMode.NORMAL : -ENODEV;
    }
    return this.value("get mode", "sof_module_get_mode");
  }

  /** Ends the instance from outside: it ran for too long by somebody's clock. */
  terminate(operation: string, detail: string): void {
    if (this.fault === null) this.instance.stop(new SandboxStop("time-out", detail), operation);
  }

  /** Asks for the latency after an operation that may have changed it. @returns `rc`, or why it has none */
  private withLatency(rc: number): number {
    if (rc !== 0 || !this.instance.program.has("sof_module_latency")) return rc;
    const spent = this.lastOperationCycles;
    const frames = this.value("latency", "sof_module_latency");
    this.lastOperationCycles += spent;
    if (frames < 0) return frames;
    this.latencyFrames = frames;
    return 0;
  }

  /** @returns the most sources, shifted by 16, and sinks that it takes; a negative errno */
  private pins(): number {
    const { maxSources, maxSinks } = this.options;
    const name = "sof_module_pins";
    if (!this.instance.program.has(name)) return (maxSources << 16) | maxSinks;
    const pins = this.value("pins", name);
    if (pins < 0 || (pins >>> 16 <= MAX_PINS && (pins & 0xffff) <= MAX_PINS)) return pins;
    return this.wrong("pins", `${pins >>> 16} sources and ${pins & 0xffff} sinks`);
  }

  private init(services: ModuleServices, payload: Uint8Array): number {
    const { instance, options } = this;
    const operation = "init";
    const version = instance.call("abi", instance.entry("sof_module_abi"), options.controlFuel);
    if (instance.fault !== null) return -EFAULT;
    if (!abiMatches(version)) {
      const text = `version ${version >>> 16}.${version & 0xffff}, not ${ABI_VERSION >>> 16}.x`;
      instance.stop(new SandboxStop("abi", text), "abi");
      return -EFAULT;
    }
    const pins = this.pins();
    if (pins < 0) return pins;
    const maxSources = pins >>> 16;
    const maxSinks = pins & 0xffff;
    const streams = STREAM_BYTES * (maxSources + maxSinks);
    const context = this.alloc(operation, CONTEXT_BYTES + streams);
    const fragment = context === 0 ? 0 : this.alloc(operation, FRAGMENT_AREA_BYTES);
    if (fragment === 0) return this.refused();
    const sources = context + CONTEXT_BYTES;
    const sinks = sources + STREAM_BYTES * maxSources;
    this.fragment = fragment;
    for (let i = 0; i < maxSources; i++) {
      this.sourcePorts.push(new Port(instance, sources + STREAM_BYTES * i, "source"));
    }
    for (let i = 0; i < maxSinks; i++) {
      this.sinkPorts.push(new Port(instance, sinks + STREAM_BYTES * i, "sink"));
    }
    instance.u8.fill(0, context, context + CONTEXT_BYTES + streams);
    const write = (offset: number, value: number): void => {
      instance.i32[(context + offset) >> 2] = value;
    };
    write(Context.SIZE, CONTEXT_BYTES);
    write(Context.ABI, ABI_VERSION);
    write(Context.MODULE_ID, services.moduleId);
    write(Context.INSTANCE_ID, services.instanceId);
    write(Context.PIPELINE_ID, services.pipelineId);
    write(Context.CORE, services.core);
    write(Context.PERIOD_US, services.periodUs);
    write(Context.MAX_SOURCES, maxSources);
    write(Context.MAX_SINKS, maxSinks);
    write(Context.SOURCES, sources);
    write(Context.SINKS, sinks);
    write(Context.FRAGMENT, fragment);
    write(Context.FRAGMENT_BYTES, FRAGMENT_AREA_BYTES);
    write(Context.PAYLOAD_BYTES, payload.length);
    write(Context.MEMORY_BYTES, instance.program.limits.memoryPages * 0x10000);
    write(Context.MODULE_INDEX, options.moduleIndex ?? 0);
    instance.u8.set(payload, fragment);
    return this.run(operation, "sof_module_init", context);
  }

  /** Makes sure that a period of `stream` fits its port, and tells the module the stream's format. */
  private admit(port: Port, stream: AudioStream, operation: string): number {
    if (port.capacity < stream.size) {
      const data = this.alloc(operation, stream.size);
      if (data === 0) return this.refused();
      port.place(data, stream.size);
    }
    port.describe(stream);
    return 0;
  }

  private alloc(operation: string, bytes: number): number {
    return this.instance.alloc(operation, bytes, this.options.controlFuel);
  }

  /** Result after the module had no room for what is exchanged with it. */
  private refused(): number {
    return this.fault === null ? -ENOMEM : -EFAULT;
  }

  /** Runs an operation that returns 0 or a negative errno. */
  private run(operation: string, name: ModuleExport, a = 0, b = 0, c = 0, d = 0): number {
    const { instance } = this;
    if (instance.fault !== null) return -ENODEV;
    const entry = instance.entry(name);
    const result = instance.call(operation, entry, this.options.controlFuel, a, b, c, d);
    this.lastOperationCycles = instance.fuelUsed;
    return instance.fault === null ? this.checked(result, operation) : -EFAULT;
  }

  /** Runs an operation that returns a number of 0 or above, or a negative errno. */
  private value(operation: string, name: ModuleExport, a = 0, b = 0): number {
    const { instance } = this;
    if (instance.fault !== null) return -ENODEV;
    const result = instance.call(operation, instance.entry(name), this.options.controlFuel, a, b);
    this.lastOperationCycles = instance.fuelUsed;
    if (instance.fault !== null) return -EFAULT;
    return result >= 0 ? result : this.checked(result, operation);
  }

  private checked(result: number, operation: string): number {
    if (result <= 0 && result >= -WORST_ERRNO) return result;
    return this.wrong(operation, `${result} is neither 0 nor a negative errno`);
  }

  private wrong(operation: string, detail: string): number {
    this.instance.stop(new SandboxStop("bad-result", detail), operation);
    return -EFAULT;
  }

  private liar(which: string): number {
    this.instance.stop(new SandboxStop("bad-size", `${which}: more than was offered`), "process");
    return -EFAULT;
  }
}
