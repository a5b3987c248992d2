import { type MessageOfKind, Status } from "@sof-ts/ipc4";
import type { LibraryLoader } from "../ports.js";
import { libraryStatus } from "../status.js";

/** LOAD_LIBRARY, up to the library manager's door. Library 0 is the base firmware. */
export function* loadLibrary(
  loader: LibraryLoader | null,
  { dmaId, libId }: MessageOfKind<"load-library">,
): Generator<number, number, number> {
  if (loader === null) return Status.UNAVAILABLE;
  if (libId === 0) return Status.ERROR_INVALID_PARAM;
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
