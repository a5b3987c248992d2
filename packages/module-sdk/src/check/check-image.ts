import { createHash } from "node:crypto";
import {
  describeImage,
  type FirmwareImage,
  nodeImageCrypto,
  type PublicKey,
  readImage,
  verifyImage,
} from "@sof-ts/firmware-image";
import { type Failure, builtinNotes, checkModules, type ModuleVerdict } from "./conformance.js";
import { type CheckSettings, noSettings } from "../check-settings.js";

export interface CheckOptions {
  /** Keys that the firmware trusts; with none, the image has to be signed by the key that it names. */
  readonly trusted?: readonly PublicKey[];
  /** Keys that it trusted once. */
  readonly retired?: readonly PublicKey[];
  /** Whether an image without signature is in order. */
  readonly allowUnsigned?: boolean;
  /** Whether to run the conformance suite; it does unless given. */
  readonly conformance?: boolean;
  /** Libraries that are loaded beside it, whose functions it may call. */
  readonly others?: readonly FirmwareImage[];
  /** What authors say of their modules, by UUID. */
  readonly settings?: ReadonlyMap<string, CheckSettings>;
}

/** What is known of an image after it was checked. */
export interface ImageReport {
  /** Contents, one line a thing. */
  readonly contents: readonly string[];
  /** Who signed it, one line. */
  readonly signature: string;
  /** Modules that this machine cannot run, and what becomes of them. */
  readonly notes: readonly string[];
  readonly modules: readonly ModuleVerdict[];
}

/**
 * Checks an image as the firmware does when it loads it, then its modules.
 *
 * @param source file name, for errors
 * @throws InputError for an image or a signature that firmware refuses
 */
export function checkImage(
  file: Uint8Array,
  source: string,
  options: CheckOptions = {},
): ImageReport {
  const image = readImage(file, source);
  const signature = checkSignature(image, options);
  const { conformance = true, settings, others = [] } = options;
  const settingsOf = (uuid: string): CheckSettings => settings?.get(uuid) ?? noSettings;
  return {
    contents: describeImage(image),
    signature,
    notes: builtinNotes(image),
    modules: conformance ? checkModules(image, settingsOf, others) : [],
  };
}

/** All cases that modules of an image fail. */
export function failuresOf(report: ImageReport): readonly Failure[] {
  return report.modules.flatMap(({ failures }) => failures);
}

function checkSignature(image: FirmwareImage, options: CheckOptions): string {
  const { trusted = [], retired = [], allowUnsigned = false } = options;
  const signed = image.css.signature.some((byte) => byte !== 0);
  if (!signed && allowUnsigned) return "not signed";
  const modulus = image.css.modulus.slice().reverse();
  const print = createHash("sha256").update(modulus).digest("hex").slice(0, 16);
  // Whether the signature is right can be told without trust: the image names its key.
  const own = { name: print, modulus, exponent: image.css.exponent };
  const keys = trusted.length === 0 && signed ? [own] : trusted;
  const key = verifyImage(image, { trusted: keys, retired }, nodeImageCrypto().verifier);
  if (key === own) return `right, by key ${print}; whether it is trusted was not asked (--key)`;
  return `right, by key ${print} of ${key.name}`;
}
