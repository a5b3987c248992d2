import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "@sof-ts/firmware-image";
import { format, payload, TestServices } from "@sof-ts/module-conformance";
import {
  ABI_VERSION,
  Context,
  CONTEXT_BYTES,
  defaultIsolation,
  IsolatedModule,
  moduleExports,
  Stream,
  STREAM_BYTES,
} from "@sof-ts/wasm-sandbox";
import { afterAll, describe, expect, it } from "vitest";
import {
  buildProject,
  clangFlags,
  loadModules,
  newProject,
  packProject,
  readProject,
} from "../src/index.js";
import { kitFile } from "../src/kit-files.js";
import { compileInProcess } from "./compile-in-process.js";
import { removeScratch, scratchFolder } from "./example-projects.js";

afterAll(removeScratch);

const read = (name: string): string => readFileSync(kitFile(name), "utf8");
const readme = read("README.md");
const script = read("assembly/sof.ts");
const header = read("include/sof_module.h");

/** Names of a structure's words without underscores and case, in the order of their offsets. */
const plain = (name: string): string => name.replaceAll(/[ _]/g, "").toLowerCase();
const wordsOf = (offsets: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(offsets)
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => plain(name));

/** Members of a class of sof.ts, reserved ones aside; each has 4 bytes. */
function scriptMembers(name: string): readonly string[] {
  const body = new RegExp(`export class ${name} \\{\n([^]*?)\n\\}`).exec(script)?.[1] ?? "";
  return [...body.matchAll(/^ {2}(\w+): (?:i32|usize);$/gm)].map(([, member = ""]) =>
    plain(member),
  );
}

/** Members of a structure of sof_module.h; each has 4 bytes, the reserved ones aside. */
function headerMembers(name: string): readonly string[] {
  const body = new RegExp(`struct ${name} \\{\n([^]*?)\n\\};`).exec(header)?.[1] ?? "";
  return [...body.matchAll(/^\t[\w ]+ \*?(\w+)(?:\[\d\])?;/gm)].map(([, member = ""]) =>
    plain(member),
  );
}

const unreserved = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !name.startsWith("reserved"));

describe("the interface", () => {
  it.each([
    ["Context", "sof_context", Context, CONTEXT_BYTES],
    ["Stream", "sof_stream", Stream, STREAM_BYTES],
  ] as const)("has the same %s for hosts, AssemblyScript and C", (script, c, offsets, bytes) => {
    const words = wordsOf(offsets);
    expect(unreserved(scriptMembers(script))).toEqual(words);
    expect(unreserved(headerMembers(c))).toEqual(words);
    expect(scriptMembers(script).length * 4).toBe(bytes);
    expect(header).toContain(`_Static_assert(sizeof(struct ${c}) == ${bytes},`);
  });

  it("has the same version and operations in all of them and in the README", () => {
    expect(ABI_VERSION).toBe(0x1_0000);
    expect(script).toContain("return 0x10000;");
    expect(header).toContain("#define SOF_MODULE_ABI 0x10000");
    for (const [name, { params, required }] of Object.entries(moduleExports)) {
      const row = readme.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";
      const [, , signature = "", meaning = ""] = row.split("|");
      const shown = (signature.split("→")[0] ?? "").split(",").filter((part) => part.trim() !== "");
      expect(`${name}: ${shown.length}`).toBe(`${name}: ${params}`);
      expect(`${name}: ${meaning.trim().startsWith("optional")}`).toBe(`${name}: ${!required}`);
      expect(header).toContain(`${name}(`);
    }
  });

  it("is shown in the README word by word", () => {
    for (const offsets of [Context, Stream]) {
      for (const [name, offset] of Object.entries(offsets)) {
        expect(readme).toContain(`| ${offset} | ${name.replaceAll("_", " ").toLowerCase()} |`);
      }
    }
  });

  it("is compiled with the flags that the README shows", () => {
    const recipe = /```sh\n(clang [^]*?)```/.exec(readme)?.[1] ?? "";
    const flags = recipe
      .replaceAll("\\\n", " ")
      .split(/\s+/)
      .filter((word) => word !== "");
    expect(flags.slice(1, 1 + clangFlags.length)).toEqual(clangFlags);
  });
});

describe("a file with two modules", () => {
  it("tells each instance which of them it is", async () => {
    const folder = join(scratchFolder(), "twins");
    const uuid = "0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e77";
    newProject({ name: "twins", language: "assemblyscript", uuid, folder });
    const source = join(folder, "assembly/index.ts");
    const asks = `export function sof_module_get_param(_id: i32): i32 {\n  return moduleContext().moduleIndex;\n}\n`;
    const text = readFileSync(source, "utf8").replace("  moved,\n", "  moduleContext,\n  moved,\n");
    writeFileSync(source, text + asks);
    const one = { name: "FIRST", uuid, source: "assembly/index.ts" };
    const two = { ...one, name: "SECOND", uuid: uuid.replace("77", "78") };
    const manifest = { library: "TWINS", modules: [one, two] };
    writeFileSync(join(folder, "sof-module.json"), JSON.stringify(manifest));
    const project = readProject(folder);
    await buildProject(project, compileInProcess);
    const image = readImage(packProject(project), "twins.ri");
    expect(image.units).toHaveLength(1);
    const answers = loadModules(image).map(({ program, index }) => {
      const init = payload(format("s32"));
      const options = { ...defaultIsolation, moduleIndex: index };
      const made = IsolatedModule.create(program, new TestServices(), init, options);
      return typeof made === "number" ? made : made.getConfigParam(0);
    });
    expect(answers).toEqual([0, 1]);
  });
});

describe("a module that calls another of its library", () => {
  it("is built, packed and loaded with it", async () => {
    const folder = join(scratchFolder(), "caller");
    const uuid = "0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e79";
    newProject({ name: "caller", language: "assemblyscript", uuid, folder });
    const file = (name: string): string => join(folder, "assembly", name);
    writeFileSync(file("shape.ts"), "export function shape(x: i32): i32 {\n  return x >> 1;\n}\n");
    writeFileSync(file("shape-of.ts"), "export declare function shape(x: i32): i32;\n");
    const asks = `export function sof_module_get_param(id: i32): i32 {\n  return shape(id);\n}\n`;
    const own = readFileSync(file("index.ts"), "utf8");
    writeFileSync(file("index.ts"), `import { shape } from "./shape-of";\n${own}${asks}`);
    const modules = [
      { name: "CALLER", uuid, source: "assembly/index.ts" },
      {
        name: "SHAPES",
        uuid: uuid.replace("79", "80"),
        source: "assembly/shape.ts",
        auxiliary: true,
        offers: ["shape"],
        flags: ["--importMemory"],
      },
    ];
    writeFileSync(join(folder, "sof-module.json"), JSON.stringify({ library: "BOTH", modules }));
    const project = readProject(folder);
    await buildProject(project, compileInProcess);
    const loaded = loadModules(readImage(packProject(project), "both.ri"));
    expect(loaded.map(({ manifest }) => manifest.name)).toEqual(["CALLER"]);
    const [caller] = loaded;
    const made =
      caller &&
      IsolatedModule.create(
        caller.program,
        new TestServices(),
        payload(format("s32")),
        defaultIsolation,
      );
    expect(typeof made === "object" && made.getConfigParam(6)).toBe(3);
  });
});
