import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { words } from "../../test/support.js";
import { conversationOf } from "./conversation.js";
import { decodeLog } from "./log.js";

const driver = (text: string) => `[  5.000000] sof-audio-pci-intel-mtl 0000:00:1f.3: ${text}`;

describe("decodeLog", () => {
  it("gives a dumped payload to the done line and to its request", () => {
    const entries = decodeLog(
      [
        driver("ipc tx      : 0x13000003|0x1: GLB_SET_PIPELINE_STATE [data size: 12]"),
        driver("ipc tx reply: 0x33000000|0x1: GLB_SET_PIPELINE_STATE"),
        driver("ipc tx done : 0x13000003|0x1: GLB_SET_PIPELINE_STATE [data size: 12]"),
        "[  5.000001] Message payload: 00000000: 00000002 00000004",
        "[  5.000002] Message payload: 00000008: 00000003",
        driver("ipc tx      : 0x13000004|0x1: GLB_SET_PIPELINE_STATE [data size: 12]"),
      ].join("\n"),
    );
    expect(entries.map((entry) => entry.kind === "message" && entry.payload)).toEqual([
      words(2, 4, 3),
      undefined,
      words(2, 4, 3),
      undefined,
    ]);
    expect(entries.map(({ line }) => line)).toEqual([1, 2, 3, 6]);
  });

  it("gives bytes under a heading to the request above it", () => {
    const entries = decodeLog(
      [
        "ipc tx       : 0x44000007|0x30000010 [data size:: 16]",
        "Message payload:",
        "01 00 00 00 02 00 00 00 03 00 00 00",
        "04 00 00 00",
        "ipc tx reply : 0x64000000|0x30000010",
        "ipc tx done  : 0x44000007|0x30000010 [data size:: 16]",
        "",
        "0a 0b",
      ].join("\r\n"),
    );
    expect(entries).toHaveLength(4);
    expect(entries[0]).toMatchObject({ direction: "tx", payload: words(1, 2, 3, 4) });
    expect(entries[2]).toMatchObject({ direction: "done" });
    expect(entries[2]).not.toHaveProperty("payload");
    expect(entries[3]).toMatchObject({ kind: "other", text: "0a 0b" });
  });

  it("keeps a payload apart whose message is missing", () => {
    const dump = "[ 1.0] Message payload: 00000000: 00000001 00000002";
    expect(decodeLog(dump)).toEqual([{ kind: "payload", payload: words(1, 2), line: 1 }]);
    const entries = decodeLog([driver("ipc tx      : 0x1|0x0"), "# gap", dump].join("\n"));
    expect(entries.map(({ kind }) => kind)).toEqual(["message", "comment", "payload"]);
    const firmware = decodeLog(["[ 1.0] <inf> ipc: rx\t: 0x1|0x0", dump].join("\n"));
    expect(firmware.map(({ kind }) => kind)).toEqual(["message", "payload"]);
  });

  it("goes on behind a damaged line", () => {
    const entries = decodeLog(
      [
        driver("ipc tx      : 0x13000003|0x1: GLB_SET"),
        driver("ipc tx reply: 0x33"),
        "[ 1.0] Message payload: 00000000: 00000002",
        "[ 1.0] Message payload: 00000010: 00000002",
        driver("ipc tx      : 0x12000000|0x0"),
      ].join("\n"),
      "dmesg",
    );
    expect(entries).toMatchObject([
      { kind: "message", direction: "tx" },
      { kind: "malformed", line: 2, offset: 65, reason: '"0x33" is not two words' },
      { kind: "payload", payload: words(2) },
      { kind: "malformed", line: 4, reason: "payload goes on at 0x10 instead of 0x4" },
      { kind: "message" },
    ]);
    expect(entries[0]).not.toHaveProperty("payload");
  });

  it("takes any text", () => {
    const piece = fc.constantFrom(
      "ipc tx      : 0x11000001|0x0\n",
      "ipc tx reply: 0x31000000|0x0",
      "Message payload:",
      "Message payload: 00000000: 00000001",
      "0a 0b",
      "[ 1.0] ",
      "kernel: ",
      "FW reported error: 9",
      "ipc error for msg 0x1|0x2",
      "Host IPC initiator: 0x",
      "# gap",
      "\n",
    );
    const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 30 });
    fc.assert(
      fc.property(text, (pieces) => {
        const log = pieces.join("");
        const entries = decodeLog(log);
        const lineCount = log.split("\n").length;
        expect(entries.every(({ line }) => line >= 1 && line <= lineCount)).toBe(true);
        const requests = entries.filter(
          (entry) => entry.kind === "message" && entry.direction === "tx",
        );
        const shown = conversationOf(entries).filter(
          (item) => item.kind === "exchange" && item.shown,
        );
        expect(shown).toHaveLength(requests.length);
      }),
    );
  });
});

