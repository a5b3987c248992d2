import {
  ariaDriver,
  copierDriver,
  dcBlockDriver,
  demuxDriver,
  eqFirDriver,
  eqIirDriver,
  gainDriver,
  levelMultiplierDriver,
  muxDriver,
  peakVolumeDriver,
  selectorDriver,
  templateDriver,
  toneDriver,
  upDownMixerDriver,
} from "../src/index.js";
import { control, cut, firBlob, iirBlob, lowPass, selectorRecord, volume } from "./blobs.js";
import type { Setting, Subject } from "@sof-ts/module-conformance";
import { concat, encodeFormat, format, type FormatName, payload, words } from "./kit.js";
import { mixPairDriver } from "./mix-pair.js";
import { twinSource } from "./twin-source.js";

const ALL = 0xffffffff;
const NO_GATEWAY = 0xffffffff;
const R = 0x3eb851ec;

const copierTail = (out: ReturnType<typeof format>) =>
  concat(encodeFormat(out), words(0, NO_GATEWAY, 0, 0, 0));

const iir = iirBlob(
  [0, 1],
  { inSeries: 2, sections: [lowPass, lowPass] },
  { inSeries: 1, sections: [lowPass, lowPass] },
);
const otherIir = iirBlob([0, -1], { inSeries: 3, sections: [lowPass, lowPass, lowPass] });
const fir = firBlob(
  [0, 1],
  { taps: [0x2000, 0x4000, -0x1000, 0x800], shift: 0 },
  { taps: [9, 8, 7, 6], shift: -1 },
);
const otherFir = firBlob([0, -1], { taps: [1, -1, 0x4000, 0, 0, 0, 5, 5], shift: 1 });

/** Blobs that no equalizer takes, whatever its kind. */
const wrongBlobs = (blob: Uint8Array): Setting[] => [
  [0, cut(blob, blob.length - 4)],
  [0, blob.subarray(0, blob.length - 4)],
  [0, concat(blob, words(0))],
  [0, cut(blob, 8)],
  [0, new Uint8Array(5000)],
];

const gainRefusals: readonly Setting[] = [
  [0, volume(8, 0, 0, 0)],
  [0, volume(0, 0, 0, 0).subarray(0, 20)],
  [7, words(0)],
  [200, words(0)],
  [1, words(32)],
];

/** What a module without configuration refuses: everything. */
const nothing: readonly Setting[] = [
  [0, words(1)],
  [200, control(0, 1)],
  [201, control(0, 1)],
];

const s32 = format("s32");

const widths = (["s16", "s24", "s32"] as const satisfies readonly FormatName[]).flatMap(
  (name): Subject[] => {
    const stream = format(name);
    return [
      {
        name: `eq_iir ${name}`,
        driver: eqIirDriver,
        payload: payload(stream),
        input: stream,
        setup: [[0, iir]],
        change: [0, otherIir],
        refused: [
          ...wrongBlobs(iir),
          [0, iirBlob([2, 0], { inSeries: 1, sections: [lowPass] })],
          [0, iirBlob([0], { inSeries: 0, sections: [lowPass] })],
          [0, iirBlob([0], { inSeries: 2, sections: [lowPass, lowPass, lowPass] })],
          [0, iirBlob([0], { inSeries: 1, sections: [] })],
          [0, iirBlob([0, 0, 0, 0, 0, 0, 0, 0, 0], { inSeries: 1, sections: [lowPass] })],
        ],
      },
      {
        name: `eq_fir ${name}`,
        driver: eqFirDriver,
        payload: payload(stream),
        input: stream,
        setup: [[0, fir]],
        change: [0, otherFir],
        refused: [
          ...wrongBlobs(fir),
          [0, firBlob([0], { taps: [1, 2, 3, 4], shift: 0 })],
          [0, firBlob([0, 1], { taps: [1, 2, 3, 4], shift: 0 })],
          [0, firBlob([0, 0], { taps: [1, 2, 3, 4, 5, 6], shift: 0 })],
          [0, firBlob([0, 0], { taps: [], shift: 0 })],
        ],
      },
      {
        name: `dcblock ${name}`,
        driver: dcBlockDriver,
        payload: payload(stream),
        input: stream,
        setup: [[0, words(R, R, R, R, R, R, R, R)]],
        change: [0, words(0, R, 0, 0, 0, 0, 0, 0)],
        latched: true,
        // It takes any blob that a module may have.
        refused: [[0, new Uint8Array(8193)]],
      },
      {
        name: `gain ${name}, at once`,
        driver: gainDriver,
        payload: payload(stream, volume(ALL, 0x12345678, 0, 0)),
        input: stream,
        change: [0, volume(1, 0x1000000, 0, 0)],
        refused: gainRefusals,
      },
      {
        name: `gain ${name}, ramp`,
        driver: gainDriver,
        payload: payload(stream, volume(ALL, 0x7fffffff, 2, 5)),
        input: stream,
        blockDependent: true,
        // Steps of the ramp are 6 frames; a block that is no multiple cuts one short.
        blockSizes: [6, 12, 48, 96, 192],
        change: [200, control(0, 0, 1)],
        refused: gainRefusals,
      },
      {
        name: `mixin and mixout ${name}`,
        driver: mixPairDriver,
        payload: payload(stream),
        input: stream,
        requiredBytes: 40,
        change: [1, words(1, 0, 0, 0, 0, 512)],
        refused: [
          [1, words(0, 0, 0, 0, 0, 512)],
          [1, words(4, 0, 0, 0, 0, 512)],
          [1, words(1, 3, 0, 0, 0, 512)],
          [1, words(1, 0, 1, 9, 0, 512)],
          [1, words(2, 0, 0, 0, 0, 512)],
          [2, words(1, 0, 0, 0, 0, 512)],
        ],
      },
      {
        name: `template ${name}`,
        driver: templateDriver,
        payload: payload(stream),
        input: stream,
        change: [200, control(0, 1)],
        refused: [
          [200, control(1, 1)],
          [201, control(0, 1)],
          [0, words(1)],
        ],
      },
      {
        name: `level multiplier ${name}`,
        driver: levelMultiplierDriver,
        payload: payload(stream),
        input: stream,
        setup: [[0, words(0x00c00000)]],
        forgetsByReset: true,
        change: [0, words(0x00400000)],
        refused: [
          [0, words(1, 2)],
          [200, words(1)],
        ],
      },
      {
        name: `selector ${name}`,
        driver: selectorDriver,
        payload: payload(stream, encodeFormat(format(name, 1))),
        input: stream,
        output: format(name, 1),
        setup: [[0, selectorRecord(2, 1, [[512, 256]])]],
        change: [0, selectorRecord(2, 1, [[0, -1024]])],
        refused: [
          [0, selectorRecord(2, 1, []).subarray(1)],
          [1, selectorRecord(2, 1, [])],
          [0, concat(selectorRecord(4, 2, []), selectorRecord(3, 3, []))],
        ],
      },
    ];
  },
);

