import { formatViolation } from "@sof-ts/explorer";
import { K_FOREVER } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { HostStreams } from "../src/index.js";
import { RawHost } from "./raw-host.js";
import { NumberedStream, run, setCore } from "./stream.js";

/** Two streams on two cores: the first stops and starts again. @returns the host after it */
function play(checked: boolean, locking: "user-ll" | "kernel-ll" | "component-mutex"): RawHost {
  const host = new RawHost({ config: { platform: "ptl", locking }, checked });
  host.boot();
  for (const core of [1, 2]) setCore(host, core, true);
  const streams = new HostStreams(host.firmware.soc);
  const [first, second] = [
    new NumberedStream(host, streams, 0, 1),
    new NumberedStream(host, streams, 1, 2),
  ];
  for (const stream of [first, second]) {
    stream.create();
    stream.start();
  }
  run(host, 20, [first, second]);
  first.stop();
  first.destroy();
  first.create();
  first.start();
  run(host, 20, [first, second]);
  for (const stream of [first, second]) {
    stream.stop();
    stream.destroy();
    expect(stream.faults).toEqual([]);
  }
  return host;
}

/** Boots, lets `trespass` run as a thread of its own on core 0 while a stream of core 1 plays. */
function disturb(trespass: (host: RawHost) => void): readonly string[] {
  const host = new RawHost({ config: { platform: "ptl" }, checked: true });
  host.boot();
  setCore(host, 1, true);
  const stream = new NumberedStream(host, new HostStreams(host.firmware.soc), 0, 1);
  stream.create();
  stream.start();
  run(host, 5, [stream]);
  const thread = host.firmware.kernel.createThread({
    name: "trespasser",
    priority: 5,
    delay: K_FOREVER,
    *entry() {
      yield* host.firmware.kernel.yield();
      trespass(host);
    },
  });
  thread.cpuPin(0);
  thread.startNow();
  run(host, 5, [stream]);
  const found = host.firmware.checks?.violations ?? [];
  return found.map(
    ({ rule, object, field, second }) => `${rule} ${object}.${field} ${second.thread}`,
  );
}

describe("a checked firmware", () => {
  it.each(["user-ll", "kernel-ll", "component-mutex"] as const)(
    "breaks no rule while streams come and go, with %s locking",
    (locking) => {
      const { checks } = play(true, locking).firmware;
      expect(checks?.violations.map(formatViolation)).toEqual([]);
    },
  );

  it("reports a thread that changes the graph without its lock", () => {
    const reports = disturb((host) => {
      const [pipeline] = host.firmware.graph.pipelines;
      if (pipeline !== undefined) pipeline.xrun = 0;
      for (const component of host.firmware.graph.components) component.periods = 0;
    });
    expect(reports.length).toBeGreaterThan(0);
    for (const report of reports) expect(report).toMatch(/^(write-after-|read-after-)/);
  });

  it("reports a reader that does not lock either", () => {
    const reports = disturb((host) => {
      for (const { periods } of host.firmware.graph.components) void periods;
    });
    expect(reports.some((report) => report.includes(".periods"))).toBe(true);
  });

  it("runs as an unchecked one does, to the cycle", () => {
    const [checked, plain] = [play(true, "user-ll"), play(false, "user-ll")];
    expect(plain.firmware.checks).toBeNull();
    expect(checked.firmware.kernel.now).toBe(plain.firmware.kernel.now);
    expect(checked.firmware.kernel.counters).toEqual(plain.firmware.kernel.counters);
  });
});
