import { ByteReader } from "@sof-ts/kit";
import {
  WAVE_FORMAT_EXTENSIBLE,
  WAVE_FORMAT_IEEE_FLOAT,
  WAVE_FORMAT_PCM,
  subFormatTail,
  tagName,
} from "./wave-format.js";
import type { WavFile, WavFormat } from "./wav-file.js";

const remedy = "Convert it to 16, 24 or 32-bit integer or 32-bit float PCM";

/** Programs that write to a pipe cannot know the size; they leave one of at least this (sox, ffmpeg). */
const UNKNOWN_SIZE = 0x7fff_f000;

/**
 * Reads a WAV file: RIFF, RF64 and BW64; 16, 24 and 32-bit integers, 24 bits in 32, 32-bit floats; plain
 * and extensible headers; any rate and any number of channels (Microsoft's and IBM's RIFF specification,
 * Microsoft's WAVEFORMATEXTENSIBLE).
 *
 * @param bytes the whole file; the result's `data` is a view of it, not a copy
 * @param source the file's name, for errors
 * @throws InputError for anything else, with the offset of what is wrong
 */
export function readWav(bytes: Uint8Array, source: string): WavFile {
  const reader = new ByteReader(bytes, source);
  readHeader(reader);
  let format: WavFormat | undefined;
  let size64: number | undefined;
  while (reader.remaining >= 8) {
    const start = reader.offset;
    const id = fourCharacters(reader);
    const size = reader.u32("chunk size");
    if (id === "data") {
      if (!format) throw reader.error("the samples come before their format", start);
      return readData(reader, format, size === 0xffff_ffff && size64 !== undefined ? size64 : size);
    }
    const chunk = reader.sub(size, `chunk "${id}"`);
    if (id === "fmt ") format = readFormat(chunk);
    if (id === "ds64") size64 = readDataSize64(chunk);
    // Chunks start at even offsets.
    if (size % 2 === 1 && reader.remaining > 0) reader.offset++;
  }
  throw reader.error("truncated: the file ends before its data chunk");
}

function readHeader(reader: ByteReader): void {
  if (reader.remaining < 12) throw reader.error(`not a WAV file: only ${reader.remaining} bytes`);
  const id = fourCharacters(reader);
  if (id === "RIFX") throw reader.error("big-endian WAV (RIFX) is not supported", 0, remedy);
  if (id !== "RIFF" && id !== "RF64" && id !== "BW64") {
    throw reader.error(
      `not a WAV file: starts with ${JSON.stringify(id)}, expected "RIFF"`,
      0,
      remedy,
    );
  }
  // Many writers get this size wrong; the chunks' own sizes decide.
  reader.u32("RIFF size");
  const form = fourCharacters(reader);
  if (form !== "WAVE") {
    throw reader.error(`not a WAV file: the form is ${JSON.stringify(form)}, expected "WAVE"`, 8);
  }
}

function readFormat(chunk: ByteReader): WavFormat {
  const tag = chunk.u16("format tag");
  const channels = chunk.u16("channel count");
  const rate = chunk.u32("sample rate");
  chunk.u32("byte rate");
  const frameBytes = chunk.u16("frame size");
  const bits = chunk.u16("bits per sample");
  let kind = tag;
  let validBits = bits;
  if (tag === WAVE_FORMAT_EXTENSIBLE) {
    chunk.u16("extension size");
    validBits = chunk.u16("valid bits") || bits;
    chunk.u32("channel mask");
    kind = readSubFormat(chunk);
  }
  if (channels === 0) throw chunk.error("no channels", 2);
  if (rate === 0) throw chunk.error("a sample rate of 0", 4);
  if (kind !== WAVE_FORMAT_PCM && kind !== WAVE_FORMAT_IEEE_FLOAT) {
    throw chunk.error(`${tagName(kind)} samples are not supported`, 0, remedy);
  }
  // The frame size tells the container; 24 bits may lie in 3 or in 4 bytes under either header.
  const containerBits = (frameBytes / channels) * 8;
  const float = kind === WAVE_FORMAT_IEEE_FLOAT;
  if (containerBits % 8 !== 0 || bits > containerBits || validBits > bits || validBits === 0) {
    const problem = `${validBits} of ${bits} bits and ${channels} channels do not fit a frame of ${frameBytes} bytes`;
    throw chunk.error(problem, 12);
  }
  if (float ? containerBits !== 32 : ![16, 24, 32].includes(containerBits)) {
    throw chunk.error(
      `${containerBits}-bit ${tagName(kind)} samples are not supported`,
      14,
      remedy,
    );
  }
  const sampleType = float ? "float" : "int";
  return { rate, channels, containerBits, validBits, sampleType };
}

/** The format tag is the first part of the sub-format's GUID; the rest is the same for all of them. */
function readSubFormat(chunk: ByteReader): number {
  const start = chunk.offset;
  const kind = chunk.u16("sub-format");
  const tail = chunk.take(14, "sub-format");
  if (!subFormatTail.every((byte, i) => byte === tail[i])) {
    throw chunk.error("unknown sub-format", start, remedy);
  }
  return kind;
}

function readDataSize64(chunk: ByteReader): number {
  chunk.u64("RIFF size");
  return Number(chunk.u64("data size"));
}

function readData(reader: ByteReader, format: WavFormat, size: number): WavFile {
  const frameBytes = (format.channels * format.containerBits) / 8;
  let dataBytes = size;
  if (size > reader.remaining) {
    if (size < UNKNOWN_SIZE) {
      throw reader.error(
        `truncated: the data chunk needs ${size} bytes, ${reader.remaining} left`,
        reader.offset,
        "Copy or record the file again",
      );
    }
    dataBytes = reader.remaining - (reader.remaining % frameBytes);
  }
  if (dataBytes % frameBytes !== 0) {
    throw reader.error(`${dataBytes} bytes of samples are not whole frames of ${frameBytes} bytes`);
  }
  return { ...format, frames: dataBytes / frameBytes, data: reader.take(dataBytes) };
}

function fourCharacters(reader: ByteReader): string {
  return String.fromCharCode(...reader.take(4, "chunk name"));
}
