import { describe, expect, it } from "vitest";
import { runCli } from "./program.js";

const LOG = `[    7.000001] sof-audio-pci-intel-tgl 0000:00:1f.3: ipc tx      : 0x11030002|0x0: GLB_CREATE_PIPELINE
[    7.000002] sof-audio-pci-intel-tgl 0000:00:1f.3: ipc tx reply: 0x31000009|0x0: GLB_CREATE_PIPELINE
[    7.000003] sof-audio-pci-intel-tgl 0000:00:1f.3: FW reported error: 9 - Specified resource not found
[    7.000004] sof-audio-pci-intel-tgl 0000:00:1f.3: ipc error for msg 0x11030002|0x0
[    7.000005] usb 1-1: new device
`;

function run(args: string[], given: { stdin?: string; files?: Record<string, string> } = {}) {
  const output = { code: -1, out: "", err: "" };
  output.code = runCli(args, {
    stdinIsTerminal: given.stdin === undefined,
    readStdin: () => given.stdin ?? "",
    readFile(path) {
      const text = given.files?.[path];
      if (text === undefined) throw Object.assign(new Error("not there"), { code: "ENOENT" });
      return text;
    },
    out: (text) => (output.out += text),
    err: (text) => (output.err += text),
  });
  return output;
}

describe("sof-ipc4 decode", () => {
  it("explains a log from standard input", () => {
    expect(run(["decode"], { stdin: LOG })).toEqual({
      code: 0,
      err: "",
      out: [
        "7.000001 tx          0x11030002|0x0        create pipeline 3: 2 pages, priority 0, core 0",
        "7.000002 reply       0x31000009|0x0        reply to GLB_CREATE_PIPELINE: INVALID_RESOURCE_ID (9)",
        "7.000003 error       firmware reported INVALID_RESOURCE_ID (9) - Specified resource not found",
        "7.000004 error       refused: 0x11030002|0x0 create pipeline 3: 2 pages, priority 0, core 0",
        "",
      ].join("\n"),
    });
  });

  it("shows payloads below their message", () => {
    const stdin = [
      "ipc tx       : 0x13000004|0x1 [data size:: 8]",
      "Message payload:",
      "01 00 00 00 07 00 00 00",
      "ipc tx done  : 0x13000004|0x1 [data size:: 8]",
    ].join("\n");
    expect(run(["decode", "-"], { stdin }).out).toBe(
      [
        "tx          0x13000004|0x1        set listed pipelines to RUNNING",
        "              pipelines 7",
        "done        0x13000004|0x1",
        "",
      ].join("\n"),
    );
  });

  it("shows errors in words", () => {
    const stdin = [
      "ipc timed out for 0x12000000|0x0",
      "ipc4_tx_msg_unlocked: ipc message send for 0x12000000|0x0 failed: -19",
      "Host IPC initiator: 0x92000000|0x0|0x0, target: 0x31000000|0x0|0x0, ctl: 0x3",
      "# gap (rest)",
    ].join("\n");
    expect(run(["decode"], { stdin }).out.split("\n")).toEqual([
      "error       timed out: 0x12000000|0x0 delete pipeline 0",
      "error       not sent (ENODEV): 0x12000000|0x0 delete pipeline 0",
      "error       doorbell: request 0x12000000|0x0 not taken by the DSP, last message of the DSP 0x31000000|0x0, control 0x3",
      "# gap (rest)",
      "",
    ]);
  });

  it("prints other lines only when asked", () => {
    expect(run(["decode", "--context"], { stdin: LOG }).out).toContain("usb 1-1: new device");
    expect(run(["decode", "--json"], { stdin: LOG }).out).not.toContain("usb");
  });

  it("prints JSON", () => {
    const { code, out } = run(["decode", "--json", "a", "b"], { files: { a: LOG, b: LOG } });
    const entries = JSON.parse(out) as object[];
    expect(code).toBe(0);
    expect(entries).toHaveLength(8);
    expect(entries[0]).toEqual({
      source: "a",
      line: 1,
      kind: "message",
      time: { us: 7_000_001, clock: "boot" },
      direction: "tx",
      words: "0x11030002|0x0",
      name: "GLB_CREATE_PIPELINE",
      message: {
        type: "request",
        message: {
          kind: "create-pipeline",
          memPages: 2,
          priority: 0,
          pipelineId: 3,
          lowPower: false,
          attributes: 0,
          coreId: 0,
          hasPayload: false,
        },
      },
      meaning: "create pipeline 3: 2 pages, priority 0, core 0",
    });
    expect(entries[7]).toMatchObject({ source: "b", kind: "error", words: "0x11030002|0x0" });
  });

  it("heads several files with their names", () => {
    const { out } = run(["decode", "a", "b"], { files: { a: LOG, b: LOG } });
    expect(out.split("\n").filter((line) => line.startsWith("==>"))).toEqual([
      "==> a <==",
      "==> b <==",
    ]);
  });

  it.each([
    ["a file that is not there", ["decode", "x.log"], {}, "sof-ipc4: x.log: no such file\n"],
    [
      "input without a message",
      ["decode"],
      { stdin: "hello\n" },
      "sof-ipc4: standard input: no IPC4 message found\n",
    ],
    [
      "a damaged line",
      ["decode", "x.log"],
      { files: { "x.log": `${LOG}ipc tx      : 0x11\n` } },
      'sof-ipc4: x.log, line 6, offset 14: "0x11" is not two words\n',
    ],
  ])("ends with 1 and one line for %s", (_what, args, given, err) => {
    const result = run(args, given);
    expect(result).toMatchObject({ code: 1, err });
  });

  it("still explains the rest of a damaged log", () => {
    const { out } = run(["decode"], { stdin: `ipc tx      : 0x1\n${LOG}` });
    expect(out).toContain("line 1 is damaged");
    expect(out).toContain("create pipeline 3");
  });

  it("does not wait for somebody to type a log", () => {
    expect(run(["decode"])).toEqual({
      code: 2,
      out: "",
      err: "sof-ipc4: no log: name a file, or pipe one in\n",
    });
  });
});

describe("sof-ipc4 words", () => {
  it("explains one message", () => {
    const { code, out } = run(["words", "0x13000004|0x1", "02000000 01000000", "00000000"]);
    expect([code, out]).toEqual([0, "set listed pipelines to RUNNING\n  pipelines 1, 0\n"]);
  });

  it.each([
    [["words", "0x13000004"], '"0x13000004" is not two words; write them as 0x13000004|0x1'],
    [["words", "0x1|0x2", "0g"], "the payload is not hexadecimal bytes"],
    [["words", "0x1|0x2", "012"], "the payload is not hexadecimal bytes"],
  ])("refuses %j", (args, message) => {
    expect(run(args)).toEqual({ code: 2, out: "", err: `sof-ipc4: ${message}\n` });
  });
});

describe("sof-ipc4", () => {
  it("has help with examples", () => {
    for (const args of [["--help"], ["decode", "--help"]]) {
      const { code, out, err } = run(args);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("dmesg | sof-ipc4 decode");
      expect(out).toContain("Exit codes: 0 all decoded");
    }
  });

  it("ends with 2 for a wrong command line", () => {
    expect(run(["decode", "--bad"])).toEqual({
      code: 2,
      out: "",
      err: "error: unknown option '--bad'\n",
    });
    expect(run(["explain"]).code).toBe(2);
    expect(run([]).code).toBe(2);
  });
});
