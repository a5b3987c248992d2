import { Command, CommanderError, Option } from "commander";
import type { AssemblyScriptCompiler } from "../compile-assemblyscript.js";
import { languages } from "../new-project.js";
import { check, type CheckFlags } from "./check-command.js";
import {
  build,
  type BuildFlags,
  create,
  type CreateFlags,
  key,
  pack,
  type PackFlags,
  topology,
} from "./commands.js";
import { ExitCode, failureOf } from "./exit-code.js";

/** Where the command writes; the process's own streams, or a test's. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const examples = `
Examples:
  sof-module new my-effect                      a folder with a module in AssemblyScript that works
  sof-module new my-effect --language c         the same in C
  sof-module build my-effect                    compiles it
  sof-module key dev.pem                        makes a development key, and dev.pub
  sof-module pack my-effect --key dev.pem       packs and signs the library my-effect/build/myeffect.ri
  sof-module check my-effect --key dev.pub      checks it as firmware does, and runs the conformance suite
  sof-module check --no-conformance drc.llext   says what is in somebody else's library
  sof-module topology my-effect -o effect.tplg  makes a topology to hear it with

Exit codes: 0 ok, 1 usage, 2 a file cannot be used, 3 a module fails the conformance suite, 4 our own
mistake.`;

/**
 * Runs one command line of `sof-module`. @returns the exit code; errors become one message on `err`, never a
 * stack trace
 *
 * @param args without interpreter and program name
 * @param compile in place of the AssemblyScript compiler in a process of its own
 */
export async function main(
  args: readonly string[],
  output: Output,
  compile?: AssemblyScriptCompiler,
): Promise<ExitCode> {
  let code: ExitCode = ExitCode.OK;
  const finish = (result: ExitCode): void => {
    code = result;
  };
  try {
    await program(output, finish, compile).parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
    const failure = failureOf(error);
    output.err(`sof-module: ${failure.message}\n`);
    return failure.code;
  }
}

function program(
  output: Output,
  finish: (code: ExitCode) => void,
  compile: AssemblyScriptCompiler | undefined,
): Command {
  const root = new Command("sof-module");
  root
    .description("Builds, packs, signs and checks libraries of audio modules.")
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: (text) => output.err(text) })
    .exitOverride()
    .showHelpAfterError("(use --help for the options)")
    .addHelpText("after", examples);
  const folder = ["[folder]", "folder with a sof-module.json", "."] as const;
  const others = [
    "--with <file...>",
    "libraries with functions that the modules call, in the order of their loading",
  ] as const;
  const print = (lines: readonly string[]): void => output.out(`${lines.join("\n")}\n`);

  root
    .command("new")
    .description("Make a folder with a module that works, to start from.")
    .argument("<name>", "what to call it: my-effect")
    .addOption(
      new Option("-l, --language <language>", "what to write it in")
        .choices(languages)
        .default("assemblyscript"),
    )
    .option("--directory <folder>", "where (default: a folder of that name)")
    .option("--uuid <uuid>", "its UUID (default: a new one)")
    .action((name: string, flags: CreateFlags) => print(create(name, flags)));
  root
    .command("build")
    .description("Compile the modules: AssemblyScript by the compiler of this package, C by clang.")
    .argument(...folder)
    .option(...others)
    .action(async (from: string, flags: BuildFlags) => print(await build(from, flags, compile)));
  root
    .command("key")
    .description("Make a development key: RSA-3072, private FILE and public FILE.pub.")
    .argument("<file>", "where: dev.pem")
    .action((file: string) => print(key(file)));
  root
    .command("pack")
    .description("Pack what was built into one library and sign it.")
    .argument(...folder)
    .option("-k, --key <file>", "private key (PEM) to sign with")
    .option("--unsigned", "do not sign")
    .option("-o, --output <file>", "library to write (default: build/LIBRARY.ri)")
    .action((from: string, flags: PackFlags) => print(pack(from, flags)));
  root
    .command("check")
    .description("Check a library as firmware does, list it, run the conformance suite over it.")
    .argument("[library]", "library file, or the folder of a project", ".")
    .option("-k, --key <file...>", "public keys that are trusted (default: whoever signed it)")
    .option("--retired-key <file...>", "public keys that are trusted no more")
    .option("--unsigned", "take a library that is not signed")
    .option("--no-conformance", "do not run the modules")
    .option("--project <folder>", "project whose manifest says how to check the modules")
    .option(...others)
    .option("--json", "print the report as JSON")
    .action((library: string, flags: CheckFlags) => {
      const { text, conforms } = check(library, flags);
      output.out(text);
      if (!conforms) finish(ExitCode.NONCONFORMING);
    });
  root
    .command("topology")
    .description("Make a topology with one PCM that runs through the modules.")
    .argument(...folder)
    .requiredOption("-o, --output <file>", "topology to write (.tplg)")
    .action((from: string, flags: { readonly output: string }) =>
      print(topology(from, flags.output)),
    );
  for (const command of root.commands) {
    command.exitOverride().configureOutput(root.configureOutput());
  }
  return root;
}
