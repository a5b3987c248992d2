import { createPublicKey } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { nodeImageCrypto } from "@sof-ts/firmware-image";
import { InputError } from "@sof-ts/kit";

/** The two files of a key. */
export interface KeyFiles {
  /** PKCS #8 PEM, for its owner's eyes only. */
  readonly privateFile: string;
  /** SubjectPublicKeyInfo PEM, for firmware that is to trust the owner. */
  readonly publicFile: string;
}

/**
 * Makes a development key: RSA of 3072 bits, in `file` and, with the ending `.pub`, its public half.
 *
 * @throws InputError rather than write over a key
 */
export function writeDevelopmentKey(file: string): KeyFiles {
  const publicFile = `${file.replace(/\.pem$/, "")}.pub`;
  for (const existing of [file, publicFile]) {
    if (!existsSync(existing)) continue;
    const remedy = "Keep it, or move it away first: what it signed is trusted by its public half";
    throw new InputError("there is a file already", { source: existing, remedy });
  }
  const pem = nodeImageCrypto().generateKey();
  const spki = createPublicKey(pem).export({ type: "spki", format: "pem" });
  writeFileSync(file, pem, { mode: 0o600 });
  writeFileSync(publicFile, spki);
  return { privateFile: file, publicFile };
}
