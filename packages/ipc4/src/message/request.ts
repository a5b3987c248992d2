import { InputError } from "@sof-ts/kit";
import * as layouts from "./request-layouts.js";
import { isModuleMessage, isReply, messageType } from "./types.js";
import type { WordFields, WordLayout, Words } from "./word-layout.js";

type AnyLayout = (typeof layouts)[keyof typeof layouts];

/**
 * A request from the host, told apart by `kind`: `{ kind: "create-pipeline", memPages: 2, ... }`. There is
 * a kind for each message of the protocol and two (`unknown-global`, `unknown-module`) for types that it
 * does not have. Bits that a message does not define are in `reservedPrimary` and `reservedExtension`.
 */
export type Ipc4Message = ReturnType<AnyLayout["decode"]>;

/** The kinds of {@link Ipc4Message}. */
export type MessageKind = Ipc4Message["kind"];

/** The message of one kind. */
export type MessageOfKind<K extends MessageKind> = Extract<Ipc4Message, { readonly kind: K }>;

/** A layout whose kind and fields the compiler no longer knows. */
export type ErasedLayout = WordLayout<string, WordFields>;

/** All layouts by the kind that they read and write. */
export const layoutsByKind: ReadonlyMap<string, ErasedLayout> = new Map(
  Object.values(layouts).map((layout) => [layout.kind, layout as unknown as ErasedLayout]),
);

/** Layouts by bits 30 (target) and 28:24 (type) of the primary word. */
const layoutsByWhich: readonly (ErasedLayout | undefined)[] = indexByWhich();

function indexByWhich(): readonly (ErasedLayout | undefined)[] {
  const index = Array.from<ErasedLayout | undefined>({ length: 64 });
  for (const layout of layoutsByKind.values()) {
    if (layout.kind.startsWith("unknown-")) continue;
    const zero: Record<string, unknown> = { kind: layout.kind };
    for (const [name, field] of Object.entries(layout.fields)) {
      zero[name] = field.boolean ? false : 0;
    }
    index[whichOf(layout.encode(zero as never).primary)] = layout;
  }
  return index;
}

function whichOf(primary: number): number {
  return (isModuleMessage(primary) ? 32 : 0) | messageType(primary);
}

/** @returns the layout of a request or reply with this primary word */
export function layoutOf(primary: number): ErasedLayout {
  return (
    layoutsByWhich[whichOf(primary)] ??
    ((isModuleMessage(primary)
      ? layouts.unknownModule
      : layouts.unknownGlobal) as unknown as ErasedLayout)
  );
}

/**
 * Takes a request apart. Any two words that are not a reply give a message; what is wrong with its values
 * is for the receiver to say. Plain function, any context.
 *
 * @param primary unsigned; the doorbell's busy bit may be set and is kept
 * @param extension unsigned
 * @throws InputError when the reply bit is set: the firmware must drop such a message, see `isReply`
 */
export function decodeRequest(primary: number, extension: number): Ipc4Message {
  if (isReply(primary)) {
    throw new InputError(`0x${primary.toString(16)} has the reply bit set`, {
      source: "request",
      offset: 3,
      remedy: "Replies are read by decodeReply",
    });
  }
  return layoutOf(primary).decode({ primary, extension }) as unknown as Ipc4Message;
}

/** Puts a request together; a value that does not fit its field is a mistake of ours (assertion). */
export function encodeRequest(message: Ipc4Message): Words {
  return (layoutsByKind.get(message.kind) as ErasedLayout).encode(message as never);
}
