import { ByteReader } from "@sof-ts/kit";
import { type CssHeader, readCssHeader } from "./css-header.js";
import { type ExtManifest, readExtManifest } from "./ext-manifest.js";
import { type Extensions, readExtensions } from "./extensions.js";
import { ImageError } from "./image-error.js";
import { defaultApiVersions, Offset, PAGE_BYTES } from "./layout.js";
import { type LibraryUnit, readUnit } from "./library-unit.js";
import {
  checkManifest,
  checkManifestEnd,
  type Manifest,
  readManifest,
  readModuleTable,
  readPayloadSize,
} from "./manifest.js";
import { type PartitionDirectory, readPartitionDirectory } from "./partition-directory.js";
import { checkModules, findUnits } from "./segments.js";

/** A firmware image or library, read and checked. */
export interface FirmwareImage extends Manifest {
  readonly source: string;
  /** Offset of the payload in the source. */
  readonly base: number;
  /** What goes to the DSP: everything but the extended manifest. */
  readonly payload: Uint8Array;
  /** For the host; null where the payload was read alone. */
  readonly extManifest: ExtManifest | null;
  readonly directory: PartitionDirectory;
  readonly css: CssHeader;
  readonly extensions: Extensions;
  /** The ELF objects of a library; none in a base image. */
  readonly units: readonly LibraryUnit[];
}

export interface ReadOptions {
  /** Module interfaces that are accepted; {@link defaultApiVersions} if not given. */
  readonly apiVersions?: readonly number[];
}

/**
 * Reads an image file as it lies on the host's disk, with every check there is but that of the signature.
 *
 * @param file `.ri`, `.llext` or library `.bin`
 * @param source file name, for errors
 * @throws ImageError
 */
export function readImage(
  file: Uint8Array,
  source: string,
  options: ReadOptions = {},
): FirmwareImage {
  const { payload, payloadOffset } = readModuleTable(file, source);
  return readParts(payload, source, payloadOffset, options, () =>
    readExtManifest(new ByteReader(file.subarray(0, payloadOffset), source)),
  );
}

/**
 * Reads an image as the DSP gets it: without the extended manifest.
 *
 * @throws ImageError
 */
export function readPayload(
  payload: Uint8Array,
  source: string,
  options: ReadOptions = {},
): FirmwareImage {
  return readParts(payload, source, 0, options, () => null);
}

function readParts(
  payload: Uint8Array,
  source: string,
  base: number,
  options: ReadOptions,
  extManifestOf: () => ExtManifest | null,
): FirmwareImage {
  const declaredBytes = readPayloadSize(payload, source, base);
  const manifest = readManifest(payload, source, base);
  checkManifestEnd(manifest, declaredBytes, source, base);
  const extManifest = extManifestOf();
  const directory = readPartitionDirectory(new ByteReader(payload, source, base), declaredBytes);
  const css = readCssHeader(
    new ByteReader(payload.subarray(Offset.CSS), source, base + Offset.CSS),
  );
  const extensions = readExtensions(new ByteReader(payload, source, base));
  checkManifest(manifest, source, base);
  if (payload.length !== declaredBytes) {
    const reason = `the payload has ${payload.length} bytes, its ${declaredBytes / PAGE_BYTES} pages have ${declaredBytes}`;
    throw new ImageError("payload-size", reason, source, base + Offset.FIRMWARE_HEADER + 16);
  }
  checkModules(manifest.modules, payload.length, source, base);
  const apiVersions = options.apiVersions ?? defaultApiVersions;
  const units = findUnits(manifest.modules, payload, source, base).map((place) =>
    readUnit(place, apiVersions),
  );
  return { source, base, payload, extManifest, directory, css, extensions, ...manifest, units };
}
