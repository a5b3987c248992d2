import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replayLog, type ReplayOptions } from "../src/replay/replay.js";
import type { ReplayReport, ReplayRow } from "../src/replay/report.js";
import { base, gain, KernelLog, wholeStream } from "./replay-logs.js";

function replay(log: KernelLog | string, options: Partial<ReplayOptions> = {}): ReplayReport {
  const text = typeof log === "string" ? log : log.text;
  return replayLog(text, "test log", {
    moduleMap: new Map(),
    fill: true,
    maxWaitUs: 5000,
    ...options,
  });
}

type ExchangeRow = Extract<ReplayRow, { kind: "exchange" }>;

const exchanges = ({ rows }: ReplayReport): ExchangeRow[] =>
  rows.filter((row) => row.kind === "exchange");

/** Verdict and cause of each request. */
const verdicts = (report: ReplayReport): string[] =>
  exchanges(report).map(({ verdict }) =>
    verdict.cause === undefined ? verdict.kind : `${verdict.kind} ${verdict.cause}`,
  );

const madeUp = ({ rows }: ReplayReport): string[] =>
  rows.flatMap((row) => (row.kind === "made-up" ? [`${row.words} ${row.got}`] : []));

describe("a log without gaps", () => {
  it("is answered as it was, and nothing is made up", () => {
    const report = replay(wholeStream());
    expect(verdicts(report)).toEqual(Array(9).fill("same"));
    expect(madeUp(report)).toEqual([]);
    expect(report.counts).toMatchObject({ requests: 9, same: 9, differs: 0, madeUp: 0 });
    expect(report.faults).toEqual([]);
  });

  it("leaves the graph that the log describes", () => {
    const { graph } = replay(wholeStream());
    expect(graph).toEqual([
      {
        id: 0,
        state: "active",
        core: 0,
        priority: 0,
        modules: [
          {
            name: "COPIER 4:0",
            state: "active",
            core: 0,
            connections: [{ to: "GAIN 6:0", srcQueue: 0, dstQueue: 0 }],
          },
          {
            name: "GAIN 6:0",
            state: "active",
            core: 0,
            connections: [{ to: "COPIER 4:1", srcQueue: 0, dstQueue: 0 }],
          },
          { name: "COPIER 4:1", state: "active", core: 0, connections: [] },
        ],
      },
    ]);
  });

  it("goes the same way twice", () => {
    expect(replay(wholeStream())).toEqual(replay(wholeStream()));
  });

  it("does not get what it never made: a success that cannot be is unexplained", () => {
    const report = replay(new KernelLog().ready().exchange(0x4600_0002, 0x3, 0));
    expect(verdicts(report)).toEqual(["differs unexplained"]);
    expect(report.unexplained).toBe(1);
    expect(madeUp(report)).toEqual([]);
  });

  it("reads bpftrace's form and the firmware's", () => {
    const bpf = replay(
      "ipc tx       : 0x11000005|0x0\nipc tx reply : 0x31000000|0x0\nipc tx done  : 0x11000005|0x0\n",
    );
    expect(verdicts(bpf)).toEqual(["same"]);
    const firmware = replay("[   14.059000] <inf> ipc: rx\t: 0x91000005|0x0\n");
    expect(exchanges(firmware)).toMatchObject([
      { words: "0x11000005|0x0", expected: "no reply in the log", got: "0" },
    ]);
  });
});

