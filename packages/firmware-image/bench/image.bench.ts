import { nodeImageCrypto, readImage, verifyImage, writeLibrary } from "../src/index.js";

const crypto = nodeImageCrypto();
const signer = crypto.signer(crypto.generateKey(), "bench");
const description = {
  name: "BENCH",
  version: { major: 1, minor: 0, hotfix: 0, build: 0 },
  units: Array.from({ length: 20 }, (_, i) => ({
    text: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    rodata: new Uint8Array(20_000),
    modules: [
      {
        name: `M${i}`,
        uuid: `${i.toString(16).padStart(8, "0")}-1111-2222-3333-444455556666`,
        maxInstances: 1,
      },
    ],
  })),
};
const file = writeLibrary(description, signer);
const image = readImage(file, "bench");
let seen = 0;

export const benches = [
  {
    name: "read an image of 20 ELFs",
    unit: "image",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) seen += readImage(file, "bench").units.length;
    },
  },
  {
    name: "write and sign it",
    unit: "image",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) seen += writeLibrary(description, signer).length;
    },
  },
  {
    name: "verify its signature and digests",
    unit: "image",
    run(iterations: number) {
      for (let i = 0; i < iterations; i++) {
        seen += verifyImage(image, { trusted: [signer.key] }, crypto.verifier).exponent;
      }
    },
  },
];

/** Keeps the results alive. */
export const result = (): number => seen;
