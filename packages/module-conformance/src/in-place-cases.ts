import { concat } from "./bytes.js";
import type { ConformanceCase, Context } from "./case.js";
import { check, checkSame, same } from "./check.js";
import { frameBytes } from "./formats.js";
import { Rig } from "./rig.js";
import { drain, feed } from "./streams.js";

/** What a module may write: the free part of its sink, also where that is the source's own memory. */
export function inPlaceCases(context: Context): readonly ConformanceCase[] {
  const { input, output = input, inPlace } = context.subject;
  const cases: ConformanceCase[] = [
    {
      name: "writes nowhere but into the free part of its sink",
      run: () => keepsOut(context),
    },
  ];
  const alike =
    frameBytes(input) === frameBytes(output) &&
    input.samplingFrequency === output.samplingFrequency;
  if (inPlace ?? alike) {
    cases.push({
      name: "gives the same samples where source and sink are the same memory",
      run: () => overlaid(context),
    });
  }
  return cases;
}

/** What lies in the source may have another reader, what lies in the sink waits for its reader. */
function keepsOut(context: Context): void {
  const { input, block } = context;
  const rig = context.fresh();
  const { source, sink } = rig;
  const step = block * source.frameBytes;
  const memory = rig.services.heap.memory.u8;
  for (let at = 0; at + step <= input.length; at += step) {
    feed(source, input.subarray(at, at + step));
    const waiting = sink.available;
    const inSource = memory.slice(source.start, source.end);
    const inSink = memory.slice(sink.start, sink.start + waiting);
    rig.process();
    check(same(memory.subarray(source.start, source.end), inSource), "it writes into its source");
    check(
      same(memory.subarray(sink.start, sink.start + waiting), inSink),
      "it writes over samples that wait in its sink",
    );
  }
}

function overlaid(context: Context): void {
  const { subject, input, block } = context;
  const expected = context.expected();
  const rig = new Rig(subject);
  rig.overlay();
  rig.prepare();
  const { source, sink } = rig;
  const parts: Uint8Array[] = [];
  const step = block * source.frameBytes;
  for (let at = 0; at < input.length; at += step) {
    feed(source, input.subarray(at, at + step));
    for (let before = -1; before !== source.available && source.available > 0;) {
      before = source.available;
      rig.process();
    }
    parts.push(drain(sink));
  }
  checkSame(concat(...parts), expected, "in place");
}
