import {
  asrcDriver,
  crossoverDriver,
  drcDriver,
  dtsDriver,
  googleRtcDriver,
  igoNrDriver,
  kpbDriver,
  multibandDrcDriver,
  rtnrDriver,
  smartAmpTestDriver,
  srcDriver,
  srcLiteDriver,
  tdfbDriver,
} from "../src/index.js";
import { control, cut } from "./blobs.js";
import { detectTapDriver } from "./detect-tap.js";
import { concat, format, type FormatName, payload, words } from "./kit.js";
import {
  beamBlob,
  crossoverBlob,
  drcBlob,
  highSplit,
  multibandBlob,
  pins,
  speaker,
} from "./processing-blobs.js";
import type { Setting, Subject } from "@sof-ts/module-conformance";
import { twinSource } from "./twin-source.js";

const { low, high } = highSplit;
/** Without look-ahead and with another gain. */
const loud = speaker.with(4, 0).with(12, 162552230);

/** What a module without configuration refuses: everything. */
const nothing: readonly Setting[] = [
  [0, words(1)],
  [200, control(0, 1)],
  [201, control(0, 1)],
];

const wrong = (blob: Uint8Array): Setting[] => [
  [0, cut(blob, blob.length - 4)],
  [0, blob.subarray(0, blob.length - 4)],
  [0, concat(blob, words(0))],
  [0, cut(blob, 8)],
  [0, new Uint8Array(20000)],
];

const beam = beamBlob([0x4000, 0x2000, 0x1000, -0x800], [0x1000, 0x4000, -0x2000, 0x400]);
const otherBeam = beamBlob([0x1000, 0, 0, 0x4000], [0, 0x3000, 0, 0]);

const widths = (["s16", "s24", "s32"] as const satisfies readonly FormatName[]).flatMap(
  (name): Subject[] => {
    const stream = format(name);
    return [
      {
        name: `drc ${name}`,
        driver: drcDriver,
        payload: payload(stream),
        input: stream,
        setup: [[0, drcBlob(speaker)]],
        change: [0, drcBlob(loud)],
        refused: [
          ...wrong(drcBlob(speaker)),
          [0, drcBlob(speaker.with(4, -1))],
          [200, control(1, 1)],
          [200, control(0, 1, 1)],
          [201, control(0, 1)],
        ],
      },
      {
        name: `multiband_drc ${name}`,
        driver: multibandDrcDriver,
        payload: payload(stream),
        input: stream,
        setup: [[0, multibandBlob(loud, 3)]],
        change: [0, multibandBlob(loud, 2)],
        refused: [
          ...wrong(multibandBlob(loud, 3)),
          [0, multibandBlob(loud, 1)],
          [0, multibandBlob(loud, 5)],
          [200, control(1, 1)],
          [201, control(0, 1)],
        ],
      },
      {
        name: `tdfb ${name}`,
        driver: tdfbDriver,
        payload: pins(stream, 1, 1),
        input: stream,
        requiredBytes: 40,
        setup: [
          [0, beam],
          [200, control(0, 1)],
        ],
        change: [0, otherBeam],
        refused: [
          ...wrong(beam),
          [200, control(2, 1)],
          [200, control(0, 1, 1)],
          [201, control(0, 361)],
        ],
      },
      {
        name: `crossover ${name}`,
        driver: crossoverDriver,
        payload: pins(stream, 1, 2),
        input: stream,
        setup: [[0, crossoverBlob(2, [low, high])]],
        change: [0, crossoverBlob(2, [high, low])],
        refused: [
          [0, cut(crossoverBlob(2, [low, high]), 92)],
          [0, cut(crossoverBlob(2, [low, high]), 8)],
          [0, crossoverBlob(2, [low])],
          [0, crossoverBlob(2, [low, high.with(5, -14)])],
          [0, new Uint8Array(2000)],
          [200, control(0, 1)],
        ],
      },
      {
        name: `asrc ${name}, 44.1 to 48 kHz`,
        driver: asrcDriver,
        payload: payload(format(name, 2, 44100), words(48000, 1)),
        input: format(name, 2, 44100),
        output: format(name, 2, 48000),
        blockFrames: 44,
        refused: [[0, words(1)]],
      },
      {
        name: `src ${name}, 16 to 48 kHz`,
        driver: srcDriver,
        payload: payload(format(name, 2, 16000), words(48000)),
        input: format(name, 2, 16000),
        output: format(name, 2, 48000),
        blockFrames: 16,
        refused: nothing,
      },
      {
        // Two stages: what waits between them depends on the blocks, the samples do not.
        name: `src ${name}, 44.1 to 48 kHz`,
        driver: srcDriver,
        payload: payload(format(name, 3, 44100), words(48000)),
        input: format(name, 3, 44100),
        output: format(name, 3, 48000),
        blockFrames: 42,
        blockDependent: true,
        blockSizes: [1, 2, 3, 7, 16, 47, 49, 96, 192],
        heldFrames: 64,
        refused: nothing,
      },
      {
        name: `src_lite ${name}, 48 to 16 kHz`,
        driver: srcLiteDriver,
        payload: payload(format(name, 1), words(16000)),
        input: format(name, 1),
        output: format(name, 1, 16000),
        refused: nothing,
      },
    ];
  },
);

