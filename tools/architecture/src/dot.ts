import { type Layer, scope, type WorkspacePackage } from "@sof-ts/workspace";

const colours: Readonly<Record<string, string>> = { packages: "#e8f0fb", apps: "#fdf0dc" };

/**
 * Describes the packages as a Graphviz graph: one row for each layer, an edge for each dependency.
 * Dependencies that follow from others are left out, so that the shape shows.
 */
export function packageGraph(
  packages: readonly WorkspacePackage[],
  layers: readonly Layer[],
): string {
  const shown = packages.filter(({ group }) => group in colours);
  const rows = layers
    .map(({ title, packages: names }) => ({
      title,
      packages: shown.filter(({ name }) => names.includes(name.slice(scope.length))),
    }))
    .filter((row) => row.packages.length > 0)
    .reverse();
  const dependencies = new Map(shown.map((pkg) => [pkg.name, dependenciesOf(pkg, shown)]));
  const edges = shown.flatMap(({ name }) =>
    direct(name, dependencies).map((dependency) => `  ${quote(name)} -> ${quote(dependency)};`),
  );
  return [
    "digraph packages {",
    '  graph [rankdir=TB, ranksep=0.55, nodesep=0.3, bgcolor="white", newrank=true, splines=true];',
    '  node [shape=box, style="filled,rounded", color="#5b6b80", fontname="Helvetica,Arial,sans-serif", fontsize=12, margin="0.24,0.09"];',
    '  edge [color="#8594a8", arrowsize=0.7];',
    ...rows.flatMap((row, index) => rowLines(row.title, index, row.packages)),
    `  ${rows.map((_, index) => `layer${index}`).join(" -> ")} [style=invis];`,
    ...edges,
    "}",
  ].join("\n");
}

function rowLines(
  title: string,
  index: number,
  packages: readonly WorkspacePackage[],
): readonly string[] {
  const heading = wrap(title, 18).map(escapeHtml).join("<br/>");
  const names = packages.map(({ name }) => quote(name));
  return [
    `  layer${index} [shape=plaintext, style="", label=<<font color="#5b6b80">${heading}</font>>];`,
    ...packages.map(
      (pkg) => `  ${quote(pkg.name)} [fillcolor="${colours[pkg.group]}", label=<${label(pkg)}>];`,
    ),
    `  { rank=same; layer${index}; ${names.join("; ")}; }`,
  ];
}

function label({ name, manifest }: WorkspacePackage): string {
  const text = wrap(manifest.description ?? "", 30)
    .map(escapeHtml)
    .join("<br/>");
  return `<b>${escapeHtml(name.slice(scope.length))}</b><br/><font point-size="9">${text}</font>`;
}

function dependenciesOf(
  pkg: WorkspacePackage,
  shown: readonly WorkspacePackage[],
): readonly string[] {
  return Object.keys(pkg.manifest.dependencies ?? {})
    .filter((dependency) => shown.some(({ name }) => name === dependency))
    .sort();
}

/** The dependencies of a package that none of its other dependencies brings along. */
function direct(
  name: string,
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const own = dependencies.get(name) ?? [];
  const reached = new Set<string>();
  const follow = (from: string): void => {
    for (const next of dependencies.get(from) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      follow(next);
    }
  };
  for (const dependency of own) follow(dependency);
  return own.filter((dependency) => !reached.has(dependency));
}

/** Breaks text into lines of at most `width` characters, where words allow it. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
