import { type MessageOfKind, Status } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import type { LibraryLoader } from "../ports.js";
import { libraryStatus, unloadStatus } from "../status.js";

/** LOAD_LIBRARY: also library 0, the base firmware, is the manager's to refuse, as it has a channel to give back. */
export function* loadLibrary(
  loader: LibraryLoader | null,
  { dmaId, libId }: MessageOfKind<"load-library">,
): Generator<number, number, number> {
  if (loader === null) return Status.UNAVAILABLE;
  return libraryStatus(yield* loader.load(dmaId, libId));
}

/** LOAD_LIBRARY_PREPARE: the DMA channel that the library will come through. */
export function* prepareLibrary(
  loader: LibraryLoader | null,
  { dmaId }: MessageOfKind<"load-library-prepare">,
): Generator<number, number, number> {
  if (loader === null) return Status.UNAVAILABLE;
  return libraryStatus(yield* loader.prepare(dmaId));
}

/** UNLOAD_MULTIPLE_MODULES: all libraries that its modules belong to, or none. */
export function* unloadLibraries(
  loader: LibraryLoader | null,
  { parameter }: MessageOfKind<"unload-multiple-modules">,
  mailbox: Uint8Array,
): Generator<number, number, number> {
  if (loader === null) return Status.UNAVAILABLE;
  const ids = librariesOfUnload(parameter, mailbox);
  return unloadStatus(typeof ids === "number" ? ids : yield* loader.unload(ids));
}

/** Module ids have their library's number above twelve bits of index. */
const MODULE_INDEX_BITS = 12;

/**
 * The libraries that an UNLOAD_MULTIPLE_MODULES request names. Its layout is that of older host drivers: the
 * low byte of the primary word counts module ids, which are 16-bit words in the payload; a library is named by
 * any of its modules.
 *
 * @param parameter bits 23:0 of the primary word
 * @returns library numbers, each once; -EINVAL for no module, a count that the payload cannot hold, or a module
 *   of the base image
 */
export function librariesOfUnload(
  parameter: number,
  payload: Uint8Array,
): readonly number[] | number {
  const count = parameter & 0xff;
  if (count === 0 || 2 * count > payload.length) return -EINVAL;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const libraries = new Set<number>();
  for (let i = 0; i < count; i++) libraries.add(view.getUint16(2 * i, true) >> MODULE_INDEX_BITS);
  return libraries.has(0) ? -EINVAL : [...libraries];
}
