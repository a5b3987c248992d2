/** Bytes of a page: images are counted in them. */
export const PAGE_BYTES = 4096;

/** Identifiers as little-endian words: four letters each. */
export const Magic = {
  /** "$AE1" */
  EXT_MANIFEST: 0x3145_4124,
  /** "$CPD" */
  PARTITION_DIRECTORY: 0x4450_4324,
  /** "$MN2" */
  CSS: 0x324e_4d24,
  /** "$AM1" */
  FIRMWARE: 0x314d_4124,
  /** "$AME" */
  MODULE: 0x454d_4124,
} as const;

/** Where the parts of an image lie, in bytes from the partition directory. */
export const Offset = {
  CSS: 0x5c,
  EXTENSIONS: 0x3e0,
  /** SOF's `SOF_MAN_ELF_TEXT_OFFSET`, Linux's `manifest_fw_hdr_offset`. */
  FIRMWARE_HEADER: 0x2000,
  MODULES: 0x2034,
} as const;

/** Sizes of the parts that have one size only. */
export const Size = {
  EXT_MANIFEST_HEADER: 16,
  EXT_MODULE: 40,
  EXT_SCHEDULE: 4,
  EXT_PIN: 24,
  DIRECTORY_HEADER: 20,
  DIRECTORY_ENTRY: 24,
  CSS: 900,
  FIRMWARE_HEADER: 52,
  MODULE: 116,
  MODULE_CONFIG: 44,
  /** An entry of an ELF's `.module` section: a module entry and its text size. */
  ELF_MODULE: 120,
  MODULUS: 384,
  SIGNATURE: 384,
  DIGEST: 48,
} as const;

/** What the firmware reads of a library before anything else (SOF's `MAN_MAX_SIZE_V1_8`): 38 KiB. */
export const FIRST_BLOCK_BYTES = 38 * 1024;

/** Libraries have ids 1..15; 0 is the base image. */
export const MAX_LIBRARIES = 16;

/** Most modules that an image may list; shipped ones have up to 31. */
export const MAX_MODULES = 128;

/** Partition directory entries of real images run over by this: rimage sizes them for an older platform. */
export const DIRECTORY_SLACK_BYTES = 12;

/** Addresses below this are sections that stay in DRAM ("detached"). */
export const DETACHED_LIMIT = 0x0800_0000;

/** Bytes per name in module entries and headers. */
export const NAME_BYTES = 8;

/** A version of the module interface, ten bits a part (SOF's `MODULE_API_VERSION`). */
export const moduleApiVersion = (major: number, middle: number, minor: number): number =>
  (major << 20) | (middle << 10) | minor;

/** First word of `.mod_buildinfo`. */
export const BUILD_INFO_FORMAT = 0x8000_0000;

/**
 * Module interfaces that are accepted unless told otherwise: 5.0.0, which every shipped library carries,
 * and 5.0.1 of the present sources.
 */
export const defaultApiVersions: readonly number[] = [
  moduleApiVersion(5, 0, 0),
  moduleApiVersion(5, 0, 1),
];
