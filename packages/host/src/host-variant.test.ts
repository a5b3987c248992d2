import { bytesControl, TopologyBuilder } from "@sof-ts/topology";
import { describe, expect, it } from "vitest";
import { built, stereo32, TestBench } from "../test/bench.js";
import { addMixedLink, addMixedPcm, s32 } from "../test/topologies.js";
import { type HostVariant, linuxVariant, testbenchVariant } from "./host-variant.js";

/** Two streams into one mixer, all on core 1, the first with a deep buffer and ahead of others. */
function placed(): TopologyBuilder {
  const topology = new TopologyBuilder();
  const mixout = addMixedLink(topology, { id: 2, core: 1 });
  const first = { pipeline: 1, id: 0, name: "Music", core: 1, priority: 2, deepBufferMs: 100 };
  addMixedPcm(topology, mixout, first);
  addMixedPcm(topology, mixout, { pipeline: 3, id: 1, name: "Voice", core: 1 });
  return topology;
}

/** All messages of setting both streams up. */
function setUp(variant: HostVariant) {
  const bench = TestBench.booted(built(placed()), { variant, coreCount: 2 });
  for (const name of ["Music", "Voice"])
    bench.run(bench.driver.openPcm(name, "playback").hwParams(stereo32));
  return bench.firmware.take().map(({ message }) => message);
}

/** Priority, core and low-power mode of the pipelines that are made, in their order. */
const pipelinesOf = (variant: HostVariant) =>
  setUp(variant).flatMap((message) =>
    message.kind === "create-pipeline"
      ? [[message.priority, message.coreId, message.lowPower]]
      : [],
  );

const coresOfModules = (variant: HostVariant) =>
  new Set(
    setUp(variant).flatMap((message) => (message.kind === "init-instance" ? [message.coreId] : [])),
  );

/** Queues of sources and sinks that are bound. */
const queuesOf = (variant: HostVariant) =>
  setUp(variant).flatMap((message) =>
    message.kind === "bind" ? [`${message.srcQueue} to ${message.dstQueue}`] : [],
  );

/** What the messages say that carry a control of 3000 bytes: total or offset, and whether it is the last. */
function fragmentsOf(variant: HostVariant) {
  const topology = new TopologyBuilder();
  const pipeline = topology.pipeline({ id: 1 });
  const host = pipeline.hostCopier({ direction: "playback", stream: "Music", format: s32 });
  const controls = [
    bytesControl({ name: "EQ", payload: new Uint8Array(3000).fill(7), maxBytes: 4000 }),
  ];
  const eq = pipeline.module("eq_iir", { format: s32, controls });
  const link = { direction: "playback", type: "HDA", link: "Analog", format: s32 } as const;
  topology
    .route(host, eq, pipeline.daiCopier(link))
    .link({ id: 0, name: "Analog", type: "HDA", index: 0 })
    .pcm({ id: 0, name: "Music", playback: { host, formats: ["S32_LE"] } });
  const bench = TestBench.booted(built(topology), { variant });
  bench.run(bench.driver.openPcm("Music", "playback").hwParams(stereo32));
  return bench.firmware
    .take()
    .flatMap(({ message }) =>
      message.kind === "large-config-set" ? [[message.dataOffSize, message.finalBlock]] : [],
    );
}

describe("hosts differ in", () => {
  it("where pipelines and modules are: the topology's places, or core 0 without priority", () => {
    expect(pipelinesOf(linuxVariant)).toEqual([
      [2, 1, true],
      [0, 1, false],
      [0, 1, false],
    ]);
    expect(coresOfModules(linuxVariant)).toEqual(new Set([1]));
    expect(pipelinesOf(testbenchVariant)).toEqual(Array.from({ length: 3 }, () => [0, 0, false]));
    expect(coresOfModules(testbenchVariant)).toEqual(new Set([0]));
    const kinds = (variant: HostVariant) => setUp(variant).map(({ kind }) => kind);
    expect(kinds(linuxVariant)).toContain("set-dx");
    expect(kinds(testbenchVariant)).not.toContain("set-dx");
  });

  it("queues: the second stream into a mixer has one of its own, or 0 as all have", () => {
    expect(queuesOf(linuxVariant)).toContain("0 to 1");
    expect(new Set(queuesOf(testbenchVariant))).toEqual(new Set(["0 to 0"]));
    expect(queuesOf(testbenchVariant)).toHaveLength(queuesOf(linuxVariant).length);
  });

  it("how much a message carries: 4096 bytes, or 1024", () => {
    expect(fragmentsOf(linuxVariant)).toEqual([[3000, true]]);
    expect(fragmentsOf(testbenchVariant)).toEqual([
      [3000, false],
      [1024, false],
      [2048, true],
    ]);
  });
});
