import {
  configsOf,
  nodeImageCrypto,
  readModuleTable,
  type TrustedKeys,
} from "@sof-ts/firmware-image";
import type { LibraryFile, LibrarySource } from "@sof-ts/host";
import { readUserFile } from "../read-user-file.js";

/** Libraries that a command line names, and who may have signed them. */
export interface LibraryOptions {
  /** Library files. */
  readonly library?: readonly string[];
  /** Public keys (PEM) that the firmware trusts; without any, it takes libraries whoever signed them. */
  readonly key?: readonly string[];
}

/** The libraries of a command line, read. */
export interface Libraries {
  /** UUIDs of all their modules. */
  readonly uuids: ReadonlySet<string>;
  /** The library with the module of a UUID, as the driver looks for `<UUID>.bin`. */
  readonly source: LibrarySource;
  /** Whom the firmware trusts; null for everybody. */
  readonly keys: TrustedKeys | null;
}

/**
 * Reads libraries and keys. The driver loads a library when a topology has a module of it.
 *
 * @throws InputError for a file that Linux's loader would refuse, or that holds no key
 */
export function readLibraries({ library = [], key = [] }: LibraryOptions): Libraries {
  const byUuid = new Map<string, LibraryFile>();
  for (const file of library) addLibrary(byUuid, file);
  const crypto = nodeImageCrypto();
  const trusted = key.map((file) => crypto.publicKey(readUserFile(file).toString("utf8"), file));
  return {
    uuids: new Set(byUuid.keys()),
    source: (uuid) => byUuid.get(uuid) ?? null,
    keys: trusted.length === 0 ? null : { trusted },
  };
}

function addLibrary(byUuid: Map<string, LibraryFile>, file: string): void {
  const table = readModuleTable(new Uint8Array(readUserFile(file)), file);
  const loaded: LibraryFile = {
    name: table.header.name,
    image: table.payload,
    modules: (libraryId) =>
      table.modules.map((entry, index) => ({
        moduleId: (libraryId << 12) | index,
        name: entry.name,
        uuid: entry.uuid,
        initConfig: entry.type.initConfig,
        dataProcessing: entry.type.dataProcessing,
        maxInstances: entry.maxInstances,
        configs: configsOf(table, entry),
      })),
  };
  for (const { uuid } of table.modules) if (!byUuid.has(uuid)) byUuid.set(uuid, loaded);
}
