import type { Kernel } from "@sof-ts/kernel";
import {
  type AudioMemory,
  AudioStream,
  type Direction,
  type Gateway,
  type GatewayKind,
  type GatewayRequest,
  type StreamParams,
} from "@sof-ts/module-api";
import { HandleTable } from "./handle-table.js";

/** What a user thread learns of a gateway: a copy of its own (Zephyr's `dai_get_properties_copy`). */
export interface GatewayProperties {
  kind: GatewayKind;
  nodeId: number;
  direction: Direction;
  /** The DMA ring, in the LL user heap. */
  ringStart: number;
  ringBytes: number;
}

/** Where a channel's DMA is, as of the last look (Zephyr's `struct dma_status`). */
export interface GatewayStatus {
  /** Bytes that wait in the ring. */
  available: number;
}

/** The system calls, each with a handle first. */
interface Calls {
  properties(handle: number, copy: GatewayProperties): void;
  prepare(handle: number, params: StreamParams): number;
  start(handle: number): number;
  stop(handle: number): number;
  pause(handle: number): number;
  release(handle: number): number;
  reset(handle: number): number;
  free(handle: number): void;
  status(handle: number, copy: GatewayStatus): number;
  reload(handle: number, byteCount: number): number;
}

/**
 * Gateways for the threads of LL and IPC, which have no privileges: the DMA and DAI drivers are behind system
 * calls (SOF's `sof_dma_*`) that take numbers and copy out what the caller is to know. No lock is taken and no
 * interrupt masked: a gateway belongs to one copier, and that to one core.
 */
export class GatewayCalls {
  private readonly gateways = new HandleTable<OpenGateway>();
  private readonly memory: AudioMemory;
  private readonly request: (request: GatewayRequest) => number;
  private readonly openSoftware: (request: GatewayRequest) => Gateway | number | null;
  private readonly calls: Calls;

  /**
   * Calling context: boot; defines system calls.
   *
   * @param memory in which the rings lie
   * @param open opens a gateway on its channels, in kernel mode
   * @param openSoftware opens one that is no hardware, for its caller to use as it is; null where there is hardware
   */
  constructor(
    kernel: Kernel,
    memory: AudioMemory,
    open: (request: GatewayRequest) => Gateway | number,
    openSoftware: (request: GatewayRequest) => Gateway | number | null,
  ) {
    this.memory = memory;
    this.openSoftware = openSoftware;
    const { gateways } = this;
    this.request = kernel.defineSyscall("sof_dma_request_channel", {
      run: (request: GatewayRequest) => {
        const gateway = open(request);
        return typeof gateway === "number" ? gateway : gateways.add(new OpenGateway(gateway));
      },
    });
    const resolve = (handle: number): OpenGateway | null => gateways.get(handle);
    const plain = (name: string, operation: (gateway: Gateway) => number) => {
      const call = kernel.defineHandleSyscall(name, {
        resolve,
        run: ({ gateway }: OpenGateway, _none: null) => operation(gateway),
      });
      return (handle: number) => call(handle, null);
    };
    this.calls = {
      properties: kernel.defineHandleSyscall("dai_get_properties_copy", {
        resolve,
        run: ({ gateway, stream }: OpenGateway, copy: GatewayProperties) => {
          const { kind, nodeId, direction } = gateway;
          const { start: ringStart, size: ringBytes } = stream;
          Object.assign(copy, { kind, nodeId, direction, ringStart, ringBytes });
        },
      }),
      prepare: kernel.defineHandleSyscall("sof_dma_config", {
        resolve,
        run: ({ gateway }: OpenGateway, params: StreamParams) => gateway.prepare({ ...params }),
      }),
      start: plain("sof_dma_start", (gateway) => gateway.start()),
      stop: plain("sof_dma_stop", (gateway) => gateway.stop()),
      pause: plain("sof_dma_suspend", (gateway) => gateway.pause()),
      release: plain("sof_dma_resume", (gateway) => gateway.release()),
      reset: plain("sof_dma_reset", (gateway) => gateway.reset()),
      free: kernel.defineSyscall("sof_dma_release_channel", {
        verify: (handle: number) => gateways.get(handle) !== null,
        run: (handle: number) => {
          gateways.get(handle)?.gateway.free();
          gateways.remove(handle);
        },
      }),
      status: kernel.defineHandleSyscall("sof_dma_get_status", {
        resolve,
        run: ({ gateway, stream }: OpenGateway, copy: GatewayStatus) => {
          const rc = gateway.status();
          copy.available = stream.available;
          return rc;
        },
      }),
      reload: kernel.defineHandleSyscall("sof_dma_reload", {
        resolve,
        verify: (open: OpenGateway, byteCount: number) =>
          byteCount >= 0 && byteCount <= open.movable,
        run: ({ gateway, stream, consumed }: OpenGateway, byteCount: number) => {
          if (consumed) stream.consume(byteCount);
          else stream.produce(byteCount);
          return gateway.reload(byteCount);
        },
      }),
    };
  }