const s32 = format("s32");
const rtnrConfig = words(32, 0, 0, 0, 0, 1, 48000, 0);

/** Dynamics, beamformer, rate converters and the stand-ins of vendors. */
export const processingSubjects: readonly Subject[] = [
  ...widths,
  {
    name: "src, equal rates",
    driver: srcDriver,
    payload: payload(s32, words(48000)),
    input: s32,
    refused: nothing,
  },
  {
    name: "drc, switched off",
    driver: drcDriver,
    payload: payload(s32),
    input: s32,
    setup: [[0, drcBlob(speaker)]],
    change: [200, control(0, 0)],
    refused: wrong(drcBlob(speaker)),
  },
  {
    name: "multiband_drc, switched off",
    driver: multibandDrcDriver,
    payload: payload(s32),
    input: s32,
    setup: [[0, multibandBlob(loud, 3)]],
    change: [200, control(0, 0)],
    refused: wrong(multibandBlob(loud, 3)),
  },
  {
    name: "detect_test",
    driver: detectTapDriver,
    payload: payload(format("s16", 2, 16000)),
    input: format("s16", 2, 16000),
    blockFrames: 16,
    // No 16-bit sample is over the first threshold, half of the noise over the second.
    setup: [[2, words(20, 0, 0, 0x8000, 0)]],
    change: [2, words(20, 0, 0, 0x4000, 0)],
    refused: [
      [2, words(20, 0, 16, 0x4000, 0)],
      [2, words(16, 0, 0, 0x4000)],
      [2, words(20, 0, 0, 0x4000, 0, 0)],
      [3, words(20, 0, 0, 0x4000, 0)],
      [1, new Uint8Array(8193)],
    ],
  },
  {
    name: "google_rtc_audio_processing",
    driver: googleRtcDriver,
    payload: pins(s32, 2, 1),
    input: s32,
    requiredBytes: 40,
    signalFrames: 960,
    refused: [
      [200, control(0, 1)],
      [201, control(0, 1)],
      [0, new Uint8Array(8193)],
    ],
  },
  {
    name: "google_rtc_audio_processing with its reference",
    driver: twinSource(googleRtcDriver),
    payload: pins(s32, 2, 1),
    input: s32,
    requiredBytes: 40,
    signalFrames: 960,
    refused: [[200, control(0, 1)]],
  },
  {
    name: "dts",
    driver: dtsDriver,
    payload: payload(format("s16")),
    input: format("s16"),
    refused: [
      [200, control(0, 1)],
      [201, control(0, 1)],
      [0, new Uint8Array(8193)],
    ],
  },
  {
    name: "rtnr",
    driver: rtnrDriver,
    payload: payload(s32),
    input: s32,
    setup: [[0, rtnrConfig]],
    refused: [
      [0, rtnrConfig.subarray(0, 28)],
      [0, cut(rtnrConfig, 28)],
      [2, words(0)],
    ],
  },
  {
    name: "igo_nr",
    driver: igoNrDriver,
    payload: payload(s32),
    input: s32,
    blockFrames: 480,
    blockDependent: true,
    setup: [[0, words(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)]],
    signalFrames: 960,
    change: [200, control(0, 1, 1)],
    refused: [
      [0, words(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8)],
      [0, words(0)],
      [200, control(0, 1, 1, 1, 1, 1, 1, 1, 1, 1)],
    ],
  },
  {
    name: "kpb",
    driver: kpbDriver,
    payload: payload(format("s16", 2, 16000)),
    input: format("s16", 2, 16000),
    blockFrames: 16,
    refused: [
      [1, words(0)],
      [11, words(4)],
      [11, words(0)],
      [2, words(0)],
    ],
  },
  {
    name: "smart_amp_test with its feedback",
    driver: twinSource(smartAmpTestDriver),
    payload: pins(s32, 2, 1),
    input: s32,
    refused: [[2, words(24)]],
  },
  {
    name: "smart_amp_test",
    driver: smartAmpTestDriver,
    payload: pins(s32, 2, 1),
    input: s32,
    refused: [
      [2, words(24)],
      [2, words(20, 0, 0, 0, 0, 0)],
      [3, words(24, 0, 0, 0, 0, 0)],
    ],
  },
];
