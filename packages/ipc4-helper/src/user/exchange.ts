import type { Ipc4Message } from "@sof-ts/ipc4";
import type { ModuleDriver } from "@sof-ts/module-api";

/** Which phases of SET_PIPELINE_STATE a core is asked to carry out; both unless the list spans cores. */
export type StatePhases = "prepare" | "trigger" | "both";

/** What the kernel half found out for the user half, because it must not look there itself. */
export type Resolved =
  | { readonly kind: "driver"; readonly driver: ModuleDriver; readonly dataProcessing: boolean }
  /** Ids copied out of the mailbox once: the host may change them while they are in use. */
  | { readonly kind: "pipelines"; readonly ids: readonly number[]; readonly phases: StatePhases };

/** What the user half hands back. */
export interface UserReply {
  /** IPC4 status. */
  status: number;
  /** Extension word of the reply; the request's unless a GET changed it. */
  extension: number;
  /** Bytes of reply payload, in the context's `payload`. */
  payloadBytes: number;
}

/** A message on its way from the kernel half to a user thread and back. */
export interface UserRequest {
  readonly message: Ipc4Message;
  readonly extension: number;
  /** The request's payload as it was when it was forwarded: the thread's own copy. */
  readonly mailbox: Uint8Array;
  readonly resolved: Resolved | null;
}

/** Executes one message in user mode. */
export type UserHandler = (
  request: UserRequest,
  reply: UserReply,
  out: Uint8Array,
) => Generator<number, void, number>;
