import { builtinManifest } from "@sof-ts/modules";
import { InputError } from "@sof-ts/kit";
import type { LogStudy, ModuleEvidence } from "./log-study.js";

/** A module of our image that a module of the log stands for. */
export interface MappedModule {
  /** Module id in the log: the index in the manifest of its image. */
  readonly logId: number;
  /** Module id in our image; the log's own where nothing fits. */
  readonly ourId: number;
  /** Name in our manifest; null where our image has nothing for it. */
  readonly name: string | null;
  /** How that was found. */
  readonly reason: string;
}

const nameOfId = new Map(builtinManifest.map(({ id, driver }) => [id, driver.manifest.name]));
const idOfName = new Map(builtinManifest.map(({ id, driver }) => [driver.manifest.name, id]));

/** Beginnings of widget names with the module behind them, longest first. */
const widgetNames: readonly (readonly [pattern: RegExp, module: string])[] = [
  [/^(?:host|dai|alh|module|ssp|dmic|hda)?-?copier\b/, "COPIER"],
  [/^(?:multiband_?drc|mb_?drc)/, "MB_DRC"],
  [/^drc/, "DRC"],
  [/^mixin/, "MIXIN"],
  [/^mixout/, "MIXOUT"],
  [/^gain/, "GAIN"],
  [/^(?:peakvol|pga|volume)/, "PEAKVOL"],
  [/^src-?lite/, "SRC_LITE"],
  [/^src/, "SRC"],
  [/^eq-?iir/, "EQIIR"],
  [/^eq-?fir/, "EQFIR"],
  [/^dcblock/, "DCBLOCK"],
  [/^tdfb/, "TDFB"],
  [/^crossover/, "XOVER"],
  [/^(?:micsel|selector)/, "MICSEL"],
  [/^demux/, "DEMUX"],
  [/^mux/, "MUX"],
  [/^aria/, "ARIA"],
  [/^kpb/, "KPB"],
  [/^rtnr/, "RTNR"],
  [/^(?:up-?down-?mixer|updwmix)/, "UPDWMIX"],
  [/^google-?rtc/, "RTC_AEC"],
  [/^igo-?nr/, "IGO_NR"],
  [/^dts/, "DTS"],
  [/^level-?multiplier/, "LEVELMUL"],
  [/^smart-?amp/, "SMATEST"],
  [/^(?:wov|detect)/, "KDTEST"],
];

/** @returns the name in our manifest of the module that a widget's name speaks of */
export function moduleOfWidget(widget: string): string | undefined {
  const name = widget.toLowerCase();
  return widgetNames.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * Reads a list of mappings: `4=copier,16=drc`, numbers in decimal or hexadecimal, modules by the name or the
 * id that our image has for them.
 *
 * @throws InputError for text that is none, with the modules that there are
 */
export function parseModuleMap(text: string): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  for (const part of text.split(",")) {
    const match = /^\s*(0x[\da-f]+|\d+)\s*=\s*(\S+)\s*$/i.exec(part);
    const logId = Number(match?.[1] ?? Number.NaN);
    const wanted = match?.[2] ?? "";
    const ourId = /^(?:0x[\da-f]+|\d+)$/i.test(wanted)
      ? Number(wanted)
      : idOfName.get(wanted.toUpperCase().replaceAll("-", "_"));
    if (Number.isNaN(logId) || logId > 0xffff || ourId === undefined || !nameOfId.has(ourId)) {
      const known = [...nameOfId].map(([id, name]) => `${id} ${name.toLowerCase()}`).join(", ");
      throw new InputError(`"${part.trim()}" does not map a module`, {
        source: "--module-map",
        remedy: `Write ID=MODULE; the modules are: ${known}`,
      });
    }
    map.set(logId, ourId);
  }
  return map;
}

/**
 * Finds for every module id of a log what it is in our image. Ids are indices in the manifest of an image,
 * not protocol. In this order: what the user says, what the driver's names say, what size and content of
 * the init payloads say, the place relative to the copier (images list mixers, copier and volumes in the same
 * order), the id itself.
 */
export function mapModules(
  study: LogStudy,
  given: ReadonlyMap<number, number>,
): ReadonlyMap<number, MappedModule> {
  const map = new Map<number, MappedModule>();
  const put = (logId: number, ourId: number, reason: string): void => {
    map.set(logId, { logId, ourId, name: nameOfId.get(ourId) ?? null, reason });
  };
  for (const [logId, evidence] of study.modules) {
    const finding = byNames(evidence) ?? byPayload(logId, evidence);
    const byUser = given.get(logId);
    if (byUser !== undefined) put(logId, byUser, "the user says so");
    else if (finding !== undefined)
      put(logId, idOfName.get(finding.module) as number, finding.reason);
  }
  const copier = [...map.values()].find(({ name }) => name === "COPIER");
  const shift = copier === undefined ? 0 : copier.ourId - copier.logId;
  for (const logId of study.modules.keys()) {
    if (map.has(logId)) continue;
    if (shift !== 0 && nameOfId.has(logId + shift))
      put(logId, logId + shift, "as far from the copier as in our image");
    else put(logId, logId, "same id: the log does not say what it is");
  }
  return map;
}

interface Finding {
  readonly module: string;
  readonly reason: string;
}

function byNames(evidence: ModuleEvidence): Finding | undefined {
  for (const widget of evidence.widgets) {
    const module = moduleOfWidget(widget);
    if (module !== undefined) return { module, reason: `the log calls it ${widget}` };
  }
  return undefined;
}

/** A copier's init payload without link configuration, with one for SSP, and for a group of SoundWire links. */
const COPIER_SIZES = [84, 164, 216];
const GAIN_SIZE = 64;
const SRC_SIZE = 44;
const BASE_SIZE = 40;

function byPayload(logId: number, evidence: ModuleEvidence): Finding | undefined {
  const { initSizes, payloadKinds, volumeSets, feeds, isFed } = evidence;
  const same = (module: string): boolean => nameOfId.get(logId) === module;
  if (payloadKinds.has("copier"))
    return { module: "COPIER", reason: "its init payload is a copier's" };
  if (payloadKinds.has("gain"))
    return {
      module: same("PEAKVOL") ? "PEAKVOL" : "GAIN",
      reason: "its init payload is a volume's",
    };
  if (payloadKinds.has("src"))
    return {
      module: same("SRC_LITE") ? "SRC_LITE" : "SRC",
      reason: "its init payload is a converter's",
    };
  const [size] = initSizes;
  if (size === undefined) return undefined;
  const bySize = `${size} bytes of init payload`;
  if (COPIER_SIZES.includes(size)) return { module: "COPIER", reason: bySize };
  if (size === GAIN_SIZE && (volumeSets || !nameOfId.has(logId)))
    return { module: same("PEAKVOL") ? "PEAKVOL" : "GAIN", reason: bySize };
  if (size === SRC_SIZE) return { module: same("SRC_LITE") ? "SRC_LITE" : "SRC", reason: bySize };
  if (size !== BASE_SIZE || same("MIXIN") || same("MIXOUT")) return undefined;
  if (nameOfId.has(logId)) return undefined;
  // Nothing but a base configuration is a mixer's in most topologies; where the audio goes tells which.
  if (feeds && !isFed) return { module: "MIXOUT", reason: `${bySize}, nothing feeds it` };
  if (isFed && !feeds) return { module: "MIXIN", reason: `${bySize}, it feeds nothing` };
  return undefined;
}
