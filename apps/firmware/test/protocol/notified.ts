import { words } from "../payloads.js";
import type { Received } from "../raw-host.js";
import { wordsOf } from "./lab.js";
import { largeSet } from "./messages.js";
import { check } from "./protocol-case.js";

const RESOURCE_EVENT = 0x1b05_0000;

/** The resource events among some notifications: resource type, id, event, and three words of data. */
export const events = (notifications: readonly Received[]): number[][] =>
  notifications
    .filter(({ primary }) => primary === RESOURCE_EVENT)
    .map((one) => {
      const [type, id, event, reserved, ...data] = wordsOf(one, 7) as [
        number,
        number,
        number,
        number,
        number,
      ];
      check(reserved).toBe(0);
      return [type, id, event, ...data];
    });

/** The outcome of a case that looks for a notification. */
export const sentIf = (condition: boolean): "sent" | "not sent" =>
  condition ? "sent" : "not sent";

/** Masks events of the host's choice. */
export const mask = (bits: number) => largeSet([0, 0], 3, words([bits, 0]));
