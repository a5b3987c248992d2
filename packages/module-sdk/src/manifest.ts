import type { ImageVersion, ModuleConfig } from "@sof-ts/firmware-image";
import { InputError, parseUuid } from "@sof-ts/kit";
import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import { type CheckSettings, readCheckSettings } from "./check-settings.js";
import { Fields } from "./fields.js";

/** An ALSA control of a module, for the topology that `sof-module topology` makes. */
export type ControlDescription =
  | { readonly kind: "switch"; readonly name: string }
  | {
      readonly kind: "bytes";
      readonly name: string;
      /** Parameter id that the module gets the bytes with. */
      readonly param: number;
      /** What is sent at first. */
      readonly bytes: Uint8Array;
    };

/** One module of a library, as its author describes it. */
export interface ModuleProject {
  /** At most 8 characters. */
  readonly name: string;
  readonly uuid: string;
  /** Source file, relative to the manifest: `.ts` is AssemblyScript, `.c` is C. */
  readonly source: string;
  /** Further flags for the compiler. */
  readonly flags: readonly string[];
  /** 0 for one that only serves others. */
  readonly maxInstances: number;
  /** It only serves other units of libraries: no instance is made of it. */
  readonly auxiliary: boolean;
  /** Functions that other units may call. */
  readonly offers: readonly string[];
  readonly domain: "LL" | "DP";
  readonly initConfig: "base" | "base+ext";
  readonly configs: readonly Partial<ModuleConfig>[];
  readonly controls: readonly ControlDescription[];
  /** What the conformance suite has to know. */
  readonly check: CheckSettings;
}

/** What `sof-module.json` says: a library and its modules. */
export interface LibraryProject {
  /** At most 8 characters: what the firmware shows. */
  readonly library: string;
  readonly version: ImageVersion;
  readonly modules: readonly ModuleProject[];
}

/**
 * Reads a `sof-module.json`.
 *
 * @param source file name, for errors
 * @throws InputError that names the place and says what belongs there
 */
export function readManifest(text: string, source: string): LibraryProject {
  const fields = Fields.of(parseJson(text, source), source, "");
  const version = fields.text("version", { otherwise: "1.0.0.0" });
  const modules = fields.list("modules").map(readModule);
  const project = {
    library: nameOf(fields, "library"),
    version: versionOf(fields, version),
    modules,
  };
  fields.end();
  if (modules.length === 0) throw fields.error("modules", "is empty", "List at least one module");
  for (const [index, { name, uuid }] of modules.entries()) {
    const first = modules.findIndex((other) => other.uuid === uuid || other.name === name);
    if (first === index) continue;
    const what = modules[first]?.uuid === uuid ? `UUID ${uuid}` : `name ${name}`;
    throw fields.error(`modules[${index}]`, `has the ${what} of modules[${first}]`, NEW_UUID);
  }
  return project;
}

const NEW_UUID = "Give each module a name and a UUID of its own: `uuidgen` makes one";

function readModule(fields: Fields): ModuleProject {
  const name = nameOf(fields, "name");
  const uuid = uuidOf(fields);
  const source = fields.text("source");
  if (!/\.(ts|c)$/.test(source)) {
    throw fields.error("source", `"${source}" is in no known language`, "Use a .ts or .c file");
  }
  const auxiliary = fields.flag("auxiliary");
  const offers = fields.texts("offers");
  if (auxiliary && offers.length === 0) {
    throw fields.error("offers", "is empty", "List the functions that others may call");
  }
  const instances = auxiliary
    ? { otherwise: 0, least: 0, most: 0 }
    : { otherwise: 8, least: 1, most: 0xffff };
  const module: ModuleProject = {
    name,
    uuid,
    source,
    auxiliary,
    offers,
    flags: fields.texts("flags"),
    maxInstances: fields.number("maxInstances", instances),
    domain: fields.choice("domain", ["LL", "DP"]),
    initConfig: fields.choice("initConfig", ["base", "base+ext"]),
    configs: fields.list("configs", { optional: true }).map(readConfig),
    controls: fields.list("controls", { optional: true }).map(readControl),
    check: readCheckSettings(fields.object("check")),
  };
  fields.end();
  return module;
}

function readConfig(fields: Fields): Partial<ModuleConfig> {
  const word = { otherwise: 0, least: 0, most: 0xffff_ffff };
  const config = {
    instanceBytes: fields.number("instanceBytes", word),
    cps: fields.number("cps", word),
    ibs: fields.number("ibs", word),
    obs: fields.number("obs", word),
    cpc: fields.number("cpc", word),
  };
  fields.end();
  return config;
}

function readControl(fields: Fields): ControlDescription {
  const name = fields.text("name");
  const kind = fields.choice("kind", ["switch", "bytes"]);
  if (kind === "switch") {
    fields.end();
    return { kind, name };
  }
  const param = fields.number("param", { otherwise: 0, least: 0, most: 0xff });
  const bytes = fields.bytes("bytes");
  fields.end();
  return { kind, name, param, bytes };
}

function nameOf(fields: Fields, key: string): string {
  const name = fields.text(key);
  if (/^[\x21-\x7e]{1,8}$/.test(name)) return name;
  throw fields.error(key, `"${name}" is no name`, "Use 1 to 8 characters of ASCII without spaces");
}

function uuidOf(fields: Fields): string {
  const uuid = fields.text("uuid").toLowerCase();
  try {
    parseUuid(uuid);
  } catch {
    throw fields.error("uuid", `"${uuid}" is no UUID`, "`uuidgen` makes one");
  }
  return uuid;
}

function versionOf(fields: Fields, text: string): ImageVersion {
  const parts = text.split(".").map(Number);
  const fit = parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 0xffff);
  if (!fit || parts.length > 4 || text === "") {
    throw fields.error("version", `"${text}" is no version`, `Write "1.0.0.0"`);
  }
  const [major = 0, minor = 0, hotfix = 0, build = 0] = parts;
  return { major, minor, hotfix, build };
}

/** JSON, with comments and commas before closing brackets, as people write configuration. */
function parseJson(text: string, source: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return value;
  // "PropertyNameExpected": words, as the error is one line of text.
  const what = printParseErrorCode(first.error).replaceAll(/[A-Z]/g, (letter) => ` ${letter}`);
  throw new InputError(`no JSON: ${what.trim().toLowerCase()}`, {
    source,
    offset: first.offset,
    remedy: "Names and texts stand in double quotes, with commas between the members",
  });
}