/** One entry for each driver and each width that it treats in its own way. */
export const subjects: readonly Subject[] = [
  ...widths,
  {
    name: "copier, s32 to s16",
    driver: copierDriver,
    payload: payload(s32, copierTail(format("s16"))),
    input: s32,
    output: format("s16"),
    refused: [
      [2, words(0)],
      [6, words(1)],
      [7, words(0x10)],
      [1, words(0)],
    ],
  },
  {
    name: "copier, 2 to 4 channels",
    driver: copierDriver,
    payload: payload(format("s24"), copierTail(format("s32", 4))),
    input: format("s24"),
    output: format("s32", 4),
    change: [2, concat(words(0), encodeFormat(format("s24")), encodeFormat(format("s24", 4)))],
    // It goes back to the format of its payload.
    refused: [
      [2, concat(words(4), encodeFormat(format("s24")), encodeFormat(format("s24", 4)))],
      [2, concat(words(0), encodeFormat(s32), encodeFormat(format("s24", 4)))],
    ],
  },
  {
    name: "copier, 3 channels of 16 bits",
    driver: copierDriver,
    payload: payload(format("s16", 3), copierTail(format("s24", 3))),
    input: format("s16", 3),
    output: format("s24", 3),
    refused: [[1, words(1)]],
  },
  {
    name: "peak volume",
    driver: peakVolumeDriver,
    payload: payload(s32, volume(ALL, 0x12345678, 0, 0)),
    input: s32,
    change: [0, volume(ALL, 0x100, 0, 0)],
    refused: gainRefusals,
  },
  {
    name: "gain, muted and back",
    driver: gainDriver,
    payload: payload(s32, volume(ALL, 0x12345678, 0, 0)),
    input: s32,
    change: [200, control(0, 0, 0)],
    refused: gainRefusals,
  },
  {
    name: "aria",
    driver: ariaDriver,
    payload: payload(format("s24"), words(2)),
    input: format("s24"),
    blockDependent: true,
    change: [1, words(0)],
    refused: [
      [0, words(1)],
      [1, words(1, 1)],
    ],
  },
  {
    name: "tone",
    driver: toneDriver,
    payload: payload(s32),
    input: s32,
    generator: true,
    refused: nothing,
  },
  {
    name: "mux",
    driver: muxDriver,
    payload: payload(s32, encodeFormat(format("s32", 1)), encodeFormat(format("s32", 3))),
    input: s32,
    output: format("s32", 3),
    refused: [[0, new Uint8Array(8193)]],
  },
  {
    name: "mux with both inputs",
    driver: twinSource(muxDriver),
    payload: payload(s32, encodeFormat(s32), encodeFormat(format("s32", 4))),
    input: s32,
    output: format("s32", 4),
    refused: [[0, new Uint8Array(8193)]],
  },
  {
    name: "demux",
    driver: demuxDriver,
    payload: payload(format("s16"), encodeFormat(format("s16")), encodeFormat(format("s16"))),
    input: format("s16"),
    refused: [[0, new Uint8Array(8193)]],
  },
  {
    name: "up/down mixer",
    driver: upDownMixerDriver,
    payload: payload(s32, words(8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    input: s32,
    output: format("s24", 6),
    refused: nothing,
  },
];
