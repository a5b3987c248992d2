import { ByteReader, ByteWriter, InputError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { join, le32, zeros } from "../../test/raw.js";
import { countingBytes } from "../../test/samples.js";
import { nhltTable } from "../builder/manifest-record.js";
import { manifestRecord } from "../builder/manifest-record.js";
import { makeManifest } from "./manifest.js";
import { findNhltBlob, nhltBytes, readNhlt, writeNhlt } from "./nhlt.js";

const table = nhltTable([
  {
    type: "DMIC",
    index: 0,
    formats: [{ rate: 48000, channels: 4, bitDepth: 32, blob: countingBytes(8) }],
  },
  {
    type: "DMIC",
    index: 1,
    formats: [{ rate: 16000, channels: 4, bitDepth: 32, blob: countingBytes(9) }],
  },
  {
    type: "SSP",
    index: 2,
    direction: "playback",
    formats: [{ rate: 48000, channels: 2, bitDepth: 32, validBits: 24, blob: countingBytes(10) }],
  },
  {
    type: "SSP",
    index: 2,
    direction: "capture",
    formats: [{ rate: 48000, channels: 2, bitDepth: 32, blob: countingBytes(11) }],
  },
]);

function bytesOf(): Uint8Array {
  const writer = new ByteWriter(nhltBytes(table));
  writeNhlt(writer, table);
  return writer.finish();
}

describe("NHLT", () => {
  it("is laid out as the ACPI table", () => {
    const bytes = bytesOf();
    const view = new DataView(bytes.buffer);
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe("NHLT");
    expect(view.getUint32(4, true)).toBe(bytes.length);
    expect(bytes[36]).toBe(4);
    // First endpoint: 19 bytes, 4 + 3 of configuration, a count, 40 of format, 4 + 8 of blob.
    expect(view.getUint32(37, true)).toBe(19 + 7 + 1 + 40 + 12);
    expect([bytes[41], view.getUint16(43, true), view.getUint16(45, true)]).toEqual([
      2, 0x8086, 0xae20,
    ]);
  });

  it("comes back as it was written", () => {
    expect(readNhlt(new ByteReader(bytesOf(), "x"))).toEqual(table);
  });

  it.each([
    ["DMIC at 48 kHz", { type: "DMIC", channels: 4, rate: 48000, bitDepth: 32 }, 8],
    ["DMIC at 16 kHz", { type: "DMIC", channels: 4, rate: 16000, bitDepth: 32 }, 9],
    [
      "SSP for playback",
      { type: "SSP", index: 2, direction: "playback", channels: 2, rate: 48000, bitDepth: 32 },
      10,
    ],
    [
      "SSP for capture",
      { type: "SSP", index: 2, direction: "capture", channels: 2, rate: 48000, bitDepth: 32 },
      11,
    ],
    [
      "SSP by valid bits",
      { type: "SSP", channels: 2, rate: 48000, bitDepth: 32, validBits: 32 },
      11,
    ],
  ] as const)("finds the blob of %s", (_, query, length) => {
    expect(findNhltBlob(table, query)).toEqual(countingBytes(length));
  });

  it.each([
    { type: "DMIC", channels: 2, rate: 48000, bitDepth: 32 },
    { type: "DMIC", index: 1, channels: 4, rate: 48000, bitDepth: 32 },
    { type: "SSP", index: 3, channels: 2, rate: 48000, bitDepth: 32 },
    { type: "SSP", channels: 2, rate: 48000, bitDepth: 16 },
    { type: "SSP", direction: "playback", channels: 2, rate: 48000, bitDepth: 32, validBits: 32 },
  ] as const)("has no blob for %j", (query) => {
    expect(findNhltBlob(table, query)).toBeNull();
  });
});

const totals = { controls: 0, widgets: 0, graphElements: 0, pcms: 0, links: 0, dais: 0 };
const withPrivate = (privateData: Uint8Array) =>
  makeManifest({ ...totals, reserved: [], privateData, privateOffset: 1000 }, "x.tplg");
const abi = Uint8Array.of(3, 0, 29, 0, 1, 0);

describe("SOF manifest", () => {
  it("reads what the builder writes", () => {
    const record = manifestRecord(totals, { major: 3, minor: 29, patch: 0 }, table);
    expect(makeManifest(record, "x")).toMatchObject({
      abi: { major: 3, minor: 29, patch: 0 },
      nhlt: table,
      others: [],
    });
  });

  it("may be the ABI alone, or nothing", () => {
    expect(withPrivate(abi)).toMatchObject({ abi: { major: 3, minor: 29, patch: 1 }, nhlt: null });
    expect(withPrivate(zeros(0))).toMatchObject({ abi: null, nhlt: null });
  });

  it("keeps TLVs that it does not know", () => {
    const bytes = join(abi, Uint8Array.of(1, 0), le32(9, 4, 0x11223344));
    expect(withPrivate(bytes).others).toEqual([{ type: 9, data: le32(0x11223344) }]);
  });

  const nhlt = bytesOf();
  const withNhlt = (edit: (bytes: Uint8Array) => void) => {
    const edited = nhlt.slice();
    edit(edited);
    return join(abi, Uint8Array.of(1, 0), le32(1, edited.length), edited);
  };
  it.each([
    ["half an ABI", Uint8Array.of(3, 0, 29), 1000, /ABI version .* needs 6 bytes, 3 left/],
    ["half a count", join(abi, Uint8Array.of(1)), 1006, /TLV count .* needs 2 bytes, 1 left/],
    ["a TLV that is not there", join(abi, Uint8Array.of(1, 0)), 1008, /needs 8 bytes, 0 left/],
    [
      "a TLV beyond the end",
      join(abi, Uint8Array.of(1, 0), le32(1, 99)),
      1016,
      /needs 99 bytes, 0 left/,
    ],
    ["bytes after its TLVs", join(abi, Uint8Array.of(0, 0, 7)), 1008, /1 bytes after the 0 TLVs/],
    ["a table that is none", withNhlt((b) => b.fill(0, 0, 4)), 1016, /expected "NHLT"/],
    ["a table of another length", withNhlt((b) => b.fill(1, 4, 5)), 1020, /the NHLT has length/],
    [
      "too many endpoints",
      withNhlt((b) => b.fill(5, 36, 37)),
      1016 + nhlt.length,
      /NHLT endpoint needs 19/,
    ],
    [
      "too few endpoints",
      withNhlt((b) => b.fill(3, 36, 37)),
      1016 + nhlt.length - 81,
      /81 bytes after the last/,
    ],
    [
      "an endpoint of another length",
      withNhlt((b) => b.fill(80, 37, 38)),
      1016 + 37,
      /has length 80, its parts take 79/,
    ],
  ])("with %s is refused at its place", (_, bytes, offset, reason) => {
    let error: unknown;
    try {
      withPrivate(bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      source: "x.tplg",
      offset,
      reason: expect.stringMatching(reason),
      remedy: expect.stringContaining("build it again"),
    });
  });
});
