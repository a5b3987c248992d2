import { nodeImageCrypto, type UnitDescription, writeLibrary } from "@sof-ts/firmware-image";
import { wasm } from "../../../packages/userspace-proxy/test/generated/limiter.js";
import type { Lab } from "./protocol/lab.js";
import { loadLibrary, loadLibraryPrepare } from "./protocol/messages.js";

export const LIMITER_UUID = "3f1ad0a6-2f0e-4d0e-9a5f-9d8f5a1f7c11";
const rsa = nodeImageCrypto();

/** One key for all tests: making one takes long. */
export const signer = rsa.signer(rsa.generateKey(), "development");
export const keys = { trusted: [signer.key] };

/** What a test library has in it. */
export interface LibraryContents {
  readonly name?: string;
  readonly uuid?: string;
  readonly module?: string;
  readonly code?: Uint8Array;
  /** Code and data that stay in DRAM. */
  readonly cold?: Uint8Array;
  readonly coldRodata?: Uint8Array;
}

/** A file as the host's driver sends it: without its extended manifest. */
export const payloadOf = (file: Uint8Array): Uint8Array =>
  file.subarray(new DataView(file.buffer, file.byteOffset).getUint32(4, true));

/** A signed library of these units, as the host's driver sends it. */
export function libraryOf(
  name: string,
  units: readonly UnitDescription[],
  by: typeof signer | null = signer,
): Uint8Array {
  const version = { major: 1, minor: 0, hotfix: 0, build: 1 };
  return payloadOf(writeLibrary({ name, version, units }, by ?? undefined));
}

/** A signed library of one isolated module, as the host's driver sends it. */
export function makeLibrary(contents: LibraryContents = {}, by = signer): Uint8Array {
  const { name = "EXAMPLE", uuid = LIMITER_UUID, module = "LIMITER", cold, coldRodata } = contents;
  const text = contents.code ?? new Uint8Array(Buffer.from(wasm, "base64"));
  const unit: UnitDescription = {
    text,
    bssBytes: 64,
    ...(cold === undefined ? {} : { cold }),
    ...(coldRodata === undefined ? {} : { coldRodata }),
    modules: [{ name: module, uuid, maxInstances: 8 }],
  };
  return libraryOf(name, [unit], by);
}

/**
 * Sends a library over host DMA as the driver does: prepare, start the stream, load.
 *
 * @param stopAfter bytes after which the host sends no more
 * @returns statuses of LOAD_LIBRARY_PREPARE and LOAD_LIBRARY
 */
export function sendLibrary(
  lab: Lab,
  image: Uint8Array,
  id: number,
  stopAfter = image.length,
): readonly [number, number] {
  const stream = lab.streams.allocate("playback");
  if (stream === null) throw new Error("no host stream is left");
  const bufferBytes = Math.ceil(image.length / 4096) * 4096;
  const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
  stream.configure({ bufferBytes, periodBytes: bufferBytes, format });
  stream.write(0, image);
  if (stopAfter < image.length) stream.setApplicationPosition(stopAfter);
  const prepared = lab.status(loadLibraryPrepare(stream.tag - 1));
  stream.start();
  const loaded = lab.status(loadLibrary(stream.tag - 1, id));
  stream.stop();
  stream.release();
  return [prepared, loaded];
}
