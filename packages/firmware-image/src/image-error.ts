import { EACCES, EINVAL, ENOEXEC, ENOTSUP, InputError } from "@sof-ts/kit";

interface Check {
  /** What the firmware's loader returns, negated. */
  readonly errno: number;
  /** What must hold, for tables and listings. */
  readonly rule: string;
  readonly remedy: string;
}

const REBUILD = "Build the image again";
const COPY = "Copy the file again; it is damaged or cut off";

const check = (errno: number, rule: string, remedy: string): Check => ({ errno, rule, remedy });

/**
 * Every check of an image, from the outermost structure inwards and in the order in which they are made:
 * first what Linux's loader checks, then what the firmware checks, then what neither does and a careful
 * loader should; inside an ELF its structure before its meaning. The table in the README is made from this.
 */
export const imageChecks = {
  "file-size": check(EINVAL, "the file is longer than 16 bytes", COPY),
  "ext-manifest-magic": check(EINVAL, '"$AE1" at 0', "Give a firmware image or library file"),
  "ext-manifest-size": check(
    EINVAL,
    "the extended manifest leaves room for the firmware header",
    COPY,
  ),
  "header-size": check(EINVAL, "the firmware header lies in the file", COPY),
  "module-table": check(EINVAL, "the module entries lie in the file", COPY),
  "module-config-range": check(
    EINVAL,
    "each module's configurations lie in the file",
    "Correct cfg_offset and cfg_count of the module",
  ),
  "page-count": check(
    EINVAL,
    "the image has at least 38 KiB and fewer than 2^32 bytes by its page count",
    "Correct preload_page_count",
  ),
  "module-table-end": check(
    EINVAL,
    "module entries and configurations end inside the image",
    "Correct num_module_entries",
  ),
  "ext-manifest": check(EINVAL, "the extended manifest's entries fill it exactly", REBUILD),
  "directory-magic": check(
    EINVAL,
    '"$CPD", its version and three entries',
    "Give the image without what precedes its partition directory",
  ),
  "directory-checksum": check(
    EINVAL,
    "the directory's CRC-32 is right",
    "Recompute the checksum, or copy the file again",
  ),
  "directory-range": check(
    EINVAL,
    "partitions lie in the image, with 12 bytes of tolerance",
    REBUILD,
  ),
  css: check(EINVAL, '"$MN2" and the sizes of header, modulus and exponent', REBUILD),
  extensions: check(EINVAL, "signed package, 0x16 and 0x11 extension, each once", REBUILD),
  "firmware-header": check(EINVAL, '"$AM1" and 52 bytes', REBUILD),
  "module-count": check(EINVAL, "1 to 128 modules", "Split the library"),
  "module-magic": check(EINVAL, '"$AME" of each module', REBUILD),
  "payload-size": check(EINVAL, "the payload is as long as its pages", COPY),
  "segment-range": check(EINVAL, "segments to load lie in the image", REBUILD),
  "segment-overlap": check(
    EINVAL,
    "a module's segments do not overlap in memory",
    "Give each segment pages of its own",
  ),
  "duplicate-uuid": check(EINVAL, "UUIDs are unique", "Give each module its own UUID"),
  unsigned: check(EACCES, "there is a signature", "Sign the image"),
  "signing-key-unknown": check(
    EACCES,
    "the signing key is configured",
    "Sign with a key that the firmware trusts, or have it trust this one",
  ),
  "signing-key-retired": check(
    EACCES,
    "the signing key is not retired",
    "Sign the image again with a present key",
  ),
  signature: check(EACCES, "the signature is right", "Get the original file, or sign it again"),
  "metadata-digest": check(EACCES, "the metadata is what was signed", "Get the original file"),
  "code-digest": check(EACCES, "manifest and code are what was signed", "Get the original file"),
  "elf-border": check(
    EINVAL,
    "modules of one ELF follow each other, ELFs begin on rising pages",
    REBUILD,
  ),
  "elf-header": check(ENOEXEC, "ELF32, little-endian, relocatable, a known machine", REBUILD),
  "elf-section-table": check(ENOEXEC, "the section table lies in the ELF", REBUILD),
  "elf-section-range": check(ENOEXEC, "sections lie in the ELF", REBUILD),
  "elf-strings": check(
    ENOEXEC,
    "names lie in terminated string tables and have at most 511 characters",
    REBUILD,
  ),
  "elf-symbols": check(ENOEXEC, "the symbol table and its links are consistent", REBUILD),
  "elf-relocations": check(
    ENOEXEC,
    "relocations are of known types and hit their section",
    REBUILD,
  ),
  "section-address": check(
    ENOEXEC,
    "allocated sections do not overlap or wrap, detached ones are not writable",
    "Correct the linker script",
  ),
  "section-overlap": check(
    ENOEXEC,
    "sections that are not one region share no page",
    "Align text, read-only data and data to pages",
  ),
  "bss-count": check(ENOTSUP, "there is at most one .bss", "Merge the sections without contents"),
  "bss-placement": check(ENOEXEC, ".bss lies in or next to .data", "Correct the linker script"),
  "module-section": check(
    ENOEXEC,
    "read-only .module holds an entry for each module",
    "Define a manifest for each driver",
  ),
  "module-name": check(
    ENOEXEC,
    "the names of .module and manifest are equal",
    "Give the module one name",
  ),
  "module-uuid": check(
    ENOEXEC,
    "the UUIDs of .module and manifest are equal",
    "Give the module one UUID",
  ),
  "build-info": check(ENOEXEC, ".mod_buildinfo is there and of a known format", REBUILD),
  "api-version": check(
    ENOEXEC,
    "the module interface's version is accepted",
    "Build the library for the interface of this firmware",
  ),
  "exported-symbols": check(ENOEXEC, ".exported_sym names symbols of its ELF", REBUILD),
  "wasm-payload": check(
    ENOEXEC,
    "code for WebAssembly is a binary module, version 1",
    "Put the output of the WebAssembly compiler in .text",
  ),
} as const satisfies Readonly<Record<string, Check>>;

/** Name of a check of an image. */
export type ImageCheck = keyof typeof imageChecks;

/** IPC4 status that LOAD_LIBRARY answers: INVALID_PARAM for -EINVAL, FAILURE for all else. */
export function loadStatus(rc: number): number {
  if (rc >= 0) return 0;
  return rc === -EINVAL ? 1 : 6;
}

/** An image that is refused: which check, where, what to do, and what the firmware answers the host. */
export class ImageError extends InputError {
  override readonly name = "ImageError";
  readonly check: ImageCheck;
  /** Negative errno of the firmware's loader. */
  readonly errno: number;
  /** IPC4 status in the reply to LOAD_LIBRARY. */
  readonly status: number;

  /**
   * @param reason what is wrong, with the values found
   * @param source name of the file or block
   * @param offset first byte that is wrong, from the start of `source`
   */
  constructor(check: ImageCheck, reason: string, source: string, offset: number) {
    const { errno, remedy } = imageChecks[check];
    super(reason, { source, offset, remedy });
    this.check = check;
    this.errno = -errno;
    this.status = loadStatus(-errno);
  }
}

/** A number as images are read in: hexadecimal. */
export const hex = (value: number): string => `0x${value.toString(16)}`;
