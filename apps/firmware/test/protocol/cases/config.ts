import { gain, words } from "../../payloads.js";
import { A, MAILBOX, pattern, PLAIN, same, sendInFragments, setUp } from "../config-values.js";
import { base40, Id, type Lab } from "../lab.js";
import {
  chainDma,
  concat,
  configGet,
  configSet,
  createPipeline,
  type End,
  initInstance,
  largeGet,
  largeSet,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { Scripted } from "../scripted-module.js";

export const file = casesIn(import.meta.url);
const { protocolCase, unreachableCase } = file;

const MISSING: End = [Scripted.OBEDIENT, 99];
const BASE: End = [0, 0];
const CHAIN: End = [128, 0];

function withChain(lab: Lab): void {
  const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
  lab.ok(chainDma(0, 0, { allocate: true }));
}

// ---- small parameters ---------------------------------------------------------------------------

protocolCase("CONFIG_SET", "instance is missing", (lab) => lab.status(configSet(MISSING, 0, 1)));
protocolCase("CONFIG_SET", "base firmware with an instance id", (lab) =>
  lab.status(configSet([0, 1], 0, 1)),
);
protocolCase("CONFIG_SET", "base firmware", (lab) => lab.status(configSet(BASE, 0, 1)));
protocolCase("CONFIG_SET", "DMA chain", (lab) => {
  withChain(lab);
  return lab.status(configSet(CHAIN, 0, 1));
});
protocolCase("CONFIG_SET", "module has no small parameters", (lab) => {
  setUp(lab);
  return lab.status(configSet(PLAIN, 0, 1));
});
protocolCase("CONFIG_SET", "module refuses", (lab) => {
  setUp(lab);
  lab.script.setParam = -22;
  return lab.status(configSet(A, 0, 1));
});
protocolCase("CONFIG_SET", "module gives a positive result", (lab) => {
  setUp(lab);
  lab.script.setParam = 5;
  return lab.status(configSet(A, 0, 1));
});
protocolCase("CONFIG_SET", "module takes it", (lab) => {
  lab.ok(createPipeline(0), initInstance([Id.MIXIN, 0], 0, base40));
  const status = lab.status(configSet([Id.MIXIN, 0], 0, 25));
  check(lab.send(configGet([Id.MIXIN, 0], 0)).extension & 0xffff).toBe(25);
  return status;
});

protocolCase("CONFIG_GET", "instance is missing", (lab) => lab.status(configGet(MISSING, 0)));
protocolCase("CONFIG_GET", "base firmware with an instance id", (lab) =>
  lab.status(configGet([0, 3], 0)),
);
protocolCase("CONFIG_GET", "base firmware", (lab) => lab.status(configGet(BASE, 0)));
protocolCase("CONFIG_GET", "DMA chain", (lab) => {
  withChain(lab);
  return lab.status(configGet(CHAIN, 0));
});
protocolCase("CONFIG_GET", "module has no small parameters", (lab) => {
  setUp(lab);
  return lab.status(configGet(PLAIN, 0));
});
protocolCase("CONFIG_GET", "module refuses", (lab) => {
  setUp(lab);
  lab.script.getParam = -22;
  const reply = lab.send(configGet(A, 0x3001, 7));
  check(reply.extension).toBe((0x3001 << 16) | 7);
  return reply.primary & 0xff_ffff;
});
protocolCase("CONFIG_GET", "module gives a value: it replaces the data", (lab) => {
  setUp(lab);
  const reply = lab.send(configGet(A, 0x3001, 7));
  check(reply.extension >>> 0).toBe(((0x3001 << 16) | 0x1234) >>> 0);
  return reply.primary & 0xff_ffff;
});

// ---- large parameters, set ----------------------------------------------------------------------

const kernelIpc = (lab: Lab): Lab => lab.with({ config: { locking: "kernel-ll" } });

protocolCase("LARGE_CONFIG_SET", "instance is missing", (lab) =>
  lab.status(largeSet(MISSING, 1, pattern(8))),
);
protocolCase("LARGE_CONFIG_SET", "instance is missing, build with kernel IPC", (lab) =>
  kernelIpc(lab).status(largeSet(MISSING, 1, pattern(8))),
);
protocolCase("LARGE_CONFIG_SET", "DMA chain", (lab) => {
  withChain(lab);
  return lab.status(largeSet(CHAIN, 1, pattern(8)));
});
protocolCase("LARGE_CONFIG_SET", "base firmware with an instance id", (lab) =>
  lab.status(largeSet([0, 1], 3, pattern(8))),
);
protocolCase("LARGE_CONFIG_SET", "module has no large parameters", (lab) => {
  setUp(lab);
  return lab.status(largeSet(PLAIN, 1, pattern(8)));
});
protocolCase("LARGE_CONFIG_SET", "module refuses", (lab) => {
  setUp(lab);
  lab.script.setConfig = -22;
  return lab.status(largeSet(A, 1, pattern(8)));
});
protocolCase("LARGE_CONFIG_SET", "module gives a positive result", (lab) => {
  setUp(lab);
  lab.script.setConfig = 5;
  return lab.status(largeSet(A, 1, pattern(8)));
});
protocolCase("LARGE_CONFIG_SET", "one block", (lab) => {
  setUp(lab);
  const status = lab.status(largeSet(A, 9, pattern(MAILBOX)));
  const [fragment] = lab.instance(A).fragments;
  check(fragment).toMatchObject({ paramId: 9, position: "single", sizeOrOffset: MAILBOX });
  check(same(fragment?.bytes, pattern(MAILBOX))).toBe(true);
  return status;
});
protocolCase("LARGE_CONFIG_SET", "one block longer than the mailbox", (lab) => {
  setUp(lab);
  const status = lab.status(largeSet(A, 9, pattern(8), {}, MAILBOX + 1));
  check(lab.instance(A).fragments).toEqual([]);
  return status;
});

protocolCase("LARGE_CONFIG_SET", "fragments: the blob is applied with the last", (lab) => {
  setUp(lab);
  lab.script.maxBytes = 10_000;
  const value = pattern(10_000);
  const [first, ...others] = sendInFragments(lab, A, 5, value);
  check(others).toEqual([0, 0]);
  check(same(lab.instance(A).values.get(5), value)).toBe(true);
  const seen = lab.instance(A).fragments;
  check(
    seen.map(({ position, sizeOrOffset, bytes }) => [position, sizeOrOffset, bytes.length]),
  ).toEqual([
    ["first", 10_000, 4096],
    ["middle", 4096, 4096],
    ["last", 8192, 1808],
  ]);
  // A last fragment may bring nothing more.
  const whole = pattern(MAILBOX);
  lab.ok(largeSet(A, 6, whole, { init: true, final: false }));
  lab.ok(largeSet(A, 6, new Uint8Array(0), { init: false, final: true }, MAILBOX));
  check(same(lab.instance(A).values.get(6), whole)).toBe(true);
  return first as number;
});
protocolCase(
  "LARGE_CONFIG_SET",
  "first fragment while a transfer is under way: that one goes on",
  (lab) => {
    setUp(lab);
    const value = pattern(6000);
    const first = { init: true, final: false };
    lab.ok(largeSet(A, 5, value.subarray(0, MAILBOX), first, value.length));
    // A larger total that is refused must not count for the transfer that goes on.
    const status = lab.status(largeSet(A, 5, value.subarray(0, MAILBOX), first, 8000));
    // And another instance's transfer is its own.
    const other: End = [Scripted.OBEDIENT, 1];
    lab.ok(largeSet(other, 5, value.subarray(0, MAILBOX), first, 5000));
    const last = { init: false, final: true };
    lab.ok(largeSet(A, 5, value.subarray(MAILBOX), last, MAILBOX));
    check(same(lab.instance(A).values.get(5), value)).toBe(true);
    lab.ok(largeSet(other, 5, value.subarray(MAILBOX, 5000), last, MAILBOX));
    check(same(lab.instance(other).values.get(5), value.subarray(0, 5000))).toBe(true);
    return status;
  },
);
protocolCase("LARGE_CONFIG_SET", "total over the module's limit", (lab) => {
  setUp(lab);
  const first = { init: true, final: false };
  const status = lab.status(largeSet(A, 5, pattern(MAILBOX), first, 8193));
  check(lab.status(largeSet(A, 5, pattern(MAILBOX), first, 0xf_ffff))).toBe(9);
  check(lab.status(largeSet(A, 5, pattern(1), { init: false, final: true }, 8192))).toBe(9);
  return status;
});
protocolCase("LARGE_CONFIG_SET", "total of zero", (lab) => {
  setUp(lab);
  const status = lab.status(largeSet(A, 5, new Uint8Array(0)));
  check(lab.instance(A).values.size).toBe(0);
  return status;
});
protocolCase("LARGE_CONFIG_SET", "fragment without a first one", (lab) => {
  setUp(lab);
  check(lab.status(largeSet(A, 5, pattern(8), { init: false, final: false }, 4096))).toBe(9);
  return lab.status(largeSet(A, 5, pattern(8), { init: false, final: true }, 4096));
});
protocolCase("LARGE_CONFIG_SET", "last fragment past the total", (lab) => {
  setUp(lab);
  const first = { init: true, final: false };
  const last = { init: false, final: true };
  lab.ok(largeSet(A, 5, pattern(MAILBOX), first, 5000));
  const status = lab.status(largeSet(A, 5, pattern(8), last, 5001));
  check(lab.instance(A).values.size).toBe(0);
  return status;
});
protocolCase("LARGE_CONFIG_SET", "switch control", (lab) => {
  lab.ok(createPipeline(0), initInstance([Id.GAIN, 0], 0, gain(0x7fff_ffff)));
  const mute = words([2 << 16, 0, 0, 0, 0, 0, 0, 1, 0]);
  const status = lab.status(largeSet([Id.GAIN, 0], 200, mute));
  const volumes = lab.send(largeGet([Id.GAIN, 0], 0, MAILBOX));
  check([...new Uint32Array(volumes.payload.slice(0, 16).buffer)]).toEqual([0, 0, 1, 0]);
  return status;
});

// ---- large parameters, get ----------------------------------------------------------------------

protocolCase("LARGE_CONFIG_GET", "instance is missing", (lab) =>
  lab.status(largeGet(MISSING, 1, MAILBOX)),
);
protocolCase("LARGE_CONFIG_GET", "instance is missing, build with kernel IPC", (lab) =>
  kernelIpc(lab).status(largeGet(MISSING, 1, MAILBOX)),
);
protocolCase("LARGE_CONFIG_GET", "DMA chain", (lab) => {
  withChain(lab);
  return lab.status(largeGet(CHAIN, 1, MAILBOX));
});
protocolCase("LARGE_CONFIG_GET", "base firmware with an instance id", (lab) =>
  lab.status(largeGet([0, 1], 7, MAILBOX)),
);
protocolCase("LARGE_CONFIG_GET", "module refuses", (lab) => {
  setUp(lab);
  const plain = lab.status(largeGet(PLAIN, 1, MAILBOX));
  const reply = lab.send(largeGet(A, 1, MAILBOX));
  check(reply.extension).toBe(0x3010_1000);
  check(reply.primary & 0xff_ffff).toBe(plain);
  return plain;
});
protocolCase("LARGE_CONFIG_GET", "module refuses, build with kernel IPC", (lab) => {
  const other = kernelIpc(lab);
  other.ok(createPipeline(0), initInstance([Id.GAIN, 0], 0, gain(1)));
  return other.status(largeGet([Id.GAIN, 0], 7, MAILBOX));
});
protocolCase("LARGE_CONFIG_GET", "one block: size and final flag are the reply's", (lab) => {
  setUp(lab);
  lab.ok(largeSet(A, 1, pattern(100)));
  const single = lab.send(largeGet(A, 1, MAILBOX));
  check(single.extension >>> 0).toBe((0x3000_0000 | (1 << 20) | 100) >>> 0);
  check(single.payload.subarray(0, 100)).toEqual(pattern(100));
  // The driver asks without the final flag and finds it set.
  const open = lab.send(largeGet(A, 1, MAILBOX, { final: false }));
  check(open.extension >>> 0).toBe((0x3000_0000 | (1 << 20) | 100) >>> 0);
  return single.primary & 0xff_ffff;
});
protocolCase("LARGE_CONFIG_GET", "several blocks", (lab) => {
  setUp(lab);
  const value = pattern(8000);
  check(sendInFragments(lab, A, 1, value)).toEqual([0, 0]);
  const first = lab.send(largeGet(A, 1, 0x3000, { final: false }));
  check(first.extension & 0xf_ffff).toBe(8000);
  check(first.extension & (1 << 28)).toBe(0);
  const rest = lab.send(largeGet(A, 1, MAILBOX, { init: false, final: false }));
  check(rest.extension & 0xf_ffff).toBe(8000 - MAILBOX);
  check(rest.extension & (1 << 28)).not.toBe(0);
  const read = concat(first.payload, rest.payload.subarray(0, 8000 - MAILBOX));
  check(same(read, value)).toBe(true);
  // 16 KiB is the longest value.
  lab.script.maxBytes = 0x4000;
  check(sendInFragments(lab, A, 2, pattern(0x4000))).toEqual([0, 0, 0, 0]);
  check(lab.send(largeGet(A, 2, 0x4000, { final: false })).extension & 0xf_ffff).toBe(0x4000);
  return first.primary & 0xff_ffff;
});
protocolCase("LARGE_CONFIG_GET", "block past the end", (lab) => {
  setUp(lab);
  lab.ok(largeSet(A, 1, pattern(100)));
  return lab.status(largeGet(A, 1, 101, { init: false, final: false }));
});
protocolCase("LARGE_CONFIG_GET", "control: the reply starts with the request's header", (lab) => {
  setUp(lab);
  const header = pattern(20);
  const reply = lab.send(largeGet(A, 201, MAILBOX, {}, concat(header, pattern(40))));
  check(reply.extension & 0xf_ffff).toBe(24);
  check(reply.payload.subarray(0, 24)).toEqual(concat(header, Uint8Array.of(1, 2, 3, 4)));
  return reply.primary & 0xff_ffff;
});
protocolCase("LARGE_CONFIG_GET", "properties of an instance", (lab) => {
  lab.playback(0);
  const volume = lab.send(largeGet([Id.GAIN, 0], 0xfe, MAILBOX));
  const word = (reply: typeof volume, index: number) =>
    new DataView(reply.payload.buffer).getUint32(4 * index, true);
  check(volume.extension & 0xf_ffff).toBe(60 + 2 * 32);
  check([word(volume, 0), word(volume, 7), word(volume, 8)]).toEqual([Id.GAIN, 384, 384]);
  // One input pin of 48 kHz, one output pin, no gateways.
  check([word(volume, 11), word(volume, 13), word(volume, 20)]).toEqual([1, 48_000, 1]);
  check([word(volume, 29), word(volume, 30)]).toEqual([0xffff_ffff, 0xffff_ffff]);
  const host = lab.send(largeGet([Id.COPIER, 0], 0xfe, MAILBOX));
  check([word(host, 11), word(host, 12), word(host, 21), word(host, 22)]).toEqual([
    0, 1, 0, 0xffff_ffff,
  ]);
  const link = lab.send(largeGet([Id.COPIER, 1], 0xfe, MAILBOX));
  check([word(link, 21), word(link, 22)]).toEqual([0xffff_ffff, 0x0800]);
  return volume.primary & 0xff_ffff;
});

unreachableCase(
  "CONFIG_GET",
  "module gives a positive result",
  "What a module gives is the value itself, which the reply's extension carries; there is no status beside it.",
);

unreachableCase(
  "LARGE_CONFIG_GET",
  "module gives a positive result",
  "What a module gives is the number of bytes of its value; there is no status beside it.",
);
