import {
  audioFormat,
  decodeCopierConfig,
  decodeLog,
  decodeRequest,
  encodeCopierConfig,
  encodeRequest,
  fwRegisters,
  pipelineRegisters,
  replyWords,
} from "../src/index.js";

/** What the compiler cannot see through. */
export const kept = { value: 0 };

const format = {
  samplingFrequency: 48000,
  depth: 32,
  chMap: 0xffff_ff10,
  chCfg: 1,
  interleavingStyle: 0,
  channelsCount: 2,
  validBitDepth: 32,
  sampleType: 0,
};
const formatBytes = audioFormat.encode(format);
const copier = encodeCopierConfig({
  base: { cpc: 0, ibs: 384, obs: 384, isPages: 0, audioFmt: format },
  outFmt: format,
  featureMask: 0,
  gateway: { nodeId: 0, dmaBufferSize: 768, configData: new Uint8Array(4) },
});
const registers = new Uint8Array(fwRegisters.size);
const log = Array.from(
  { length: 300 },
  (_, i) =>
    `[  229.${String(136_000 + i)}] snd_sof:sof_ipc4_log_header: sof-audio-pci-intel-mtl 0000:00:1f.3: ` +
    "ipc tx      : 0x13000003|0x1: GLB_SET_PIPELINE_STATE [data size: 12]",
).join("\n");

export const benches = [
  {
    name: "request: decode, encode, reply",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) {
        const message = decodeRequest(0x4501_0004, i & 0x3fff_ffff);
        const words = encodeRequest(message);
        kept.value = replyWords(words, 0).primary;
      }
    },
    unit: "message",
  },
  {
    name: "audio format: decode and encode in place",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) {
        audioFormat.encodeInto(audioFormat.decode(formatBytes), formatBytes, 0);
      }
    },
    unit: "structure",
  },
  {
    name: "copier init payload: decode",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) kept.value = decodeCopierConfig(copier).featureMask;
    },
    unit: "payload",
  },
  {
    name: "pipeline registers: write",
    run(iterations: number) {
      const value = { streamStartOffset: 384n, streamEndOffset: 0n };
      for (let i = 0; i < iterations; i++) {
        pipelineRegisters.encodeInto(value, registers, 0x40 + (i & 15) * 16);
      }
    },
    unit: "structure",
  },
  {
    name: "log: decode",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) kept.value = decodeLog(log).length;
    },
    unit: "line",
    perIteration: 300,
  },
];
