/** Codes of the errors of a queue. */
export type FleetErrorCode =
  /** No server answers at the queue's address. */
  | 'QUEUE_UNREACHABLE'
  /** The server wants another password. */
  | 'QUEUE_DENIED'
  /** The queue holds a run with other options, rules or version. */
  | 'QUEUE_OTHER_RUN'
  /** Nothing was given to the queue yet. */
  | 'QUEUE_EMPTY';