describe("conversationOf", () => {
  const pair = (...lines: string[]) => conversationOf(decodeLog(lines.join("\n")));
  const bind = { primary: 0x4500_0004, extension: 0x6 };

  it("pairs a request with its reply across a notification", () => {
    const items = pair(
      driver("ipc tx      : 0x45000004|0x6: MOD_BIND"),
      driver("ipc rx      : 0x1b060000|0x0: GLB_NOTIFICATION|LOG_BUFFER_STATUS"),
      driver("ipc rx done : 0x1b060000|0x0: GLB_NOTIFICATION|LOG_BUFFER_STATUS"),
      driver("ipc tx reply: 0x65000000|0x6: MOD_BIND"),
      driver("ipc tx done : 0x45000004|0x6: MOD_BIND"),
    );
    expect(items).toEqual([
      {
        kind: "exchange",
        line: 1,
        time: { us: 5_000_000, clock: "boot" },
        request: bind,
        shown: true,
        reply: { primary: 0x6500_0000, extension: 0x6 },
        status: 0,
        outcome: "replied",
      },
      {
        kind: "notification",
        line: 2,
        time: { us: 5_000_000, clock: "boot" },
        words: { primary: 0x1b06_0000, extension: 0 },
      },
    ]);
  });

  it("keeps the status of a refusal", () => {
    const items = pair(
      driver("ipc tx      : 0x45000004|0x6: MOD_BIND"),
      driver("ipc tx reply: 0x65000009|0x6: MOD_BIND"),
      driver("FW reported error: 9 - Specified resource not found"),
      driver("ipc error for msg 0x45000004|0x6"),
    );
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ request: bind, status: 9, outcome: "replied" });
  });

  it("infers requests from error lines alone", () => {
    const items = pair(
      driver("FW reported error: 12 - Required resource is in invalid state"),
      driver("ipc error for msg 0x12010000|0x0"),
      driver("ipc timed out for 0x45000004|0x6"),
      driver("ipc4_tx_msg_unlocked: ipc message send for 0x12020000|0x0 failed: -19"),
    );
    expect(items).toMatchObject([
      { request: { primary: 0x1201_0000 }, shown: false, status: 12, outcome: "replied" },
      { request: bind, shown: false, outcome: "timeout" },
      { request: { primary: 0x1202_0000 }, shown: false, outcome: "not-sent" },
    ]);
  });

  it("completes a reply that follows a gap by what is said about it", () => {
    const items = pair(
      driver("ipc tx      : 0x12000000|0x0: GLB_DELETE_PIPELINE"),
      "# gap",
      driver("ipc tx reply: 0x65000000|0x6: MOD_BIND"),
      driver("ipc tx done : 0x45000004|0x6: MOD_BIND"),
      driver("ipc tx reply: 0x33000000|0x0: GLB_SET_PIPELINE_STATE"),
      driver("ipc tx done : 0x45000004|0x6: MOD_BIND"),
    );
    expect(items).toMatchObject([
      { request: { primary: 0x1200_0000 }, outcome: "unknown" },
      { kind: "gap", line: 2 },
      { request: bind, shown: false, status: 0, outcome: "replied" },
      { shown: false, reply: { primary: 0x3300_0000 }, outcome: "replied" },
      { request: bind, shown: false, outcome: "replied" },
    ]);
    expect(items[3]).not.toHaveProperty("request");
  });

  it("ends a request with its time-out, and does not give it a later reply", () => {
    const items = pair(
      driver("ipc tx      : 0x45000004|0x6: MOD_BIND"),
      driver("ipc timed out for 0x45000004|0x6"),
      driver("Host IPC initiator: 0xc5000004|0x6|0x0, target: 0x0|0x0|0x0, ctl: 0x3"),
      driver("ipc tx      : 0x45000004|0x6: MOD_BIND"),
      driver("ipc tx reply: 0x65000000|0x6: MOD_BIND"),
    );
    expect(items).toMatchObject([
      { line: 1, outcome: "timeout" },
      { kind: "registers", initiator: [0xc500_0004, 6, 0], target: [0, 0, 0] },
      { line: 4, outcome: "replied" },
    ]);
    expect(items[0]).not.toHaveProperty("reply");
  });

  it("takes the busy bit out of a firmware log's requests", () => {
    const items = pair("[ 1.0] <inf> ipc: rx\t: 0xc5000004|0x6");
    expect(items).toMatchObject([{ request: bind, shown: true, outcome: "unknown" }]);
  });
});
