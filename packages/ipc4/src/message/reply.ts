import { InputError } from "@sof-ts/kit";
import * as layouts from "./request-layouts.js";
import { type ErasedLayout, layoutOf, layoutsByKind, type MessageKind } from "./request.js";
import { isReply } from "./types.js";
import {
  extension,
  primary,
  type WordField,
  type WordFields,
  wordLayout,
  type Words,
  type WordValue,
} from "./word-layout.js";

const REPLY = 1 << 29;

/** Reply fields of requests whose reply does not echo the extension word. */
const ownReplyFields = {
  "ipc-gateway-cmd": {
    /** Bytes of the reply's payload. */
    payloadSize: extension(0, 30),
  },
  "get-pipeline-state": {
    /** A `PipelineState`. */
    state: extension(0, 5),
  },
  "get-pipeline-context-size": {
    /** Pages of 4096 bytes. */
    pages: extension(0, 16),
  },
} as const;

type LayoutMap = {
  [K in keyof typeof layouts as (typeof layouts)[K]["kind"]]: (typeof layouts)[K];
};

type EchoedFields<F extends WordFields> = {
  readonly [K in keyof F as F[K] extends { readonly word: "extension" } ? K : never]: F[K];
};

type ReplyFieldsOf<K extends MessageKind> = (K extends keyof typeof ownReplyFields
  ? (typeof ownReplyFields)[K]
  : EchoedFields<LayoutMap[K]["fields"]>) & {
  /** Bits 23:0, a `Status`. */
  readonly status: WordField<number, "primary">;
} & (K extends "unknown-global" | "unknown-module"
    ? { readonly type: WordField<number, "primary"> }
    : unknown);

/** The reply to one kind of request. */
export type ReplyOfKind<K extends MessageKind> = K extends MessageKind
  ? WordValue<K, ReplyFieldsOf<K>>
  : never;

/**
 * A reply from the firmware. `kind` is that of the request; `status` is 0 or what went wrong; the other
 * fields are those of the extension word, an echo of the request's except where the protocol says more.
 */
export type Ipc4Reply = ReplyOfKind<MessageKind>;

const replyLayouts: ReadonlyMap<string, ErasedLayout> = new Map(
  [...layoutsByKind].map(([kind, request]) => [kind, replyLayout(request)]),
);

function replyLayout(request: ErasedLayout): ErasedLayout {
  const unknown = request.kind.startsWith("unknown-");
  const zero: Record<string, unknown> = { kind: request.kind };
  const fields: Record<string, WordField<number | boolean>> = { status: primary(0, 24) };
  const own: WordFields | undefined = ownReplyFields[request.kind as keyof typeof ownReplyFields];
  for (const [name, field] of Object.entries(request.fields)) {
    zero[name] = field.boolean ? false : 0;
    if (own === undefined && field.word === "extension") fields[name] = field;
  }
  if (unknown) fields["type"] = primary(24, 5);
  Object.assign(fields, own);
  const which = request.encode(zero as never).primary | REPLY;
  return wordLayout(request.kind, which, unknown ? 0x6000_0000 : 0x7f00_0000, fields);
}

/**
 * Takes a reply apart.
 *
 * @throws InputError when the reply bit is clear
 */
export function decodeReply(primary: number, extension: number): Ipc4Reply {
  if (!isReply(primary)) {
    throw new InputError(`0x${primary.toString(16)} has the reply bit clear`, {
      source: "reply",
      offset: 3,
      remedy: "Requests are read by decodeRequest, notifications by decodeNotification",
    });
  }
  const { kind } = layoutOf(primary);
  const layout = replyLayouts.get(kind) as ErasedLayout;
  return layout.decode({ primary, extension }) as unknown as Ipc4Reply;
}

/** Puts a reply together; a value that does not fit its field is a mistake of ours (assertion). */
export function encodeReply(reply: Ipc4Reply): Words {
  return (replyLayouts.get(reply.kind) as ErasedLayout).encode(reply as never);
}

/**
 * The reply that the firmware gives: type and target of the request, and its extension word unless the
 * handler made another one.
 *
 * @param status 0, a `Status`, or a negative result that leaks: its low 24 bits go out
 */
export function replyWords(request: Words, status: number, extension = request.extension): Words {
  return {
    primary: ((request.primary & 0x5f00_0000) | REPLY | (status & 0xff_ffff)) >>> 0,
    extension,
  };
}
