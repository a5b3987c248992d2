import { AudioMemory, AudioStream, FrameFmt, type ModuleServices } from "@sof-ts/module-api";
import { isolatedDriver, IsolatedProgram, type ModuleFault } from "@sof-ts/wasm-sandbox";
import { wasm } from "./generated/halve.js";

const faults: ModuleFault[] = [];
const program = IsolatedProgram.load(Buffer.from(wasm, "base64"), "halve.wasm");
const driver = isolatedDriver(
  program,
  {
    name: "HALVE",
    uuid: "8bd2a2cb-9f5c-4c2b-8ad0-6c8d2f0f0b11",
    initConfig: "base",
    maxInstances: 8,
    domain: "LL",
    configs: [],
  },
  { report: (fault) => faults.push(fault) },
);
const services = { moduleId: 1, instanceId: 0, pipelineId: 0, core: 0, periodUs: 1000 };
const module = driver.create(services as ModuleServices, new Uint8Array(0));
if (typeof module === "number") throw new Error(`errno ${module}`);

const memory = new AudioMemory(1 << 18);
const [source, sink] = [0x20000, 0x20400].map((start) => {
  const ring = new AudioStream(memory, start, 768);
  const { S32_LE } = FrameFmt;
  ring.setParams({
    rate: 48000,
    channels: 2,
    frameFmt: S32_LE,
    validFmt: S32_LE,
    channelMap: 0xffffff10,
  });
  return ring;
}) as [AudioStream, AudioStream];
module.prepare([source], [sink]);

memory.i32.fill(1000, source.start >> 2, source.end >> 2);
source.produce(384);
console.log(module.process([source], [sink]), sink.availableFrames, memory.i32[sink.start >> 2]); // 0 48 500
memory.i32[source.readPtr >> 2] = 13;
source.produce(384);
console.log(module.process([source], [sink]), sink.availableFrames); // -14 48
console.log(module.process([source], [sink])); // -19
console.log(faults[0]?.reason, "in", faults[0]?.operation); // unreachable in process
