import { assert, InputError } from "@sof-ts/kit";
import { Size } from "./layout.js";
import type { ImageSigner, PublicKey, SignatureVerifier } from "./signature.js";

/** What {@link nodeImageCrypto} offers. */
export interface NodeImageCrypto {
  readonly verifier: SignatureVerifier;
  /** Makes a development key: PKCS #8 PEM. Takes up to a second. */
  generateKey(): string;
  /**
   * The signer that a private key gives.
   *
   * @throws InputError when `pem` is no private RSA key of 3072 bits
   */
  signer(pem: string, name: string): ImageSigner;
  /**
   * The public key in a PEM of either kind.
   *
   * @throws InputError when it is no RSA key of 3072 bits
   */
  publicKey(pem: string, name: string): PublicKey;
}

/** Without a salt the same image gives the same file each time it is signed. */
const SALT_BYTES = 0;

/**
 * Node's implementation of the cryptography of images. The package itself stays free of Node: this function
 * asks the running platform for its module when it is called.
 *
 * @throws InputError where there is no Node
 */
export function nodeImageCrypto(): NodeImageCrypto {
  const platform = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (platform === undefined) {
    throw new InputError("this platform has no node:crypto", {
      remedy: "Give a SignatureVerifier of your own",
    });
  }
  const { createHash, createPrivateKey, createPublicKey, constants } = platform;
  const sha384 = (data: Uint8Array): Uint8Array =>
    new Uint8Array(createHash("sha384").update(data).digest());
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

  const publicKey = (pem: string, name: string): PublicKey => {
    const { n, e } = parse(name, () => createPublicKey(pem)).export({ format: "jwk" });
    const modulus = new Uint8Array(Buffer.from(n ?? "", "base64url"));
    const exponent = Buffer.from(e ?? "", "base64url");
    if (modulus.length !== Size.MODULUS || exponent.length > 4) {
      throw new InputError(`RSA key of ${8 * modulus.length} bits`, {
        source: name,
        remedy: "Use a key of 3072 bits",
      });
    }
    return { name, modulus, exponent: exponent.readUIntBE(0, exponent.length) };
  };

  const verifier: SignatureVerifier = {
    sha384,
    verify(key, message, signature) {
      const exponent = Buffer.alloc(4);
      exponent.writeUInt32BE(key.exponent);
      const jwk = { kty: "RSA", n: base64(key.modulus), e: base64(exponent) };
      return platform.verify(
        "sha384",
        message,
        {
          key: createPublicKey({ key: jwk, format: "jwk" }),
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_AUTO,
        },
        signature,
      );
    },
  };

  return {
    verifier,
    publicKey,
    generateKey() {
      const { privateKey } = platform.generateKeyPairSync("rsa", {
        modulusLength: 8 * Size.MODULUS,
      });
      const pem = privateKey.export({ type: "pkcs8", format: "pem" });
      assert(typeof pem === "string", "a PEM is text");
      return pem;
    },
    signer(pem, name) {
      const key = parse(name, () => createPrivateKey(pem));
      return {
        key: publicKey(pem, name),
        sha384,
        sign: (message) =>
          new Uint8Array(
            platform.sign("sha384", message, {
              key,
              padding: constants.RSA_PKCS1_PSS_PADDING,
              saltLength: SALT_BYTES,
            }),
          ),
      };
    },
  };
}

function parse<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const reason = `no key: ${error instanceof Error ? error.message : String(error)}`;
    throw new InputError(reason, { source: name, remedy: "Give an RSA key in PEM form" });
  }
}
