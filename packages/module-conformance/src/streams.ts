import { ENODATA } from "@sof-ts/kit";
import {
  type AudioAllocator,
  type AudioModule,
  AudioStream,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";

/** A ring in a heap's memory. */
export function ring(heap: AudioAllocator, byteLength: number): AudioStream {
  const address = heap.alloc(byteLength);
  if (address === 0) throw new Error(`no room for a ring of ${byteLength} bytes`);
  return new AudioStream(heap.memory, address, byteLength);
}

/** Puts bytes into a ring as its producer would. */
export function feed(stream: AudioStream, bytes: Uint8Array): void {
  const first = Math.min(bytes.length, stream.end - stream.writePtr);
  stream.memory.u8.set(bytes.subarray(0, first), stream.writePtr);
  stream.memory.u8.set(bytes.subarray(first), stream.start);
  stream.produce(bytes.length);
}

/** Takes bytes, all there are by default, out of a ring as its consumer would. */
export function drain(stream: AudioStream, limit = stream.available): Uint8Array {
  const out = new Uint8Array(limit);
  const first = Math.min(limit, stream.end - stream.readPtr);
  out.set(stream.memory.u8.subarray(stream.readPtr, stream.readPtr + first));
  out.set(stream.memory.u8.subarray(stream.start, stream.start + limit - first), first);
  stream.consume(limit);
  return out;
}

/** Makes an instance; a refusal fails the test. */
export function create(
  driver: ModuleDriver,
  services: ModuleServices,
  init: Uint8Array,
): AudioModule {
  const module = driver.create(services, init);
  if (typeof module === "number")
    throw new Error(`${driver.manifest.name} refuses its payload: ${module}`);
  return module;
}

/** Fails a test when a call failed; to have no data is no failure. */
export function must(ret: number | undefined, what: string): void {
  if (ret === undefined || (ret < 0 && ret !== -ENODATA)) throw new Error(`${what} gives ${ret}`);
}
