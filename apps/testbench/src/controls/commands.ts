import { parseArgs } from "node:util";
import { InputError } from "@sof-ts/kit";
import type { ControlReference } from "./find-control.js";

/** What a line of a script asks for. */
export type ScriptCommand =
  | { readonly kind: "sleep"; readonly us: number }
  | { readonly kind: "set"; readonly control: ControlReference; readonly value: string }
  /** A simple mixer element and the words behind its name. */
  | { readonly kind: "simple"; readonly element: string; readonly words: readonly string[] }
  | {
      readonly kind: "setFile";
      readonly control: ControlReference;
      readonly file: string;
      /** The file is payload without a header, whatever it looks like. */
      readonly raw: boolean;
      /** Parameter that the user names for it. */
      readonly paramId: number | null;
    };

const unitSeconds: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600 };

/**
 * Reads the words of a command: `sleep`, `amixer cset`, `amixer sset`, `sof-ctl -s`. Options that choose a sound card are
 * accepted: there is one.
 *
 * @throws InputError for any other command, option or form
 */
export function readCommand(words: readonly string[], where: string): ScriptCommand {
  const [name = "", ...args] = words;
  switch (name.slice(name.lastIndexOf("/") + 1)) {
    case "sleep":
      return readSleep(args, where);
    case "amixer":
      return readAmixer(args, where);
    case "sof-ctl":
      return readSofCtl(args, where);
    default:
      throw new InputError(`"${name}" is not a command of control scripts`, {
        source: where,
        remedy: "Use amixer cset, amixer sset, sof-ctl -s or sleep",
      });
  }
}

function readSleep(args: readonly string[], where: string): ScriptCommand {
  const match = args.length === 1 ? /^(\d+(?:\.\d*)?|\.\d+)([smh]?)$/.exec(args[0] ?? "") : null;
  if (match === null) {
    throw new InputError(`"sleep ${args.join(" ")}" is no time`, {
      source: where,
      remedy: "Write seconds: sleep 0.5",
    });
  }
  return {
    kind: "sleep",
    us: Math.round(Number(match[1]) * (unitSeconds[match[2] ?? ""] ?? 1) * 1e6),
  };
}

function readAmixer(args: readonly string[], where: string): ScriptCommand {
  // A negative value is no option.
  const negative = args.findIndex((arg) => /^-(\d|\.\d)/.test(arg));
  const optionArgs = negative < 0 ? args : args.slice(0, negative);
  const { positionals } = options(
    optionArgs,
    {
      card: { type: "string", short: "c" },
      device: { type: "string", short: "D" },
      quiet: { type: "boolean", short: "q" },
      abstract: { type: "string", short: "a" },
      raw: { type: "boolean", short: "R" },
      mapped: { type: "boolean", short: "M" },
    },
    where,
  );
  const words = [...positionals, ...(negative < 0 ? [] : args.slice(negative))];
  const [command, id, value, ...more] = words;
  if (command === "sset" || command === "set") {
    if (id !== undefined) return { kind: "simple", element: id, words: words.slice(2) };
    throw new InputError(`amixer ${command} wants an element`, {
      source: where,
      remedy: `Write amixer ${command} 'Master' 50%`,
    });
  }
  if (command !== "cset") {
    throw new InputError(`"amixer ${command ?? ""}" is not done here`, {
      source: where,
      remedy: "Use amixer cset name='...' VALUE or amixer sset 'NAME' VALUE",
    });
  }
  if (id === undefined || value === undefined || more.length > 0) {
    throw new InputError("amixer cset wants a control and one value", {
      source: where,
      remedy: "Write amixer cset name='...' VALUE, with channels between commas",
    });
  }
  return { kind: "set", control: readControlId(id, where), value };
}

function readSofCtl(args: readonly string[], where: string): ScriptCommand {
  const { values, positionals } = options(
    args,
    {
      device: { type: "string", short: "D" },
      numid: { type: "string", short: "n" },
      control: { type: "string", short: "c" },
      set: { type: "string", short: "s" },
      binary: { type: "boolean", short: "b" },
      raw: { type: "boolean", short: "r" },
      type: { type: "string", short: "t" },
      param: { type: "string", short: "p" },
      ipc: { type: "string", short: "i" },
      size: { type: "string", short: "g" },
    },
    where,
  );
  const { numid, control, set, raw, type, param } = values;
  if (positionals.length > 0) {
    throw new InputError(`sof-ctl does not take "${positionals[0]}"`, { source: where });
  }
  if (typeof set !== "string") {
    throw new InputError("sof-ctl sets nothing without -s FILE", { source: where });
  }
  if ((typeof numid === "string") === (typeof control === "string")) {
    throw new InputError("sof-ctl wants one control", {
      source: where,
      remedy: "Name it with -n NUMID or -c name='...'",
    });
  }
  const id =
    typeof numid === "string" ? `numid=${numid}` : String(control).replace(/^(?!\w+=)/, "name=");
  const paramText = param ?? type;
  return {
    kind: "setFile",
    control: readControlId(id, where),
    file: set,
    raw: raw === true,
    paramId: typeof paramText === "string" ? readNumber(paramText, "parameter", where) : null,
  };
}

/** Reads ALSA's form of a control's identity: `iface=MIXER,name='Master Playback Volume'`, `numid=3`. */
function readControlId(text: string, where: string): ControlReference {
  let name: string | null = null;
  let numid: number | null = null;
  for (const field of text.split(/,(?=(?:iface|name|index|device|subdevice|numid)=)/)) {
    const [, key, value = ""] = /^(\w+)=(.*)$/.exec(field) ?? [];
    if (key === "name") name = value.replace(/^(['"])(.*)\1$/, "$2");
    else if (key === "numid") numid = readNumber(value, "numid", where);
    else if (key === undefined || !["iface", "index", "device", "subdevice"].includes(key)) {
      throw new InputError(`"${text}" does not name a control`, {
        source: where,
        remedy: "Write name='...' or numid=N",
      });
    }
  }
  if (name === null && numid === null) {
    throw new InputError(`"${text}" has neither name nor numid`, { source: where });
  }
  return { name, numid };
}

function readNumber(text: string, what: string, where: string): number {
  if (/^(\d+|0x[0-9a-f]+)$/i.test(text)) return Number(text);
  throw new InputError(`"${text}" is no ${what}`, { source: where });
}

type OptionTable = Readonly<
  Record<string, { readonly type: "string" | "boolean"; readonly short: string }>
>;

function options(
  args: readonly string[],
  table: OptionTable,
  where: string,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: table, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    throw new InputError(reason, { source: where });
  }
}
