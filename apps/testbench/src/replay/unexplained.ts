/** Our firmware answered requests of a log otherwise than the log's, and no rule says why. */
export class UnexplainedReplies extends Error {
  override readonly name = "UnexplainedReplies";

  constructor(log: string, count: number) {
    super(`${log}: ${count} ${count === 1 ? "answer differs" : "answers differ"} without a reason`);
  }
}
