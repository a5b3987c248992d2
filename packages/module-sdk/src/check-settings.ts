import type { Setting } from "@sof-ts/module-conformance";
import type { Fields } from "./fields.js";

/** What a module's author knows of it and no image says. */
export interface CheckSettings {
  /** Behind the base configuration in the init payload. */
  readonly init: Uint8Array;
  /** Sent before the first prepare. */
  readonly setup: readonly Setting[];
  /** Sent while streaming; has to change what is heard. */
  readonly change: Setting | null;
  /** Has to be refused. */
  readonly refused: readonly Setting[];
  /** Whether samples depend on how they are cut into blocks. */
  readonly blockDependent: boolean;
  /** Whether reset takes the module back to its first configuration. */
  readonly forgetsByReset: boolean;
  /** Frames of a block where the module works in blocks of its own; null for a period. */
  readonly blockFrames: number | null;
}

/** For a module of which nothing is known. */
export const noSettings: CheckSettings = {
  init: new Uint8Array(0),
  setup: [],
  change: null,
  refused: [],
  blockDependent: false,
  forgetsByReset: false,
  blockFrames: null,
};

/** Reads the object `check` of a module in a manifest. @throws InputError */
export function readCheckSettings(fields: Fields): CheckSettings {
  const settings: CheckSettings = {
    init: fields.bytes("init", { otherwise: "" }),
    setup: fields.list("setup", { optional: true }).map(readSetting),
    change: fields.has("change") ? readSetting(fields.object("change")) : null,
    refused: fields.list("refused", { optional: true }).map(readSetting),
    blockDependent: fields.flag("blockDependent"),
    forgetsByReset: fields.flag("forgetsByReset"),
    blockFrames: fields.has("blockFrames")
      ? fields.number("blockFrames", { otherwise: 48, least: 1, most: 480 })
      : null,
  };
  // What is known by name, although it is only asked for where it is there.
  for (const key of ["change", "blockFrames"]) fields.knows(key);
  fields.end();
  return settings;
}

function readSetting(fields: Fields): Setting {
  const param = fields.number("param", { otherwise: 0, least: 0, most: 0xff });
  const bytes = fields.bytes("bytes");
  fields.end();
  return [param, bytes];
}
