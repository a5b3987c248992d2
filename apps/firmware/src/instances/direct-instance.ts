import type { InstanceRequest } from "@sof-ts/ipc4-helper";
import type {
  AudioAllocator,
  AudioMemory,
  AudioModule,
  Blocking,
  ModuleDriver,
  ModuleServices,
  ThrownHandler,
} from "@sof-ts/module-api";
import { DirectModule } from "@sof-ts/pipeline";
import type { InstanceGateways } from "./instance-gateways.js";
import { createGuarded } from "./module-exceptions.js";

/**
 * The memory of one module instance (SOF's `mod_alloc`, `mod_free_all`): what the instance does not give back
 * itself goes back when it ends.
 */
class InstanceHeap implements AudioAllocator {
  readonly memory: AudioMemory;
  private readonly heap: AudioAllocator;
  private readonly blocks = new Set<number>();

  constructor(heap: AudioAllocator) {
    this.heap = heap;
    this.memory = heap.memory;
  }

  alloc(byteLength: number, align?: number): number {
    const address = this.heap.alloc(byteLength, align);
    if (address !== 0) this.blocks.add(address);
    return address;
  }

  free(address: number): void {
    // What the instance does not have is not its to give.
    if (this.blocks.delete(address)) this.heap.free(address);
  }

  freeAll(): void {
    for (const address of this.blocks) this.heap.free(address);
    this.blocks.clear();
  }
}

/** A module in the firmware's own domain, with the memory that it was given. */
class OwnedModule extends DirectModule {
  private readonly giveBack: () => void;

  constructor(module: AudioModule, thrown: ThrownHandler, giveBack: () => void) {
    super(module, thrown);
    this.giveBack = giveBack;
  }

  override *free(): Blocking<number> {
    const rc = yield* super.free();
    this.giveBack();
    return rc;
  }
}

/**
 * Makes a module instance that is called directly.
 *
 * @param services what it gets, its heap excepted
 * @param gateways what `services` opens
 * @returns the instance, or a negative errno and nothing left behind
 */
export function makeDirectInstance(
  driver: ModuleDriver,
  request: InstanceRequest,
  services: Omit<ModuleServices, "heap">,
  heap: AudioAllocator,
  gateways: InstanceGateways,
  thrown: ThrownHandler,
): DirectModule | number {
  const own = new InstanceHeap(heap);
  const giveBack = (): void => {
    gateways.freeAll();
    own.freeAll();
  };
  const module = createGuarded(driver, { ...services, heap: own }, request.payload, thrown);
  if (typeof module !== "number") return new OwnedModule(module, thrown, giveBack);
  giveBack();
  return module;
}
