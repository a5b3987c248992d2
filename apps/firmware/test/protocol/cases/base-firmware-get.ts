import { type Answer, ask, BASE, MAILBOX, put, time } from "../base-firmware-params.js";
import { copier, words } from "../../payloads.js";
import { Id, type Lab } from "../lab.js";
import { createPipeline, type End, initInstance, largeGet } from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { Scripted } from "../scripted-module.js";
import { ScriptedLibraries } from "../scripted-libraries.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const GET = "base firmware, LARGE_CONFIG_GET";
const later = { init: false, final: true };

const wordsOf = ({ payload }: Answer): number[] => [
  ...new Uint32Array(payload.slice(0, payload.length & ~3).buffer),
];

/** Types and values of a list of TLVs. */
function tlvsOf({ view, bytes }: Answer): [number, number[]][] {
  const out: [number, number[]][] = [];
  for (let at = 0; at < bytes;) {
    const [type, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    const value: number[] = [];
    for (let i = 0; i + 4 <= length; i += 4) value.push(view.getUint32(at + 8 + i, true));
    out.push([type, value]);
    at += 8 + Math.ceil(length / 4) * 4;
  }
  return out;
}

/** A list of counted items of so many words. */
function itemsOf(answer: Answer, itemWords: number): number[][] {
  const [count, ...rest] = wordsOf(answer);
  check(rest.length).toBe((count as number) * itemWords);
  return Array.from({ length: count as number }, (_, i) =>
    rest.slice(i * itemWords, (i + 1) * itemWords),
  );
}

// ---- reading ------------------------------------------------------------------------------------

protocolCase(GET, "instance is not zero", (lab) => lab.status(largeGet([0, 9], 7, MAILBOX)));
protocolCase(GET, "parameter cannot be read", (lab) => {
  for (const param of [0, 1, 3, 4, 5, 6, 11, 13, 17, 19, 21, 22, 23, 26, 28, 29, 31, 35, 36, 99])
    check(lab.status(largeGet(BASE, param, MAILBOX))).toBe(7);
  return lab.status(largeGet(BASE, 254, MAILBOX));
});
protocolCase(GET, "not the first block", (lab) => {
  for (const param of [0, 7, 8, 9, 10, 12, 14, 20, 30, 99])
    check(lab.status(largeGet(BASE, param, 0, later))).toBe(1);
  return lab.status(largeGet(BASE, 7, MAILBOX, later));
});
protocolCase(GET, "not the first block of performance data", (lab) => {
  check(put(lab, 17, Uint8Array.of(2))).toBe(0);
  check(lab.status(largeGet(BASE, 17, 0, later))).toBe(7);
  // More items than a mailbox holds: they come in parts.
  lab.ok(createPipeline(0));
  for (let i = 0; i < 256; i++) lab.scripted(i);
  for (let i = 0; i < 44; i++) lab.ok(initInstance([Scripted.PLAIN, i], 0, words(plainBase)));
  const first = ask(lab, 18);
  check([first.bytes, first.extension & (1 << 28)]).toEqual([4 + 300 * 16, 0]);
  const rest = lab.send(largeGet(BASE, 18, MAILBOX, later));
  check(rest.extension & 0xf_ffff).toBe(4 + 300 * 16 - MAILBOX);
  return rest.primary & 0xff_ffff;
});
const plainBase = [0, 384, 384, 0, 48_000, 32, 0xffff_ff10, 1, 0, 2 | (32 << 8) | (1 << 16)];

protocolCase(GET, "FW_CONFIG", (lab) => {
  const answer = ask(lab, 7);
  const tlvs = tlvsOf(answer);
  check(tlvs.map(([type]) => type)).toEqual([
    0, 1, 3, 2, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 12, 17, 18, 29, 33, 2, 5,
  ]);
  const values = new Map(tlvs.map(([type, [value]]) => [type, value]));
  check(Object.fromEntries(values)).toMatchObject({
    1: 1,
    2: 0x1_0000,
    3: 400_000_000,
    6: 4096,
    7: 4096,
    8: 4096,
    9: 32,
    10: 0,
    11: 8,
    12: 5,
    13: 256,
    14: 16,
    15: 8,
    16: 16,
    17: 16,
    29: 0,
  });
  check(answer.extension & (1 << 28)).not.toBe(0);
  return answer.status;
});
protocolCase(GET, "HW_CONFIG", (lab) => {
  const values = new Map(tlvsOf(ask(lab, 8)));
  check(values.get(1)).toEqual([3]);
  check(values.get(2)).toEqual([4096]);
  check(values.get(3)).toEqual([704]);
  check(values.get(4)?.slice(0, 2)).toEqual([0x4_0000, 6]);
  check(values.get(7)).toEqual([22]);
  check(values.get(9)).toEqual([131_072]);
  check(values.has(11)).toBe(false);
  const ptl = lab.with({ config: { platform: "ptl" } });
  check(new Map(tlvsOf(ask(ptl, 8))).get(11)).toEqual([1]);
  return ask(lab, 8).status;
});
protocolCase(GET, "MODULES_INFO", (lab) => {
  const answer = ask(lab, 9);
  const items = itemsOf(answer, 29);
  check(items.length).toBeGreaterThan(20);
  const copierEntry = items.find(([id]) => id === 4);
  const bytes = new Uint8Array(Uint32Array.from(copierEntry ?? []).buffer);
  check(new TextDecoder().decode(bytes.subarray(4, 10))).toBe("COPIER");
  // 9BA00C83-CA12-4A83-943C-1FA2E82F9DDA
  check([...bytes.subarray(12, 28)]).toEqual([
    0x83, 0x0c, 0xa0, 0x9b, 0x12, 0xca, 0x83, 0x4a, 0x94, 0x3c, 0x1f, 0xa2, 0xe8, 0x2f, 0x9d, 0xda,
  ]);
  // LL domain, 32 instances at most.
  check([copierEntry?.[7], (copierEntry?.[19] ?? 0) & 0xffff]).toEqual([1 << 5, 32]);
  // Configurations stand in one table: each module's behind those of the one before.
  const tables = items.map((entry) => [(entry[17] ?? 0) & 0xffff, (entry[17] ?? 0) >>> 16]);
  const starts = tables.map((_, i) => tables.slice(0, i).reduce((sum, [, n = 0]) => sum + n, 0));
  check(tables.map(([start]) => start)).toEqual(starts);
  check((copierEntry?.[17] ?? 0) >>> 16).toBeGreaterThan(0);
  return answer.status;
});
protocolCase(GET, "MODULES_INFO over the mailbox", (lab) => {
  const [[, driver]] = lab.modules.drivers as [readonly [number, never]];
  const modules = new Map(Array.from({ length: 36 }, (_, i) => [i + 1, driver]));
  const fits = new Map(Array.from({ length: 35 }, (_, i) => [i + 1, driver]));
  check(ask(lab.with({ modules: fits }), 9).status).toBe(0);
  return ask(lab.with({ modules }), 9).status;
});
protocolCase(GET, "PIPELINE_LIST_INFO", (lab) => {
  lab.ok(createPipeline(9), createPipeline(2), createPipeline(40));
  const answer = ask(lab, 10, words([10]));
  check(wordsOf(answer)).toEqual([2, 2, 9]);
  check(wordsOf(ask(lab, 10, words([0])))).toEqual([0]);
  // The ids below the number, not the number itself.
  check(wordsOf(ask(lab, 10, words([9])))).toEqual([1, 2]);
  check(wordsOf(ask(lab, 10, words([0xffff_ffff])))).toEqual([3, 2, 9, 40]);
  return answer.status;
});
protocolCase(GET, "SCHEDULERS_INFO", (lab) => {
  const [a, b] = lab.pairIn("RUNNING", 3);
  lab.pairIn("PAUSED", 4);
  const id = ([module, instance]: End) => (instance << 16) | module;
  const answer = ask(lab, 12);
  // The LL scheduler of core 0 copies pipeline 3; nothing is data processing.
  check(wordsOf(answer)).toEqual([2, 0, 0, 1, 3, 2, id(a), id(b), 1, 0, 0]);
  return answer.status;
});

/** A base firmware parameter with an instance number, as a vendor parameter. */
const askInstance = (lab: Lab, param: number, instance: number) =>
  lab.send(largeGet(BASE, 0xff, 8, {}, words([param | (instance << 8), 1000])));

protocolCase(GET, "SCHEDULERS_INFO of a core that is off", (lab) => {
  lab.cores(1);
  lab.pairIn("RUNNING", 3, 1);
  const on = askInstance(lab, 12, 1);
  check([...new Uint32Array(on.payload.slice(8, 24).buffer)]).toEqual([2, 0, 1, 1]);
  const off = askInstance(lab, 12, 2);
  check([...new Uint32Array(off.payload.slice(0, 12).buffer)]).toEqual([12 | (2 << 8), 4, 0]);
  return off.primary & 0xff_ffff;
});
protocolCase(
  GET,
  "SCHEDULERS_INFO of a core that there is not",
  (lab) => askInstance(lab, 12, 3).primary & 0xff_ffff,
);
protocolCase(GET, "MEMORY_STATE_INFO", (lab) => {
  const answer = ask(lab, 14);
  const [high, low] = tlvsOf(answer) as [[number, number[]], [number, number[]]];
  // 22 banks of high-power SRAM, all on; an entry of 0xFFF stands for the list of pages.
  check([high[0], high[1][1], high[1][2], high[1][3]]).toEqual([1, 1, 2 ** 22 - 1, 1]);
  check(low[0]).toBe(0);
  const free = high[1][0] as number;
  check(free).toBeGreaterThan(0);
  lab.ok(createPipeline(0));
  for (let i = 0; i < 8; i++) lab.ok(initInstance([Id.COPIER, i], 0, copier(i, 40_000)));
  check(tlvsOf(ask(lab, 14))[0]?.[1][0]).toBeLessThan(free - 50);
  return answer.status;
});
protocolCase(GET, "POWER_STATE_INFO", (lab) => {
  lab.cores(2);
  check(put(lab, 22, words([5000]))).toBe(0);
  check(put(lab, 23, words([0, 2, 7000]))).toBe(0);
  check(put(lab, 23, words([0, 2, -3000]))).toBe(0);
  const answer = ask(lab, 15);
  check(tlvsOf(answer)).toEqual([
    [0, [0b101]],
    [1, [5000, 0, 4000]],
  ]);
  // Nobody can ask for less than nothing.
  check(put(lab, 22, words([-9000]))).toBe(0);
  check(tlvsOf(ask(lab, 15))[1]?.[1][0]).toBe(0);
  return answer.status;
});
protocolCase(
  GET,
  "POWER_STATE_INFO, build without",
  (lab) => ask(lab.with({ config: { CONFIG_KCPS_DYNAMIC_CLOCK_CONTROL: false } }), 15).status,
);
protocolCase(GET, "LIBRARIES_INFO", (lab) => {
  const name = (answer: Answer, item: number) =>
    new TextDecoder().decode(answer.payload.subarray(8 + 24 * item, 16 + 24 * item));
  const alone = ask(lab, 16);
  check(itemsOf(alone, 6).map(([id]) => id)).toEqual([0]);
  check(name(alone, 0)).toBe("BASEFW\0\0");
  const two = ask(lab.with({ libraries: new ScriptedLibraries() }), 16);
  check(itemsOf(two, 6).map(([id, , , low, high, modules]) => [id, low, high, modules])[1]).toEqual(
    [1, 1 | (2 << 16), 3 | (4 << 16), 3],
  );
  check(name(two, 1)).toBe("SMARTAMP");
  return two.status;
});
protocolCase(GET, "GLOBAL_PERF_DATA", (lab) => {
  const [end] = lab.pairIn("RUNNING");
  const id = (end[1] << 16) | end[0];
  const itemOf = () => itemsOf(ask(lab, 18), 4).find(([resource]) => resource === id);
  check(itemOf()).toBeUndefined();
  check(put(lab, 17, Uint8Array.of(2))).toBe(0);
  lab.run(5);
  // 100 cycles a period of 1 ms are 100 kilocycles a second.
  check(itemOf()).toEqual([id, 0, 100, 100]);
  check(put(lab, 17, Uint8Array.of(3))).toBe(0);
  lab.script.cycles = 500;
  lab.run(5);
  check(itemOf()?.[3]).toBe(100);
  check(put(lab, 17, Uint8Array.of(2))).toBe(0);
  lab.run(10);
  check(itemOf()?.[3]).toBeGreaterThan(200);
  check(put(lab, 17, Uint8Array.of(1))).toBe(0);
  check(itemOf()).toEqual([id, 0, 500, 0]);
  return ask(lab, 18).status;
});
protocolCase(GET, "EXTENDED_GLOBAL_PERF_DATA", (lab) => {
  const [end] = lab.pairIn("RUNNING");
  const id = (end[1] << 16) | end[0];
  check(put(lab, 17, Uint8Array.of(2))).toBe(0);
  lab.run(5);
  const answer = ask(lab, 30);
  const item = itemsOf(answer, 12).find(([resource]) => resource === id) as number[];
  const [, flags, peak, total, , iterations] = item;
  check([flags, peak]).toEqual([0, 100]);
  check(iterations).toBeGreaterThanOrEqual(4);
  check(total).toBe(100 * (iterations as number));
  return answer.status;
});
protocolCase(GET, "IO_PERF_MEASUREMENTS_STATE", (lab) => {
  check([...ask(lab, 24).payload]).toEqual([0]);
  check(put(lab, 24, Uint8Array.of(3))).toBe(0);
  const answer = ask(lab, 24);
  check([...answer.payload]).toEqual([3]);
  return answer.status;
});
protocolCase(GET, "IO_GLOBAL_PERF_DATA", (lab) => {
  lab.playback(0);
  check(itemsOf(ask(lab, 25), 4)).toEqual([]);
  check(put(lab, 24, Uint8Array.of(2))).toBe(0);
  lab.run(2);
  const answer = ask(lab, 25);
  // Nothing moves yet: host stream 0 and link stream 0 are there with a rate of nothing.
  check(itemsOf(answer, 4)).toEqual([
    [0x0000, 0, 0, 0],
    [0x0800, 0, 0, 0],
  ]);
  return answer.status;
});
protocolCase(GET, "SYSTEM_TIME", (lab) => {
  const before = ask(lab, 20).view.getBigUint64(0, true);
  lab.run(1000);
  const answer = ask(lab, 20);
  const passed = answer.view.getBigUint64(0, true) - before;
  check(Number(passed) / 1e6).toBeCloseTo(1, 2);
  return answer.status;
});
protocolCase(GET, "EXTENDED_SYSTEM_TIME before the time is set", (lab) => ask(lab, 27).status);
protocolCase(GET, "EXTENDED_SYSTEM_TIME", (lab) => {
  check(put(lab, 20, time(13_300_000_000_000_000n))).toBe(0);
  lab.run(10);
  const answer = ask(lab, 27);
  check(answer.bytes).toBe(24);
  const utc = answer.view.getBigUint64(0, true) - 13_300_000_000_000_000n;
  check(Number(utc) / 10_000).toBeCloseTo(1, 1);
  // The wall clock runs at 38.4 MHz since boot.
  check(Number(answer.view.getBigUint64(8, true)) / 384_000).toBeGreaterThan(1);
  return answer.status;
});
protocolCase(GET, "EXTENDED_SYSTEM_TIME without the hardware", (lab) => {
  const answer = ask(lab.with({ config: { platform: "tgl" } }), 27);
  check(answer.bytes).toBe(0);
  return answer.status;
});
