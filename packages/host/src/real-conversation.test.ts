import { audioFormat } from "@sof-ts/topology";
import { describe, expect, it } from "vitest";
import { built, hexBytes, payloadOf, stereo32, TestBench } from "../test/bench.js";
import { serialPlayback } from "../test/topologies.js";

/**
 * Messages that Linux sent to boards with an I2S codec, from public reports (thesofproject/sof-test issue
 * 1201, thesofproject/sof issue 6723): playback of 16 bits through host copier, gain and mixin, then mixout,
 * gain and SSP copier in a second pipeline.
 */
describe("a conversation of the real driver", () => {
  const setUp = () => {
    const bench = TestBench.booted(built(serialPlayback()));
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams({ ...stereo32, format: "S16_LE" }));
    bench.run(stream.prepare());
    return { bench, stream };
  };

  it("has the same words for pipelines, modules and bindings", () => {
    const { bench } = setUp();
    const words = bench.firmware
      .take()
      .map(
        ({ words: { primary, extension } }) => `${primary.toString(16)}|${extension.toString(16)}`,
      );
    expect(words.slice(0, 3)).toEqual(["11000005|0", "40000004|15", "40000006|10"]);
    // the gain of the second pipeline and its volume
    expect(words).toContain("40010006|10010");
    expect(words).not.toContain("44000006|30000018");
    expect(words).toContain("44010006|30000018");
    // an SSP copier with a blob of 84 bytes
    expect(words).toContain("40010004|10029");
    expect(words.slice(-5, -1)).toEqual([
      "45000004|6",
      "45000006|2",
      "45000002|3",
      "45000003|10006",
    ]);
  });

  it("has the same bytes for the host copier", () => {
    const { bench } = setUp();
    const init = bench.firmware.take().find(({ words }) => words.primary === 0x4000_0004);
    expect(audioFormat("S16_LE").fmtCfg).toBe(0x1_1002);
    expect(hexBytes(payloadOf(init))).toBe(
      "00 00 00 00 c0 00 00 00 80 01 00 00 01 00 00 00 " +
        "80 bb 00 00 10 00 00 00 10 ff ff ff 01 00 00 00 " +
        "00 00 00 00 02 10 01 00 80 bb 00 00 20 00 00 00 " +
        "10 ff ff ff 01 00 00 00 00 00 00 00 02 20 01 00 " +
        "00 00 00 00 00 00 00 00 80 01 00 00 01 00 00 00 " +
        "00 00 00 00",
    );
  });

  it("starts the sink's pipeline first, in one message", () => {
    const { bench, stream } = setUp();
    bench.firmware.take();
    bench.run(stream.trigger("start"));
    expect(
      bench.firmware
        .take()
        .map(({ words, payload }) => [words.primary, words.extension, hexBytes(payload)]),
    ).toEqual([
      [0x1300_0003, 1, "02 00 00 00 01 00 00 00 00 00 00 00"],
      [0x1300_0004, 1, "02 00 00 00 01 00 00 00 00 00 00 00"],
    ]);
  });
});
