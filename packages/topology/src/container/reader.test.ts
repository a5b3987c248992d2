import { InputError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { block, join, le32, manifest, name44, widget, wordArray, zeros } from "../../test/raw.js";
import { mixedPlayback, samples } from "../../test/samples.js";
import { RecordBytes } from "./layouts.js";
import { readTopology } from "./reader.js";
import { topologyBytes } from "./sizes.js";
import { writeTopology } from "./writer.js";

function failure(bytes: Uint8Array): InputError {
  try {
    readTopology(bytes, "x.tplg");
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("the bytes were taken");
}

const sofAbi = Uint8Array.of(3, 0, 29, 0, 1, 0);
const goodManifest = block({ type: 8, payload: manifest([0, 1, 0, 0, 0, 0], sofAbi) });

describe("record layouts", () => {
  it("have the sizes of the ALSA topology ABI", () => {
    expect(RecordBytes).toEqual({
      manifest: 112,
      widget: 132,
      control: 204,
      mixer: 360,
      enum: 1764,
      bytes: 240,
      pcm: 912,
      link: 1656,
      graph: 132,
    });
  });
});

describe("readTopology", () => {
  it("reads a manifest and a widget that were laid out by hand", () => {
    const tuples = wordArray([415, 3], [1980, 0]);
    const bytes = join(
      goodManifest,
      block({ type: 5, index: 7, payload: widget(11, "host-copier.0.playback", "Music", tuples) }),
    );
    const file = readTopology(bytes, "x.tplg");
    expect(file.blocks.map((each) => [each.kind, each.index])).toEqual([
      ["manifest", 0],
      ["widgets", 7],
    ]);
    expect(file.blocks[0]).toMatchObject({
      records: [{ widgets: 1, privateData: sofAbi, privateOffset: 36 + 112 }],
    });
    expect(file.blocks[1]).toMatchObject({
      records: [
        {
          id: 11,
          name: "host-copier.0.playback",
          streamName: "Music",
          reg: 0xffffffff,
          controls: [],
          tuples: [
            {
              type: "word",
              elements: [
                { token: 415, value: 3 },
                { token: 1980, value: 0 },
              ],
            },
          ],
        },
      ],
    });
    expect(writeTopology(file)).toEqual(bytes);
  });

  it("reads every field of a mixer control at its offset", () => {
    const control = join(
      le32(204, 1),
      name44("Volume"),
      le32(0x13, 256, 257, 1),
      le32(136, 1, 0xffffdcd8, 200, 1),
      zeros(116),
      le32(360, 0, 45, 7, 8, 2),
      le32(16, 1, 0, 3, 16, 1, 1, 4),
      zeros(96),
      le32(28),
      wordArray([1300, 1], [1301, 1]),
    );
    expect(control.length).toBe(360 + 28);
    const bytes = join(
      goodManifest,
      block({ type: 5, payload: widget(4, "gain.1.1", "", zeros(0), control) }),
    );
    const file = readTopology(bytes, "x.tplg");
    const first = file.blocks[1];
    expect(first?.kind === "widgets" && first.records[0]?.controls[0]).toMatchObject({
      kind: "mixer",
      name: "Volume",
      access: 0x13,
      get: 256,
      put: 257,
      info: 1,
      tlv: { size: 136, type: 1, words: [0xffffdcd8, 200, 1] },
      min: 0,
      max: 45,
      platformMax: 7,
      invert: 8,
      numChannels: 2,
    });
    expect(writeTopology(file)).toEqual(bytes);
  });

  it("keeps bytes after the NUL of a name", () => {
    const dirty = widget(5, "out", "", zeros(0));
    dirty.set(Uint8Array.of(0xde, 0xad, 0xbe), 8 + 20);
    const bytes = join(goodManifest, block({ type: 5, payload: dirty }));
    expect(writeTopology(readTopology(bytes, "x.tplg"))).toEqual(bytes);
  });

  it("keeps a block of a type that it does not know", () => {
    const bytes = join(
      goodManifest,
      block({ type: 12, index: 3, count: 9, payload: le32(1, 2, 3) }),
    );
    const file = readTopology(bytes, "x.tplg");
    expect(file.blocks[1]).toEqual({
      kind: "opaque",
      version: 0,
      vendorType: 0,
      index: 3,
      type: 12,
      count: 9,
      payload: le32(1, 2, 3),
    });
    expect(writeTopology(file)).toEqual(bytes);
  });

  it.each(samples())("gives back $name byte for byte", ({ bytes }) => {
    const file = readTopology(bytes, "x.tplg");
    expect(topologyBytes(file)).toBe(bytes.length);
    expect(writeTopology(file)).toEqual(bytes);
  });

  it("does not keep the caller's bytes", () => {
    const bytes = mixedPlayback().build();
    const copy = bytes.slice();
    const file = readTopology(bytes, "x.tplg");
    bytes.fill(0xff);
    expect(writeTopology(file)).toEqual(copy);
  });
});

describe("readTopology refuses", () => {
  it("an empty file", () => {
    expect(failure(zeros(0)).message).toBe(
      "x.tplg, offset 0 (0x0): the file is empty. Give a topology binary (.tplg) as alsatplg writes it",
    );
  });

  it.each([
    ["RIFF....WAVEfmt ", "a RIFF (WAV) file"],
    ["\x1f\x8b\x08\x00", "a gzip archive"],
    ["ASoC............", "a topology for a big-endian machine"],
    ["$AE1............", "a firmware image with an extended manifest"],
    ["$CPD............", "a firmware image"],
    ["\x7fELF\x02\x01\x01", "an ELF file"],
    ["version https://git-lfs.github.com", "a Git LFS pointer"],
    ["Object.Base.VendorToken {", "text"],
  ])("%j, and says what it is", (start, what) => {
    const error = failure(Uint8Array.from(start, (char) => char.charCodeAt(0)));
    expect(error.offset).toBe(0);
    expect(error.reason).toBe(`not a topology: this is ${what}`);
    expect(error.remedy).not.toBe("");
  });

  it("garbage, with what it found and expected", () => {
    const error = failure(Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 1, 2, 3));
    expect(error.reason).toBe(
      'not a topology: expected the magic "CoSA" (436f5341), found deadbeef',
    );
  });

  it("a file that is cut anywhere, and always with the offset of a cut header, payload or the next block", () => {
    const bytes = mixedPlayback().build();
    const starts = new Set<number>();
    for (let at = 0; at < bytes.length;) {
      starts.add(at);
      at += 36 + new DataView(bytes.buffer).getUint32(at + 24, true);
    }
    // Every length around the first records, then enough to meet each kind of record.
    for (let length = 1; length < bytes.length; length += length < 400 ? 1 : 23) {
      if (starts.has(length)) continue;
      const error = failure(bytes.slice(0, length));
      const start = Math.max(...[...starts].filter((each) => each < length));
      expect(error.offset).toBe(length - start < 36 ? start : start + 24);
      expect(error.reason).toMatch(/^truncated: /);
      expect(error.remedy).toBe("The file is cut short: copy it or build it again");
    }
  });

  it("another ABI version", () => {
    const error = failure(
      block({ type: 8, abi: 4, payload: manifest([0, 0, 0, 0, 0, 0], sofAbi) }),
    );
    expect([error.offset, error.reason]).toEqual([4, "the block has topology ABI 4, expected 5"]);
  });

  it("a later block without the magic", () => {
    const error = failure(join(goodManifest, zeros(36)));
    expect(error.offset).toBe(goodManifest.length);
    expect(error.reason).toBe("expected the block magic 0x41536f43, found 0x0");
  });

  it("a block header of another size", () => {
    const bytes = goodManifest.slice();
    bytes[16] = 40;
    const error = failure(bytes);
    expect([error.offset, error.reason]).toEqual([16, "size of a block header is 40, expected 36"]);
  });

  it("more elements than the payload has", () => {
    const bytes = block({ type: 5, count: 0xffffffff, payload: widget(17, "p", "", zeros(0)) });
    const error = failure(join(goodManifest, bytes));
    expect(error.offset).toBe(goodManifest.length + bytes.length);
    expect(error.reason).toBe("size of a widget needs 4 bytes, 0 left");
  });

  it("fewer elements than the payload has", () => {
    const error = failure(join(goodManifest, block({ type: 4, count: 0, payload: zeros(132) })));
    expect(error.offset).toBe(goodManifest.length + 36);
    expect(error.reason).toBe("132 bytes left over after the 0 elements of the block");
  });

  it("a widget of another size", () => {
    const record = widget(17, "p", "", zeros(0));
    record[0] = 133;
    const error = failure(join(goodManifest, block({ type: 5, payload: record })));
    expect(error.reason).toBe("size of a widget is 133, expected 132");
  });

  it.each([
    [
      "a size that does not fit its count",
      le32(28, 4, 1, 415, 1, 0, 0),
      /has size 28, expected 20 for 1 word/,
    ],
    ["a type beyond 5", le32(12, 6, 0), /has type 6, expected 0\.\.5/],
    [
      "a count that overflows",
      le32(12, 0, 0xcccccccc),
      /has size 12, expected \d+ for 3435973836 uuid/,
    ],
    ["elements beyond the private data", le32(20, 4, 1, 415), /needs 8 bytes, 4 left/],
    ["half a head", le32(20, 4), /needs 12 bytes, 8 left/],
  ])("a vendor array with %s", (_, array, reason) => {
    const bytes = block({ type: 5, payload: widget(17, "pipeline.1", "", array) });
    const error = failure(join(goodManifest, bytes));
    expect(error.reason).toMatch(reason);
    expect(error.reason).toContain('scheduler widget "pipeline.1"');
    expect(error.remedy).toContain("build it again");
  });

  it("private data beyond the end of the block", () => {
    const record = widget(17, "p", "", zeros(0));
    new DataView(record.buffer).setUint32(128, 0xfffffff0, true);
    const error = failure(join(goodManifest, block({ type: 5, payload: record })));
    expect(error.reason).toBe(
      'private data of scheduler widget "p" needs 4294967280 bytes, 0 left',
    );
  });

  it("a control of an unknown kind", () => {
    const control = join(le32(204, 9), zeros(196));
    const payload = widget(4, "gain.1.1", "", zeros(0), control);
    const error = failure(join(goodManifest, block({ type: 5, payload })));
    expect(error.offset).toBe(goodManifest.length + 36 + 132 + 4);
    expect(error.reason).toBe('control "" has type 9, expected 1 (mixer), 2 (bytes) or 3 (enum)');
  });
});
