import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError, parseUuid } from "@sof-ts/kit";
import { buildProject, shown } from "../build.js";
import type { AssemblyScriptCompiler } from "../compile-assemblyscript.js";
import { writeDevelopmentKey } from "../keys.js";
import { type Language, newProject } from "../new-project.js";
import { readSigner, writePacked } from "../pack.js";
import { readProject } from "../project.js";
import { topologyOf } from "../topology-of.js";
import { readLibraries } from "./check-command.js";

/** Options of `sof-module new`. */
export interface CreateFlags {
  readonly language: Language;
  readonly directory?: string;
  readonly uuid?: string;
}

/** @returns what was done, line by line; so do all commands */
export function create(name: string, flags: CreateFlags): readonly string[] {
  const { language, directory = name, uuid = randomUUID() } = flags;
  try {
    parseUuid(uuid);
  } catch {
    throw new InputError(`"${uuid}" is no UUID`, { source: "--uuid", remedy: "Leave it out" });
  }
  const files = newProject({
    // A path names the folder; what is in it is called as the folder is.
    name: basename(name),
    language,
    uuid: uuid.toLowerCase(),
    folder: directory,
  });
  return files.map((file) => `made   ${join(directory, file)}`);
}

/** Options of `sof-module build`. */
export interface BuildFlags {
  readonly with?: readonly string[];
}

export async function build(
  folder: string,
  flags: BuildFlags,
  compile?: AssemblyScriptCompiler,
): Promise<readonly string[]> {
  const built = await buildProject(readProject(folder), compile, readLibraries(flags.with));
  return built.map(
    ({ unit, wasm }) => `built  ${shown(unit.wasmFile)}, ${wasm.length} bytes, from ${unit.source}`,
  );
}

export function key(file: string): readonly string[] {
  const { privateFile, publicFile } = writeDevelopmentKey(file);
  return [
    `made   ${privateFile}: keep it to yourself; it signs libraries`,
    `made   ${publicFile}: for firmware that is to trust them`,
  ];
}

/** Options of `sof-module pack`. */
export interface PackFlags {
  readonly key?: string;
  readonly unsigned?: boolean;
  readonly output?: string;
}

export function pack(folder: string, flags: PackFlags): readonly string[] {
  const { key: keyFile, unsigned = false, output } = flags;
  const project = readProject(folder);
  if ((keyFile === undefined) !== unsigned) {
    const reason = unsigned
      ? "both --key and --unsigned are given"
      : "no key to sign with is given";
    const remedy = "Give --key FILE (`sof-module key dev.pem` makes one), or --unsigned";
    throw new InputError(reason, { source: "pack", remedy });
  }
  const signer = keyFile === undefined ? undefined : readSigner(keyFile);
  const file = writePacked(project, signer, output);
  const names = project.modules.map(({ name }) => name).join(", ");
  const how = keyFile === undefined ? "not signed" : `signed with ${keyFile}`;
  return [`packed ${shown(file)}: ${names}, ${how}`];
}

export function topology(folder: string, output: string): readonly string[] {
  const project = readProject(folder);
  writeFileSync(output, topologyOf(project));
  const names = project.modules.map(({ name }) => name).join(", ");
  return [`made   ${output}: PCM "Music" through ${names}`];
}
