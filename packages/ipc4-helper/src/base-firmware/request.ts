/** A base firmware parameter that is asked for. */
export interface ParamRequest {
  /** A `BaseFwParam`. */
  readonly paramId: number;
  /** Which one of several alike: a core. */
  readonly instance: number;
  readonly initBlock: boolean;
  /** What the request brought. */
  readonly payload: Uint8Array;
}

/** A base firmware parameter that is set. */
export interface ParamValue {
  readonly paramId: number;
  /** The value came in one block. */
  readonly single: boolean;
  readonly payload: Uint8Array;
}
