import { builtinModules } from "@sof-ts/modules";
import { type ConformanceCase, conformanceCases, Rig } from "@sof-ts/module-conformance";
import type { CheckSettings } from "../check-settings.js";
import type { FirmwareImage } from "@sof-ts/firmware-image";
import {
  type IsolatedSubject,
  isolatedSubject,
  type TriedFormat,
  triedFormats,
} from "./isolated-subject.js";
import { isolationCases, mostFuel } from "./isolation-cases.js";
import { type LoadedModule, loadModules } from "./loaded-modules.js";

/** A case that a module fails. */
export interface Failure {
  readonly format: string;
  readonly case: string;
  readonly reason: string;
}

/** What the suite says of one module. */
export interface ModuleVerdict {
  readonly name: string;
  readonly uuid: string;
  /** Formats that it takes. */
  readonly formats: readonly string[];
  /** Cases that were run, over all formats. */
  readonly cases: number;
  readonly failures: readonly Failure[];
  /** Fuel of its dearest period of 48 frames, with the format that it was; null when it takes none. */
  readonly cost: { readonly fuel: number; readonly format: string } | null;
}

/**
 * Runs the conformance suite over every module of an image that this machine can run, in every format that
 * the module takes.
 *
 * @param others libraries whose functions it may call
 * @throws InputError for code that the sandbox refuses
 */
export function checkModules(
  image: FirmwareImage,
  settingsOf: (uuid: string) => CheckSettings,
  others: readonly FirmwareImage[] = [],
): readonly ModuleVerdict[] {
  return loadModules(image, others).map((module) =>
    checkModule(module, settingsOf(module.manifest.uuid)),
  );
}

function checkModule(module: LoadedModule, settings: CheckSettings): ModuleVerdict {
  const { name, uuid } = module.manifest;
  const failures: Failure[] = [];
  const formats: string[] = [];
  let cases = 0;
  let cost: ModuleVerdict["cost"] = null;
  for (const tried of triedFormats) {
    const isolated = isolatedSubject(module, tried.name, tried.format, settings);
    const taken = takes(isolated, tried, failures);
    if (!taken) continue;
    formats.push(tried.name);
    for (const one of [...conformanceCases(isolated.subject), ...isolationCases(isolated)]) {
      cases++;
      const reason = reasonOf(one, isolated);
      if (reason !== null) failures.push({ format: tried.name, case: one.name, reason });
    }
    const fuel = isolated.faults.length === 0 ? mostFuel(isolated) : 0;
    if (fuel > (cost?.fuel ?? 0)) cost = { fuel, format: tried.name };
  }
  if (formats.length === 0 && failures.length === 0) {
    const reason = `it takes none of ${triedFormats.map((tried) => tried.name).join("; ")} at 48 kHz`;
    failures.push({ format: "any", case: "takes a format", reason });
  }
  return { name, uuid, formats, cases, failures, cost };
}

/** Whether a module takes a format; one that it does not take, it has to refuse without a fault. */
function takes(isolated: IsolatedSubject, tried: TriedFormat, failures: Failure[]): boolean {
  let taken = true;
  try {
    new Rig(isolated.subject).prepare();
  } catch {
    taken = false;
  }
  const fault = isolated.faults[0];
  if (fault === undefined) return taken;
  failures.push({ format: tried.name, case: "answers init and prepare", reason: fault.toString() });
  return false;
}

/** Why a case fails: what it says, and the fault behind it; null when it holds. */
function reasonOf(one: ConformanceCase, isolated: IsolatedSubject): string | null {
  isolated.faults.length = 0;
  isolated.instances.length = 0;
  let reason: string | null = null;
  try {
    one.run();
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const fault = isolated.faults[0];
  if (fault === undefined) return reason;
  return reason === null ? fault.toString() : `${reason}; ${fault.toString()}`;
}

/** What happens to modules of an image that hold code for the DSP itself. */
export function builtinNotes(image: FirmwareImage): readonly string[] {
  const builtin = new Set(builtinModules.map(({ manifest }) => manifest.uuid));
  return image.units
    .filter(({ code }) => code === "xtensa")
    .flatMap(({ modules }) => modules)
    .map(({ name, uuid }) =>
      builtin.has(uuid)
        ? `${name}: Xtensa code, runs as the built-in module of the same UUID`
        : `${name}: Xtensa code, and no built-in module has its UUID: instances are refused`,
    );
}
