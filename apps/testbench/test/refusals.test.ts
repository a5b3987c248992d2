import { linuxVariant } from "@sof-ts/host";
import { audioFormat, parseTopology, TopologyBuilder } from "@sof-ts/topology";
import { expect, it } from "vitest";
import { Machine } from "../src/run/machine.js";

const stereo = audioFormat("S32_LE");
const four = audioFormat("S32_LE", { channels: 4 });

/** A host copier of four channels in front of a copier that takes two: the driver does not compare the two. */
function misfit(): Uint8Array {
  const builder = new TopologyBuilder();
  const pipeline = builder.pipeline({ id: 1 });
  const host = pipeline.hostCopier({ format: four, direction: "playback", stream: "Music" });
  const between = pipeline.moduleCopier({ format: stereo });
  builder.link({ id: 0, name: "Link 0", type: "ALH", index: 0 });
  const link = { direction: "playback", type: "ALH", index: 0, link: "Link 0" } as const;
  const dai = pipeline.daiCopier({ format: stereo, ...link });
  builder.route(host, between);
  builder.route(between, dai);
  const playback = {
    host,
    formats: ["S32_LE"] as const,
    rates: [48_000],
    channels: [4, 4] as const,
    periods: [2, 16] as const,
    bufferBytes: [1, 1 << 20] as const,
    periodBytes: [1, 1 << 16] as const,
  };
  builder.pcm({ id: 0, name: "Music", playback });
  return builder.build();
}

it("tells what the firmware logged with the status of a refusal, each time anew", () => {
  const machine = new Machine({
    topology: parseTopology(misfit(), "misfit"),
    platform: "mtl",
    host: { variant: linuxVariant },
    farEnds: () => {},
  });
  const reason =
    "was refused with status 7 (INVALID_REQUEST); the firmware logged: pipe: COPIER: prepare -22 " +
    "frames of 2 channels, 8 bytes, where COPIER 0 has 4 channels, 16 bytes (EINVAL)";
  for (let attempt = 0; attempt < 2; attempt++) {
    const stream = machine.driver.openPcm("Music", "playback");
    machine.do(
      stream.hwParams({
        rate: 48_000,
        channels: 4,
        format: "S32_LE",
        periodFrames: 480,
        bufferFrames: 960,
      }),
    );
    const start = (): void => {
      machine.do(stream.prepare());
      machine.do(stream.trigger("start"));
    };
    expect(start).toThrow(reason);
    machine.do(stream.close());
  }
});
