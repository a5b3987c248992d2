import { type AudioFormat, type BaseModuleCfg, baseModuleCfg } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import { type AudioStream, formatsOf, type StreamParams } from "@sof-ts/module-api";

/** Bytes of the base configuration that every init payload starts with. */
export const BASE_CONFIG_BYTES = 40;

/** Most channels that a stream may have. */
export const MAX_CHANNELS = 8;

/** @returns the base configuration of an INIT_INSTANCE payload, or -EINVAL when the payload is too short */
export function parseBaseConfig(payload: Uint8Array): BaseModuleCfg | number {
  if (payload.length < BASE_CONFIG_BYTES) return -EINVAL;
  return baseModuleCfg.decode(payload, 0);
}

/** @returns what a stream of an IPC4 audio format looks like; its formats are INVALID when it cannot be one */
export function streamParamsOf(format: AudioFormat): StreamParams {
  const { frameFmt, validFmt } = formatsOf(format.depth, format.validBitDepth, format.sampleType);
  return {
    rate: format.samplingFrequency,
    channels: format.channelsCount,
    frameFmt,
    validFmt,
    channelMap: format.chMap,
  };
}

/**
 * Imposes a format on all streams of one side, as modules do with their neighbours' buffers when they
 * prepare (SOF's `ipc4_update_buffer_format`).
 */
export function adoptParams(streams: readonly AudioStream[], params: StreamParams): void {
  for (const stream of streams) {
    stream.setParams(params);
    stream.setAlign(FRAME_BYTE_ALIGN, 1);
  }
}

/** Bytes that every block of frames is a multiple of, on machines without wide loads. */
export const FRAME_BYTE_ALIGN = 4;

/**
 * Frames of one scheduling period. Rates of the 44.1 kHz family count as the 48 kHz ones, so that a period
 * always has room for what may come in it.
 */
export function periodFrames(rate: number, periodUs: number): number {
  const family = rate === 44100 ? 48000 : rate === 88200 ? 96000 : rate === 176400 ? 192000 : rate;
  return Math.ceil((family * periodUs) / 1_000_000);
}
