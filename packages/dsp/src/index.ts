export {
  createGainKernels,
  type GainKernel,
  type GainKernels,
  type LevelKernel,
  VOLUME_PATTERN_BYTES,
  volumePatternBytes,
  writeVolumePattern,
} from "./gain.js";
export { createMixKernels, type MixKernel, type MixKernels } from "./mix.js";
export { createPcmKernels, type PcmKernels, type SampleKernel } from "./pcm.js";
export { type KernelMemory, wasmFamily } from "./wasm-family.js";
