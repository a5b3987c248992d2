import { describe, expect, it } from "vitest";
import { built, hex, TestBench } from "../test/bench.js";
import { FakeFirmware } from "../test/fake-firmware.js";
import { controls } from "../test/topologies.js";
import { HostError } from "./host-error.js";
import { type HostTask, runHostTask } from "./host-task.js";
import type { IpcLogEntry } from "./ipc-log.js";
import { IpcTransport } from "./ipc-transport.js";
import { largeConfigGet, largeConfigSet } from "./large-config.js";

const createPipeline = {
  kind: "create-pipeline",
  memPages: 2,
  priority: 0,
  pipelineId: 1,
  lowPower: false,
  attributes: 0,
  coreId: 0,
  hasPayload: false,
} as const;

function setup(options: ConstructorParameters<typeof FakeFirmware>[0] = {}, crashOnTimeout = true) {
  const firmware = new FakeFirmware({ silentBoot: true, ...options });
  const log: IpcLogEntry[] = [];
  const timing = { timeoutUs: 500_000, crashOnTimeout, survivesCoreFaults: false };
  const ipc = new IpcTransport(firmware, timing, (entry) => log.push(entry));
  ipc.restart();
  const run = <T>(task: HostTask<T>) => runHostTask(task, firmware);
  const send = () => run(ipc.exchange({ message: createPipeline }));
  const kinds = () => log.map((entry) => entry.kind);
  return { firmware, ipc, log, run, send, kinds };
}

describe("a request", () => {
  for (const completion of ["clearBit31", "setBit31"] as const) {
    it(`is answered over the doorbell registers (${completion})`, () => {
      const { firmware, send, log } = setup({ completion });
      const reply = send();
      expect(firmware.requests[0]?.words).toEqual({ primary: 0x1101_0002, extension: 0 });
      expect(reply.words).toEqual({ primary: 0x3100_0000, extension: 0 });
      expect(log.map((entry) => [entry.kind, entry.timeUs])).toEqual([
        ["tx", 0],
        ["reply", 100],
        ["done", 100],
      ]);
      expect(firmware.violations).toEqual([]);
    });
  }

  it("fails with the errno of Linux and the status by number and name", () => {
    const { firmware, send, kinds } = setup();
    const failure = (status: number) => {
      firmware.intercept = () => status;
      try {
        send();
      } catch (error) {
        return error as HostError;
      }
      return undefined;
    };
    expect([2, 4, 9, 165].map((status) => failure(status)?.errno)).toEqual([95, 16, 22, 2]);
    expect(failure(9)?.message).toBe(
      "GLB_CREATE_PIPELINE was refused with status 9 (INVALID_RESOURCE_ID) (EINVAL)",
    );
    expect(failure(9)?.request).toEqual({ primary: 0x1101_0002, extension: 0 });
    expect(kinds()).not.toContain("done");
  });

  it("waits until the DSP has taken the one before", () => {
    const { firmware, send, log } = setup({ doneLatencyUs: 300 });
    firmware.intercept = () => 0;
    send();
    send();
    expect(firmware.violations).toEqual([]);
    expect(log.filter(({ kind }) => kind === "tx").map(({ timeUs }) => timeUs)).toEqual([0, 400]);
  });

  it("times out after 500 ms, and then nothing is sent any more", () => {
    const { firmware, send, log, kinds } = setup();
    firmware.intercept = () => "silence";
    expect(send).toThrow("GLB_CREATE_PIPELINE: no reply within 500 ms (ETIMEDOUT)");
    expect(log.at(-1)).toMatchObject({ kind: "timeout", timeUs: 500_000 });
    expect(send).toThrow("GLB_CREATE_PIPELINE: the firmware is not running (ENODEV)");
    expect(kinds()).toEqual(["tx", "timeout", "refused"]);
    expect(firmware.requests).toHaveLength(1);
  });

  it("can be sent at once after a time-out where that is no crash", () => {
    const { firmware, send, ipc, log } = setup({}, false);
    firmware.intercept = (_, index) => (index === 0 ? "silence" : undefined);
    expect(send).toThrow(/ETIMEDOUT/);
    expect(ipc.crashed).toBe(false);
    send();
    expect(log.filter(({ kind }) => kind === "tx")[1]?.timeUs).toBe(500_000);
    // The doorbell is still rung from the first time: the driver rings over it.
    expect(firmware.violations).toEqual(["rung while busy"]);
  });

  it("does not take a late reply to another request for its own", () => {
    const { firmware, send, kinds } = setup({}, false);
    firmware.intercept = (_, index) => (index === 0 ? "silence" : undefined);
    expect(send).toThrow(/ETIMEDOUT/);
    firmware.send({ primary: 0x3200_0009, extension: 0 });
    expect(send().message.kind).toBe("create-pipeline");
    expect(kinds()).toContain("unexpected");
  });

  it("fails at once when the firmware takes an exception", () => {
    const { firmware, ipc, log, send } = setup();
    firmware.intercept = () => {
      firmware.notify({ kind: "exception-caught", coreId: 1 });
      return "silence";
    };
    expect(send).toThrow("GLB_CREATE_PIPELINE: the firmware crashed before it answered (ENODEV)");
    expect(ipc.crashed).toBe(true);
    expect(log.at(-1)?.timeUs).toBe(100);
    expect(log).toContainEqual(expect.objectContaining({ text: "DSP panic! core 1" }));
  });

  it("does not mind notifications before its reply", () => {
    const { firmware, ipc, send, kinds } = setup();
    const seen: string[] = [];
    ipc.onNotification = ({ message, payload }) => seen.push(`${message.kind} ${payload.length}`);
    firmware.intercept = () => {
      firmware.notify({ kind: "log-buffer-status", coreId: 0 });
      firmware.notify({ kind: "resource-event" }, new Uint8Array(40));
      firmware.send({ primary: 0x3100_0000, extension: 0 });
      return "silence";
    };
    send();
    expect(seen).toEqual(["log-buffer-status 0", "resource-event 40"]);
    expect(kinds()).toEqual(["tx", "rx", "rx-done", "rx", "rx-done", "reply", "done"]);
  });

  it("does not let a module's notification read past the mailbox", () => {
    const { firmware, ipc, send } = setup();
    const lengths: number[] = [];
    ipc.onNotification = ({ payload }) => lengths.push(payload.length);
    const header = new Uint8Array(12).fill(0xff);
    firmware.notify({ kind: "module-notification" }, header);
    send();
    expect(lengths).toEqual([4096]);
  });

  it("waits for its turn when another one is in flight", () => {
    const { firmware, ipc } = setup();
    const tasks = [1, 2].map((pipelineId) =>
      ipc.exchange({ message: { ...createPipeline, pipelineId } }),
    );
    const done: number[] = [];
    for (let round = 0; round < 50 && done.length < 2; round++) {
      tasks.forEach((task, i) => {
        if (done.includes(i)) return;
        const step = task.next();
        if (step.done === true) done.push(i);
        else firmware.advance({ kind: "time", timeoutUs: 40 });
      });
    }
    expect(done).toEqual([0, 1]);
    expect(firmware.violations).toEqual([]);
    expect(firmware.requests.map(({ words }) => hex(words.primary))).toEqual([
      "0x11010002",
      "0x11020002",
    ]);
  });
});

