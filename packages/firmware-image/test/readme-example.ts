import {
  describeImage,
  ImageError,
  nodeImageCrypto,
  readImage,
  verifyImage,
  writeLibrary,
} from "@sof-ts/firmware-image";

const rsa = nodeImageCrypto();
const signer = rsa.signer(rsa.generateKey(), "development");
const file = writeLibrary(
  {
    name: "EXAMPLE",
    version: { major: 1, minor: 0, hotfix: 0, build: 1 },
    units: [
      {
        text: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), // an empty WebAssembly module
        bssBytes: 64,
        modules: [
          {
            name: "LIMITER",
            uuid: "7e2c1a40-51d5-4b1e-9c55-3d6f0a1b2c3d",
            maxInstances: 8,
            configs: [{ ibs: 384, obs: 384, cpc: 5000 }],
          },
        ],
      },
    ],
  },
  signer,
);

const image = readImage(file, "example.bin");
console.log(verifyImage(image, { trusted: [signer.key] }, rsa.verifier).name); // development
for (const line of describeImage(image).slice(0, 2)) console.log(line.trim());
// library EXAMPLE 1.0.0.1, 40 KiB, 1 modules
// 0 LIMITER  7e2c1a40-51d5-4b1e-9c55-3d6f0a1b2c3d ELF, LL, at most 8 instances

try {
  readImage(file.subarray(0, 30_000), "cut.bin");
} catch (error) {
  if (error instanceof ImageError) console.log(error.check, error.errno, error.status); // payload-size -22 1
}
