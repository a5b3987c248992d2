import { words } from "../../payloads.js";
import { A, MAILBOX, pattern, same, sendInFragments, setUp } from "../config-values.js";
import { concat, largeGet, largeSet, tlv } from "../messages.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const VENDOR = 0xff;
const SET = "LARGE_CONFIG_SET of vendor parameters";
const GET = "LARGE_CONFIG_GET of vendor parameters";
const firstBlock = { init: true, final: false };

protocolCase(SET, "size over the mailbox", (lab) => {
  setUp(lab);
  check(lab.status(largeSet(A, VENDOR, pattern(8), firstBlock, 5000))).toBe(122);
  return lab.status(largeSet(A, VENDOR, pattern(8), {}, 5000));
});
protocolCase(SET, "first block without a whole header", (lab) => {
  setUp(lab);
  return lab.status(largeSet(A, VENDOR, pattern(7), firstBlock));
});
protocolCase(SET, "burst: header is cut", (lab) => {
  setUp(lab);
  const status = lab.status(largeSet(A, VENDOR, concat(tlv(3, pattern(4)), words([9]))));
  // What came before it counts.
  check(lab.instance(A).values.get(3)).toEqual(pattern(4));
  return status;
});
protocolCase(SET, "burst: length of zero", (lab) => {
  setUp(lab);
  return lab.status(largeSet(A, VENDOR, tlv(3, new Uint8Array(0))));
});
protocolCase(SET, "burst: value past the end", (lab) => {
  setUp(lab);
  return lab.status(largeSet(A, VENDOR, words([3, 9, 0, 0])));
});
protocolCase(SET, "burst: module refuses", (lab) => {
  setUp(lab);
  lab.script.setConfig = -5;
  return lab.status(largeSet(A, VENDOR, tlv(3, pattern(4))));
});
protocolCase(SET, "burst of several", (lab) => {
  setUp(lab);
  const status = lab.status(
    largeSet(A, VENDOR, concat(tlv(3, pattern(5)), tlv(0x0000_0204, pattern(16)))),
  );
  check(lab.instance(A).fragments).toEqual([
    { paramId: 3, position: "single", sizeOrOffset: 5, bytes: pattern(5) },
    { paramId: 0x204, position: "single", sizeOrOffset: 16, bytes: pattern(16) },
  ]);
  return status;
});
protocolCase(SET, "fragments: the module's first result goes out unconverted", (lab) => {
  setUp(lab);
  lab.script.setConfig = -22;
  return lab.status(largeSet(A, VENDOR, tlv(3, pattern(4088)), firstBlock));
});
protocolCase(SET, "fragments: later blocks go to parameter 0", (lab) => {
  setUp(lab);
  const status = lab.status(
    largeSet(A, VENDOR, concat(words([3, 5000]), pattern(4088)), firstBlock),
  );
  const last = { init: false, final: true };
  lab.ok(largeSet(A, VENDOR, pattern(912), last, 4088));
  check(
    lab
      .instance(A)
      .fragments.map(({ paramId, position, sizeOrOffset, bytes }) => [
        paramId,
        position,
        sizeOrOffset,
        bytes.length,
      ]),
  ).toEqual([
    [3, "first", 5000, 4088],
    [0, "last", 4088, 912],
  ]);
  return status;
});

protocolCase(GET, "size over the mailbox", (lab) => {
  setUp(lab);
  return lab.status(largeGet(A, VENDOR, 4097));
});
protocolCase(GET, "burst: request is cut", (lab) => {
  setUp(lab);
  lab.ok(largeSet(A, 3, pattern(8)));
  return lab.status(largeGet(A, VENDOR, 12, {}, words([3, 8, 3])));
});
protocolCase(GET, "burst: module refuses", (lab) => {
  setUp(lab);
  lab.ok(largeSet(A, 3, pattern(8)));
  return lab.status(largeGet(A, VENDOR, 16, {}, words([3, 8, 4, 8])));
});
protocolCase(GET, "burst of several", (lab) => {
  setUp(lab);
  lab.ok(largeSet(A, 3, pattern(5)), largeSet(A, 4, pattern(12)));
  const reply = lab.send(largeGet(A, VENDOR, 16, {}, words([3, 100, 4, 12])));
  const expected = concat(tlv(3, pattern(5)), tlv(4, pattern(12)));
  check(reply.extension & 0xf_ffff).toBe(expected.length);
  check(reply.payload.subarray(0, expected.length)).toEqual(expected);
  return reply.primary & 0xff_ffff;
});
protocolCase(GET, "several blocks", (lab) => {
  setUp(lab);
  const value = pattern(6000);
  check(sendInFragments(lab, A, 3, value)).toEqual([0, 0]);
  const first = lab.send(largeGet(A, VENDOR, 8, firstBlock, words([3, 8192])));
  check(first.extension & 0xf_ffff).toBe(6008);
  const rest = lab.send(largeGet(A, VENDOR, MAILBOX, { init: false, final: true }));
  const read = concat(first.payload, rest.payload.subarray(0, 6008 - MAILBOX));
  check(same(read, concat(words([3, 6000]), value))).toBe(true);
  return first.primary & 0xff_ffff;
});
protocolCase(GET, "later block without a first one", (lab) => {
  setUp(lab);
  return lab.status(largeGet(A, VENDOR, 8, { init: false, final: true }));
});
protocolCase(GET, "first block without a whole header", (lab) => {
  setUp(lab);
  return lab.status(largeGet(A, VENDOR, 7, firstBlock));
});
protocolCase(GET, "several blocks: module refuses", (lab) => {
  setUp(lab);
  return lab.status(largeGet(A, VENDOR, 8, firstBlock, words([3, 8192])));
});
