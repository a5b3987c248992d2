import { tokenInfo, tokenName } from "../tuples/token-table.js";
import { mayRepeat } from "../tuples/tokens.js";
import type { Tuples } from "../tuples/tuples.js";
import type { TopologyDefect } from "./defects.js";

/** Defects of the tokens of one owner: unknown ones, and repeated ones that have one meaning. */
export function tupleDefects(tuples: Tuples, subject: string): TopologyDefect[] {
  const defects: TopologyDefect[] = [];
  for (const token of tuples.tokens) {
    if (tokenInfo(token) === undefined) {
      defects.push({
        kind: "token-unknown",
        severity: "note",
        subject,
        message: `token ${token} is not known`,
        token,
      });
      continue;
    }
    const times = tuples.count(token);
    if (times === 1 || mayRepeat(token)) continue;
    const equal = new Set([...tuples.numbers(token), ...tuples.strings(token)]).size === 1;
    defects.push({
      kind: "token-repeated",
      severity: "warning",
      subject,
      message: `${tokenName(token)} occurs ${times} times, ${equal ? "always with one value" : "with different values; the first counts"}`,
      token,
      times,
      equal,
    });
  }
  return defects;
}
