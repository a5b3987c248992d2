export { concat, words } from "./bytes.js";
export type { ConformanceCase } from "./case.js";
export { conformanceCases } from "./cases.js";
export { ConformanceFailure } from "./check.js";
export {
  baseConfig,
  encodeFormat,
  format,
  type FormatName,
  formats,
  frameBytes,
  payload,
} from "./formats.js";
export { Rig, SIGNAL_FRAMES } from "./rig.js";
export {
  decodeSamples,
  encodeSamples,
  type IntegerFormat,
  integerFormats,
  noise,
  quantize,
} from "./signals.js";
export { create, drain, feed, must, ring } from "./streams.js";
export type { Setting, Subject } from "./subject.js";
export { TestHeap } from "./test-heap.js";
export { TestGateway, TestServices } from "./test-services.js";