  /**
   * Opens a gateway. Calling context: thread and user mode; does not block.
   *
   * @returns the gateway, or a negative errno of its driver
   */
  open(request: GatewayRequest): Gateway | number {
    const software = this.openSoftware(request);
    if (software !== null) return software;
    const handle = this.request(request);
    if (handle <= 0) return handle;
    const { nodeId, direction } = request;
    const properties = { kind: "host", nodeId, direction, ringStart: 0, ringBytes: 0 } as const;
    return new UserGateway(this.calls, handle, { ...properties }, this.memory);
  }
}

/** What a number stands for. */
class OpenGateway {
  readonly gateway: Gateway;
  readonly stream: AudioStream;
  /** Whether the copier takes from the ring; at the other gateways it fills it. */
  readonly consumed: boolean;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
    this.stream = gateway.stream;
    this.consumed = (gateway.kind === "host") === (gateway.direction === "playback");
  }

  /** Bytes that the copier can have moved since the last look. */
  get movable(): number {
    return this.consumed ? this.stream.available : this.stream.free;
  }
}

/** A gateway as its copier has it: the number of its driver's, and copies of what it was told. */
class UserGateway implements Gateway {
  readonly kind: GatewayKind;
  readonly nodeId: number;
  readonly direction: Direction;
  readonly stream: AudioStream;
  private readonly calls: Calls;
  private readonly handle: number;
  private readonly dma: GatewayStatus = { available: 0 };
  private moved = 0;

  /** @param properties filled in by the call */
  constructor(calls: Calls, handle: number, properties: GatewayProperties, memory: AudioMemory) {
    this.calls = calls;
    this.handle = handle;
    calls.properties(handle, properties);
    this.kind = properties.kind;
    this.nodeId = properties.nodeId;
    this.direction = properties.direction;
    this.stream = new AudioStream(memory, properties.ringStart, properties.ringBytes);
  }

  get totalBytes(): number {
    return this.moved;
  }

  prepare(params: StreamParams): number {
    this.moved = 0;
    this.stream.setParams(params);
    this.stream.reset();
    return this.calls.prepare(this.handle, params);
  }

  start(): number {
    return this.calls.start(this.handle);
  }

  stop(): number {
    this.stream.reset();
    return this.calls.stop(this.handle);
  }

  pause(): number {
    return this.calls.pause(this.handle);
  }

  release(): number {
    return this.calls.release(this.handle);
  }

  reset(): number {
    this.moved = 0;
    this.stream.reset();
    return this.calls.reset(this.handle);
  }

  free(): void {
    this.calls.free(this.handle);
  }

  status(): number {
    const rc = this.calls.status(this.handle, this.dma);
    this.stream.available = this.dma.available;
    return rc;
  }

  reload(byteCount: number): number {
    this.moved += byteCount;
    return this.calls.reload(this.handle, byteCount);
  }
}
