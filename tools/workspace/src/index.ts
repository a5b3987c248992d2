export { parseCommandLine, runMain, UsageError } from "./command-line.js";
export { type Layer, layerOf, layers, scope } from "./layers.js";
export {
  type Manifest,
  readWorkspace,
  repoRoot,
  type Workspace,
  type WorkspacePackage,
} from "./packages.js";
export { type Align, formatTable } from "./table.js";