describe("rules of comparison", () => {
  it("pairs a reply with the open request across a notification", () => {
    const log = new KernelLog()
      .request(0x1100_0001, 0)
      .say("ipc rx      : 0x1b060000|0x0: GLB_NOTIFICATION|LOG_BUFFER_STATUS")
      .say("ipc tx reply: 0x31000000|0x0: GLB_CREATE_PIPELINE");
    const report = replay(log);
    expect(verdicts(report)).toEqual(["same"]);
    expect(report.rows).toContainEqual(
      expect.objectContaining({ kind: "notification", line: 2, got: "" }),
    );
  });

  it("answers what timed out in the log, and what comes after it", () => {
    const log = wholeStream()
      .request(0x1300_0003, 0)
      .timeout(0x1300_0003, 0)
      .exchange(0x1300_0002, 0, 0)
      .exchange(0x1200_0000, 0, 0);
    const report = replay(log);
    expect(verdicts(report).slice(9)).toEqual(["not-compared", "same", "same"]);
    expect(exchanges(report)[9]).toMatchObject({ expected: "timed out", got: "0" });
    expect(report.graph).toEqual([]);
  });

  it("does not send what the host did not send", () => {
    const log = new KernelLog()
      .ready()
      .say("ipc4_tx_msg_unlocked: ipc message send for 0x11000001|0x0 failed: -19")
      .exchange(0x1100_0001, 0, 0);
    expect(verdicts(replay(log))).toEqual(["same"]);
  });

  it("boots the firmware again where the host has turned it off", () => {
    const log = new KernelLog()
      .ready()
      .exchange(0x1100_0001, 0, 0)
      .exchange(0x4700_0000, 0, 0, [1, 0])
      .exchange(0x1100_0001, 0, 0);
    const report = replay(log);
    expect(verdicts(report)).toEqual(["same", "same", "same"]);
    expect(report.graph).toMatchObject([{ id: 0 }]);
  });

  it("takes a status that no rule gives for a defect of that firmware", () => {
    for (const status of [3, 6, 104, 164]) {
      const report = replay(new KernelLog().ready().exchange(0x1100_0001, 0, status));
      expect(verdicts(report)).toEqual(["differs defect"]);
    }
  });

  it("traces later differences to the first one about the same pipeline", () => {
    const log = wholeStream()
      .exchange(0x1300_0003, 0, 0)
      .exchange(0x1300_0002, 0, 164)
      .exchange(0x1200_0000, 0, 12)
      .exchange(0x1105_0001, 0, 0);
    const report = replay(log);
    const found = verdicts(report).slice(9);
    expect(found).toEqual(["same", "differs defect", "differs follows", "same"]);
    expect(exchanges(report).at(-2)?.verdict.reason).toMatch(/difference at line \d+/);
  });

  it("says when the log's own states allow what its firmware refused", () => {
    const log = wholeStream().exchange(0x1300_0003, 0, 0).exchange(0x1300_0004, 0, 7);
    expect(verdicts(replay(log)).slice(9)).toEqual(["same", "differs defect"]);
  });

  it("tells of an exception that only the log's firmware had", () => {
    const log = wholeStream().say(
      "ipc rx      : 0x1b0a0000|0x0: GLB_NOTIFICATION|EXCEPTION_CAUGHT",
    );
    expect(replay(log).rows.at(-1)).toMatchObject({
      kind: "notification",
      verdict: { kind: "differs", cause: "defect" },
    });
  });
});

