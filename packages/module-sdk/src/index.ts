export { buildProject, type BuiltUnit, compileUnit } from "./build.js";
export {
  checkImage,
  type CheckOptions,
  failuresOf,
  type ImageReport,
} from "./check/check-image.js";
export { type CheckSettings, noSettings } from "./check-settings.js";
export type { Failure, ModuleVerdict } from "./check/conformance.js";
export { type LoadedModule, loadModules } from "./check/loaded-modules.js";
export { ExitCode } from "./cli/exit-code.js";
export { main, type Output } from "./cli/program.js";
export { type Clang, clangFlags, findClang } from "./compile-c.js";
export { type AssemblyScriptCompiler, assemblyScriptFlags } from "./compile-assemblyscript.js";
export { type KeyFiles, writeDevelopmentKey } from "./keys.js";
export {
  type ControlDescription,
  type LibraryProject,
  type ModuleProject,
  readManifest,
} from "./manifest.js";
export { type Language, newProject, type NewProject } from "./new-project.js";
export { packProject, readSigner } from "./pack.js";
export {
  BUILD_FOLDER,
  MANIFEST_FILE,
  type Project,
  type ProjectUnit,
  readProject,
} from "./project.js";
export { topologyOf } from "./topology-of.js";
