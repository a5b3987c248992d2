import type { PcmKernels } from "@sof-ts/dsp";
import type { AudioFormat } from "@sof-ts/ipc4";
import {
  containerBytes,
  type Direction,
  type FormatPair,
  formatsOf,
  FrameFmt,
  type GatewayKind,
  SampleType,
} from "@sof-ts/module-api";
import type { BlockKernel } from "../common/blocks.js";
import { remapShift, sampleConversion } from "./converters.js";

/** Channel i of the output is channel i of the input. */
export const IDENTITY_MAP = 0x76543210;

/** Where a conversion stands: at a gateway of the DSP, or between two modules (`kind` null). */
export interface ConversionPlace {
  readonly kind: GatewayKind | null;
  readonly direction: Direction;
}

/** The side of a conversion that faces a gateway, where 24 bits may be left-aligned. */
function gatewaySide({ kind, direction }: ConversionPlace): "input" | "output" | null {
  if (kind === null || kind === "ipc") return null;
  const fromHost = kind === "host";
  return (direction === "playback") === fromHost ? "input" : "output";
}

function formatsAt(format: AudioFormat, atGateway: boolean): FormatPair {
  const formats = formatsOf(format.depth, format.validBitDepth, format.sampleType);
  const msb =
    atGateway &&
    format.sampleType === SampleType.MSB_INTEGER &&
    formats.validFmt === FrameFmt.S24_4LE;
  return msb ? { frameFmt: formats.frameFmt, validFmt: FrameFmt.S24_4LE_MSB } : formats;
}

function isIdentity(map: number, channels: number): boolean {
  for (let channel = 0; channel < channels; channel++) {
    if (((map >>> (4 * channel)) & 15) !== channel) return false;
  }
  return true;
}

/**
 * Chooses the conversion from `input` to `output` (SOF's copier `get_converter_func`): sample by sample when
 * the channels stay, else a remap by `channelMap`.
 *
 * @param channelMap nibble c is the input channel of output channel c, 15 for silence
 * @returns the kernel, or null when the formats have none
 */
export function selectConversion(
  kernels: PcmKernels,
  input: AudioFormat,
  output: AudioFormat,
  place: ConversionPlace,
  channelMap: number,
): BlockKernel | null {
  const side = gatewaySide(place);
  const from = formatsAt(input, side === "input");
  const to = formatsAt(output, side === "output");
  const inChannels = input.channelsCount;
  const outChannels = output.channelsCount;
  if (inChannels === outChannels && isIdentity(channelMap, outChannels)) {
    return sampleConversion(kernels, from, to, inChannels);
  }
  const shift = remapShift(from, to);
  if (shift === null) return null;
  const inBytes = containerBytes(from.frameFmt);
  const outBytes = containerBytes(to.frameFmt);
  return (src, dst, frames) =>
    kernels.remap(src, inBytes, inChannels, dst, outBytes, outChannels, channelMap, shift, frames);
}
