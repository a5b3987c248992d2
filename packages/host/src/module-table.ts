import { EINVAL } from "@sof-ts/kit";
import type { Widget, WidgetKind } from "@sof-ts/topology";
import { HostError } from "./host-error.js";
import type { HostVariant } from "./host-variant.js";

/** Resource needs of a module for one pair of buffer sizes, from the manifest (`sof_man_mod_config`). */
export interface FirmwareModuleConfig {
  /** Input and output bytes of one period. */
  readonly ibs: number;
  readonly obs: number;
  /** Cycles for one period. */
  readonly cpc: number;
}

/** What the driver needs to know of a module of the firmware. */
export interface FirmwareModule {
  /** Library number in bits 15:12, index in the library's manifest below. */
  readonly moduleId: number;
  readonly name: string;
  /** 8-4-4-4-12 text, lower case. */
  readonly uuid: string;
  /** Init payload that the module wants: 0 base configuration, 1 with pin formats. */
  readonly initConfig: number;
  /** Runs in a thread of its own (the manifest's DP bit). */
  readonly dataProcessing: boolean;
  /** Instances that the manifest admits. */
  readonly maxInstances: number;
  readonly configs: readonly FirmwareModuleConfig[];
}

/** @returns cycles for one period: the most that a configuration with these buffer sizes states, else 0 */
export function cyclesPerChunk(module: FirmwareModule, ibs: number, obs: number): number {
  let cpc = 0;
  for (const config of module.configs) {
    if (config.ibs === ibs && config.obs === obs && config.cpc > cpc) cpc = config.cpc;
  }
  return cpc;
}

/** Module numbers that the testbench uses, by kind of widget; processing modules share one. */
const testbenchIds: Partial<Readonly<Record<WidgetKind, number>>> = {
  mixin: 2,
  mixout: 3,
  copier: 4,
  gain: 6,
  src: 7,
  asrc: 8,
};
const TESTBENCH_PROCESS_ID = 0x95;

/** Its ends read and write files. */
const testbenchFileIds: Readonly<Record<string, number>> = {
  aif_out: 0x9a,
  aif_in: 0x9b,
  dai_out: 0x9c,
  dai_in: 0x9d,
};

/** What the driver says of a widget without module. */
export const NO_UUID = "failed to find module info: the topology gives no module UUID";

/** The firmware's modules by UUID; the first module of a UUID counts. */
export class ModuleTable {
  private readonly byUuid = new Map<string, FirmwareModule>();

  constructor(modules: readonly FirmwareModule[] = []) {
    this.add(modules);
  }

  /** Adds the modules of a library. */
  add(modules: readonly FirmwareModule[]): void {
    for (const module of modules) {
      if (!this.byUuid.has(module.uuid)) this.byUuid.set(module.uuid, module);
    }
  }

  find(uuid: string): FirmwareModule | undefined {
    return this.byUuid.get(uuid);
  }

  /**
   * Finds the module of a widget.
   *
   * @throws HostError EINVAL when the topology gives no UUID, or the firmware has no such module
   */
  moduleOf(widget: Widget, variant: HostVariant): FirmwareModule {
    const { uuid } = widget;
    if (uuid === null) {
      throw new HostError(NO_UUID, { errno: EINVAL, widget: widget.name });
    }
    const module = this.byUuid.get(uuid);
    if (module === undefined) {
      const name = widget.module === null ? "" : ` (${widget.module})`;
      const reason = `failed to find module info: the firmware has no module ${uuid}${name}`;
      throw new HostError(reason, { errno: EINVAL, widget: widget.name });
    }
    if (variant.moduleIds === "manifest") return module;
    const moduleId =
      testbenchFileIds[widget.dapmType] ?? testbenchIds[widget.kind] ?? TESTBENCH_PROCESS_ID;
    return { ...module, moduleId };
  }
}
