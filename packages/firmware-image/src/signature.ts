import { allZero, sameBytes } from "./bytes.js";
import { CSS_SIGNED_BYTES, CSS_SIGNED_TAIL_BYTES } from "./css-header.js";
import type { FirmwareImage } from "./image.js";
import { type ImageCheck, ImageError } from "./image-error.js";
import { Offset, Size } from "./layout.js";

/** An RSA-3072 public key. */
export interface PublicKey {
  /** For messages. */
  readonly name: string;
  /** 384 bytes, most significant first. */
  readonly modulus: Uint8Array;
  readonly exponent: number;
}

/** The cryptography that checking a signature needs; the platform provides it. */
export interface SignatureVerifier {
  /** SHA-384 of `data`: 48 bytes. */
  sha384(data: Uint8Array): Uint8Array;
  /**
   * Whether `signature` (most significant byte first) is that of `message` by `key`: RSASSA-PSS with SHA-384.
   * Never throws for a bad signature.
   */
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}

/** The cryptography that signing needs. */
export interface ImageSigner {
  readonly key: PublicKey;
  sha384(data: Uint8Array): Uint8Array;
  /** @returns 384 bytes, most significant first */
  sign(message: Uint8Array): Uint8Array;
}

/** Whom to trust. */
export interface TrustedKeys {
  readonly trusted: readonly PublicKey[];
  /** Keys that signed in the past: known, and refused by name. */
  readonly retired?: readonly PublicKey[];
}

const SIGNATURE_AT = Offset.CSS + 516;
const MODULUS_AT = Offset.CSS + CSS_SIGNED_BYTES;
const EXPONENT_AT = MODULUS_AT + Size.MODULUS;

/** What the signature of a payload covers: the CSS header up to the key, and the extensions behind it. */
function signedBytes(payload: Uint8Array): Uint8Array {
  const head = payload.subarray(Offset.CSS, Offset.CSS + CSS_SIGNED_BYTES);
  const tail = payload.subarray(Offset.EXTENSIONS, Offset.EXTENSIONS + CSS_SIGNED_TAIL_BYTES);
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/**
 * Checks who signed an image and that nothing was changed since: the signature covers header and signed
 * package, whose digest covers the metadata, whose digest covers manifest and code.
 *
 * @returns the key that signed it
 * @throws ImageError `unsigned`, `signing-key-unknown`, `signing-key-retired`, `signature`,
 *   `metadata-digest`, `code-digest`
 */
export function verifyImage(
  image: FirmwareImage,
  keys: TrustedKeys,
  verifier: SignatureVerifier,
): PublicKey {
  const { css, extensions, payload } = image;
  const fail = (check: ImageCheck, reason: string, offset: number) =>
    new ImageError(check, reason, image.source, image.base + offset);
  if (allZero(css.signature)) throw fail("unsigned", "the image is not signed", SIGNATURE_AT);
  const modulus = css.modulus.slice().reverse();
  const signedBy = (key: PublicKey) => sameBytes(key.modulus, modulus);
  const retired = keys.retired?.find(signedBy);
  if (retired !== undefined) {
    throw fail("signing-key-retired", `signed with the retired key ${retired.name}`, MODULUS_AT);
  }
  const key = keys.trusted.find(signedBy);
  if (key === undefined) {
    throw fail("signing-key-unknown", "signed with a key that is not trusted", MODULUS_AT);
  }
  if (css.exponent !== key.exponent) {
    const reason = `the exponent is ${css.exponent}, that of key ${key.name} ${key.exponent}`;
    throw fail("signature", reason, EXPONENT_AT);
  }
  if (!verifier.verify(key, signedBytes(payload), css.signature.slice().reverse())) {
    throw fail("signature", `the signature is not one of key ${key.name}`, SIGNATURE_AT);
  }
  const { metadata, metadataExtension, metadataDigest, signedPackage } = extensions;
  const { offset, length } = metadataExtension;
  if (!sameBytes(verifier.sha384(payload.subarray(offset, offset + length)), metadataDigest)) {
    const at = signedPackage.offset + signedPackage.length - Size.DIGEST;
    throw fail("metadata-digest", "the metadata does not have the digest that was signed", at);
  }
  const covered = metadata.baseOffset <= Offset.FIRMWARE_HEADER;
  if (
    !covered ||
    !sameBytes(verifier.sha384(payload.subarray(metadata.baseOffset)), metadata.digest)
  ) {
    const reason = "manifest and code do not have the digest that was signed";
    throw fail("code-digest", reason, offset + 40);
  }
  return key;
}

/**
 * Puts key and signature into the CSS header of a payload, in place. Everything else has to be final.
 */
export function signPayload(payload: Uint8Array, signer: ImageSigner): void {
  const { modulus, exponent } = signer.key;
  payload.set(modulus.slice().reverse(), MODULUS_AT);
  new DataView(payload.buffer, payload.byteOffset).setUint32(EXPONENT_AT, exponent, true);
  payload.set(signer.sign(signedBytes(payload)).slice().reverse(), SIGNATURE_AT);
}
