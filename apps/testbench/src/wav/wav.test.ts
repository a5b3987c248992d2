import { InputError } from "@sof-ts/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeWavHeader, readWav, type WavFile, type WavFormat, writeWav } from "./index.js";

const text = (value: string) => [...value].map((character) => character.charCodeAt(0));
const u16 = (value: number) => [value & 0xff, value >> 8];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
const chunk = (id: string, body: readonly number[], size = body.length) => [
  ...text(id),
  ...u32(size),
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
];
const riff = (...chunks: readonly (readonly number[])[]) => {
  const body = [...text("WAVE"), ...chunks.flat()];
  return Uint8Array.from([...text("RIFF"), ...u32(body.length), ...body]);
};

/** A `fmt ` chunk, restated from Microsoft's WAVEFORMATEX and WAVEFORMATEXTENSIBLE. */
function fmt(
  tag: number,
  channels: number,
  bits: number,
  frameBytes: number,
  valid?: number,
  sub = 1,
) {
  const extension =
    valid === undefined
      ? []
      : [
          ...u16(22),
          ...u16(valid),
          ...u32(3),
          ...u16(sub),
          0,
          0,
          0,
          0,
          0x10,
          0,
          0x80,
          0,
          0,
          0xaa,
          0,
          0x38,
          0x9b,
          0x71,
        ];
  return chunk("fmt ", [
    ...u16(tag),
    ...u16(channels),
    ...u32(48000),
    ...u32(48000 * frameBytes),
    ...u16(frameBytes),
    ...u16(bits),
    ...extension,
  ]);
}

const eight = [1, 2, 3, 4, 5, 6, 7, 8];
const data = (body: readonly number[] = eight) => chunk("data", body);

