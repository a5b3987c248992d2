// The binary interface of isolated modules, version 1.0, as an AssemblyScript module sees it.

export function sof_module_abi(): i32 {
  return 0x10000;
}

export function sof_module_alloc(bytes: i32, align: i32): i32 {
  // Blocks of the runtime's heap are aligned to 16 bytes.
  return align > 16 ? 0 : (heap.alloc(bytes) as i32);
}

// What the host tells at init. Lies in this module's memory; the host does not read it back.
@unmanaged
export class Context {
  size: i32;
  abi: i32;
  moduleId: i32;
  instanceId: i32;
  pipelineId: i32;
  core: i32;
  periodUs: i32;
  maxSources: i32;
  maxSinks: i32;
  sources: usize;
  sinks: usize;
  fragment: usize;
  fragmentBytes: i32;
  payloadBytes: i32;
  memoryBytes: i32;
  reserved: i32;
}

// One stream in one period.
@unmanaged
export class Stream {
  data: usize;
  bytes: i32;
  done: i32;
  frameBytes: i32;
  rate: i32;
  channels: i32;
  frameFmt: i32;
  validFmt: i32;
  channelMap: i32;
  active: i32;
  queue: i32;
  reserved0: i32;
}

export function streamAt(first: usize, index: i32): Stream {
  return changetype<Stream>(first + ((index * 48) as usize));
}

export function streamOf(first: usize, queue: i32, count: i32): Stream {
  for (let i = 0; i < count; i++) {
    if (streamAt(first, i).queue == queue) return streamAt(first, i);
  }
  return changetype<Stream>(0);
}

// The compiler names an import after the file that declares it: "sof.log".
declare function log(address: usize, bytes: i32): void;

export declare function notify(event: i32, address: usize, bytes: i32): i32;

export function logLine(text: string): void {
  const utf8 = String.UTF8.encode(text);
  log(changetype<usize>(utf8), utf8.byteLength);
}
