import { nodeImageCrypto, writeLibrary } from "@sof-ts/firmware-image";
import { Kernel, MemAttr, MemDomain, SysHeap } from "@sof-ts/kernel";
import { EventQueue } from "@sof-ts/kit";
import { LibraryManager, ModelLibraryMemory } from "@sof-ts/lib-manager";
import type { AudioModule, ModuleServices } from "@sof-ts/module-api";

// A library as an author packs it: an empty WebAssembly module with one driver, signed.
const rsa = nodeImageCrypto();
const signer = rsa.signer(rsa.generateKey(), "development");
const uuid = "7e2c1a40-51d5-4b1e-9c55-3d6f0a1b2c3d";
const file = writeLibrary(
  {
    name: "EXAMPLE",
    version: { major: 1, minor: 0, hotfix: 0, build: 1 },
    units: [
      {
        text: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
        bssBytes: 64,
        modules: [{ name: "LIMITER", uuid, maxInstances: 8 }],
      },
    ],
  },
  signer,
);
const payload = file.subarray(new DataView(file.buffer).getUint32(4, true));

// A firmware with a library manager in it.
const kernel = new Kernel({
  cpus: 1,
  cyclesPerSecond: 400e6,
  ticksPerSecond: 15_000,
  events: new EventQueue(),
});
const heap = { base: 0x4000_0000, size: 0x2000 };
const llDomain = new MemDomain(kernel, "zephyr_ll_mem_domain");
llDomain.init([{ start: heap.base, size: heap.size, attr: MemAttr.P_RW_U_RW }]);
let sent = 0;
const manager = new LibraryManager({
  kernel,
  // The host's DMA: RingDma takes a library out of a real channel.
  dma: {
    open: () => ({
      *readBlock(into) {
        into.set(payload.subarray(sent, (sent += into.length)));
        return 0;
      },
      close: () => {},
    }),
  },
  memory: new ModelLibraryMemory({
    dram: { base: 0xa100_0000, size: 0x10_0000 },
    sramBytes: 0x10_0000,
  }),
  virtualRange: { base: 0xa068_0000, size: 0x10_0000 },
  // The sandbox: here it makes instances that do nothing.
  wasm: {
    provides: () => false,
    compile: () => ({ kind: "wasm-code" }),
    release: () => {},
    create: () => ({ free() {} }) as AudioModule,
  },
  baseModules: new Map(),
  llDomain,
  driverHeap: new SysHeap(heap, "user heap"),
  authentication: { keys: { trusted: [signer.key] }, verifier: rsa.verifier },
  onEvent: ({ kind, message }) => console.log(`${kind}: ${message}`),
});

kernel.createThread({
  name: "ipc",
  priority: 1,
  entry: function* () {
    manager.prepare(3); // LOAD_LIBRARY_PREPARE
    console.log(yield* manager.load(3, 1)); // 0
    const module = manager.modules.find(0x1000);
    const services = { moduleId: 0x1000, instanceId: 0, core: 0 } as ModuleServices;
    const instance = module?.driver.create(services, new Uint8Array(0)) as AudioModule;
    console.log(yield* manager.unload([1])); // -16
    instance.free();
    console.log(yield* manager.unload([1]), manager.use.dramBytes);
  },
});
kernel.run(400e6);
// loaded: EXAMPLE with LIMITER
// 0
// linked: LIMITER is in place: text 0xa0688000, rodata 0xa0689000, data 0xa068a000
// refused: it is in use (EBUSY)
// -16
// unlinked: LIMITER is out of memory
// unloaded: EXAMPLE
// 0 0
