import type { ByteReader } from "@sof-ts/kit";

const REMEDY = "Give a topology binary (.tplg) as alsatplg writes it";

/** First bytes of files that people mistake for topologies, and what they are. */
const known: readonly (readonly [string, string, string])[] = [
  ["41536f43", "a topology for a big-endian machine", "Build it for a little-endian one"],
  ["52494646", "a RIFF (WAV) file", REMEDY],
  ["1f8b", "a gzip archive", "Unpack it first"],
  ["fd377a58", "an xz archive", "Unpack it first"],
  ["28b52ffd", "a zstd archive, as distributions store firmware", "Unpack it first (zstd -d)"],
  ["24414531", "a firmware image with an extended manifest", REMEDY],
  ["24435044", "a firmware image", REMEDY],
  ["7f454c46", "an ELF file", REMEDY],
  ["76657273696f6e2068747470", "a Git LFS pointer", "Fetch the file itself (git lfs pull)"],
];

/**
 * Checks the first bytes of a file for the topology magic.
 *
 * @throws InputError that says what the file is instead, where that can be told
 */
export function foreignFile(reader: ByteReader): void {
  const start = reader.bytes.subarray(0, 16);
  const hex = Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const magic = "436f5341";
  if (hex.startsWith(magic) || (start.length < 4 && magic.startsWith(hex))) return;
  for (const [prefix, what, remedy] of known) {
    if (hex.startsWith(prefix)) {
      throw reader.error(`not a topology: this is ${what}`, 0, remedy);
    }
  }
  if (
    start.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))
  ) {
    throw reader.error(
      "not a topology: this is text",
      0,
      "If it is topology source, compile it with alsatplg -c",
    );
  }
  throw reader.error(
    `not a topology: expected the magic "CoSA" (${magic}), found ${hex.slice(0, 8)}`,
    0,
    REMEDY,
  );
}