describe("a large parameter", () => {
  const target = { moduleId: 9, instanceId: 0, paramId: 5 };

  it("goes out in fragments that state the total first and offsets after it", () => {
    const { firmware, ipc, run } = setup();
    firmware.intercept = () => 0;
    const data = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
    run(largeConfigSet(ipc, target, data, 4096));
    expect(firmware.requests.map(({ words }) => hex(words.extension))).toEqual([
      "0x20502710",
      "0x501000",
      "0x10502000",
    ]);
    expect(firmware.requests[1]?.payload).toEqual(data.slice(4096, 8192));
    expect(firmware.requests[2]?.payload.slice(0, 1808)).toEqual(data.slice(8192));
  });

  it("comes in from fragments", () => {
    const { firmware, ipc, run } = setup();
    const data = Uint8Array.from({ length: 9000 }, (_, i) => i % 253);
    firmware.parameters.set(5, data);
    expect(run(largeConfigGet(ipc, target, 10_000))).toEqual(data);
    expect(firmware.requests.map(({ words }) => hex(words.extension))).toEqual([
      "0x20502710",
      "0x501000",
      "0x502000",
    ]);
  });

  it("must fit the caller's buffer", () => {
    const { firmware, ipc, run } = setup();
    firmware.parameters.set(5, new Uint8Array(9000));
    expect(() => run(largeConfigGet(ipc, target, 8999))).toThrow(/ENOMEM/);
  });
});

describe("low power", () => {
  it("is left before the next message", () => {
    const bench = TestBench.booted(built(controls()));
    bench.run(bench.driver.enterLowPower());
    bench.run(bench.driver.enterLowPower());
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(
      stream.hwParams({
        rate: 48000,
        channels: 2,
        format: "S32_LE",
        periodFrames: 48,
        bufferFrames: 96,
      }),
    );
    expect(bench.requests().slice(0, 3)).toEqual([
      "set-d0ix 0x48000000|0x0",
      "set-d0ix 0x48000000|0x5",
      "create-pipeline 0x11000008|0x0",
    ]);
  });
});
