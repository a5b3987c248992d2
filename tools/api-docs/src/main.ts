import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import {
  Application,
  Converter,
  MinimalSourceFile,
  type NormalizedPath,
  ReflectionKind,
} from "typedoc";
import { parseCommandLine, readWorkspace, repoRoot, runMain } from "@sof-ts/workspace";

const usage = `pnpm api-docs [options]

  --out FOLDER   where the pages go (docs/api)
  --check        write nothing; fail on a docstring whose link leads nowhere`;

/** Packages that others may import, in the order of their names. */
const packages = readWorkspace().packages.filter(({ group }) => group !== "tools");
const entryOf = (dir: string): string => join(dir, "src/index.ts");

/** Calls each chapter by its package's name and begins it with the README. */
function nameChapters(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const chapter of project.getChildrenByKind(ReflectionKind.Module)) {
      const entry = chapter.sources?.[0]?.fileName;
      const found = packages.find(({ dir }) => entry === relative(repoRoot, entryOf(dir)));
      if (found === undefined) continue;
      chapter.name = found.name;
      const file = join(found.dir, "README.md");
      const source = new MinimalSourceFile(readFileSync(file, "utf8"), file as NormalizedPath);
      chapter.readme = app.converter.parseRawComment(source, project.files).content;
    }
  });
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseCommandLine(args, {
    out: { type: "string", default: "docs/api" },
    check: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const app = await Application.bootstrap({
    name: "sof-ts",
    entryPoints: packages.map(({ dir }) => entryOf(dir)),
    tsconfig: join(repoRoot, "tools/api-docs/tsconfig.packages.json"),
    basePath: repoRoot,
    readme: join(repoRoot, "README.md"),
    excludeInternal: true,
    excludePrivate: true,
    // A package may keep the types of its parts to itself; READMEs link to folders, which are no pages here.
    validation: { notExported: false, invalidLink: true, invalidPath: false },
    highlightLanguages: ["typescript", "javascript", "json", "bash", "console", "c"],
    ignoredHighlightLanguages: ["assemblyscript", "mermaid"],
    // A check makes no links to sources, so it needs no remote to point them at.
    ...(values.check
      ? { disableGit: true, sourceLinkTemplate: "{path}", gitRevision: "main" }
      : {}),
  });
  nameChapters(app);
  const project = await app.convert();
  if (project === undefined) return 1;
  app.validate(project);
  if (!values.check) await app.generateDocs(project, join(repoRoot, values.out));
  return app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
}

await runMain(main);
