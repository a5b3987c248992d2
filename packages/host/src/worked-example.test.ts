import { describe, expect, it } from "vitest";
import { built, hexBytes, stereo32, TestBench } from "../test/bench.js";
import { mixedPlayback } from "../test/topologies.js";

/** 48 kHz, 2 channels, 32 bits in 32, interleaved, LSB integers. */
const S32 = "80 bb 00 00 20 00 00 00 10 ff ff ff 01 00 00 00 00 00 00 00 02 20 01 00";
/** cpc 0, 384 bytes in and out; then the size token. */
const SIZES = "00 00 00 00 80 01 00 00 80 01 00 00";
const GAIN_ENTRY = "ff ff ff ff ff ff ff 7f 01 00 00 00 00 00 00 00 40 0d 03 00 00 00 00 00";

const copier = (node: string) =>
  `${SIZES} 01 00 00 00 ${S32} ${S32} 00 00 00 00 ${node} 00 03 00 00 01 00 00 00 00 00 00 00`;
const base = `${SIZES} 00 00 00 00 ${S32}`;

function openedStream() {
  const bench = TestBench.booted(built(mixedPlayback()));
  const stream = bench.driver.openPcm("Music", "playback");
  const conversation = () =>
    bench.firmware
      .take()
      .map(({ words, payload }) =>
        [
          `${words.primary.toString(16)}|${words.extension.toString(16)}`,
          ...(payload.length > 0 ? [hexBytes(payload)] : []),
        ].join(" "),
      );
  return { bench, stream, conversation };
}

describe("the worked playback example", () => {
  it("sets two pipelines up word by word and byte by byte", () => {
    const { bench, stream, conversation } = openedStream();
    bench.run(stream.hwParams(stereo32));
    expect(conversation()).toEqual([
      "11000006|0",
      `40000004|15 ${copier("00 00 00 00")}`,
      `40000006|10 ${base} ${GAIN_ENTRY}`,
      `44000006|30000018 ${GAIN_ENTRY}`,
      `40000002|a ${base}`,
      "11010006|0",
      `40000003|1000a ${base}`,
      `40010006|10010 ${base} ${GAIN_ENTRY}`,
      `44010006|30000018 ${GAIN_ENTRY}`,
      `40010004|10015 ${copier("00 08 00 00")}`,
      "45000004|6",
      "45000006|2",
      "45000002|3",
      "45000003|10006",
      "45010006|10004",
    ]);
  });

  it("starts the back end before the front end and stops it after", () => {
    const { bench, stream, conversation } = openedStream();
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    conversation();
    bench.run(stream.trigger("start"));
    expect(conversation()).toEqual(["13010003|0", "13010004|0", "13000003|0", "13000004|0"]);
    bench.run(stream.trigger("pausePush"));
    expect(conversation()).toEqual(["13000003|0", "13010003|0"]);
    bench.run(stream.trigger("pauseRelease"));
    expect(conversation()).toEqual(["13010004|0", "13000004|0"]);
    bench.run(stream.trigger("stop"));
    expect(conversation()).toEqual(["13000003|0", "13010003|0"]);
  });

  it("resets both pipelines at once, sink first, then unbinds and deletes", () => {
    const { bench, stream, conversation } = openedStream();
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    bench.run(stream.trigger("stop"));
    conversation();
    bench.run(stream.hwFree());
    expect(conversation()).toEqual([
      "13000002|1 02 00 00 00 01 00 00 00 00 00 00 00",
      "46000002|3",
      "12000000|0",
      "12010000|0",
    ]);
    expect(bench.taken).toBe(0);
    bench.run(stream.close());
    expect(conversation()).toEqual([]);
    expect(bench.firmware.violations).toEqual([]);
  });
});
