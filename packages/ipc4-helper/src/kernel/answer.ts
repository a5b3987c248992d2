import { Status } from "@sof-ts/ipc4";

const NO_PAYLOAD = new Uint8Array(0);

/** Status, extension and payload that go back for a request. */
export interface Answer {
  readonly status: number;
  readonly extension: number;
  readonly payload: Uint8Array;
  /** Core 0 goes down when this has been said. */
  readonly powerOff?: boolean;
}

/** An answer without payload; its extension is the request's. */
export const plain = (status: number, extension: number): Answer => ({
  status,
  extension,
  payload: NO_PAYLOAD,
});

/** Whether an answer lets a message that has several parts go on. */
export const succeeded = (answer: Answer): boolean => answer.status === Status.SUCCESS;
