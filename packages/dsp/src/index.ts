export {
  createCrossoverKernels,
  type CrossoverKernels,
  resetSplitter,
  SECTION_WORDS,
  SPLITTER_BYTES,
  SPLITTER_SECTIONS,
} from "./crossover.js";
export {
  createDrcKernels,
  DRC_PARAM_WORDS,
  DRC_STATE_BYTES,
  drcDelayFrames,
  type DrcKernel,
  type DrcKernels,
  drcRingBytes,
  type DrcSetup,
  resetDrc,
} from "./drc.js";
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
export {
  createMultibandKernels,
  MULTIBAND_MAX_BANDS,
  MULTIBAND_STATE_BYTES,
  type MultibandKernel,
  type MultibandKernels,
  type MultibandSetup,
  resetMultiband,
} from "./multiband-drc.js";
export { createPcmKernels, type PcmKernels, type SampleKernel } from "./pcm.js";
export {
  createSrcKernels,
  planSrcStage,
  resetSrcStage,
  type SrcKernels,
  type SrcPlan,
  srcStageBytes,
  type SrcStageSetup,
} from "./src.js";
export { srcConversion, type SrcFilter, srcFilter, srcLiteConversion } from "./src-tables.js";
export {
  type BeamFilter,
  type BeamKernel,
  type BeamPlan,
  clearBeamHistory,
  createTdfbKernels,
  listenerBytes,
  type ListenerKernels,
  type ListenerSetup,
  planBeam,
  resetListener,
  resetTdfb,
  TDFB_MAX_FILTERS,
  TDFB_MAX_TAPS,
  type TdfbKernels,
  type TdfbSetup,
  tdfbStateBytes,
  turnBeamHistory,
  writeBeam,
} from "./tdfb.js";
export { type KernelMemory, wasmFamily } from "./wasm-family.js";
export { type Biquad, BiquadBank, biquadBankBytes, type BiquadResponse } from "./biquad.js";
export { createDcBlockKernels, DC_BLOCK_STATE_BYTES, type DcBlockKernels } from "./dcblock.js";
export { FirBank, firBankBytes, FirFormat, type FirResponse } from "./fir.js";
export { type AriaKernels, createAriaKernels } from "./aria.js";
export {
  asrcBytes,
  type AsrcFilter,
  asrcFilter,
  asrcGiven,
  type AsrcKernels,
  type AsrcSetup,
  asrcTaken,
  createAsrcKernels,
  resetAsrc,
} from "./asrc.js";
export {
  type ChannelCopy,
  type ChannelReversal,
  createMatrixKernels,
  type MatrixKernel,
  type MatrixKernels,
} from "./matrix.js";
export { createToneKernels, type ToneKernels } from "./tone.js";
