import type { AudioFormat } from "@sof-ts/ipc4";
import type { AudioStream } from "@sof-ts/module-api";
import { copierDriver } from "../src/copier/driver.js";
import {
  create,
  drain,
  encodeFormat,
  frameBytes,
  payload,
  ring,
  type TestGateway,
  TestServices,
  words,
} from "./kit.js";
import { decodeSamples, type IntegerFormat } from "./signals.js";

/** Node id of a copier without a gateway. */
export const NONE = 0xffffffff;
export const HOST_PLAYBACK = 0x0000;
export const HOST_CAPTURE = 0x0103;
export const HDA_LINK_OUT = 0x0801;
export const DMIC = 0x0b00;

/** Init payload: out format, features, node, DMA bytes, config words. */
/** Init payload: out format, features, node, DMA bytes, config words. */
export function init(
  input: AudioFormat,
  output: AudioFormat,
  node = NONE,
  config: number[] = [0],
  features = 0,
): Uint8Array {
  return payload(
    input,
    encodeFormat(output),
    words(features, node, 4 * 48 * frameBytes(output), config.length, ...config),
  );
}

interface Setup {
  readonly input: AudioFormat;
  readonly output?: AudioFormat;
  readonly node?: number;
  readonly config?: number[];
  readonly features?: number;
  readonly sinks?: number;
}

/** A copier with a source, sinks and, at a gateway, its DMA ring. */
export function rig({ input, output = input, node, config, features, sinks = 1 }: Setup) {
  const services = new TestServices();
  const module = create(copierDriver, services, init(input, output, node, config, features));
  const source = ring(services.heap, 192 * frameBytes(input));
  const outputs = Array.from({ length: sinks }, () =>
    ring(services.heap, 192 * frameBytes(output)),
  );
  const [gateway] = services.gateways as [TestGateway];
  for (const sink of outputs) sink.consumerActive = true;
  const set = (paramId: number, data: Uint8Array) =>
    module.setConfiguration?.(paramId, "single", data.length, data);
  return { services, module, source, outputs, sink: outputs[0] as AudioStream, gateway, set };
}

/** Everything that waits in a ring. */
export const samples = (stream: AudioStream, name: IntegerFormat) => [
  ...decodeSamples(drain(stream), name),
];
