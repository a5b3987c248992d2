import { readFileSync } from "node:fs";
import { formatKernelLog } from "@sof-ts/host";
import { parseTopology } from "@sof-ts/topology";
import { TraceRecorder } from "@sof-ts/trace";
import { expect, it } from "vitest";
import { chooseParams } from "../src/run/choose-params.js";
import { FarEndSet } from "../src/run/far-ends.js";
import { Machine } from "../src/run/machine.js";
import { play } from "../src/run/session.js";
import { generateSignal } from "../src/wav/index.js";

/** Plays 50 ms and keeps everything that can be seen of it. */
function observe() {
  const path = new URL("../assets/demo.tplg", import.meta.url);
  const topology = parseTopology(readFileSync(path), "demo.tplg");
  const farEnds = new FarEndSet(topology, null);
  const trace = new TraceRecorder();
  const log: string[] = [];
  const machine = new Machine({
    topology,
    platform: "mtl",
    firmware: { trace },
    farEnds: (request, gateway) => farEnds.plug(request, gateway),
    onIpc: (entry) => log.push(...formatKernelLog(entry, { payloads: true })),
  });
  const wanted = { rate: 48_000, channels: 2, layout: "S32_LE", exact: true } as const;
  const { params, layout } = chooseParams(machine.driver, "Music", "playback", wanted);
  const stream = machine.driver.openPcm("Music", "playback");
  machine.do(stream.hwParams(params));
  machine.do(stream.prepare());
  const noise = [{ kind: "noise", seed: 7, amplitude: 0.5 }] as const;
  play(
    machine,
    stream,
    generateSignal(noise, { rate: 48_000, channels: 2, layout }, 2400),
    () => {},
  );
  machine.do(stream.close());
  return { audio: farEnds.recording()?.data, log, trace };
}

it("gives identical audio, IPC log and event trace in two runs", () => {
  const first = observe();
  const again = observe();
  expect(again.log).toEqual(first.log);
  expect(again.audio).toEqual(first.audio);
  expect(again.trace.log.length).toBe(first.trace.log.length);
  expect(again.trace.log.digest).toBe(first.trace.log.digest);
  expect(first.trace.log.length).toBeGreaterThan(500);
  expect(first.log.length).toBeGreaterThan(40);
});