function failure(bytes: Uint8Array): InputError {
  try {
    readWav(bytes, "x.wav");
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("readWav", () => {
  it.each([
    [
      "16 bit",
      fmt(1, 2, 16, 4),
      { channels: 2, containerBits: 16, validBits: 16, sampleType: "int", frames: 2 },
    ],
    [
      "24 bit packed",
      fmt(1, 1, 24, 3),
      { channels: 1, containerBits: 24, validBits: 24, frames: 2 },
      eight.slice(0, 6),
    ],
    [
      "24 in 32, extensible",
      fmt(0xfffe, 2, 32, 8, 24),
      { containerBits: 32, validBits: 24, sampleType: "int", frames: 1 },
    ],
    [
      "24 in 32, plain",
      fmt(1, 2, 24, 8),
      { containerBits: 32, validBits: 24, sampleType: "int", frames: 1 },
    ],
    [
      "32 bit",
      fmt(1, 2, 32, 8),
      { containerBits: 32, validBits: 32, sampleType: "int", frames: 1 },
    ],
    [
      "32 bit float",
      fmt(3, 1, 32, 4),
      { containerBits: 32, validBits: 32, sampleType: "float", frames: 2 },
    ],
    [
      "float, extensible",
      fmt(0xfffe, 1, 32, 4, 32, 3),
      { containerBits: 32, sampleType: "float", frames: 2 },
    ],
    [
      "16 bit, extensible",
      fmt(0xfffe, 4, 16, 8, 16),
      { channels: 4, containerBits: 16, frames: 1 },
    ],
    [
      "20 valid bits",
      fmt(0xfffe, 1, 24, 3, 20),
      { containerBits: 24, validBits: 20, frames: 2 },
      eight.slice(0, 6),
    ],
  ] as const)("reads %s", (_, format, expected, body: readonly number[] = eight) => {
    const file = readWav(riff(format, data(body)), "x.wav");
    expect(file).toMatchObject({ rate: 48000, ...expected });
    expect([...file.data]).toEqual(body);
  });

  it("does not copy the samples", () => {
    const bytes = riff(fmt(1, 2, 16, 4), data());
    expect(readWav(bytes, "x.wav").data.buffer).toBe(bytes.buffer);
  });

  it("skips chunks it does not know, with their padding", () => {
    const bytes = riff(
      chunk("LIST", [1, 2, 3]),
      fmt(1, 2, 16, 4),
      chunk("bext", [9]),
      data(),
      chunk("id3 ", [1]),
    );
    expect([...readWav(bytes, "x.wav").data]).toEqual(eight);
  });

  it("reads to the end of the file where a pipe left the size open", () => {
    for (const size of [0xffff_ffff, 0x7fff_f000]) {
      const bytes = riff(fmt(1, 2, 16, 4), chunk("data", [...eight, 9], size).slice(0, -1));
      expect(readWav(bytes, "x.wav")).toMatchObject({ frames: 2 });
    }
  });

  it("reads RF64, whose size stands in the ds64 chunk", () => {
    const ds64 = chunk("ds64", [
      ...u32(0),
      ...u32(0),
      ...u32(4),
      ...u32(0),
      ...u32(1),
      ...u32(0),
      ...u32(0),
    ]);
    const bytes = riff(ds64, fmt(1, 2, 16, 4), chunk("data", eight, 0xffff_ffff));
    bytes.set(text("RF64"));
    expect(readWav(bytes, "x.wav")).toMatchObject({ frames: 1 });
  });

  it.each([
    ["nothing", new Uint8Array(), "not a WAV file: only 0 bytes", 0],
    [
      "another format",
      Uint8Array.from(text("OggS and so on, and so on")),
      'starts with "OggS", expected "RIFF"',
      0,
    ],
    [
      "another RIFF form",
      Uint8Array.from([...text("RIFF"), ...u32(4), ...text("AVI ")]),
      'the form is "AVI "',
      8,
    ],
    [
      "big-endian WAV",
      Uint8Array.from([...text("RIFX"), ...u32(4), ...text("WAVE")]),
      "big-endian",
      0,
    ],
    ["no data chunk", riff(fmt(1, 2, 16, 4)), "ends before its data chunk", 36],
    ["no format", riff(data()), "the samples come before their format", 12],
    [
      "data cut short",
      riff(fmt(1, 2, 16, 4), chunk("data", eight, 12)),
      "needs 12 bytes, 8 left",
      44,
    ],
    [
      "half a frame",
      riff(fmt(1, 2, 16, 4), data(eight.slice(0, 6))),
      "6 bytes of samples are not whole frames of 4 bytes",
      44,
    ],
    [
      "a format chunk cut short",
      riff(chunk("fmt ", [1, 0, 2, 0])),
      "truncated: sample rate needs 4 bytes, 0 left",
      24,
    ],
    ["8 bit", riff(fmt(1, 2, 8, 2), data()), "8-bit integer samples are not supported", 34],
    ["64-bit float", riff(fmt(3, 1, 64, 8), data()), "64-bit float samples are not supported", 34],
    ["MP3 in WAV", riff(fmt(0x55, 2, 0, 1), data()), "MP3 samples are not supported", 20],
    ["A-law", riff(fmt(6, 1, 8, 1), data()), "A-law samples are not supported", 20],
    [
      "an unknown tag",
      riff(fmt(0x1234, 1, 8, 1), data()),
      "format 0x1234 samples are not supported",
      20,
    ],
    ["no channels", riff(fmt(1, 0, 16, 4), data()), "no channels", 22],
    ["an impossible frame", riff(fmt(1, 3, 16, 4), data()), "do not fit a frame of 4 bytes", 32],
    ["too many valid bits", riff(fmt(0xfffe, 2, 16, 4, 17), data()), "17 of 16 bits", 32],
  ] as const)("refuses %s and says where", (_, bytes, reason, offset) => {
    const error = failure(bytes);
    expect(error.message).toContain(reason);
    expect(error.message).toContain("x.wav");
    expect(error.offset).toBe(offset);
    expect(error.message).not.toContain("\n");
  });

  it("refuses a foreign sub-format", () => {
    const bytes = riff(fmt(0xfffe, 2, 16, 4, 16), data());
    bytes[46] = 1;
    expect(failure(bytes)).toMatchObject({ offset: 44, reason: "unknown sub-format" });
  });

  it("answers any bytes with whole frames or an InputError", () => {
    const valid = riff(chunk("LIST", [1]), fmt(0xfffe, 2, 32, 8, 24), data());
    const edit = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit), fc.nat(valid.length), (edits, length) => {
        const bytes = valid.slice(0, length);
        for (const [at, value] of edits) if (at < length) bytes[at] = value;
        try {
          const file = readWav(bytes, "x.wav");
          return file.data.length === (file.frames * file.channels * file.containerBits) / 8;
        } catch (error) {
          return error instanceof InputError;
        }
      }),
    );
  });
});

