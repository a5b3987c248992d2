import { format, type FormatName, payload, type Subject } from "@sof-ts/module-conformance";
import type { AudioFormat } from "@sof-ts/ipc4";
import type { AudioModule, ModuleServices } from "@sof-ts/module-api";
import { defaultIsolation, IsolatedModule, type ModuleFault } from "@sof-ts/wasm-sandbox";
import type { CheckSettings } from "../check-settings.js";
import type { LoadedModule } from "./loaded-modules.js";

/** An isolated module as a subject of the conformance suite, and what went wrong inside while it ran. */
export interface IsolatedSubject {
  readonly subject: Subject;
  /** Faults since the start; a module that behaves has none. */
  readonly faults: ModuleFault[];
  /** Instances in the order in which they were made. */
  readonly instances: IsolatedModule[];
}

/** Makes a subject of a module for streams of one format. */
export function isolatedSubject(
  module: LoadedModule,
  name: string,
  input: AudioFormat,
  settings: CheckSettings,
): IsolatedSubject {
  const faults: ModuleFault[] = [];
  const instances: IsolatedModule[] = [];
  const { manifest, program, index } = module;
  const options = {
    ...defaultIsolation,
    moduleIndex: index,
    report: (fault: ModuleFault) => void faults.push(fault),
  };
  const driver = {
    manifest,
    create(services: ModuleServices, init: Uint8Array): AudioModule | number {
      const made = IsolatedModule.create(program, services, init, options);
      if (typeof made !== "number") instances.push(made);
      return made;
    },
  };
  const { change, refused, blockDependent, blockFrames, forgetsByReset } = settings;
  const subject: Subject = {
    name: `${manifest.name}, ${name}`,
    driver,
    payload: payload(input, settings.init),
    input,
    setup: settings.setup,
    blockDependent,
    forgetsByReset,
    ...(change === null ? {} : { change }),
    ...(refused.length === 0 ? {} : { refused }),
    ...(blockFrames === null ? {} : { blockFrames }),
  };
  return { subject, faults, instances };
}

/** A format that is tried. */
export interface TriedFormat {
  readonly name: string;
  readonly format: AudioFormat;
}

const tried = [
  ["s16", 2],
  ["s24", 2],
  ["s32", 2],
  ["float", 2],
  ["s32", 1],
  ["s32", 8],
] as const satisfies readonly (readonly [FormatName, number])[];

/** The formats that a module is offered: each container in stereo, the widest also in mono and on 8 channels. */
export const triedFormats: readonly TriedFormat[] = tried.map(([name, channels]) => ({
  name: `${name}, ${channels} ch`,
  format: format(name, channels),
}));
