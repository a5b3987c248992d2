import { ByteReader } from "@sof-ts/kit";
import { flag, reserved, reservedBits, u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";
import { type DataObject, encodeDataObjects, readDataObjects } from "./data-objects.js";
import { concat } from "./lists.js";

/** Ids of objects in an extended init payload (SOF's `enum ipc4_mod_init_data_glb_id`). */
export const InitObjectId = {
  INVALID: 0,
  /** A `MemoryRequest` for the module's thread. */
  DP_DATA: 1,
  /** Words for the module itself. */
  MODULE_DATA: 2,
} as const;
export type InitObjectId = (typeof InitObjectId)[keyof typeof InitObjectId];

const header = struct("extended_init", 12, {
  rtosDomain: flag(0, 0),
  gnaUsed: flag(0, 1),
  hasObjects: flag(0, 2),
  reservedBits: reservedBits(0, 3, 29),
  reserved: reserved(4, 8),
});

/** Payload of an INIT_INSTANCE whose extension word has bit 29 set (SOF's `struct ipc4_module_init_ext_init`). */
export interface ExtendedInit {
  readonly rtosDomain: boolean;
  /** Announces a {@link GnaConfig}; no firmware reads one, so it stays in `init`. */
  readonly gnaUsed: boolean;
  readonly objects: readonly DataObject[];
  /** The ordinary init payload of the module. */
  readonly init: Uint8Array;
  /** Bits 31:3 of the first word, present when they are not zero. */
  readonly reservedBits?: number | undefined;
  /** Bytes 4..11, present when they are not zero. */
  readonly reserved?: Uint8Array | undefined;
}

/**
 * Reads an extended init payload.
 *
 * @throws InputError when header or objects run past the payload
 */
export function decodeExtendedInit(
  payload: Uint8Array,
  source = "INIT_INSTANCE payload",
): ExtendedInit {
  const reader = new ByteReader(payload, source);
  const { rtosDomain, gnaUsed, hasObjects, ...rest } = header.read(reader);
  const objects = hasObjects ? readDataObjects(reader) : [];
  const init = new Uint8Array(reader.take(reader.remaining));
  return { rtosDomain, gnaUsed, objects, init, ...rest };
}

/** @returns header, objects and the module's own payload */
export function encodeExtendedInit(value: ExtendedInit): Uint8Array {
  const head = header.encode({
    rtosDomain: value.rtosDomain,
    gnaUsed: value.gnaUsed,
    hasObjects: value.objects.length > 0,
    reservedBits: value.reservedBits,
    reserved: value.reserved,
  });
  return concat(head, encodeDataObjects(value.objects), value.init);
}

/** Settings for the neural accelerator (SOF's `struct ipc4_module_init_gna_config`); defined, not used. */
export interface GnaConfig {
  readonly gnaCpc: number;
  readonly reserved?: Uint8Array | undefined;
}

/** Reads and writes the 8 bytes of a {@link GnaConfig}. */
export const gnaConfig: Codec<GnaConfig> = struct("gna_config", 8, {
  gnaCpc: u32(0),
  reserved: reserved(4, 4),
});
