export { ExitCode } from "./cli/exit-code.js";
export type { Output } from "./cli/output.js";
export { main } from "./cli/program.js";
