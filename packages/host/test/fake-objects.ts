import {
  componentId,
  decodePipelineIds,
  dxState,
  type Ipc4Message,
  type MessageOfKind,
} from "@sof-ts/ipc4";

interface FakePipeline {
  /** 0 until it was completed, then as on the wire. */
  state: number;
  readonly core: number;
  readonly instances: Set<number>;
}

interface FakeBinding {
  readonly source: number;
  readonly sink: number;
  readonly queues: number;
}

const OK = 0;
const FAILURE = 6;
const INVALID_REQUEST = 7;
const INVALID_RESOURCE_ID = 9;
const INVALID_RESOURCE_STATE = 12;
const MOD_NOT_INITIALIZED = 104;
const INVALID_CORE_ID = 116;
const INVALID_CHAIN_STATE_TRANSITION = 3018;

/** The objects of a firmware without audio: what exists, what is connected, in which state. */
export class FakeObjects {
  readonly pipelines = new Map<number, FakePipeline>();
  readonly bindings: FakeBinding[] = [];
  readonly chains = new Set<number>();
  readonly coresOn = new Set([0]);
  private readonly instances = new Set<number>();

  /** Objects that exist. */
  get count(): number {
    return this.pipelines.size + this.instances.size + this.bindings.length + this.chains.size;
  }

  /** @returns the status that a request gets */
  handle(message: Ipc4Message, payload: Uint8Array): number {
    switch (message.kind) {
      case "create-pipeline":
        if (!this.coresOn.has(message.coreId)) return INVALID_CORE_ID;
        if (this.pipelines.has(message.pipelineId)) return INVALID_RESOURCE_ID;
        this.pipelines.set(message.pipelineId, {
          state: 0,
          core: message.coreId,
          instances: new Set(),
        });
        return OK;
      case "delete-pipeline":
        return this.deletePipeline(message.pipelineId);
      case "set-pipeline-state":
        return this.setStates(
          message.multiPipeline ? decodePipelineIds(payload) : [message.pipelineId],
          message.state,
        );
      case "init-instance":
        return this.init(message, payload);
      case "bind":
        return this.bind(message);
      case "unbind":
        return this.unbind(message);
      case "large-config-set":
        if (message.moduleId === 0) return OK;
        return this.instances.has(idOf(message)) ? OK : INVALID_RESOURCE_ID;
      case "chain-dma":
        return this.chain(message);
      case "set-dx":
        return this.setDx(payload);
      case "set-d0ix":
      case "load-library":
      case "load-library-prepare":
        return OK;
      default:
        return INVALID_REQUEST;
    }
  }

  private init(message: MessageOfKind<"init-instance">, payload: Uint8Array): number {
    const id = idOf(message);
    const pipeline = this.pipelines.get(message.pipelineId);
    if (!this.coresOn.has(message.coreId)) return INVALID_CORE_ID;
    if (pipeline === undefined || this.instances.has(id)) return MOD_NOT_INITIALIZED;
    if (payload.length !== message.paramBlockWords * 4 || payload.length < 40) {
      return MOD_NOT_INITIALIZED;
    }
    this.instances.add(id);
    pipeline.instances.add(id);
    return OK;
  }

  private bind(message: MessageOfKind<"bind">): number {
    const { source, sink, queues } = bindingOf(message);
    if (!this.instances.has(source) || !this.instances.has(sink)) return INVALID_RESOURCE_ID;
    this.bindings.push({ source, sink, queues });
    return OK;
  }

  private unbind(message: MessageOfKind<"unbind">): number {
    const { source, sink, queues } = bindingOf(message);
    const index = this.bindings.findIndex(
      (other) => other.source === source && other.queues === queues,
    );
    const binding = this.bindings[index];
    if (binding === undefined || binding.sink !== sink) return INVALID_RESOURCE_ID;
    this.bindings.splice(index, 1);
    return OK;
  }

  private deletePipeline(id: number): number {
    const pipeline = this.pipelines.get(id);
    if (pipeline === undefined) return INVALID_RESOURCE_ID;
    if (pipeline.state === 4 || pipeline.state === 3) return INVALID_RESOURCE_STATE;
    for (const instance of pipeline.instances) this.instances.delete(instance);
    this.pipelines.delete(id);
    // Bindings inside the pipeline go with it; one that leads to another pipeline should be gone by now.
    for (let i = this.bindings.length - 1; i >= 0; i--) {
      const { source, sink } = this.bindings[i] as FakeBinding;
      if (!this.instances.has(source) && !this.instances.has(sink)) this.bindings.splice(i, 1);
    }
    return OK;
  }

  private setStates(ids: readonly number[], state: number): number {
    const pipelines = ids.map((id) => this.pipelines.get(id));
    if (pipelines.includes(undefined)) return INVALID_RESOURCE_ID;
    for (const pipeline of pipelines as FakePipeline[]) {
      // PAUSED takes a new pipeline to the reset state; running needs that.
      if (state === 4 && pipeline.state === 0) return INVALID_REQUEST;
      if (state === 3) pipeline.state = pipeline.state === 4 || pipeline.state === 3 ? 3 : 2;
      else if (state === 4 || state === 2) pipeline.state = state;
      else return INVALID_REQUEST;
    }
    return OK;
  }

  private chain(message: MessageOfKind<"chain-dma">): number {
    const { hostDmaId, allocate, enable } = message;
    const exists = this.chains.has(hostDmaId);
    if (!allocate && enable) return exists ? INVALID_CHAIN_STATE_TRANSITION : FAILURE;
    if (allocate) this.chains.add(hostDmaId);
    else this.chains.delete(hostDmaId);
    return OK;
  }

  private setDx(payload: Uint8Array): number {
    const { coreMask, dxMask } = dxState.decode(payload);
    for (let core = 0; core < 8; core++) {
      if (((coreMask >>> core) & 1) === 0) continue;
      if (((dxMask >>> core) & 1) === 1) this.coresOn.add(core);
      else this.coresOn.delete(core);
    }
    return OK;
  }
}

const idOf = (message: { readonly moduleId: number; readonly instanceId: number }): number =>
  componentId(message.moduleId, message.instanceId);

function bindingOf(message: MessageOfKind<"bind"> | MessageOfKind<"unbind">): FakeBinding {
  return {
    source: idOf(message),
    sink: componentId(message.dstModuleId, message.dstInstanceId),
    queues: message.dstQueue * 8 + message.srcQueue,
  };
}
