import { assert, ByteReader } from "@sof-ts/kit";
import { bits, flag, reserved, reservedBits } from "../fields.js";
import { struct } from "../struct.js";
import { type DataObject, encodeDataObjects, readDataObjects } from "./data-objects.js";
import { concat, encodeCountedWords, readCountedWords } from "./lists.js";

/** Ids of objects in the payload of CREATE_PIPELINE. */
export const PipelineObjectId = {
  INVALID: 0,
  /** A `MemoryRequest`. */
  MEM_DATA: 1,
} as const;
export type PipelineObjectId = (typeof PipelineObjectId)[keyof typeof PipelineObjectId];

const header = struct("create_pipeline payload", 12, {
  payloadWords: bits(0, 0, 24),
  hasObjects: flag(0, 24),
  reservedBits: reservedBits(0, 25, 7),
  reserved: reserved(4, 8),
});

/** Payload of CREATE_PIPELINE, present when the extension word's bit 29 is set. */
export interface CreatePipelinePayload {
  readonly objects: readonly DataObject[];
  /** Words after the last object that the payload's length counts. */
  readonly tail?: Uint8Array | undefined;
  /** Bits 31:25 of the first word, present when they are not zero. */
  readonly reservedBits?: number | undefined;
  /** Bytes 4..11, present when they are not zero. */
  readonly reserved?: Uint8Array | undefined;
}

/**
 * Reads the payload of CREATE_PIPELINE. Its length in words counts from the first byte, header included,
 * which is how the firmware checks it.
 *
 * @param mailbox the payload, or the whole mailbox that it lies in
 * @throws InputError when the length is under 12 bytes or over the mailbox, or an object runs past it
 */
export function decodeCreatePipelinePayload(
  mailbox: Uint8Array,
  source = "CREATE_PIPELINE payload",
): CreatePipelinePayload {
  const { payloadWords, hasObjects, ...rest } = header.read(new ByteReader(mailbox, source));
  const length = payloadWords * 4;
  const reader = new ByteReader(mailbox.subarray(0, length), source);
  if (length < header.size || length > mailbox.length) {
    throw reader.error(`length of ${length} bytes, must be ${header.size}..${mailbox.length}`, 0);
  }
  reader.take(header.size);
  const objects = hasObjects ? readDataObjects(reader) : [];
  const tail = reader.remaining > 0 ? { tail: new Uint8Array(reader.take(reader.remaining)) } : {};
  return { objects, ...tail, ...rest };
}

/** @returns the payload, a multiple of four bytes */
export function encodeCreatePipelinePayload(payload: CreatePipelinePayload): Uint8Array {
  const body = concat(
    encodeDataObjects(payload.objects),
    ...(payload.tail === undefined ? [] : [payload.tail]),
  );
  assert(body.length % 4 === 0, `payload of ${body.length} bytes is not whole words`);
  const head = header.encode({
    payloadWords: (header.size + body.length) / 4,
    hasObjects: payload.objects.length > 0,
    reservedBits: payload.reservedBits,
    reserved: payload.reserved,
  });
  return concat(head, body);
}

/** Pipelines that one SET_PIPELINE_STATE can name: those that fit the mailbox with their count. */
export const MAX_PIPELINE_IDS = 1023;

/**
 * Reads the pipelines of a SET_PIPELINE_STATE for many, in the order in which they are triggered. The
 * values are 32-bit as sent; that they name pipelines is for the receiver to check.
 *
 * @throws InputError when the count is larger than what follows it
 */
export function decodePipelineIds(
  payload: Uint8Array,
  source = "SET_PIPELINE_STATE payload",
): number[] {
  return readCountedWords(new ByteReader(payload, source), "pipeline id");
}

/** @returns count and ids, 4 bytes each */
export function encodePipelineIds(ids: readonly number[]): Uint8Array {
  assert(ids.length <= MAX_PIPELINE_IDS, `${ids.length} pipelines in one message`);
  return encodeCountedWords(ids);
}
