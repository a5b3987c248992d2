import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "@sof-ts/kit";
import { kitFile } from "./kit-files.js";

/** Languages that there are templates for. */
export const languages = ["assemblyscript", "c"] as const;
export type Language = (typeof languages)[number];

/** What differs from one new project to the next. */
export interface NewProject {
  /** What people call it: "my-effect". */
  readonly name: string;
  readonly language: Language;
  readonly uuid: string;
  readonly folder: string;
}

/** Files of the kit that a project gets a copy of, so that its editor finds them. */
const shared: Readonly<Record<Language, readonly (readonly [string, string])[]>> = {
  assemblyscript: [["assembly/sof.ts", "assembly/sof.ts"]],
  c: [["include/sof_module.h", "include/sof_module.h"]],
};

/**
 * Makes a folder with a module that works: a gain with a switch, to be changed into something better.
 *
 * @returns the files, relative to the folder
 * @throws InputError for a folder that is not empty, or a name without letters
 */
export function newProject({ name, language, uuid, folder }: NewProject): readonly string[] {
  const short = name
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .slice(0, 8)
    .toUpperCase();
  if (short === "") {
    throw new InputError(`"${name}" is no name`, { remedy: "Use letters and digits" });
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new InputError("the folder is not empty", {
      source: folder,
      remedy: "Give another name, or --directory",
    });
  }
  const templates = kitFile(`templates/${language}`);
  const own = readdirSync(templates, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(templates.length + 1))
    .sort();
  for (const file of own) {
    const text = readFileSync(join(templates, file), "utf8");
    const filled = text
      .replaceAll("@NAME@", name)
      .replaceAll("@MODULE@", short)
      .replaceAll("@UUID@", uuid);
    make(join(folder, file), (to) => writeFileSync(to, filled));
  }
  for (const [from, to] of shared[language]) {
    make(join(folder, to), (file) => copyFileSync(kitFile(from), file));
  }
  return [...own, ...shared[language].map(([, to]) => to)];
}

function make(file: string, write: (file: string) => void): void {
  mkdirSync(dirname(file), { recursive: true });
  write(file);
}
