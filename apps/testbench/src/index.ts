export { ExitCode } from "./cli/exit-code.js";
export { main, type Output } from "./cli/program.js";