describe("gaps", () => {
  it("has what a request presumes made before it", () => {
    const report = replay(
      new KernelLog()
        .say("sof_ipc4_route_setup: bind gain.1.1 -> mixin.1.1")
        .exchange(0x4500_0006, 0x2, 0)
        .say("sof_ipc4_route_setup: bind mixin.1.1:0 -> mixout.2.1:0")
        .exchange(0x4500_0002, 0x3, 0),
    );
    expect(verdicts(report)).toEqual(["same", "same"]);
    expect(report.graph).toMatchObject([
      { id: 0, modules: [{ name: "GAIN 6:0" }, { name: "MIXIN 2:0" }] },
      { id: 1, modules: [{ name: "MIXOUT 3:0" }] },
    ]);
  });

  it("gives a pipeline both ends before its state is set", () => {
    const report = replay(new KernelLog().exchange(0x1305_0004, 0, 0));
    expect(verdicts(report)).toEqual(["same"]);
    expect(madeUp(report).every((row) => row.endsWith(" 0"))).toBe(true);
    expect(report.graph).toMatchObject([
      { id: 5, state: "active", modules: [{ state: "active" }, { state: "active" }] },
    ]);
  });

  it("has a stream run that the log shows being stopped", () => {
    const stop = new KernelLog()
      .say("pcm: trigger stream 0 dir 1 cmd 0")
      .exchange(0x1301_0003, 0, 0);
    const words = madeUp(replay(stop)).map((row) => row.split("|")[0]);
    expect(words.slice(-2)).toEqual(["0x13010003", "0x13010004"]);
    expect(replay(stop).graph).toMatchObject([{ id: 1, state: "paused" }]);
  });

  it.each([
    ["an id in use", 0x1107_0001, 0, 9],
    ["the deletion of a pipeline that runs", 0x1207_0000, 0, 12],
    ["a new pipeline told to run", 0x1307_0004, 0, 7],
    ["a chain enabled without being allocated", 0x0e02_0000, 0, 3018],
    ["a connection that is not there", 0x4600_0002, 0x3, 9],
    ["a pipeline that is not there", 0x1207_0000, 0, 9],
  ])("finds %s refused as in the log", (_what, primary, extension, status) => {
    const report = replay(new KernelLog().exchange(primary, extension, status));
    expect(verdicts(report)).toEqual(["same"]);
    expect(exchanges(report)[0]?.got).toMatch(new RegExp(`^${status} `));
  });

  it("are not filled when that is not wanted", () => {
    const report = replay(new KernelLog().exchange(0x1305_0003, 0, 0), { fill: false });
    expect(verdicts(report)).toEqual(["differs gap"]);
    expect(madeUp(report)).toEqual([]);
  });

  it("begin behind a damaged line, too", () => {
    const log = wholeStream().say("ipc tx      : 0x1101").exchange(0x1301_0003, 0, 0);
    const report = replay(log);
    expect(verdicts(report).at(-1)).toBe("same");
    expect(madeUp(report).length).toBeGreaterThan(0);
    const line = log.text.split("\n").findIndex((text) => text.endsWith("0x1101")) + 1;
    expect(report.rows).toContainEqual(expect.objectContaining({ kind: "note", line }));
  });

  it("may hide that something was removed which the log makes anew", () => {
    const log = wholeStream().gap().exchange(0x1100_0002, 0, 0);
    const report = replay(log);
    expect(verdicts(report).at(-1)).toBe("same");
    expect(madeUp(report)).toEqual(["0x13000003|0x0 0", "0x13000002|0x0 0", "0x12000000|0x0 0"]);
  });

  it("do not hide it in a log that has none", () => {
    const report = replay(wholeStream().exchange(0x1100_0002, 0, 0));
    expect(verdicts(report).at(-1)).toBe("differs unexplained");
  });
});

describe("payloads", () => {
  it("are completed where the log cuts them", () => {
    const log = [
      "ipc tx       : 0x40000006|0x10 [data size:: 64]",
      "Message payload:",
      "00 00 00 00 80 01 00 00",
    ];
    const [row] = exchanges(replay(log.join("\n")));
    expect(row).toMatchObject({ got: "0" });
    expect(row?.payloadRule).toContain("first 8 bytes from the log");
  });

  it.each([
    [84, "host playback"],
    [164, "ssp"],
    [216, "alh"],
  ])("of a copier of %i bytes are made for what has that size", (bytes, rule) => {
    const log = new KernelLog().exchange(0x4000_0004, bytes / 4, 0);
    const [row] = exchanges(replay(log));
    expect(row).toMatchObject({ got: "0" });
    expect(row?.payloadRule).toContain(rule);
  });

  it("name the pipelines of the last list of that length, else the youngest first", () => {
    const list = (primary: number) => new KernelLog().request(primary, 1, 16).text;
    expect(exchanges(replay(list(0x1300_0003)))[0]?.payloadRule).toBe("pipelines 2, 1, 0");
    const log = new KernelLog()
      .exchange(0x1300_0003, 1, 0, [3, 0, 2, 1])
      .request(0x1300_0004, 1, 16);
    expect(exchanges(replay(log))[1]?.payloadRule).toBe("pipelines 0, 2, 1");
  });
});

