import { setFlagsFromString } from "node:v8";

/**
 * Lets V8 inline more than it does by default (bytecodes a function): a period passes through many small functions, and
 * their calls were a fifth of it. Call it when a program starts.
 */
export function inlineMore(): void {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=2500");
}
