export {
  ABI_VERSION,
  ALIGN,
  Context,
  CONTEXT_BYTES,
  FRAGMENT_AREA_BYTES,
  LOG_BYTES,
  LOG_LINES,
  MAX_PINS,
  type ModuleExport,
  moduleExports,
  moduleImports,
  positionNumbers,
  ProcessingMode,
  type Signature,
  Stream,
  STREAM_BYTES,
  triggerNumbers,
} from "./abi.js";
export { defaultIsolation, isolatedDriver } from "./driver.js";
export { type FaultReason, ModuleFault } from "./fault.js";
export { type FunctionSource, IsolatedFunctions, type LinkedImport } from "./functions.js";
export { IsolatedModule, type IsolationOptions } from "./isolated-module.js";
export { defaultLimits, type SandboxLimits } from "./metering/limits.js";
export { type MeteredBinary, meterModule } from "./metering/meter.js";
export { IsolatedProgram } from "./program.js";
