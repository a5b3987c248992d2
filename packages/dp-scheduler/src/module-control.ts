import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type Blocking,
  DirectOperations,
  type FragmentPosition,
  type ModuleOperations,
  type ThrownHandler,
  type Trigger,
} from "@sof-ts/module-api";

/**
 * Operations on the module's own thread (CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD). A request that is given
 * up may still be carried out later, so it refers to copies: the mailbox and the caller's buffers are not
 * touched after the caller has its answer.
 */
export class ThreadControl implements ModuleOperations {
  private readonly inner: DirectOperations;
  private freed = false;
  private freeResult = 0;
  private readonly call: (operation: () => Blocking<number>) => Blocking<number>;

  /** @param call has the module's thread carry out an operation; a negative errno when it does not answer */
  constructor(
    module: AudioModule,
    call: (operation: () => Blocking<number>) => Blocking<number>,
    thrown?: ThrownHandler,
  ) {
    this.inner = new DirectOperations(module, thrown);
    this.call = call;
  }

  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    return yield* this.call(() => this.inner.prepare(sources, sinks));
  }

  *reset(): Blocking<number> {
    return yield* this.call(() => this.inner.reset());
  }

  *free(): Blocking<number> {
    return yield* this.call(() => this.finish());
  }

  /** What the thread did not get round to. The thread has ended. @returns the result of the module's free */
  *finish(): Blocking<number> {
    if (this.freed) return this.freeResult;
    this.freed = true;
    this.freeResult = yield* this.inner.free();
    return this.freeResult;
  }

  *setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number> {
    const own = fragment.slice();
    return yield* this.call(() =>
      this.inner.setConfiguration(paramId, position, sizeOrOffset, own),
    );
  }

  *getConfiguration(paramId: number, out: Uint8Array): Blocking<number> {
    // With what the caller put there: a control's header is part of the question.
    const own = out.slice();
    const rc = yield* this.call(() => this.inner.getConfiguration(paramId, own));
    if (rc > 0) out.set(own);
    return rc;
  }

  *setConfigParam(paramId: number, value: number): Blocking<number> {
    return yield* this.call(() => this.inner.setConfigParam(paramId, value));
  }

  *getConfigParam(paramId: number): Blocking<number> {
    return yield* this.call(() => this.inner.getConfigParam(paramId));
  }

  *bind(info: BindInfo): Blocking<number> {
    return yield* this.call(() => this.inner.bind(info));
  }

  *unbind(info: BindInfo): Blocking<number> {
    return yield* this.call(() => this.inner.unbind(info));
  }

  *trigger(command: Trigger): Blocking<number> {
    return yield* this.call(() => this.inner.trigger(command));
  }
}
