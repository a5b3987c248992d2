import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type {
  PeriodCost,
  AudioModule,
  AudioStream,
  BindInfo,
  FragmentPosition,
  ModuleDriver,
  ModuleServices,
  Trigger,
} from "@sof-ts/module-api";

/** What scripted modules answer; a test changes it as it goes. Results are 0 or negative errno. */
export interface Script {
  create: number;
  prepare: number;
  process: number;
  /** Runs once in the next period, in the LL thread. */
  once: ((services: ModuleServices) => void) | null;
  reset: number;
  bind: number;
  unbind: number;
  /** Refuses this trigger. */
  refuses: Trigger | null;
  /** Cycles that a period costs. */
  cycles: number;
  setParam: number;
  getParam: number;
  setConfig: number;
  getConfig: number;
  /** Longest transfer that is taken. */
  maxBytes: number;
  /** Memory that an instance takes when it is made, and again when it is prepared. */
  allocates: number;
}

export const wellBehaved: Readonly<Script> = {
  create: 0,
  prepare: 0,
  process: 0,
  once: null,
  reset: 0,
  bind: 0,
  unbind: 0,
  refuses: null,
  cycles: 100,
  setParam: 0,
  getParam: 0x1234,
  setConfig: 0,
  getConfig: 0,
  maxBytes: 8192,
  allocates: 0,
};

/** A fragment that a scripted module was given. */
export interface SeenFragment {
  readonly paramId: number;
  readonly position: FragmentPosition;
  readonly sizeOrOffset: number;
  readonly bytes: Uint8Array;
}

/** A module that does as its script says and writes down what it is told. Takes all and gives silence. */
export class ScriptedModule implements AudioModule {
  readonly services: ModuleServices;
  readonly script: Script;
  readonly fragments: SeenFragment[] = [];
  readonly log: string[] = [];
  /** What the last complete transfer brought, by parameter. */
  readonly values = new Map<number, Uint8Array>();
  private incoming: { paramId: number; bytes: Uint8Array; received: number } | null = null;
  private readonly memory: number[] = [];

  /** Whether the memory that it wants from the beginning was there. */
  readonly complete: boolean;

  /** As the script says at the time. */
  readonly cost: PeriodCost;

  constructor(services: ModuleServices, script: Script) {
    this.services = services;
    this.script = script;
    this.cost = {
      get cycles() {
        return script.cycles;
      },
      set cycles(_ignored) {},
    };
    this.complete = this.take();
  }

  prepare(): number {
    this.log.push("prepare");
    if (this.script.allocates > 0 && !this.take()) return -ENOMEM;
    return this.script.prepare;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source] = sources;
    const [sink] = sinks;
    const { once } = this.script;
    this.script.once = null;
    once?.(this.services);
    if (this.script.process < 0) return this.script.process;
    const bytes = Math.min(source?.available ?? 0, sink?.free ?? Number.POSITIVE_INFINITY);
    source?.consume(bytes);
    sink?.silence(bytes);
    sink?.produce(bytes);
    return 0;
  }

  reset(): number {
    this.log.push("reset");
    return this.script.reset;
  }

  free(): void {
    this.log.push("free");
  }

  bind(info: BindInfo): number {
    this.log.push(`bind ${info.side}`);
    return this.script.bind;
  }

  unbind(info: BindInfo): number {
    this.log.push(`unbind ${info.side}`);
    return this.script.unbind;
  }

  trigger(command: Trigger): number {
    this.log.push(command);
    return command === this.script.refuses ? -EINVAL : 0;
  }

  setConfigParam(_paramId: number, _value: number): number {
    return this.script.setParam;
  }

  getConfigParam(): number {
    return this.script.getParam;
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    this.fragments.push({ paramId, position, sizeOrOffset, bytes: fragment.slice() });
    if (this.script.setConfig !== 0) return this.script.setConfig;
    if (position === "first" || position === "single") {
      if (this.incoming !== null) return -16;
      if (sizeOrOffset > this.script.maxBytes) return -EINVAL;
      if (sizeOrOffset === 0) return 0;
      this.incoming = { paramId, bytes: new Uint8Array(sizeOrOffset), received: 0 };
    }
    const { incoming } = this;
    if (incoming === null) return -5;
    if (incoming.received + fragment.length > incoming.bytes.length) {
      this.incoming = null;
      return -EINVAL;
    }
    incoming.bytes.set(fragment, incoming.received);
    incoming.received += fragment.length;
    if (position === "first" || position === "middle") return 0;
    this.values.set(incoming.paramId, incoming.bytes);
    this.incoming = null;
    return 0;
  }

  /** Gives what was set; for a control the header of the request with the value behind it. */
  getConfiguration(paramId: number, out: Uint8Array): number {
    if (this.script.getConfig !== 0) return this.script.getConfig;
    if (paramId >= 200 && paramId <= 202) {
      out.set([1, 2, 3, 4], 20);
      return 24;
    }
    const value = this.values.get(paramId);
    if (value === undefined || value.length > out.length) return -EINVAL;
    out.set(value);
    return value.length;
  }

  private take(): boolean {
    if (this.script.allocates === 0) return true;
    const address = this.services.heap.alloc(this.script.allocates);
    this.memory.push(address);
    return address !== 0;
  }
}

/** Module ids of the scripted drivers. */
export const Scripted = {
  /** Does as its script says; four sources and sinks. */
  OBEDIENT: 64,
  /** Has no operation but those that a module must have. */
  PLAIN: 65,
  /** Belongs where the graph's ids meet those of DMA chains. */
  CHAIN_ID: 128,
} as const;

/** The scripted modules of a test and their instances by component id. */
export class ScriptedModules {
  readonly script: Script = { ...wellBehaved };
  readonly instances = new Map<number, ScriptedModule>();

  get drivers(): readonly (readonly [number, ModuleDriver])[] {
    const obedient = this.driver((services) => {
      const module = new ScriptedModule(services, this.script);
      if (!module.complete) return -ENOMEM;
      this.instances.set((services.instanceId << 16) | services.moduleId, module);
      return module;
    });
    const plain = this.driver(() => ({
      prepare: () => 0,
      process: () => 0,
      reset: () => 0,
      free: () => {},
    }));
    return [
      [Scripted.OBEDIENT, obedient],
      [Scripted.PLAIN, plain],
      [Scripted.CHAIN_ID, plain],
    ];
  }

  private driver(make: (services: ModuleServices) => AudioModule | number): ModuleDriver {
    return {
      manifest: {
        name: "SCRIPTED",
        uuid: "00000000-0000-0000-0000-00000000f00d",
        initConfig: "base",
        maxInstances: 16,
        domain: "LL",
        configs: [],
      },
      maxSources: 4,
      maxSinks: 4,
      create: (services) => (this.script.create < 0 ? this.script.create : make(services)),
    };
  }
}
