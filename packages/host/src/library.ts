import { EBUSY, EIO } from "@sof-ts/kit";
import { EOPNOTSUPP } from "@sof-ts/ipc4";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { IpcTransport } from "./ipc-transport.js";
import type { FirmwareModule } from "./module-table.js";
import type { HostDma } from "./ports.js";

/** A loadable library: its image, and the modules that its manifest lists. */
export interface Library {
  readonly name: string;
  readonly image: Uint8Array;
  /** With module ids that have the library's number in bits 15:12. */
  readonly modules: readonly FirmwareModule[];
}

/** A library that is not loaded yet, and so has no number. */
export interface LibraryFile {
  readonly name: string;
  readonly image: Uint8Array;
  /** Makes the library's modules, given its number. */
  readonly modules: (libraryId: number) => readonly FirmwareModule[];
}

/** Finds the library with the module of a UUID (Linux looks for a file `<UUID>.bin`); null when there is none. */
export type LibrarySource = (uuid: string) => LibraryFile | null;

const PAGE = 4096;

/**
 * Sends a library's image to the DSP over a host DMA stream and has the firmware load it.
 *
 * @param libraryId 1..15
 * @throws HostError EBUSY when no stream is free, or what the firmware answers
 */
export function* loadLibrary(
  ipc: IpcTransport,
  dma: HostDma,
  libraryId: number,
  library: Library,
): HostTask<void> {
  const stream = dma.allocate("playback");
  if (stream === null) {
    throw new HostError(`no DMA stream is free for library ${library.name}`, { errno: EBUSY });
  }
  try {
    const bufferBytes = Math.ceil(library.image.length / PAGE) * PAGE;
    const format = { rate: 48000, channels: 2, containerBits: 32, validBits: 32 };
    const result = stream.configure({ bufferBytes, periodBytes: bufferBytes, format });
    if (result !== 0) throw new HostError(`DMA for library ${library.name}`, { errno: EIO });
    stream.write(0, library.image);
    const dmaId = stream.tag - 1;
    yield* prepare(ipc, dmaId);
    stream.start();
    yield* ipc.exchange({
      message: { kind: "load-library", dmaId, libId: libraryId, loadOffset: 0 },
    });
    ipc.note(`library ${library.name} loaded as ${libraryId}`);
  } finally {
    stream.stop();
    stream.release();
  }
}

/** Names the DMA stream only. Older firmware does without. */
function* prepare(ipc: IpcTransport, dmaId: number): HostTask<void> {
  try {
    yield* ipc.exchange({
      message: { kind: "load-library-prepare", dmaId, libId: 0, loadOffset: 0 },
    });
  } catch (error) {
    if (!(error instanceof HostError) || error.errno !== EOPNOTSUPP) throw error;
  }
}
