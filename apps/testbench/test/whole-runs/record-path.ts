import { linuxVariant } from "@sof-ts/host";
import { RecordingSink } from "@sof-ts/soc";
import { parseTopology } from "@sof-ts/topology";
import { Machine } from "../../src/run/machine.js";
import type { Path, Samples } from "./paths.js";

const MILLISECONDS = 60;
const BITS: Readonly<Record<Samples, number>> = { S16_LE: 16, S24_LE: 24, S32_LE: 32 };

/**
 * Plays noise of 16 bits, whatever the samples' width, through a path in the whole firmware.
 *
 * @returns what its first link carried, as fractions of full scale
 */
export function recordPath(path: Path, samples: Samples): Float64Array {
  const bits = BITS[samples];
  const bytes = bits === 16 ? 2 : 4;
  const sink = new RecordingSink();
  const machine = new Machine({
    topology: parseTopology(path.topology(samples), path.name),
    platform: "mtl",
    host: { variant: { ...linuxVariant, initialControls: "bytes" } },
    farEnds: (request, gateway) => {
      gateway.sink = request.link === "Link 0" ? sink : { write: () => {} };
    },
  });
  const stream = machine.driver.openPcm("Music", "playback");
  const { rate } = path;
  const frames = Math.round((rate * MILLISECONDS) / 1000);
  machine.do(
    stream.hwParams({
      rate,
      channels: 2,
      format: samples,
      periodFrames: 2 * frames,
      bufferFrames: 4 * frames,
    }),
  );
  machine.do(stream.prepare());
  stream.write(noise(2 * frames, bits));
  machine.do(stream.trigger("start"));
  machine.wait((MILLISECONDS - 1) * 1000);
  const recorded = sink.recorded().slice().buffer;
  const values = bytes === 2 ? new Int16Array(recorded) : new Int32Array(recorded);
  // The upper byte of 24 bits in 32 is of no meaning.
  const shift = bits === 24 ? 8 : 0;
  return Float64Array.from(values, (value) => ((value << shift) >> shift) / 2 ** (bits - 1));
}

/** Noise of -12 dBFS peak, the same every time. */
function noise(count: number, bits: number): Uint8Array {
  let state = 12_345;
  const out = bits === 16 ? new Int16Array(count) : new Int32Array(count);
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    out[i] = bits === 16 ? state >> 18 : (state >> 18) << (bits - 16);
  }
  return new Uint8Array(out.buffer);
}
