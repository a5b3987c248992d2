import { baseFirmware } from "./conditions/base-firmware.js";
import { events } from "./conditions/events.js";
import { requests } from "./conditions/requests.js";

/** What comes of a condition: the status of the reply, null for no reply, or what else can be seen. */
export type Outcome = number | null | "sent" | "not sent" | "written";

/**
 * Every message of the protocol with the conditions that decide its reply, in the order in which the firmware
 * looks at them, and the status that each leads to (SOF's `ipc4/header.h`, numbers restated); then what the
 * firmware sends and writes by itself. A condition is proved by a case of the same name, see `protocol-case.ts`.
 */
export const conditions = { ...requests, ...baseFirmware, ...events } as const;

export type MessageName = keyof typeof conditions;
/** The conditions of a message. */
export type ConditionOf<M extends MessageName> = keyof (typeof conditions)[M] & string;
