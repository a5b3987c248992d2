/** A request that cannot be carried out. The client is told and may go on. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Negative errno. */
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}