describe("writeWav", () => {
  const stereo16: WavFormat = {
    rate: 48000,
    channels: 2,
    containerBits: 16,
    validBits: 16,
    sampleType: "int",
  };

  it("writes a plain header of 44 bytes for 16-bit stereo", () => {
    const bytes = writeWav({ ...stereo16, frames: 2, data: Uint8Array.from(eight) });
    expect([...bytes]).toEqual([...riff(fmt(1, 2, 16, 4), data())]);
  });

  it("writes an extensible header for 24 in 32", () => {
    const file: WavFile = {
      ...stereo16,
      containerBits: 32,
      validBits: 24,
      frames: 1,
      data: Uint8Array.from(eight),
    };
    expect([...writeWav(file)]).toEqual([...riff(fmt(0xfffe, 2, 32, 8, 24), data())]);
  });

  it("says the number of frames of a float file in a fact chunk", () => {
    const file: WavFile = {
      ...stereo16,
      containerBits: 32,
      validBits: 32,
      sampleType: "float",
      frames: 1,
      data: Uint8Array.from(eight),
    };
    const bytes = writeWav(file);
    expect(bytes.length).toBe(12 + 8 + 18 + 12 + 8 + 8);
    expect([...bytes.subarray(38, 50)]).toEqual(chunk("fact", u32(1)));
  });

  it("pads an odd number of bytes", () => {
    const file: WavFile = {
      ...stereo16,
      channels: 1,
      containerBits: 24,
      validBits: 24,
      frames: 1,
      data: Uint8Array.of(1, 2, 3),
    };
    expect([...writeWav(file).subarray(36)]).toEqual(data([1, 2, 3]));
  });

  it("refuses more than a RIFF size can say", () => {
    expect(() => encodeWavHeader(stereo16, 2 ** 32)).toThrow(InputError);
    expect(encodeWavHeader(stereo16, 2 ** 32 - 40)).toHaveLength(44);
  });

  it("writes what readWav reads, for every format", () => {
    const samples = fc.constantFrom(
      { containerBits: 16, validBits: 16, sampleType: "int" } as const,
      { containerBits: 24, validBits: 24, sampleType: "int" } as const,
      { containerBits: 32, validBits: 24, sampleType: "int" } as const,
      { containerBits: 32, validBits: 32, sampleType: "int" } as const,
      { containerBits: 32, validBits: 32, sampleType: "float" } as const,
    );
    const any = {
      samples,
      channels: fc.integer({ min: 1, max: 9 }),
      rate: fc.integer({ min: 1, max: 768_000 }),
      frames: fc.nat(9),
    };
    fc.assert(
      fc.property(fc.record(any), ({ samples, channels, rate, frames }) => {
        const length = (frames * channels * samples.containerBits) / 8;
        const file: WavFile = {
          rate,
          channels,
          ...samples,
          frames,
          data: Uint8Array.from({ length }, (_, i) => i * 37),
        };
        const bytes = writeWav(file);
        expect(new DataView(bytes.buffer).getUint32(4, true)).toBe(bytes.length - 8);
        expect(readWav(bytes, "x.wav")).toEqual(file);
      }),
    );
  });
});
