export { convertSamples } from "./convert-samples.js";
export { convertPcm, type PcmAudio, pcmToWav, readRaw, wavToPcm } from "./pcm-audio.js";
export { readWav } from "./read-wav.js";
export {
  isLossless,
  parseSampleLayout,
  type SampleLayout,
  sampleLayouts,
} from "./sample-layout.js";
export { generateSignal, type Signal, sineOfTurns } from "./signal.js";
export { type WavFile, type WavFormat } from "./wav-file.js";
export { encodeWavHeader, writeWav } from "./write-wav.js";
