/** Jobs that are read from the server in one answer: their results are a few kilobytes each. */
export const PAGE = 200;
/** How often an image is tried whose judging ended its worker, or failed inside. */
export const TRIES = 2;
/** Milliseconds that a connection may take. */
export const CONNECT_TIMEOUT = 5000;
