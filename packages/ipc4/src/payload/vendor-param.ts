import { u32 } from "../fields.js";
import { type Codec, struct } from "../struct.js";

/** Parameter of a module and which one of several alike, in one 32-bit TLV type. */
export interface VendorParamId {
  /** Bits 7:0. */
  readonly param: number;
  /** Bits 31:8. */
  readonly instance: number;
}

/** Joins the parts of an extended parameter id (SOF's `union ipc4_extended_param_id`). */
export const packVendorParamId = (id: VendorParamId): number => id.instance * 256 + id.param;

/** Takes an extended parameter id apart. */
export const unpackVendorParamId = (id: number): VendorParamId => ({
  param: id & 0xff,
  instance: id >>> 8,
});

/**
 * Type and length that begin a vendor parameter: of a TLV, or, in a request to read, of the longest value
 * that is wanted. A burst request is a list of them; `decodeArray` reads it.
 */
export interface VendorParamHeader {
  /** See {@link packVendorParamId}. */
  readonly type: number;
  /** Bytes. */
  readonly length: number;
}

/** Reads and writes the 8 bytes of a {@link VendorParamHeader}. */
export const vendorParamHeader: Codec<VendorParamHeader> = struct("vendor parameter header", 8, {
  type: u32(0),
  length: u32(4),
});

/** What the firmware leaves in its buffer when reading a vendor parameter fails; it is not sent. */
export interface VendorParamError {
  readonly paramIndex: number;
  readonly errorCode: number;
}

/** Reads and writes the 8 bytes of a {@link VendorParamError}. */
export const vendorParamError: Codec<VendorParamError> = struct("vendor parameter error", 8, {
  paramIndex: u32(0),
  errorCode: u32(4),
});
