import { EINVAL, ENOSYS } from "@sof-ts/kit";
import type {
  AudioModule,
  AudioStream,
  BindInfo,
  Blocking,
  FragmentPosition,
  ModuleHandle,
  Trigger,
} from "@sof-ts/module-api";

/** The operations of a module besides `process`, wherever they are carried out. */
export type ModuleControl = Omit<ModuleHandle, "direct" | "process" | "waits">;

/** Operations on the caller's thread. */
export class DirectControl implements ModuleControl {
  private readonly module: AudioModule;

  constructor(module: AudioModule) {
    this.module = module;
  }

  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    return this.module.prepare(sources, sinks);
  }

  *reset(): Blocking<number> {
    return this.module.reset();
  }

  *free(): Blocking<void> {
    this.module.free();
  }

  *setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): Blocking<number> {
    return this.module.setConfiguration?.(paramId, position, sizeOrOffset, fragment) ?? -EINVAL;
  }

  *getConfiguration(paramId: number, out: Uint8Array): Blocking<number> {
    return this.module.getConfiguration?.(paramId, out) ?? -EINVAL;
  }

  *setConfigParam(paramId: number, value: number): Blocking<number> {
    return this.module.setConfigParam?.(paramId, value) ?? -ENOSYS;
  }

  *getConfigParam(paramId: number): Blocking<number> {
    return this.module.getConfigParam?.(paramId) ?? -ENOSYS;
  }

  *bind(info: BindInfo): Blocking<number> {
    return this.module.bind?.(info) ?? 0;
  }

  *unbind(info: BindInfo): Blocking<number> {
    return this.module.unbind?.(info) ?? 0;
  }

  *trigger(command: Trigger): Blocking<number> {
    return this.module.trigger?.(command) ?? 0;
  }
}

/**
 * Operations on the module's own thread (CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD). A request that is given
 * up may still be carried out later, so it refers to copies: the mailbox and the caller's buffers are not
 * touched after the caller has its answer.
 */
export class ThreadControl implements ModuleControl {
  private readonly module: AudioModule;
  private readonly inner: DirectControl;
  private freed = false;
  private readonly call: (operation: () => Blocking<number>) => Blocking<number>;

  /** @param call has the module's thread carry out an operation; a negative errno when it does not answer */
  constructor(module: AudioModule, call: (operation: () => Blocking<number>) => Blocking<number>) {
    this.module = module;
    this.inner = new DirectControl(module);
    this.call = call;
  }

  *prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): Blocking<number> {
    return yield* this.call(() => this.inner.prepare(sources, sinks));
  }

  *reset(): Blocking<number> {
    return yield* this.call(() => this.inner.reset());
  }

  *free(): Blocking<void> {
    yield* this.call(() => this.freeHere());
  }

  /** What the thread did not get round to. The thread has ended. */
  finish(): void {
    if (this.freed) return;
    this.freed = true;
    this.module.free();
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

  private *freeHere(): Blocking<number> {
    this.finish();
    return 0;
  }
}
