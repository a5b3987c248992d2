import { assert, ByteWriter, InputError } from "@sof-ts/kit";
import {
  WAVE_FORMAT_EXTENSIBLE,
  WAVE_FORMAT_IEEE_FLOAT,
  WAVE_FORMAT_PCM,
  subFormatTail,
} from "./wave-format.js";
import type { WavFile, WavFormat } from "./wav-file.js";

/** The usual speaker positions of a channel count (`dwChannelMask`); 0 where there is no usual one. */
const channelMasks = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

/**
 * Makes the bytes of a file that come before the samples, so that a caller can write samples as they come.
 * After an odd number of data bytes the file needs one more byte.
 *
 * The header is plain for up to two channels whose samples fill their containers, else extensible, as
 * Microsoft asks; a float file gets the `fact` chunk that every format but integer PCM must have.
 *
 * @throws InputError for more than the 4 GiB that a RIFF size can say
 */
export function encodeWavHeader(format: WavFormat, dataBytes: number): Uint8Array {
  const { rate, channels, containerBits, validBits, sampleType } = format;
  const frameBytes = (channels * containerBits) / 8;
  assert(
    Number.isInteger(dataBytes / frameBytes),
    `${dataBytes} bytes of ${frameBytes}-byte frames`,
  );
  const float = sampleType === "float";
  const tag = float ? WAVE_FORMAT_IEEE_FLOAT : WAVE_FORMAT_PCM;
  const extensible = validBits !== containerBits || channels > 2;
  const formatBytes = extensible ? 40 : float ? 18 : 16;
  const headerBytes = 12 + 8 + formatBytes + (float ? 12 : 0) + 8;
  const riffBytes = headerBytes - 8 + dataBytes + (dataBytes % 2);
  if (riffBytes > 0xffff_ffff) {
    throw new InputError(`${dataBytes} bytes of samples are too many for a WAV file`, {
      remedy: "Write a raw file",
    });
  }

  const out = new ByteWriter(headerBytes);
  name(out, "RIFF").u32(riffBytes);
  name(out, "WAVE");
  name(out, "fmt ").u32(formatBytes);
  out
    .u16(extensible ? WAVE_FORMAT_EXTENSIBLE : tag)
    .u16(channels)
    .u32(rate);
  out
    .u32(rate * frameBytes)
    .u16(frameBytes)
    .u16(containerBits);
  if (extensible) {
    out
      .u16(22)
      .u16(validBits)
      .u32(channelMasks[channels] ?? 0);
    out.u16(tag).bytes(Uint8Array.from(subFormatTail));
  } else if (float) {
    out.u16(0);
  }
  if (float)
    name(out, "fact")
      .u32(4)
      .u32(dataBytes / frameBytes);
  name(out, "data").u32(dataBytes);
  return out.finish();
}

/** Makes a whole WAV file. */
export function writeWav(file: WavFile): Uint8Array {
  const header = encodeWavHeader(file, file.data.length);
  const out = new Uint8Array(header.length + file.data.length + (file.data.length % 2));
  out.set(header);
  out.set(file.data, header.length);
  return out;
}

function name(out: ByteWriter, id: string): ByteWriter {
  for (let i = 0; i < id.length; i++) out.u8(id.charCodeAt(i));
  return out;
}