describe("module ids", () => {
  const init = (module: number, words: readonly number[]) =>
    new KernelLog()
      .ready()
      .exchange(0x1100_0001, 0, 0)
      .exchange(0x4000_0000 | module, words.length, 0, words);

  it("are mapped by what a payload is", () => {
    const report = replay(init(0x1d, gain));
    expect(verdicts(report)).toEqual(["same", "same"]);
    expect(report.modules).toMatchObject([{ logId: 0x1d, ourId: 6, name: "GAIN" }]);
    expect(report.graph).toMatchObject([{ modules: [{ name: "GAIN 29:0" }] }]);
  });

  it("are what the user says", () => {
    const report = replay(init(40, base), { moduleMap: new Map([[40, 2]]) });
    expect(report.modules).toMatchObject([{ logId: 40, name: "MIXIN" }]);
    expect(verdicts(report)).toEqual(["same", "same"]);
  });

  it("are named as the reason where our image has no such module", () => {
    expect(verdicts(replay(init(0x1234, base)))).toEqual(["same", "differs module-id"]);
  });

  it("are shifted as the copier's is", () => {
    const log = init(5, [...base, ...base.slice(4), 0, 0, 768, 1, 0]).exchange(
      0x4000_0003,
      10,
      0,
      base,
    );
    const report = replay(log);
    expect(report.modules).toMatchObject([
      { logId: 3, name: "MIXIN" },
      { logId: 5, name: "COPIER" },
    ]);
  });
});

describe("any log", () => {
  const word = fc.oneof(
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc
      .tuple(
        fc.constantFrom(
          0x11,
          0x12,
          0x13,
          0x0e,
          0x18,
          0x02,
          0x40,
          0x43,
          0x44,
          0x45,
          0x46,
          0x47,
          0x4b,
        ),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 7 }),
      )
      .map(([type, id, low]) => ((type << 24) | (id << 16) | low) >>> 0),
  );
  const extension = fc.oneof(
    fc.integer({ min: 0, max: 0x3fff_ffff }),
    fc.constantFrom(0, 1, 0x15, 0x10, 0x1_0015, 0x6, 0x1_0004, 0x3000_0018),
  );
  const step = fc.oneof(
    fc.record({ kind: fc.constant("gap" as const) }),
    fc.record({ kind: fc.constant("ready" as const) }),
    fc.record({
      kind: fc.constant("exchange" as const),
      word,
      extension,
      status: fc.constantFrom(0, 0, 0, 3, 7, 9, 12, 104, 3018),
      size: fc.constantFrom(0, 8, 12, 40, 64, 84, 4096, 100_000),
    }),
  );

  it("is replayed to its end", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const log = new KernelLog().request(0x1100_0001, 0);
        for (const part of steps) {
          if (part.kind === "gap") log.gap();
          else if (part.kind === "ready") log.ready();
          else {
            log.request(part.word & ~0x2000_0000, part.extension, part.size);
            const reply = ((part.word & 0x5f00_0000) | 0x2000_0000 | part.status) >>> 0;
            log.say(`ipc tx reply: 0x${reply.toString(16)}|0x${part.extension.toString(16)}: NAME`);
          }
        }
        const report = replay(log, { maxWaitUs: 1000 });
        expect(report.faults).toEqual([]);
        expect(exchanges(report).every(({ verdict }) => verdict.reason !== "")).toBe(true);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("without a message is refused", () => {
    expect(() => replay("hello\n")).toThrow("test log: no IPC4 message found");
  });
});
