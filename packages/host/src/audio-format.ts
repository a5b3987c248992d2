import type { AudioFormat as WireFormat } from "@sof-ts/ipc4";
import type { AudioFormat } from "@sof-ts/topology";

/** @returns a topology's audio format as the protocol writes it */
export function wireFormat(format: AudioFormat): WireFormat {
  const reserved = format.fmtCfg >>> 24;
  return {
    samplingFrequency: format.rate,
    depth: format.bitDepth,
    chMap: format.chMap,
    chCfg: format.chCfg,
    interleavingStyle: format.interleaving,
    channelsCount: format.channels,
    validBitDepth: format.validBits,
    sampleType: format.sampleType,
    ...(reserved === 0 ? {} : { reserved }),
  };
}
