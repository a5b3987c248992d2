import type { GoldenFormat } from "@sof-ts/golden";
import type { AudioFormat } from "@sof-ts/ipc4";

/** A format of the recordings' manifest as IPC4 has it. */
export function audioFormatOf(golden: GoldenFormat): AudioFormat {
  return {
    samplingFrequency: golden.rate,
    depth: golden.bit_depth,
    chMap: Number(golden.ch_map),
    chCfg: golden.ch_cfg,
    interleavingStyle: golden.interleaving,
    channelsCount: golden.channels,
    validBitDepth: golden.valid_bit_depth,
    sampleType: golden.sample_type,
  };
}
