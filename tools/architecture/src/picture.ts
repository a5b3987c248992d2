import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { layers, readWorkspace } from "@sof-ts/workspace";
import { packageGraph } from "./dot.js";

/** Where the picture is committed, relative to the root. */
export const picturePath = "docs/architecture.svg";

/** Draws the packages of this workspace. */
export async function drawArchitecture(): Promise<string> {
  const graphviz = await Graphviz.load();
  const svg = graphviz.layout(packageGraph(readWorkspace().packages, layers), "svg", "dot");
  return `${svg.trimEnd()}\n`;
}
