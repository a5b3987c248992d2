import { createHash, constants, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type FirmwareImage,
  type ImageError,
  nodeImageCrypto,
  readImage,
  type TrustedKeys,
  verifyImage,
  writeLibrary,
} from "@sof-ts/firmware-image";
import { wasmModule } from "./wasm.js";

const rsa = nodeImageCrypto();
const pem = rsa.generateKey();
const signer = rsa.signer(pem, "development");
const { key } = signer;
const other = rsa.signer(rsa.generateKey(), "other");
const keys: TrustedKeys = { trusted: [other.key, key] };

const description = {
  name: "SIGNED",
  version: { major: 1, minor: 0, hotfix: 0, build: 0 },
  units: [
    {
      modules: [{ name: "M", uuid: "11111111-2222-3333-4444-555555555555", maxInstances: 1 }],
      text: wasmModule(),
    },
  ],
};
const file = writeLibrary(description, signer);
/** Offset of the payload in the file, by the manifest's length. */
const P = new DataView(file.buffer).getUint32(4, true);

const read = (bytes: Uint8Array): FirmwareImage => readImage(bytes, "signed.bin");

/** A signed image with one byte changed. */
function tampered(offset: number): FirmwareImage {
  const bytes = file.slice();
  bytes[offset] = (bytes[offset] as number) ^ 1;
  return read(bytes);
}

const refusedBy = (check: string) => expect.objectContaining({ check } as Partial<ImageError>);
const verified = (image: FirmwareImage, trust: TrustedKeys = keys) =>
  verifyImage(image, trust, rsa.verifier);

describe("a signed image", () => {
  it("is accepted, and says by whom it was signed", () => {
    expect(verified(read(file))).toBe(key);
  });

  it("carries a signature that any RSASSA-PSS implementation finds right", () => {
    // 128 bytes of header and 224 behind it; key and signature stand least significant byte first.
    const css = P + 0x5c;
    const message = Buffer.concat([
      file.subarray(css, css + 128),
      file.subarray(css + 900, css + 1124),
    ]);
    const signature = Buffer.from(file.subarray(css + 516, css + 900)).reverse();
    const modulus = Buffer.from(file.subarray(css + 128, css + 512)).reverse();
    const jwk = { kty: "RSA", n: modulus.toString("base64url"), e: "AQAB" };
    const publicKey = createPublicKey({ key: jwk, format: "jwk" });
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    expect(verify("sha384", message, { key: publicKey, padding, saltLength: 0 }, signature)).toBe(
      true,
    );
    expect(new DataView(file.buffer).getUint32(css + 512, true)).toBe(65537);
  });

  it("is bound to its code through two digests", () => {
    const metadata = file.subarray(P + 0x4b4, P + 0x4b4 + 112);
    const code = createHash("sha384")
      .update(file.subarray(P + 0x2000))
      .digest();
    expect(Buffer.from(metadata.subarray(40, 88)).equals(code)).toBe(true);
    const inPackage = file.subarray(P + 0x3e0 + 108 - 48, P + 0x3e0 + 108);
    expect(createHash("sha384").update(metadata).digest().equals(inPackage)).toBe(true);
  });

  it("is the same file each time it is signed", () => {
    expect(writeLibrary(description, signer)).toEqual(file);
  });

  it.each([
    ["the date in the header", P + 0x5c + 20, "signature"],
    ["the signature", P + 0x5c + 516, "signature"],
    ["the exponent", P + 0x5c + 512, "signature"],
    ["the digest in the signed package", P + 0x3e0 + 107, "signature"],
    ["the metadata", P + 0x4b4 + 100, "metadata-digest"],
    ["the digest in the metadata", P + 0x4b4 + 40, "metadata-digest"],
    ["the number of instances", P + 0x2034 + 76, "code-digest"],
    ["padding between manifest and code", P + 0x7000, "code-digest"],
    ["padding behind the code", file.length - 1, "code-digest"],
    ["the modulus", P + 0x5c + 128, "signing-key-unknown"],
  ])("is refused after a change of %s", (_what, offset, check) => {
    expect(() => verified(tampered(offset))).toThrow(refusedBy(check));
  });

  it("is refused when its key is not trusted", () => {
    const refused = expect.objectContaining({
      check: "signing-key-unknown",
      errno: -13,
      status: 6,
      offset: P + 0x5c + 128,
      remedy: expect.stringContaining("trust"),
    } as Partial<ImageError>);
    expect(() => verified(read(file), { trusted: [other.key] })).toThrow(refused);
  });

  it("is refused by name when its key was retired, also if it is still among the trusted", () => {
    const trust = { trusted: [key], retired: [other.key, key] };
    expect(() => verified(read(file), trust)).toThrow("signed with the retired key development");
    expect(() => verified(read(file), trust)).toThrow(refusedBy("signing-key-retired"));
  });

  it("is refused when it claims another's key", () => {
    const bytes = writeLibrary(description, other);
    bytes.set(file.subarray(P + 0x5c + 128, P + 0x5c + 512), P + 0x5c + 128);
    expect(() => verified(read(bytes))).toThrow("the signature is not one of key development");
  });
});

describe("an image that was not signed", () => {
  it("is read, and refused when a signature is asked for", () => {
    const image = read(writeLibrary(description));
    expect(() => verified(image)).toThrow(refusedBy("unsigned"));
    expect(() => verified(image)).toThrow("the image is not signed");
  });
});

describe("keys", () => {
  it("give their public part from either PEM", () => {
    const publicPem = createPublicKey(pem).export({ type: "spki", format: "pem" }).toString();
    expect(rsa.publicKey(publicPem, "development")).toEqual(key);
    expect(key).toMatchObject({ name: "development", exponent: 65537 });
    expect(key.modulus).toHaveLength(384);
  });

  it("are refused when they are none", () => {
    expect(() => rsa.signer("no key", "key.pem")).toThrow(/^key\.pem: no key: .*Give an RSA key/);
  });
});
