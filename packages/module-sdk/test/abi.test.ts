import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "@sof-ts/firmware-image";
import { AudioStream } from "@sof-ts/module-api";
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
  checkImage,
  clangFlags,
  loadModules,
  main,
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

describe("a module that calls a function of another library", () => {
  const uuid = "0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e81";
  /** A library of functions: `halve` divides by `by`. */
  async function library(name: string, by: number) {
    const folder = join(scratchFolder(), name);
    newProject({ name, language: "assemblyscript", uuid, folder });
    const source = `export function halve(x: i32): i32 {\n  return x / ${by};\n}\n`;
    writeFileSync(join(folder, "assembly/index.ts"), source);
    const only = {
      name: "HALVES",
      uuid,
      source: "assembly/index.ts",
      auxiliary: true,
      offers: ["halve"],
    };
    writeFileSync(
      join(folder, "sof-module.json"),
      JSON.stringify({ library: name, modules: [only] }),
    );
    const project = readProject(folder);
    await buildProject(project, compileInProcess);
    return { file: packProject(project), name: `${name}.ri` };
  }

  it("is built and checked with the first library that has it, and refused without", async () => {
    const [two, ten] = [await library("TWO", 2), await library("TEN", 10)];
    const images = [two, ten].map(({ file, name }) => readImage(file, name));
    const folder = join(scratchFolder(), "halver");
    newProject({
      name: "halver",
      language: "assemblyscript",
      uuid: uuid.replace("81", "82"),
      folder,
    });
    const file = (name: string): string => join(folder, "assembly", name);
    writeFileSync(file("halves.ts"), "export declare function halve(x: i32): i32;\n");
    const asks = `export function sof_module_get_param(id: i32): i32 {\n  return halve(id);\n}\n`;
    const own = readFileSync(file("index.ts"), "utf8");
    writeFileSync(file("index.ts"), `import { halve } from "./halves";\n${own}${asks}`);
    const project = readProject(folder);
    const alone = buildProject(project, compileInProcess);
    await expect(alone).rejects.toThrow('"halves.halve", which is not there');
    await buildProject(project, compileInProcess, images);
    const packed = packProject(project);
    const answer = (others: readonly (typeof images)[number][]): number => {
      const [loaded] = loadModules(readImage(packed, "halver.ri"), others);
      if (loaded === undefined) throw new Error("no module");
      const init = payload(format("s32"));
      const services = new TestServices();
      const made = IsolatedModule.create(loaded.program, services, init, defaultIsolation);
      return typeof made === "number" ? made : made.getConfigParam(20);
    };
    expect(answer(images)).toBe(10);
    expect(answer([...images].reverse())).toBe(2);
    expect(() => answer([])).toThrow('"halves.halve", which is not there');
    const report = checkImage(packed, "halver.ri", { allowUnsigned: true, others: images });
    expect(report.modules.map(({ failures }) => failures)).toEqual([[]]);
    expect(report.modules[0]?.cases).toBeGreaterThan(10);
    // The command line, too.
    const library_ = join(folder, "two.ri");
    writeFileSync(library_, two.file);
    const output = { out: () => {}, err: (text: string) => errors.push(text) };
    const errors: string[] = [];
    const flags = ["--unsigned", "--no-conformance"];
    expect(await main(["build", folder, "--with", library_], output, compileInProcess)).toBe(0);
    expect(await main(["pack", folder, "--unsigned"], output)).toBe(0);
    expect(await main(["check", folder, ...flags, "--with", library_], output)).toBe(0);
    expect(await main(["check", folder, "--unsigned", "--with", library_], output)).toBe(0);
    expect(await main(["check", folder, "--unsigned"], output)).toBe(2);
    expect(errors.join("")).toContain('"halves.halve", which is not there');
  });
});

describe("a module of several sources that tells the host of them", () => {
  it("is written with what the kit has for it", async () => {
    const folder = join(scratchFolder(), "adder");
    newProject({
      name: "adder",
      language: "assemblyscript",
      uuid: "0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e83",
      folder,
    });
    writeFileSync(join(folder, "assembly/index.ts"), ADDER);
    const project = readProject(folder);
    await buildProject(project, compileInProcess);
    const [loaded] = loadModules(readImage(packProject(project), "adder.ri"));
    if (loaded === undefined) throw new Error("no module");
    const services = new TestServices();
    const made = IsolatedModule.create(
      loaded.program,
      services,
      payload(format("s32")),
      defaultIsolation,
    );
    if (typeof made === "number") throw new Error(`create returned ${made}`);
    const ring = (queue: number) => {
      const stream = new AudioStream(services.heap.memory, services.heap.alloc(384), 384);
      stream.setParams({ rate: 48_000, channels: 2, frameFmt: 2, validFmt: 2, channelMap: 0x10 });
      stream.sinkQueue = queue;
      return stream;
    };
    // Connected in the other order than their queues.
    const [b, a, sum] = [ring(1), ring(0), ring(0)];
    expect(made.prepare([b, a], [sum])).toBe(0);
    expect(made.latencyFrames).toBe(7);
    for (const [stream, value] of [
      [a, 100],
      [b, 7],
    ] as const) {
      stream.memory.i32.fill(value, stream.start >> 2, stream.end >> 2);
      stream.produce(384);
    }
    expect(made.process([b, a], [sum])).toBe(0);
    expect(sum.memory.i32[sum.start >> 2]).toBe(93);
    expect(services.notifications).toEqual([{ eventId: 5, data: Uint8Array.of(93, 0, 0, 0) }]);
  });
});

/** Takes the second queue's stream from the first's, and says what came out. */
const ADDER = `import { begin, moved, notify, pins, sink, sourceOf } from "./sof";
export { sof_module_abi, sof_module_alloc } from "./sof";
const said: usize = memory.data(4, 16);
export function sof_module_init(at: usize): i32 { return begin(at); }
export function sof_module_pins(): i32 { return pins(2, 1); }
export function sof_module_latency(): i32 { return 7; }
export function sof_module_prepare(sources: i32, sinks: i32): i32 {
  return sources == 2 && sinks == 1 ? 0 : -22;
}
export function sof_module_process(sources: i32, sinks: i32): i32 {
  if (sources != 2 || sinks != 1) return 0;
  const a = sourceOf(0, sources);
  const b = sourceOf(1, sources);
  const out = sink();
  const bytes = min(min(a.bytes, b.bytes), out.bytes);
  for (let i: usize = 0; i < (bytes as usize); i += 4) {
    store<i32>(out.data + i, load<i32>(a.data + i) - load<i32>(b.data + i));
  }
  moved(a, out, bytes / a.frameBytes);
  b.done = a.done;
  store<i32>(said, load<i32>(out.data));
  return notify(5, said, 4);
}
export function sof_module_reset(): i32 { return 0; }
export function sof_module_free(): void {}
`;

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
