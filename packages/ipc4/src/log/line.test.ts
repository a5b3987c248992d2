import { InputError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { thrown } from "../../test/support.js";
import { decodeLogLine } from "./line.js";
import { formatTime } from "./line-prefix.js";

const device = "sof-audio-pci-intel-lnl 0000:00:1f.3";
const boot = (us: number) => ({ us, clock: "boot" }) as const;

describe("decodeLogLine reads a message", () => {
  it("of the plain driver log", () => {
    const line = `[   17.000250] ${device}: ipc tx      : 0x45030004|0x1020006: MOD_BIND`;
    expect(decodeLogLine(line)).toEqual({
      kind: "message",
      time: boot(17_000_250),
      direction: "tx",
      words: { primary: 0x4503_0004, extension: 0x0102_0006 },
      name: "MOD_BIND",
    });
  });

  it("behind journalctl's kernel mark", () => {
    const line = `[ 17.5] kernel: ${device}: ipc tx reply: 0x65000009|0x1020006: MOD_BIND`;
    expect(decodeLogLine(line)).toMatchObject({
      time: boot(17_500_000),
      direction: "reply",
      words: { primary: 0x6500_0009, extension: 0x0102_0006 },
    });
  });

  it("of dynamic debug, with its size", () => {
    const line =
      `[  88.000001] snd_sof:sof_ipc4_log_header: ${device}: ` +
      "ipc tx done : 0x40010007|0x30010: MOD_INIT_INSTANCE [data size: 64]";
    expect(decodeLogLine(line)).toEqual({
      kind: "message",
      time: boot(88_000_001),
      direction: "done",
      words: { primary: 0x4001_0007, extension: 0x0003_0010 },
      name: "MOD_INIT_INSTANCE",
      dataSize: 64,
    });
  });

  it("of journalctl's short form, with and without microseconds", () => {
    const message = `box kernel: snd_sof:sof_ipc4_log_header: ${device}: ipc rx      : 0x1b060000|0x0: GLB_NOTIFICATION|LOG_BUFFER_STATUS`;
    const precise = decodeLogLine(`Mar 01 06:07:08.000009 ${message}`);
    const day = 60 * 86_400;
    const seconds = day + 6 * 3600 + 7 * 60 + 8;
    expect(precise).toMatchObject({
      kind: "message",
      time: { us: seconds * 1_000_000 + 9, clock: "calendar" },
      direction: "rx",
      name: "GLB_NOTIFICATION|LOG_BUFFER_STATUS",
    });
    expect(decodeLogLine(`Mar  1 06:07:08 ${message}`)).toMatchObject({
      time: { us: seconds * 1_000_000, clock: "calendar" },
    });
    expect(
      decodeLogLine(
        `Mar 01 06:07:08 box kernel: [    9.250000] ${device}: ipc tx      : 0x47000000|0x0`,
      ),
    ).toMatchObject({
      kind: "message",
      time: { us: seconds * 1_000_000 },
    });
  });

  it("of a bpftrace script", () => {
    expect(decodeLogLine("ipc tx       : 0x44000006|0x30000018 [data size:: 24]")).toEqual({
      kind: "message",
      direction: "tx",
      words: { primary: 0x4400_0006, extension: 0x3000_0018 },
      dataSize: 24,
    });
    expect(decodeLogLine("ipc rx done  : 0x1b080000|0x0")).toMatchObject({ direction: "rx-done" });
  });

  it.each([
    ["[    1.002003] <inf> ipc: rx\t: 0xc5020002|0x1000003", 1_002_003, 0xc502_0002],
    ["[00:00:01.002,003] <inf> ipc: ipc_cmd: rx\t: 0x45020002|0x1000003", 1_002_003, 0x4502_0002],
  ])("of the firmware's log: %s", (line, us, primary) => {
    expect(decodeLogLine(line)).toEqual({
      kind: "message",
      time: boot(us),
      direction: "firmware-rx",
      words: { primary, extension: 0x0100_0003 },
    });
  });
});

describe("decodeLogLine reads what goes with a message", () => {
  it("payload words, little-endian", () => {
    const line = "[  230.1] Message payload: 00000010: 0000bb80 ffffff10";
    expect(decodeLogLine(line)).toEqual({
      kind: "payload",
      time: boot(230_100_000),
      offset: 16,
      bytes: Uint8Array.of(0x80, 0xbb, 0, 0, 0x10, 0xff, 0xff, 0xff),
    });
    const marked = "[  230.1] kernel: Message payload: 00000000: 01 02 03";
    expect(decodeLogLine(marked)).toMatchObject({ offset: 0, bytes: Uint8Array.of(1, 2, 3) });
  });

  it("payload bytes under a heading", () => {
    expect(decodeLogLine("Message payload:")).toEqual({ kind: "payload-start" });
    expect(decodeLogLine("0a 0b ff")).toEqual({
      kind: "payload",
      bytes: Uint8Array.of(10, 11, 255),
    });
  });

  it("errors, time-outs and refusals", () => {
    const at = `[    3.000000] ${device}: `;
    const words = { primary: 0x1300_0004, extension: 1 };
    expect(decodeLogLine(`${at}FW reported error: 7 - Unsupported operation requested`)).toEqual({
      kind: "status",
      time: boot(3_000_000),
      status: 7,
      text: "Unsupported operation requested",
    });
    expect(decodeLogLine(`${at}FW reported error: 42`)).toMatchObject({ status: 42, text: "" });
    expect(decodeLogLine(`${at}ipc error for msg 0x13000004|0x1`)).toMatchObject({
      kind: "error",
      words,
    });
    expect(decodeLogLine(`${at}ipc timed out for 0x13000004|0x1`)).toMatchObject({
      kind: "timeout",
      words,
    });
    const refused = "ipc4_tx_msg_unlocked: ipc message send for 0x13000004|0x1 failed: -19";
    expect(decodeLogLine(`${at}${refused}`)).toMatchObject({ kind: "not-sent", words, errno: -19 });
  });

  it("the doorbell registers", () => {
    const line = `[ 3.0] ${device}: Host IPC initiator: 0xc4000000|0x20|0x0, target: 0x64000000|0x20|0x1, ctl: 0x3`;
    expect(decodeLogLine(line)).toEqual({
      kind: "registers",
      time: boot(3_000_000),
      initiator: [0xc400_0000, 0x20, 0],
      target: [0x6400_0000, 0x20, 1],
      control: 3,
    });
  });

  it("nothing else", () => {
    expect(decodeLogLine(" \r\n")).toEqual({ kind: "blank" });
    expect(decodeLogLine("# gap (reboot)")).toEqual({
      kind: "comment",
      text: "gap (reboot)",
      gap: true,
    });
    expect(decodeLogLine("# gapless")).toMatchObject({ gap: false });
    expect(
      decodeLogLine(`[ 1.0] snd_sof:sof_pcm_trigger: ${device}: pcm: trigger stream 0`),
    ).toEqual({
      kind: "other",
      time: boot(1_000_000),
      text: "pcm: trigger stream 0",
      origin: "sof_pcm_trigger",
    });
    expect(decodeLogLine("[ 1.0] <inf> ipc: buffer_new: size 0x180")).toMatchObject({
      kind: "other",
    });
    expect(decodeLogLine("Foo 99 25:61:61 box kernel: hello")).toMatchObject({ kind: "other" });
  });
});

describe("a damaged line", () => {
  it.each([
    ["[ 1.0] ipc tx      : 0x130000", 21, "not two words"],
    ["[ 1.0] ipc tx      : 0x1300000411|0x1", 21, "not two words"],
    ["[ 1.0] ipc tx      : 0x13000004|0x1: GLB_SET [data siz", 35, "follows the words"],
    ["[ 1.0] <inf> ipc: rx\t: 0xc5", 23, "not two words"],
    ["[ 1.0] ipc timed out for 0x1", 25, "not two words"],
    ["[ 1.0] ipc message send for 0x1|0x2 failed", 35, "not an error number"],
    ["[ 1.0] Host IPC initiator: 0x1|0x2", 27, "not a register dump"],
    ["[ 1.0] Message payload: 00000000: 000", 24, "not an offset and hexadecimal bytes"],
  ])("%s", (line, offset, reason) => {
    const error = thrown(() => decodeLogLine(line, "dmesg, line 5"));
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(reason);
    expect((error as InputError).offset).toBe(offset);
  });

  it("is told by its source", () => {
    const error = thrown(() => decodeLogLine("ipc tx      : x", "dmesg, line 5"));
    expect((error as InputError).message).toBe(
      'dmesg, line 5, offset 14 (0xe): "x" is not two words. Expected 0xPRIMARY|0xEXTENSION',
    );
  });
});

describe("times", () => {
  it.each([
    [{ us: 229_136_234, clock: "boot" }, "229.136234"],
    [{ us: 0, clock: "boot" }, "0.000000"],
    [{ us: (31 * 86_400 + 3661) * 1_000_000 + 5, clock: "calendar" }, "02-01 01:01:01.000005"],
    [{ us: 365 * 86_400 * 1_000_000, clock: "calendar" }, "12-31 00:00:00.000000"],
  ] as const)("%j", (time, text) => {
    expect(formatTime(time)).toBe(text);
  });
});
